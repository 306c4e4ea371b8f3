"""Funnel plot: effects against their standard errors, with contours of significance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from synaptrial.reporting.kit.numbers import number
from synaptrial.reporting.kit.panels import Drawn
from synaptrial.reporting.kit.theme import INK, MUTED, PALETTE, VEGA_LITE

# Two-sided p below which a study would count as significant, and the grey between the contours
# (Peters 2008, doi 10.1016/j.jclinepi.2007.11.010).
CONTOURS = ((0.10, 1.644854, "#eef0f2"), (0.05, 1.959964, "#dfe3e7"), (0.01, 2.575829, "#ccd2d8"))
Row = dict[str, Any]


def funnel(
    yi: Sequence[float], sei: Sequence[float], labels: Sequence[str], centre: float, axis: str,
    title: str,
) -> Drawn:  # fmt: skip
    """Points of k studies; white within the contour p = 0.10 around no effect; the line is the
    pooled mean."""
    top = 1.1 * max(sei)
    reach = max(2.7 * top, 1.1 * max(abs(v) for v in yi))
    x = {"field": "x", "type": "quantitative", "title": axis,
         "scale": {"domain": [-reach, reach], "nice": False}}  # fmt: skip
    y = {"field": "se", "type": "quantitative", "title": "Standard error",
         "scale": {"domain": [0, top], "reverse": True, "nice": False}}  # fmt: skip
    areas = [
        {"data": {"values": [{"se": se, "x": sign * z * se, "x2": sign * reach}
                             for se in (0.0, top)]},
         "mark": {"type": "area", "orient": "horizontal", "color": grey, "clip": True},
         "encoding": {"x": x, "x2": {"field": "x2"}, "y": y}}
        for _, z, grey in CONTOURS
        for sign in (-1, 1)
    ]  # fmt: skip
    points = [{"x": v, "se": se, "t": label} for v, se, label in zip(yi, sei, labels, strict=True)]
    layers: list[Row] = [
        *areas,
        {"data": {"values": [{"x": centre, "se": 0.0, "se2": top}]},
         "mark": {"type": "rule", "color": PALETTE[1], "strokeWidth": 1.6},
         "encoding": {"x": x, "y": y, "y2": {"field": "se2"}}},
        {"data": {"values": points},
         "mark": {"type": "point", "filled": True, "size": 60, "color": PALETTE[0], "opacity": 1},
         "encoding": {"x": x, "y": y}},
        {"data": {"values": points},
         "mark": {"type": "text", "dx": 8, "align": "left", "fontSize": 10, "color": INK},
         "encoding": {"x": x, "y": y, "text": {"field": "t", "type": "nominal"}}},
    ]  # fmt: skip
    words = f"{title}: {len(points)} studies around a pooled mean of {number(centre, 2)}."
    spec = {
        "$schema": VEGA_LITE,
        "width": 460, "height": 340, "layer": layers, "description": words,
        "title": {"text": "", "subtitle": "Grey: p below 0.10, 0.05, 0.01",
                  "subtitleColor": MUTED},
    }  # fmt: skip
    return Drawn(spec, words, True)
