"""Figures of the check: predicted against observed, and ratios by study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synaptrial.reporting.kit.figure import Figure
from synaptrial.reporting.kit.panels import Drawn
from synaptrial.reporting.kit.theme import MUTED, PALETTE, VEGA_LITE, Arm

COLOURS = dict(zip(("ketamine", "norketamine", "hydroxynorketamine"), PALETTE, strict=False))
KINDS = {
    "Levels and peaks, ng/mL": ("ng/mL",),
    "Areas, ng·h/mL (or per mg)": ("ng.h/mL", "ng.h/mL per mg"),
    "Times and half-lives, h": ("h",),
}
USES = {"held_out": "Held out", "self_consistency": "Self-consistency", "calibrated": "Calibrated"}
SHAPES = "Filled: inside its band. Crosses: outside. Hollow: listed, not asserted."
Row = dict[str, Any]


def check_figures(document: Row, models: Mapping[str, str]) -> tuple[Figure, ...]:
    """Log-log scatters and ratio strips, a row or panel for each use, held out first."""
    rows = document["rows"]
    keys = tuple(_key(a, c) for a, c in COLOURS.items() if any(r["analyte"] == a for r in rows))
    scatter = tuple(
        tuple(_scatter(kind, units, use, rows) for kind, units in KINDS.items()
              if any(r["unit"] in units for r in _of(use, rows)))
        for use in USES
    )  # fmt: skip
    ratios = [r["ratio"] for r in rows]
    domain = [min(0.2, min(ratios) / 1.1), max(5.0, max(ratios) * 1.1)]
    strips = tuple((_strip(use, _of(use, rows), models, domain),) for use in USES)
    return (
        Figure(
            "predicted_observed",
            "Predicted against observed",
            "Both axes logarithmic. Lines: identity, and the band of ketamine (0.67 to 1.5, solid)"
            f" and of norketamine (0.5 to 2.0, dashed). {SHAPES} Ratios of areas are below only.",
            scatter,
            keys,
        ),
        Figure(
            "ratios",
            "Predicted over observed, by study",
            "Each mark is one published number against one model: a number that several models"
            f" answer for stands once with each. Lines as above. {SHAPES}",
            strips,
            keys,
        ),
    )


def _of(use: str, rows: list[Row]) -> list[Row]:
    return [r for r in rows if r["use"] == use]


def _key(analyte: str, colour: str) -> Arm:
    return Arm(analyte, analyte.capitalize(), "", analyte, colour, False, (), (), dot=True)


def _points(rows: list[Row]) -> list[Row]:
    """Values of the marks; the colour and the form carry analyte and verdict."""
    out = []
    for r in rows:
        form = "hollow" if not r["asserted"] else "inside" if r["inside"] else "outside"
        colour = COLOURS[r["analyte"]]
        out.append(
            {"o": r["observed"], "p": r["predicted"], "q": r["ratio"], "s": r["study"],
             "m": r["model"], "form": form, "stroke": colour,
             "fill": colour if form == "inside" else "white"}
        )  # fmt: skip
    return out


def _mark(size: int) -> Row:
    return {"type": "point", "size": size, "strokeWidth": 1.5, "opacity": 0.85}


def _form() -> Row:
    return {
        "shape": {
            "field": "form", "type": "nominal", "legend": None,
            "scale": {"domain": ["inside", "outside", "hollow"],
                      "range": ["circle", "M-1,-1L1,1M-1,1L1,-1", "circle"]},
        },
        "stroke": {"field": "stroke", "type": "nominal", "scale": None},
        "fill": {"field": "fill", "type": "nominal", "scale": None},
    }  # fmt: skip


def _axis(field: str, title: str, domain: list[float]) -> Row:
    ticks = [10.0**k for k in range(-3, 6) if domain[0] <= 10.0**k <= domain[1]]
    return {
        "field": field, "type": "quantitative", "title": title,
        "scale": {"type": "log", "domain": domain, "nice": False},
        "axis": {"values": ticks, "format": "~g", "grid": True, "labelOverlap": False},
    }  # fmt: skip


def _scatter(kind: str, units: tuple[str, ...], use: str, rows: list[Row]) -> Drawn:
    """One kind of quantity in one use; the scale is common to all uses."""
    every = [v for r in rows if r["unit"] in units for v in (r["observed"], r["predicted"])]
    domain = [0.75 * min(every), 1.35 * max(every)]
    own = [r for r in _of(use, rows) if r["unit"] in units]
    lines = [
        {
            "data": {"values": [{"o": d, "p": d * ratio} for d in domain]},
            "mark": {"type": "line", "color": MUTED, "strokeWidth": width, "strokeDash": dash,
                     "clip": True},
            "encoding": {"x": _axis("o", "Observed", domain), "y": _axis("p", "Predicted", domain)},
        }
        for ratio, width, dash in (
            (1.0, 1.4, [1, 0]), (0.67, 0.8, [1, 0]), (1.5, 0.8, [1, 0]), (0.5, 0.8, [4, 3]),
            (2.0, 0.8, [4, 3]),
        )
    ]  # fmt: skip
    points = {
        "data": {"values": _points(own)},
        "mark": _mark(34),
        "encoding": {"x": _axis("o", "Observed", domain), "y": _axis("p", "Predicted", domain),
                     **_form()},
    }  # fmt: skip
    inside = sum(r["inside"] for r in own)
    words = f"{USES[use]}. {kind}: {inside} of {len(own)} rows inside their band."
    spec = {
        "$schema": VEGA_LITE,
        "width": 230, "height": 230, "title": [USES[use], kind], "layer": [*lines, points],
        "description": words,
    }  # fmt: skip
    return Drawn(spec, words, True)


def _strip(use: str, rows: list[Row], models: Mapping[str, str], domain: list[float]) -> Drawn:
    """Ratios on one line for each model and study, models in the order of `models`."""
    values = sorted(_points(rows), key=lambda v: list(models).index(v["m"]))
    for v in values:
        v["line"] = f"{models[v['m']]}: {v['s']}"
    order = list(dict.fromkeys(v["line"] for v in values))
    x = {
        "field": "q", "type": "quantitative", "title": "Predicted over observed",
        "scale": {"type": "log", "domain": domain, "nice": False},
        "axis": {"values": [0.1, 0.2, 0.5, 0.67, 1, 1.5, 2, 5, 10], "format": "~g", "grid": False},
    }  # fmt: skip
    rules = [
        {
            "data": {"values": [{"q": at}]},
            "mark": {"type": "rule", "color": MUTED, "strokeWidth": width, "strokeDash": dash},
            "encoding": {"x": x},
        }
        for at, width, dash in (
            (1.0, 1.4, [1, 0]), (0.67, 0.8, [1, 0]), (1.5, 0.8, [1, 0]), (0.5, 0.8, [4, 3]),
            (2.0, 0.8, [4, 3]),
        )
    ]  # fmt: skip
    y = {
        "field": "line", "type": "nominal", "title": None, "sort": order,
        "axis": {"labelLimit": 300, "minExtent": 250, "grid": True, "ticks": False,
                 "domain": False},
    }  # fmt: skip
    encoding = {"x": x, "y": y, **_form()}
    points = {"data": {"values": values}, "mark": _mark(40), "encoding": encoding}
    words = (
        f"{USES[use]}: predicted over observed of {len(rows)} rows in {len(order)} lines of model"
        f" and study, from {min(v['q'] for v in values):.2g} to {max(v['q'] for v in values):.2g}."
    )
    spec = {
        "$schema": VEGA_LITE,
        "width": 620, "height": {"step": 19}, "title": USES[use], "layer": [*rules, points],
        "description": words,
    }  # fmt: skip
    return Drawn(spec, words, True)
