"""The diagram: every stage drawn, none over another, arrows only downwards."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from tests.reporting.made_up import Stage, stages

from synaptrial.reporting.kit.errors import ReportError
from synaptrial.reporting.simulation.schematic import schematic

SVG = "{http://www.w3.org/2000/svg}"


def boxes(text: str) -> list[tuple[float, float, float, float]]:
    root = ElementTree.fromstring(text)
    return [
        tuple(float(r.attrib[k]) for k in ("x", "y", "width", "height"))
        for r in root.iter(f"{SVG}rect")
    ]


def test_every_stage_and_outside_input_has_a_box() -> None:
    drawn = schematic(stages())
    outside = {"doses", "weight", "daily drug", "sessions", "allocation"}
    assert len(boxes(drawn.text)) == len(stages()) + len(outside)
    assert drawn.width == 900


def test_it_has_a_white_ground_of_its_own() -> None:
    drawn = schematic(stages())
    root = ElementTree.fromstring(drawn.text)
    ground = next(root.iter(f"{SVG}polygon"))
    left, top, width, height = map(float, root.attrib["viewBox"].split())
    corners = [tuple(map(float, p.split(","))) for p in ground.attrib["points"].split()]
    assert ground.attrib["fill"] == "white"
    assert (min(corners), max(corners)) == ((left, top), (left + width, top + height))


def test_boxes_stay_apart_and_inside() -> None:
    drawn = schematic(stages())
    found = boxes(drawn.text)
    for i, (x, y, w, h) in enumerate(found):
        assert 0 <= x and x + w <= drawn.width
        for x2, y2, w2, h2 in found[i + 1 :]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y


def test_text_fits_its_box() -> None:
    root = ElementTree.fromstring(schematic(stages()).text)
    rects = [r.attrib for r in root.iter(f"{SVG}rect")]
    for t in root.iter(f"{SVG}text"):
        x, y = float(t.attrib["x"]), float(t.attrib["y"])
        around = [
            r
            for r in rects
            if abs(float(r["x"]) + float(r["width"]) / 2 - x) < 0.2
            and float(r["y"]) < y < float(r["y"]) + float(r["height"])
        ]
        assert len(around) == 1
        assert 5.4 * len(t.text or "") <= float(around[0]["width"])


def test_arrows_run_downwards() -> None:
    paths = re.findall(r'd="M[\d.]+,([\d.]+)C.*? [\d.]+,([\d.]+)"', schematic(stages()).text)
    assert len(paths) > 20
    assert all(float(y0) < float(y1) for y0, y1 in paths)


def test_signal_from_two_stages_joins_both() -> None:
    two = [Stage("a", (), ("felt",)), Stage("b", (), ("felt",)), Stage("c", ("felt",), ("z",))]
    assert schematic(two).text.count("marker-end") == 2


def test_circle_is_refused() -> None:
    circle = [Stage("a", ("y",), ("x",)), Stage("b", ("x",), ("y",))]
    with pytest.raises(ReportError, match="not a cascade"):
        schematic(circle)
    with pytest.raises(ReportError, match="no stages"):
        schematic([])
