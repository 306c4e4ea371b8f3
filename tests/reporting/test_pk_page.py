"""The page of an exposure: whole, self-contained, and saying what its numbers are."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from synaptrial.reporting.exposure.page import answer, build_pk_page
from synaptrial.reporting.exposure.tables import level, occupancy_table, plasma_table, rough
from synaptrial.reporting.kit.errors import ReportError
from synaptrial.reporting.kit.writer import Page

KEYS = ("cmax_ng_per_ml", "tmax_min", "auc_0_inf_ng_h_per_ml", "half_life_12_to_24_h")
EDGES = ("q025", "q25", "q50", "q75", "q975")


class Made(NamedTuple):
    summary: dict[str, Any]
    courses: pd.DataFrame


def spread(value: float) -> dict[str, float]:
    return {q: value * f for q, f in zip(EDGES, (0.5, 0.8, 1.0, 1.25, 2.0), strict=True)}


def found(*values: float) -> dict[str, Any]:
    return {
        "typical": dict(zip(KEYS, values, strict=True)),
        "patients": {k: spread(v) for k, v in zip(KEYS, values, strict=True)},
    }


def arm(label: str, index: int, enantiomer: str, route: str) -> dict[str, Any]:
    """A made-up arm: numbers for the page, not of a model."""
    kinds = {"racemic": ("s", "r"), "s": ("s",)}[enantiomer]
    names = [a for x in ("ketamine", "norketamine") for a in (x, *(f"{k}_{x}" for k in kinds))]
    plasma = {"venous": {n: found(123.4, 40.0, 456.7, 3.2) for n in names if "nor" not in n}}
    plasma["arterial"] = {n: found(234.5, 40.0, 456.7, 3.2) for n in names}
    if route == "intranasal":
        only = {"typical": found(72.6, 40.0, 276.0, 8.4)["typical"]}
        plasma["venous_perez_ruixo2021"] = {"s_ketamine": only}
    occupancy = {
        "peak": 0.5, "peak_min": 40.0, "occupancy_time_12h": 1.7, "norketamine_share_12h": 0.2,
        "fall_without_norketamine_12h": 0.18, "norketamine_share_at_peak": 0.05,
    }  # fmt: skip
    return {
        "label": label, "protocol_id": label, "study": "MADE", "kind": "drug",
        "colour_index": index, "weight_kg": 75.0, "events": {"doses_h": [0.0], "sessions_h": []},
        "first_dose": {"drug": "ketamine", "enantiomer": enantiomer, "route": route, "mg": 37.5,
                       "by_weight": route == "iv", "infusion_min": 40.0 if route == "iv" else 0.0,
                       "devices": 2 if route == "intranasal" else 1},
        "plasma": plasma, "all_doses": None, "extrapolation": [],
        "occupancy": {
            "typical": occupancy, "patients": {k: spread(v) for k, v in occupancy.items()},
        },
    }  # fmt: skip


def courses(arms: list[dict[str, Any]]) -> pd.DataFrame:
    t = np.linspace(0.0, 24.0, 97)
    rows = []
    for a in arms:
        names = {f"{f}_{x}": 100.0 for f, xs in a["plasma"].items() for x in xs}
        for variable, top in (names | {"occupancy": 0.5, "occupancy_norketamine": 0.1}).items():
            factors = {"typical": 1.0} | {f"patient_{q}": v for q, v in spread(1.0).items()}
            if variable.startswith("venous_perez"):
                factors = {"typical": 1.0}
            for statistic, factor in factors.items():
                value = top * factor * t * np.exp(-t)
                part = {"arm": a["label"], "variable": variable, "statistic": statistic}
                rows.append(pd.DataFrame(part | {"unit": "ng/mL", "time_h": t, "value": value}))
    return pd.concat(rows, ignore_index=True)


@pytest.fixture(scope="module")
def made() -> Made:
    arms = [arm("Infusion", 0, "racemic", "iv"), arm("Spray", 1, "s", "intranasal")]
    summary = {
        "title": "Exposure: a test", "status": "prior, not yet calibrated",
        "statement": "Research tool. Not for treating patients.",
        "notices": ["FEDER2021: ketamine: the label says 1 mg/kg, the doses say 0.5."],
        "extrapolation": ["Spray: no trial."], "arms": arms,
        "frames": {k: k for k in ("venous", "arterial", "not_stated", "venous_perez_ruixo2021")},
        "assumptions": [{"text": "a share", "mark": "ASSUMED", "source": "own choice"}],
        "sources": [{"key": "MADE", "citation": "Nobody", "doi": "", "used_for": ["a test"]}],
        "run": {"version": "0", "seed": 1, "patients": 200, "weight_kg": 75.0, "seconds": 1.0},
    }  # fmt: skip
    return Made(summary, courses(arms))


@pytest.fixture(scope="module")
def page(made: Made) -> Page:
    return build_pk_page(made)


@pytest.fixture(scope="module")
def html(page: Page) -> str:
    return page.html


def test_it_loads_nothing_and_runs_nothing(html: str) -> None:
    assert not re.findall(r"<(?:script|link|iframe|img)\b", html)
    assert not re.findall(r"""(?:src|@import|url\()\s*=?\s*["']?https?:""", html)
    assert len(html) < 1_000_000


def test_it_opens_with_the_answer_and_the_limits(html: str) -> None:
    words = ("Not for treating patients", "Status: prior", "Infusion: 37.5 mg", "EXTRAPOLATION")
    places = [html.index(x) for x in (*words, "differ in route", "<h2>Plasma")]
    assert places == sorted(places)


def test_each_picture_has_words(html: str) -> None:
    panels = re.findall(r'<div class="panel" role="img" aria-label="([^"]*)"', html)
    assert len(panels) == 3 + 3 + 4 + 2
    assert all("ng/mL" in p or "fraction" in p for p in panels)


def test_the_published_course_stands_beside_its_own(page: Page) -> None:
    assert "Spray (Perez-Ruixo 2021, as published)" in page.figures["plasma"].text
    assert "Perez" not in page.figures["occupancy"].text


def test_the_logarithmic_figure_is_one(page: Page) -> None:
    text = page.figures["plasma_log"].text
    labels = [float(x) for x in re.findall(r">(\d+(?:\.\d+)?)</text>", text)]
    assert {1.0, 10.0, 100.0} <= set(labels)


def test_names_of_frame_and_analyte_on_every_line(made: Made) -> None:
    racemate, spray = (plasma_table(a) for a in made.summary["arms"])
    assert [r[:2] for r in racemate.rows][:3] == [
        ("venous", "Ketamine, all given"), ("venous", "S-ketamine"), ("venous", "R-ketamine"),
    ]  # fmt: skip
    assert "Ketamine, all given" not in {r[1] for r in spray.rows}, "it repeats S-ketamine"
    published = next(r for r in spray.rows if "Perez-Ruixo" in str(r[0]))
    assert str(published[2]).strip() == "72.6" and str(published[3]).strip() == "typical only"
    assert len(racemate.heads) == len(racemate.rows[0])
    assert str(racemate.rows[0][2]).strip() == level(123.4) == "123"


def test_norketamine_is_in_every_comparison(made: Made) -> None:
    table = occupancy_table(made.summary)
    assert table is not None and "held by norketamine" in table.heads
    assert "Norketamine would hold 20%" in answer(made.summary["arms"][0])


@pytest.mark.parametrize(
    ("value", "text"), [(1545.0, "1500"), (151.2, "150"), (6.82, "6.8"), (0.245, "0.24")]
)
def test_edges_of_patients_have_two_figures(value: float, text: str) -> None:
    assert rough(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(1545.2, "1545"), (151.2, "151"), (15.12, "15.1"), (1.0, "1.00"), (0.512, "0.512"),
     (0.000741831, "0.000742"), (0.0, "0.00")],
)  # fmt: skip
def test_levels_have_three_figures(value: float, text: str) -> None:
    assert level(value) == text


def test_a_level_that_does_not_fall_has_no_half_life(made: Made) -> None:
    arm = made.summary["arms"][0]
    typical = arm["plasma"]["venous"]["ketamine"]["typical"]
    plasma = {"venous": {"ketamine": {"typical": typical | {"half_life_12_to_24_h": None}}}}
    (row,) = plasma_table(arm | {"plasma": plasma}).rows
    assert row[-1] == "none: it does not fall"


def test_a_hole_is_refused(made: Made) -> None:
    broken = made.summary | {"status": None}
    with pytest.raises(ReportError):
        build_pk_page(Made(broken, made.courses))
