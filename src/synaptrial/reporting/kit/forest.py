"""Forest plots: estimates with intervals, weights and risk of bias beside them, one row a line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from synaptrial.reporting.kit.numbers import number, ratio
from synaptrial.reporting.kit.panels import Drawn
from synaptrial.reporting.kit.theme import INK, MUTED, PALETTE, VEGA_LITE

STEP = 22  # pixels a line
LABELS, PLOT, TEXT, WEIGHT, RISK = 270, 380, 150, 62, 22
LETTER, WIDEST = 6.5, 420  # pixels of a letter of a label, and of the widest column of labels
# Sign and colour of a judgement: Okabe and Ito's, and a sign so that colour is not needed.
RISKS = {
    "low": ("+", "#009E73"),
    "some concerns": ("\u2212", "#E69F00"),
    "moderate": ("\u2212", "#E69F00"),
    "high": ("\u00d7", "#D55E00"),
    "serious": ("\u00d7", "#D55E00"),
    "critical": ("!", "#000000"),
    "no information": ("?", "#8a929c"),
    "not judged": ("\u00b7", "#c9ced4"),
}
Row = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One line of a forest plot. weight in percent, 0 where it has none; risk: the judgement of
    each domain; a `prediction` line has an interval only, a `mark` nothing but its label on a line
    across; `divider` draws a line above."""

    label: str
    low: float = 0.0
    high: float = 0.0
    estimate: float | None = None
    weight: float = 0.0
    kind: Literal["study", "pooled", "prediction", "mark"] = "study"
    risk: tuple[str, ...] = ()
    divider: bool = False


@dataclass(frozen=True)
class Axis:
    """The axis of the effect: its title, and what lies on either side of `zero`, no effect;
    `log` for ratios."""

    title: str
    left: str
    right: str
    zero: float = 0.0
    digits: int = 2
    log: bool = False


def forest(lines: Sequence[Line], axis: Axis, title: str, *, domains: Sequence[str] = ()) -> Drawn:
    """Draw the lines from top to bottom; `domains` are the heads of the risk-of-bias columns. The
    title stands in the words for those who do not see it."""
    low, high = _range(lines, axis)
    height = STEP * (len(lines) + 1)
    y = {"field": "y", "type": "quantitative", "axis": None,
         "scale": {"domain": [-1, len(lines)], "reverse": True, "nice": False}}  # fmt: skip
    x = {"field": "x", "type": "quantitative",
         "title": [axis.title, f"\u2190 {axis.left}\u2003\u2003{axis.right} \u2192"],
         "scale": {"domain": [low, high], "nice": False, **_scale(axis)},
         "axis": {"tickCount": 6, **({"format": "~r"} if axis.log else {})}}  # fmt: skip
    rows = [(i, line) for i, line in enumerate(lines)]
    wide = min(max(LABELS, math.ceil(LETTER * max(len(v.label) for v in lines))), WIDEST)
    panels = [
        _texts([(0, i, line.label, line.kind != "study") for i, line in rows], y, wide, height),
        {"width": PLOT, "height": height, "layer": _plot(rows, axis, (low, high), x, y)},
        _texts(
            [(0, -1, "95% interval", False)]
            + [(0, i, _interval(line, axis), line.kind != "study")
               for i, line in rows if line.kind != "mark"],
            y, TEXT, height,
        ),
    ]  # fmt: skip
    if any(line.weight for line in lines):
        weights = [(i, line) for i, line in rows if line.weight]
        panels.append(
            _texts([(0, -1, "Weight", False)]
                   + [(0, i, f"{number(v.weight)}%", False) for i, v in weights],
                   y, WEIGHT, height)
        )  # fmt: skip
    if domains and any(line.risk for line in lines):
        panels.append(_risks(rows, domains, y, height))
    words = f"{title}. " + " ".join(
        f"{line.label}: {_interval(line, axis)}." for line in lines if line.kind != "mark"
    )
    spec = {
        "$schema": VEGA_LITE,
        "hconcat": panels, "spacing": 6, "description": words,
    }  # fmt: skip
    return Drawn(spec, words, True)


def _scale(axis: Axis) -> Row:
    return {"type": "log"} if axis.log else {"zero": False}


def _range(lines: Sequence[Line], axis: Axis) -> tuple[float, float]:
    """What the axis spans: all intervals of studies and all estimates, but of pooled intervals no
    more than three times the studies' spread; what goes beyond ends in an arrow."""
    to, back = (math.log, math.exp) if axis.log else (float, float)
    drawn = [(v.kind, to(v.low), to(v.high)) for v in lines if v.kind != "mark"]
    studies = [v for kind, *ends in drawn if kind == "study" for v in ends]
    ends = studies or [v for _, *both in drawn for v in both]
    spread = max(max(ends) - min(ends), 1e-9)
    middles = [to(v.estimate) for v in lines if v.estimate is not None]
    wide = [min(max(v, min(ends) - spread), max(ends) + spread) for _, *both in drawn for v in both]
    every = [*ends, *wide, *middles, to(axis.zero)]
    room = 0.05 * (max(every) - min(every))
    return back(min(every) - room), back(max(every) + room)


def _interval(line: Line, axis: Axis) -> str:
    text = ratio if axis.log else partial(number, digits=axis.digits)
    ends = f"{text(line.low)} to {text(line.high)}"
    return ends if line.estimate is None else f"{text(line.estimate)} ({ends})"


def _texts(cells: Sequence[tuple[float, float, str, bool]], y: Row, width: int, height: int) -> Row:
    """A column of text; the last item of a cell is whether it is bold."""
    values = [{"x": x, "y": i, "t": text, "b": bold} for x, i, text, bold in cells]
    return {
        "width": width,
        "height": height,
        "data": {"values": values},
        "mark": {"type": "text", "align": "left", "fontSize": 12, "color": INK, "limit": width,
                 "fontWeight": {"expr": "datum.b ? 'bold' : 'normal'"}},
        "encoding": {
            "x": {"field": "x", "type": "quantitative", "axis": None,
                  "scale": {"domain": [0, 1], "nice": False}},
            "y": y,
            "text": {"field": "t", "type": "nominal"},
            "opacity": {"condition": {"test": "datum.y < 0", "value": 0.7}, "value": 1},
        },
    }  # fmt: skip


def _plot(
    rows: Sequence[tuple[int, Line]], axis: Axis, ends: tuple[float, float], x: Row, y: Row
) -> list[Row]:
    """The layers of the plot, from the line of no effect up."""
    low, high = ends
    x2, y2 = {"field": "x2"}, {"field": "y2"}
    no_effect = [{"x": axis.zero, "y": -0.6, "y2": len(rows) - 0.4}]
    across = [{"x": low, "x2": high, "y": i - 0.5} for i, line in rows if line.divider]
    marked = [{"x": low, "x2": high, "y": i} for i, line in rows if line.kind == "mark"]
    dashed = {"condition": {"test": "datum.dash", "value": [5, 3]}, "value": [1, 0]}
    size = {"field": "size", "type": "quantitative", "scale": None}
    side = {"field": "side", "type": "nominal", "scale": None}
    layers: list[tuple[list[Row], Row, Row]] = [
        (no_effect, {"type": "rule", "color": MUTED, "strokeWidth": 1.2}, {"y2": y2}),
        (_intervals(rows, ends), {"type": "rule", "color": INK, "strokeWidth": 1.6},
         {"x2": x2, "strokeDash": dashed}),
        *((_diamond(i, line, ends),
           {"type": "line", "interpolate": "linear-closed", "filled": True, "color": PALETTE[1]},
           {"order": {"field": "o", "type": "quantitative"}})
          for i, line in rows if line.kind == "pooled"),
        (_squares(rows), {"type": "square", "color": PALETTE[0], "opacity": 1}, {"size": size}),
        (_arrows(rows, ends),
         {"type": "point", "filled": True, "color": INK, "size": 46, "opacity": 1},
         {"shape": side}),
        (across, {"type": "rule", "color": "#b9bec5", "strokeWidth": 1}, {"x2": x2}),
        (marked, {"type": "rule", "color": PALETTE[3], "strokeWidth": 2}, {"x2": x2}),
    ]  # fmt: skip
    return [
        {"data": {"values": values}, "mark": mark, "encoding": {"x": x, "y": y, **more}}
        for values, mark, more in layers
        if values
    ]


def _clipped(value: float, ends: tuple[float, float]) -> float:
    return min(max(value, ends[0]), ends[1])


def _intervals(rows: Sequence[tuple[int, Line]], ends: tuple[float, float]) -> list[Row]:
    return [
        {"x": _clipped(line.low, ends), "x2": _clipped(line.high, ends), "y": i,
         "dash": line.kind == "prediction"}
        for i, line in rows if line.kind in ("study", "prediction")
    ]  # fmt: skip


def _squares(rows: Sequence[tuple[int, Line]]) -> list[Row]:
    return [
        {"x": line.estimate, "y": i, "size": 30 + 4.5 * line.weight}
        for i, line in rows
        if line.kind == "study" and line.estimate is not None
    ]


def _arrows(rows: Sequence[tuple[int, Line]], ends: tuple[float, float]) -> list[Row]:
    """Where an interval leaves the axis."""
    low, high = ends
    return [
        {"x": _clipped(v, ends), "y": i, "side": "triangle-left" if v < low else "triangle-right"}
        for i, line in rows
        for v in (line.low, line.high)
        if line.kind != "mark" and not low <= v <= high
    ]


def _diamond(i: int, line: Line, ends: tuple[float, float]) -> list[Row]:
    middle = (line.low + line.high) / 2 if line.estimate is None else line.estimate
    corners = ((line.low, i), (middle, i - 0.32), (line.high, i), (middle, i + 0.32))
    return [{"x": _clipped(x, ends), "y": y, "o": o} for o, (x, y) in enumerate(corners)]


def _risks(rows: Sequence[tuple[int, Line]], domains: Sequence[str], y: Row, height: int) -> Row:
    """A circle with a sign for each domain of risk of bias."""
    cells = [
        {"x": j, "y": i, "t": RISKS[judgement][0], "c": RISKS[judgement][1], "what": judgement}
        for i, line in rows
        for j, judgement in enumerate(line.risk)
    ]
    heads = [{"x": j, "y": -1, "t": head} for j, head in enumerate(domains)]
    x = {"field": "x", "type": "quantitative", "axis": None,
         "scale": {"domain": [-0.5, len(domains) - 0.5], "nice": False}}  # fmt: skip
    text = {"field": "t", "type": "nominal"}
    return {
        "width": RISK * len(domains),
        "height": height,
        "layer": [
            {"data": {"values": cells},
             "mark": {"type": "point", "filled": True, "size": 210, "opacity": 1},
             "encoding": {"x": x, "y": y,
                          "color": {"field": "c", "type": "nominal", "scale": None}}},
            {"data": {"values": cells},
             "mark": {"type": "text", "fontSize": 13, "fontWeight": "bold", "color": "white",
                      "baseline": "middle", "dy": 1},
             "encoding": {"x": x, "y": y, "text": text}},
            {"data": {"values": heads},
             "mark": {"type": "text", "fontSize": 11, "color": MUTED},
             "encoding": {"x": x, "y": y, "text": text}},
        ],
    }  # fmt: skip
