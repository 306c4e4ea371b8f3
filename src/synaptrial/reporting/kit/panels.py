"""One panel: bands, lines, published points, doses and sessions, labels at the line ends."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np

from synaptrial.domain.digits import rounded
from synaptrial.reporting.kit.curves import EDGES, Array, Curves, thin
from synaptrial.reporting.kit.errors import ReportError
from synaptrial.reporting.kit.labels import end_labels, label_room
from synaptrial.reporting.kit.theme import INK, MUTED, Arm, TimeUnit

POINTS, COURSE_POINTS = 90, 50
Row = dict[str, Any]


@dataclass(frozen=True)
class Panel:
    """What a panel is to show, from `start_h` to `end_h`.

    `domain` is the y range, shared between panels that a reader compares; `interval` lists the
    kinds of interval to draw, best first; `observed` are published rows of these arms.
    """

    title: str
    axis: str
    variable: str
    arms: tuple[Arm, ...]
    start_h: float
    end_h: float
    unit: TimeUnit
    domain: tuple[float, float]
    interval: tuple[str, ...]
    width: int = 440
    height: int = 210
    centre: str = "mean"
    courses: bool = False
    observed: Sequence[Row] = ()

    @property
    def span(self) -> float:
        return (self.end_h - self.start_h) / self.unit.hours

    def at(self, time_h: float) -> float:
        return (time_h - self.start_h) / self.unit.hours


@dataclass(frozen=True)
class Drawn:
    """A Vega-Lite specification of fixed size, and the same in words."""

    spec: Row
    alt_text: str
    labelled: bool


def draw(curves: Curves, p: Panel, direct_labels: bool) -> Drawn:
    """Draw a panel; its arms are labelled at the line ends where that fits."""
    with alt.utils.schemapi.debug_mode(False):  # checking each part takes most of the time
        return _draw(curves, p, direct_labels)


def _draw(curves: Curves, p: Panel, direct_labels: bool) -> Drawn:
    arms = tuple(a for a in p.arms if curves.has(a.label, p.variable, p.centre))
    rows = {a.short: _line_rows(curves, p, a) for a in arms}
    ends = {a.short: rows[a.short][-1]["m"] for a in arms}
    labels = end_labels(ends, p.domain, p.height) if direct_labels else []
    room = label_room(labels)
    s = _Scales(p, arms)
    layers = [
        *_courses(curves, p, arms, s),
        *_lines([r for part in rows.values() for r in part], s),
        *_events(p, s),
        *_observed(p, s),
        *(_texts(p, labels, arms, s) if labels else []),
    ]
    chart = alt.LayerChart(
        layer=layers,
        width=p.width - 52 - room,
        height=p.height,
        title=p.title,
        padding={"left": 4, "top": 4, "bottom": 4, "right": 8},
    )
    alt_text = _in_words(p, arms, rows)
    spec: Row = chart.to_dict(validate=False)
    spec.pop("config", None)
    spec |= {"datasets": s.datasets, "description": alt_text}
    return Drawn(spec, alt_text, bool(labels))


def live(spec: Row) -> Row:
    """The specification for a screen: as wide as its place, with numbers under the pointer."""
    line = next(layer for layer in spec["layer"] if "strokeDash" in layer["encoding"])
    place = {axis: line["encoding"][axis] for axis in ("x", "y")}
    names = {"arm": "Arm", "t": line["encoding"]["x"]["axis"]["title"], "m": "Line"}
    if "a" in spec["datasets"]["lines"].partition("\n")[0].split(","):
        names |= {"a": "2.5%", "d": "97.5%"}
    tips = [
        {"field": k, "title": v, "type": "nominal" if k == "arm" else "quantitative"}
        for k, v in names.items()
    ]
    hover = {
        "data": {"name": "lines", "format": {"type": "csv"}},
        "mark": {"type": "point", "size": 150, "opacity": 0},
        "encoding": place | {"tooltip": tips},
    }
    return spec | {
        "layer": [*spec["layer"], hover],
        "width": "container",
        "autosize": {"type": "fit-x", "contains": "padding"},
    }


def _within(curves: Curves, p: Panel, arm: Arm, statistic: str) -> tuple[Array, Array]:
    time_h, value = curves.get(arm.label, p.variable, statistic)
    at = time_h[(time_h >= p.start_h) & (time_h < p.end_h)]
    if time_h[-1] >= p.end_h:  # the line reaches the end, though no grid point need lie there
        at = np.append(at, p.end_h)
    return at, np.interp(at, time_h, value)


def _line_rows(curves: Curves, p: Panel, arm: Arm) -> list[Row]:
    """Rows of one arm: t in the axis' unit, m the line, a b c d the band edges."""
    time_h, centre = _within(curves, p, arm, p.centre)
    if len(time_h) < 2:
        raise ReportError(f"too few times of {p.variable} in arm {arm.label}")
    columns = {"t": (time_h - p.start_h) / p.unit.hours, "m": centre}
    kind = curves.interval(arm.label, p.variable, p.interval)
    if kind:
        for name, edge in zip("abcd", EDGES, strict=True):
            columns[name] = _within(curves, p, arm, f"{kind}_{edge}")[1]
    return [
        {"arm": arm.short, **{k: float(f"{v[i]:.4g}") for k, v in columns.items()}}
        for i in thin(time_h, centre, POINTS)
    ]


class _Scales:
    """Encodings that every layer of a panel shares."""

    def __init__(self, p: Panel, arms: tuple[Arm, ...]) -> None:
        names = [a.short for a in arms]
        self.datasets: dict[str, str] = {}
        self.events = _event_rows(p, arms)
        x_axis = alt.Axis(
            title=p.unit.title,
            grid=False,
            labelPadding=3 + 7 * len(self.events),
            labelFlush=False,
            values=p.unit.ticks(p.span, 8 if p.width > 320 else 5),
        )
        y_axis = alt.Axis(
            title=p.axis,
            titleAngle=0,
            titleAlign="left",
            titleAnchor="end",
            titleBaseline="bottom",
            titleX=-30,
            titleY=-6,
            tickCount=5 if p.height > 150 else 3,
            labelPadding=5,
            domain=False,
            ticks=False,
        )
        x_scale = alt.Scale(domain=[0, p.span], nice=False)
        y_scale = alt.Scale(domain=list(p.domain), nice=False, zero=False)
        colours = alt.Scale(domain=names, range=[a.colour for a in arms])
        dashes = alt.Scale(domain=names, range=[list(a.dash) for a in arms])
        self.x = lambda name: alt.X(f"{name}:Q", axis=x_axis, scale=x_scale)
        self.y = lambda name: alt.Y(f"{name}:Q", axis=y_axis, scale=y_scale)
        self.colour = alt.Color("arm:N", scale=colours, legend=None)
        self.dash = alt.StrokeDash("arm:N", scale=dashes, legend=None)

    def chart(self, name: str, rows: list[Row]) -> alt.Chart:
        """A layer on rows kept by name, as CSV: short, and altair does not copy it."""
        self.datasets[name] = _csv(rows)
        return alt.Chart(alt.NamedData(name=name, format=alt.CsvDataFormat(type="csv")))


def _csv(rows: list[Row]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: rounded(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _lines(rows: list[Row], s: _Scales) -> list[Any]:
    base = s.chart("lines", rows)
    layers = []
    if "a" in rows[0]:
        for low, high, opacity in (("a", "d", 0.12), ("b", "c", 0.22)):
            layers.append(
                base.mark_area(opacity=opacity).encode(
                    x=s.x("t"), y=s.y(low), y2=alt.Y2(f"{high}:Q"), color=s.colour
                )
            )
    line = base.mark_line(strokeWidth=2)
    return [*layers, line.encode(x=s.x("t"), y=s.y("m"), color=s.colour, strokeDash=s.dash)]


def _courses(curves: Curves, p: Panel, arms: tuple[Arm, ...], s: _Scales) -> list[Any]:
    """Thin lines of single virtual patients."""
    rows = []
    for arm in arms if p.courses else ():
        for name in curves.courses(arm.label, p.variable):
            time_h, value = _within(curves, p, arm, name)
            keep = thin(time_h, value, COURSE_POINTS)
            rows += [
                {"arm": arm.short, "n": name[-3:], "t": round(p.at(t), 3), "v": round(v, 1)}
                for t, v in zip(time_h[keep].tolist(), value[keep].tolist(), strict=True)
            ]
    if not rows:
        return []
    mark = s.chart("courses", rows).mark_line(opacity=0.4, strokeWidth=0.7)
    return [mark.encode(x=s.x("t"), y=s.y("v"), color=s.colour, detail=alt.Detail("n:N"))]


def _event_rows(p: Panel, arms: tuple[Arm, ...]) -> list[Row]:
    """One row of ticks for each different calendar of doses or sessions; grey where shared."""
    calendars: dict[tuple[str, tuple[float, ...]], list[Arm]] = {}
    for arm in arms:
        for kind, times in (("dose", arm.doses_h), ("session", arm.sessions_h)):
            inside = tuple(t for t in times if p.start_h <= t <= p.end_h)
            if inside:
                calendars.setdefault((kind, inside), []).append(arm)
    return [
        {
            "kind": kind,
            "times": [p.at(t) for t in times],
            "colour": same[0].colour if len(same) == 1 and len(arms) > 1 else MUTED,
        }
        for (kind, times), same in sorted(calendars.items(), key=lambda item: item[0][0])
    ]


def _events(p: Panel, s: _Scales) -> list[Any]:
    layers = []
    for i, row in enumerate(s.events):
        times = [{"t": round(t, 4)} for t in row["times"]]
        shape = "triangle-up" if row["kind"] == "dose" else "diamond"
        mark = s.chart(f"events{i}", times).mark_point(
            shape=shape, size=24, filled=True, color=row["colour"], opacity=1
        )
        layers.append(mark.encode(x=s.x("t"), y=alt.YValue(p.height + 6 + 7 * i)))
    return layers


def _observed(p: Panel, s: _Scales) -> list[Any]:
    """Published points and intervals; those of one day stand side by side."""
    if not p.observed:
        return []
    shorts = {a.label: a.short for a in p.arms}
    rows: list[Row] = []
    for day in sorted({o["day"] for o in p.observed}):
        same = [o for o in p.observed if o["day"] == day]
        for i, o in enumerate(same):
            shift = (i - (len(same) - 1) / 2) * 0.016 * p.span
            t = round(p.at(24 * day) + shift, 4)
            ends = {"low": o["low"], "high": o["high"]}
            rows.append({"t": t, "v": o["value"], "arm": shorts[o["arm"]], **ends})
    points = s.chart("published", rows).mark_point(
        size=46, fill="white", strokeWidth=1.8, opacity=1
    )
    layers = [points.encode(x=s.x("t"), y=s.y("v"), color=s.colour)]
    barred = [r for r in rows if r["low"] is not None]
    if barred:
        bars = s.chart("published_intervals", barred).mark_rule(strokeWidth=1.4)
        layers.insert(0, bars.encode(x=s.x("t"), y=s.y("low"), y2=alt.Y2("high:Q"), color=s.colour))
    study = " and ".join(sorted({o["study"] for o in p.observed}))
    key = s.chart("published_key", [{"text": f"○ published, {study}"}]).mark_text(
        align="right", baseline="top", color=INK, fontSize=11.5
    )
    return [*layers, key.encode(x=alt.XValue("width"), y=alt.YValue(2), text=alt.Text("text:N"))]


def _texts(p: Panel, labels: list[Row], arms: tuple[Arm, ...], s: _Scales) -> list[Any]:
    """Labels right of the line ends, in the arm's colour."""
    ink = {a.short: a.ink for a in arms}
    rows = [
        {"t": p.span, "v": label["y"], "text": label["text"], "ink": ink[label["arm"]]}
        for label in labels
    ]
    mark = s.chart("labels", rows).mark_text(
        align="left", dx=6, baseline="middle", fontSize=11.5, lineHeight=13, lineBreak="\n"
    )
    fill = alt.Fill("ink:N", scale=None)
    return [mark.encode(x=s.x("t"), y=s.y("v"), text=alt.Text("text:N"), fill=fill)]


def _in_words(p: Panel, arms: tuple[Arm, ...], rows: dict[str, list[Row]]) -> str:
    said = []
    for arm in arms:
        values = [r["m"] for r in rows[arm.short]]
        said.append(
            f"{arm.short} from {values[0]:.3g} to {values[-1]:.3g}"
            f" (lowest {min(values):.3g}, highest {max(values):.3g})"
        )
    length = f"{p.span:.3g} {p.unit.word}"
    return f"{p.title}, {p.axis}, over {length}: " + "; ".join(said) + "."
