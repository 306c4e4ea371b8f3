"""Figures of the review's page beside its forest plots: published results and power."""

from __future__ import annotations

from typing import Any

from synaptrial.reporting.kit.figure import Figure
from synaptrial.reporting.kit.forest import Axis, Line, forest
from synaptrial.reporting.kit.panels import Drawn
from synaptrial.reporting.kit.theme import INK, MUTED, PALETTE, VEGA_LITE, Arm
from synaptrial.reporting.review.words import INTERVAL

STANDARDISED = "Hedges g"
RATIOS = ("odds ratio", "risk ratio")
GROUPS = {
    "published_g": ((STANDARDISED,), "standardised differences"),
    "published_ratios": (RATIOS, "ratios"),
}
WANTED = 0.8
Row = dict[str, Any]


def published_figures(document: Row) -> tuple[Figure, ...]:
    """Printed pooled results by statistic, in the direction as printed; ours beside where alike.

    Mean differences are of several scales and stand in the table only."""
    out = []
    for name, (statistics, what) in GROUPS.items():
        asked = [p for p in document["published"] if p["statistic"] in statistics]
        own = [p for p in asked if not isinstance(p["printed"]["ci_low"], str)]
        drawable = [p for p in own if name != "published_ratios" or _positive(p)]
        if drawable:
            out.append(_published(name, what, drawable, left_out=len(own) - len(drawable)))
    return tuple(out)


def _positive(p: Row) -> bool:
    """A ratio that can stand on a logarithmic axis; one that cannot is a fault of the print."""
    return all(p["printed"][k] > 0 for k in INTERVAL)


def _published(name: str, what: str, rows: list[Row], left_out: int) -> Figure:
    lines: list[Line] = []
    for p in rows:
        middle, low, high = (p["printed"][k] for k in INTERVAL)
        fault = " \u2020" if p["faults"] else ""
        lines.append(Line(f"{_printed_name(p)}{fault}", low, high, middle))
    ratio = name == "published_ratios"
    zero = 1 if ratio else 0
    axis = Axis(what.capitalize(), f"below {zero}", f"above {zero}", zero, log=ratio)
    if name == "published_g":
        axis = Axis("Hedges' g as printed", "favours control", "favours ketamine")
        lines += _ours(rows)
    title = f"Published pooled results: {what}"
    sources = list(dict.fromkeys(p["source"] for p in rows))
    dropped = (
        " Left out, because no ratio can be zero or negative: see the table." if left_out else ""
    )
    caption = (
        f"Pooled results as printed by {', '.join(sources)}, from {len(rows)} rows of the table"
        " below, which names the outcome and direction of each. They share trials and are not"
        f" pooled here. \u2020: a fault was seen, named in the table.{dropped}"
    )
    return Figure(name, title, caption, ((forest(lines, axis, title),),), ())


def _printed_name(p: Row) -> str:
    """Source and outcome, with the day and the kind of control where they tell results apart."""
    day = (p["when"],) if p["when"].startswith("day") else ()
    control = (f"{p['versus']} control",) if p["versus"] in ("passive", "active") else ()
    return ", ".join((p["source"], p["outcome"], *day, *control))


def _ours(rows: list[Row]) -> list[Line]:
    """What is pooled here for the same questions, each once."""
    found: dict[tuple[float, ...], Line] = {}
    for p in rows:
        values = tuple(p["ours"][k] for k in INTERVAL)
        if not isinstance(values[0], str):
            middle, low, high = values
            what = "pooled here" if p["ours_k"] > 1 else "one trial here"
            label = f"Ours, {what}, k = {p['ours_k']}"
            found[values] = Line(label, low, high, middle, kind="pooled", divider=not found)
    return list(found.values())


def power_figure(document: Row) -> Figure | None:
    """Power of each trial under each assumed effect, with the usual aim as a line."""
    rows = document["power"]
    if not rows:
        return None
    assumed = dict.fromkeys(r["assumed"] for r in rows)
    colours = {key: PALETTE[i % len(PALETTE)] for i, key in enumerate(assumed)}
    keys = tuple(_key(next(r for r in rows if r["assumed"] == k), colours[k]) for k in assumed)
    title = "Power of the published trials"
    trials = list(dict.fromkeys(r["study"] for r in rows))
    caption = (
        f"Chance that each trial would find p below 0.05, if the true effect were as assumed, from"
        f" {len(trials)} studies; rests on the patients in their two main arms. The line marks the"
        " usual aim of 80%."
    )
    return Figure("power", title, caption, ((_power(rows, colours, title),),), keys)


def _key(r: Row, colour: str) -> Arm:
    name = f"{r['assumed_says']}: {r['assumed_d']:.2f} SD"
    return Arm(r["assumed"], name, "", r["assumed"], colour, False, (), (), dot=True)


def _power(rows: list[Row], colours: dict[str, str], title: str) -> Drawn:
    values = [
        {"t": f"{r['study']}, {r['n_drug']} and {r['n_control']} patients", "p": r["power"],
         "c": colours[r["assumed"]]}
        for r in rows
    ]  # fmt: skip
    x = {"field": "p", "type": "quantitative", "title": "Power",
         "scale": {"domain": [0, 1], "nice": False},
         "axis": {"format": ".0%", "values": [0, 0.2, 0.4, 0.6, 0.8, 1]}}  # fmt: skip
    y = {"field": "t", "type": "nominal", "title": None,
         "sort": list(dict.fromkeys(v["t"] for v in values)),
         "axis": {"labelLimit": 320, "grid": True, "ticks": False, "domain": False,
                  "labelColor": INK, "labelFontSize": 12}}  # fmt: skip
    layers = [
        {"data": {"values": [{"p": WANTED}]},
         "mark": {"type": "rule", "color": MUTED, "strokeDash": [5, 3], "strokeWidth": 1.4},
         "encoding": {"x": x}},
        {"data": {"values": values},
         "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
         "encoding": {"x": x, "y": y, "color": {"field": "c", "type": "nominal", "scale": None}}},
    ]  # fmt: skip
    said = "; ".join(f"{v['t']}: {v['p']:.0%}" for v in values)
    spec = {
        "$schema": VEGA_LITE,
        "width": 520, "height": {"step": 26}, "layer": layers, "description": f"{title}. {said}.",
    }  # fmt: skip
    return Drawn(spec, f"{title}. {said}.", True)
