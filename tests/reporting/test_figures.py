"""What figures show, on which scales, and how labels keep apart."""

from __future__ import annotations

import copy
import csv
import io
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.reporting.made_up import ARMS, Result

from synaptrial.reporting.kit.curves import Curves, thin
from synaptrial.reporting.kit.figure import Figure
from synaptrial.reporting.kit.labels import end_labels, spread
from synaptrial.reporting.kit.panels import Drawn
from synaptrial.reporting.kit.pictures import Svg, combine, svg_of
from synaptrial.reporting.kit.theme import DAYS, HOURS, MINUTES, WEEKS, arms_of, short, time_unit
from synaptrial.reporting.simulation.figures import Figures


@pytest.fixture(scope="module")
def figures(result: Result) -> dict[str, Figure]:
    made = Figures(result.summary, arms_of(result.summary), Curves(result.courses)).all()
    return {f.name: f for f in made}


def drawn(figure: Figure) -> list[Drawn]:
    return [cell for row in figure.rows for cell in row if isinstance(cell, Drawn)]


def rows(panel: Drawn, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(panel.spec["datasets"][name])))


def domain(panel: Drawn, axis: str) -> list[float]:
    return next(
        layer["encoding"][axis]["scale"]["domain"]
        for layer in panel.spec["layer"]
        if "scale" in layer["encoding"].get(axis, {})
    )


def test_studies_share_the_y_scale(figures: dict[str, Figure]) -> None:
    for name in ("course_total", "course_clusters", "acute", "difference"):
        for row in figures[name].rows:
            ranges = {tuple(domain(c, "y")) for c in row if isinstance(c, Drawn)}
            assert len(ranges) == 1, name


def test_everything_drawn_lies_in_the_panel(figures: dict[str, Figure]) -> None:
    """Nothing is clipped, so nothing may lie outside."""
    for figure in figures.values():
        for panel in drawn(figure):
            low, high = domain(panel, "y")
            for name in panel.spec["datasets"]:
                if name in ("lines", "courses", "published", "published_intervals"):
                    for row in rows(panel, name):
                        keys = set(row) & {"m", "a", "b", "c", "d", "v", "low", "high"}
                        for key in keys:
                            if row[key]:
                                assert low - 0.051 <= float(row[key]) <= high, (figure.name, row)


def test_line_reaches_the_end_of_its_axis(figures: dict[str, Figure]) -> None:
    for name in ("acute", "plasma", "course_total"):
        for panel in drawn(figures[name]):
            last = max(float(r["t"]) for r in rows(panel, "lines"))
            assert last == pytest.approx(domain(panel, "x")[1], rel=1e-3)


def test_one_colour_per_arm_and_controls_dashed(figures: dict[str, Figure]) -> None:
    colours: dict[str, set[str]] = {}
    for figure in figures.values():
        for study_row in figure.rows:
            for panel in study_row:
                if isinstance(panel, Drawn):
                    _collect(panel, colours)
    assert all(len(v) == 1 for v in colours.values())
    dashes = {
        name: dash
        for panel in drawn(figures["course_total"])
        for layer in panel.spec["layer"]
        if "strokeDash" in layer["encoding"]
        for name, dash in zip(
            layer["encoding"]["strokeDash"]["scale"]["domain"],
            layer["encoding"]["strokeDash"]["scale"]["range"],
            strict=True,
        )
    }
    assert dashes["ketamine"] == [1, 0]
    assert dashes["midazolam"] == dashes["saline"] == [6, 3]


def _collect(panel: Drawn, colours: dict[str, set[str]]) -> None:
    study = str(panel.spec["title"]).split(" ")[0]
    for layer in panel.spec["layer"]:
        scale: dict[str, Any] = layer["encoding"].get("color", {}).get("scale") or {}
        for arm, colour in zip(scale.get("domain", []), scale.get("range", []), strict=True):
            colours.setdefault(f"{study} {arm.split(' minus ')[0]}", set()).add(colour)


def test_published_points_only_over_new_trial(figures: dict[str, Figure]) -> None:
    for name, figure in figures.items():
        for panel in drawn(figure):
            if "published" in panel.spec["datasets"]:
                assert name in ("course_total", "difference")
                assert "in a new trial" in figure.caption
    feder, abdallah = drawn(figures["course_total"])
    assert [float(r["v"]) for r in rows(feder, "published")] == [30.0, 36.0]
    assert "published_intervals" not in abdallah.spec["datasets"]  # its interval is not reported
    assert [float(r["v"]) for r in rows(drawn(figures["difference"])[0], "published")] == [-9.0]


def test_drug_that_is_not_given_leaves_a_sentence(figures: dict[str, Figure]) -> None:
    midazolam = figures["plasma"].rows[-1]
    assert isinstance(midazolam[0], Drawn)
    assert midazolam[1] == "Midazolam: not given in ABDALLAH2022."
    words = "Sedation: not modelled for ketamine, and no midazolam in ABDALLAH2022."
    assert figures["acute"].rows[-1][1] == words


def _changed(result: Result, study_of_last: str = "", doses_later_h: float = 0.0) -> dict[str, Any]:
    summary = copy.deepcopy(result.summary)
    if study_of_last:
        summary["arms"][-1]["study"] = study_of_last
    for a in summary["arms"]:
        a["events"]["doses_h"] = [t + doses_later_h for t in a["events"]["doses_h"]]
    return summary


def test_three_studies_stand_in_two_columns(result: Result) -> None:
    summary = _changed(result, study_of_last="OTHER")
    made = Figures(summary, arms_of(summary), Curves(result.courses))
    total = made.total()
    assert total is not None and [len(row) for row in total.rows] == [2, 1]


def test_one_study_alone_uses_the_width(result: Result) -> None:
    summary = _changed(result)
    summary |= {"arms": summary["arms"][:2], "observed": [], "contrasts": []}
    total = Figures(summary, arms_of(summary), Curves(result.courses)).total()
    assert total is not None and len(drawn(total)) == 1
    assert drawn(total)[0].spec["width"] > 700


def test_acute_curves_count_from_the_first_dose_and_end_at_a_tick(result: Result) -> None:
    """The last node of a day lies where the mesh has one; days of doses move no acute curve."""
    summary = _changed(result, doses_later_h=72.0)
    courses = result.courses
    slow = courses.variable.isin(["caps5_total", "plasticity_fast"])
    courses = courses[slow | (courses.time_h <= 21.6)]
    plasma = Figures(summary, arms_of(summary), Curves(courses)).plasma()
    assert plasma is not None and "Shown: 20 h" in plasma.caption
    assert {tuple(domain(p, "x")) for p in drawn(plasma)} == {(0, 20)}
    assert rows(drawn(plasma)[0], "events0")[0]["t"] == "0.0"


def test_caption_names_patients_draws_and_status(figures: dict[str, Figure]) -> None:
    for figure in figures.values():
        assert "40 virtual patients an arm and 500 draws" in figure.caption
        assert "prior, not yet calibrated" in figure.caption


def test_sessions_are_told_only_where_there_are_some(figures: dict[str, Figure]) -> None:
    assert "diamonds: therapy sessions" in figures["course_total"].caption
    assert "sessions" not in figures["acute"].caption


def test_picture_keeps_numbers_in_words() -> None:
    spec = {
        "title": "Midazolam 0.045 mg/kg",
        "data": {"values": [{"x": 1 / 3}]},
        "mark": "point",
        "encoding": {"x": {"field": "x", "type": "quantitative"}},
    }
    assert "Midazolam 0.045 mg/kg" in svg_of(spec, "p").text


def test_thinning_keeps_ends_and_peak() -> None:
    time_h = np.linspace(0, 1000, 5001)
    value = np.exp(-(((time_h - 300.2) / 0.4) ** 2))
    kept = thin(time_h, value, 100)
    assert len(kept) <= 104
    assert {0, 5000, int(np.argmax(value))} <= set(kept.tolist())
    again = np.interp(time_h, time_h[kept], value[kept])
    assert np.max(np.abs(again - value)) < 0.1


def test_labels_never_overlap() -> None:
    rng = np.random.default_rng()
    for _ in range(200):
        n = int(rng.integers(1, 6))
        sizes = rng.uniform(10, 30, n).tolist()
        wanted = sorted(rng.uniform(-20, 220, n).tolist())
        centres = spread(wanted, sizes, 200.0)
        for i in range(n - 1):
            assert centres[i + 1] - centres[i] >= (sizes[i] + sizes[i + 1]) / 2 - 1e-9
        assert centres[0] - sizes[0] / 2 >= -1e-9
        assert centres[-1] + sizes[-1] / 2 <= 200 + 1e-9


def test_labels_that_do_not_fit_are_left_to_the_key() -> None:
    ends = {f"arm number {i} with a long name": 1.0 for i in range(9)}
    assert end_labels(ends, (0.0, 2.0), 130.0) == []


def test_time_units_follow_the_span() -> None:
    spans = {2.0: MINUTES, 24.0: HOURS, 14 * 24.0: DAYS, 56 * 24.0: WEEKS}
    assert {s: time_unit(s) for s in spans} == spans
    assert MINUTES.ticks(240.0, 8) == [0, 30, 60, 90, 120, 150, 180, 210, 240]
    assert HOURS.ticks(24.0, 8) == [0, 4, 8, 12, 16, 20, 24]
    assert WEEKS.ticks(600.0, 8)[-1] <= 600


def test_short_label_drops_the_study() -> None:
    assert short("FEDER2021: ketamine", "FEDER2021") == "ketamine"
    assert short("ketamine", "FEDER2021") == "ketamine"
    assert short("FEDER2021", "FEDER2021") == "FEDER2021"


def test_arm_missing_a_variable_is_left_out(figures: dict[str, Figure]) -> None:
    sedation = drawn(figures["acute"])[-1]
    assert "midazolam" in sedation.alt_text and "ketamine" not in sedation.alt_text
    assert re.match(r"FEDER2021 · Sedation, fraction, over 240 min", sedation.alt_text)
    assert len(ARMS) == 5


def test_no_two_arms_look_alike(result: Result) -> None:
    one = result.summary["arms"][0]
    for kind in ("drug", "control"):
        many = [one | {"label": f"{i}", "kind": kind, "colour_index": i} for i in range(22)]
        arms = arms_of({"arms": many})
        assert len({(a.colour, a.dash) for a in arms}) == 22
    mixed = [one | {"kind": "control" if i % 2 else "drug", "colour_index": i} for i in range(22)]
    assert len({(a.colour, a.dash) for a in arms_of({"arms": mixed})}) == 22


def test_every_name_of_a_key_stands_within_its_picture(result: Result) -> None:
    arms = tuple(replace(a, name=f"{a.name} minus {a.name}") for a in arms_of(result.summary))
    picture = combine([[Svg("<svg/>", 445, 298), "nothing here"]], "A title", arms, "")
    places = re.findall(r'<text x="(\d+)" y="(\d+)"[^>]*>([^<]+ minus [^<]+)<', picture.text)
    assert [name for _, _, name in places] == [a.name for a in arms]
    assert len({y for _, y, _ in places}) > 1
    assert all(float(x) + 6 * len(name) < picture.width for x, _, name in places)
