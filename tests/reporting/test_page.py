"""The page as its readers and printers meet it."""

from __future__ import annotations

import copy
import json
import re
from html.parser import HTMLParser
from importlib import resources

import jsonschema
import numpy as np
import pytest
from jinja2 import UndefinedError
from tests.reporting.made_up import Result, make_result, stages

from synaptrial.reporting.kit.errors import ReportError
from synaptrial.reporting.kit.writer import Page
from synaptrial.reporting.simulation import tables
from synaptrial.reporting.simulation.answer import answers
from synaptrial.reporting.simulation.page import build_report
from synaptrial.reporting.simulation.tables import contrast_tables


@pytest.fixture(scope="module")
def report(result: Result) -> Page:
    return build_report(result, stages())


@pytest.fixture(scope="module")
def few(result: Result) -> Result:
    """The same with few panels to draw."""
    courses = result.courses[result.courses.variable == "occupancy"]
    return Result(result.summary, courses)


def test_what_is_made_up_has_the_form_of_a_summary(result: Result) -> None:
    folder = resources.files("synaptrial") / "data" / "schemas"
    schema = json.loads((folder / "summary.schema.json").read_text())
    jsonschema.validate(result.summary, schema)


class Loads(HTMLParser):
    """Every address that a browser would fetch by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("src", "srcset", "data") or (tag == "link" and name == "href"):
                self.found.append(f"{tag} {value}")


def body(report: Page) -> str:
    return re.sub(r"<(script|style)\b.*?</\1>", "", report.html, flags=re.S)


def visible(report: Page) -> str:
    return re.sub(r"<[^>]*>", " ", body(report))


def test_page_loads_nothing_from_outside(report: Page) -> None:
    loads = Loads()
    loads.feed(report.html)
    assert loads.found == []
    assert "default-src 'none'" in report.html
    assert "@import" not in report.html
    style = re.search(r"<style>.*?</style>", report.html, flags=re.S)
    assert style and "url(" not in style[0]


def test_page_is_small_and_holds_vega_once(report: Page) -> None:
    assert len(report.html.encode()) < 6_000_000
    assert report.html.count("window.vegaEmbed=") == 1


def test_page_shows_no_hole(report: Page) -> None:
    assert not re.search(r"\b(NaN|nan|None|undefined)\b", visible(report))


def test_a_name_that_looks_like_a_hole_is_printed(few: Result) -> None:
    name = "None"
    summary = copy.deepcopy(few.summary)
    summary["arms"] = summary["arms"][:1]
    summary |= {"contrasts": [], "observed": [], "extrapolation": [], "title": "NaN undefined"}
    old, summary["arms"][0]["label"] = summary["arms"][0]["label"], name
    courses = few.courses[few.courses.arm == old].assign(arm=name)
    assert f"{name}: mean CAPS-5" in visible(build_report(Result(summary, courses), stages()))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("title",), None),
        (("status",), None),
        (("arms", 0, "visits", 0, "scale", "CAPS5", "mean"), float("nan")),
        (("arms", 1, "acute", "cadss_peak", "mean_curve_max"), None),
        (("arms", 1, "nearest_evidence", "duration"), None),
        (("contrasts", 0, "p_no_benefit"), float("nan")),
        (("run", "version"), ""),
        (("sources", 0, "citation"), None),
        (("assumptions", 0, "text"), None),
    ],
)
def test_empty_field_fails_the_page(
    few: Result, path: tuple[str | int, ...], value: object
) -> None:
    summary = copy.deepcopy(few.summary)
    at = summary
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    with pytest.raises((ReportError, ValueError)):
        build_report(Result(summary, few.courses), stages())


@pytest.mark.parametrize(
    "path", [("title",), ("arms", 0, "visits", 0, "scale", "CAPS5", "mean"), ("run", "draws")]
)
def test_missing_field_fails_the_page(few: Result, path: tuple[str | int, ...]) -> None:
    summary = copy.deepcopy(few.summary)
    at = summary
    for step in path[:-1]:
        at = at[step]
    del at[path[-1]]
    with pytest.raises((UndefinedError, KeyError)):
        build_report(Result(summary, few.courses), stages())


def test_course_with_nan_is_refused(result: Result) -> None:
    courses = result.courses.copy()
    courses.loc[courses.index[10], "value"] = np.nan
    with pytest.raises(ReportError, match="missing or infinite"):
        build_report(Result(result.summary, courses), stages())


def test_answer_stands_before_method(report: Page) -> None:
    heads = re.findall(r"<h2>(.*?)</h2>", body(report))
    assert heads == [
        "Courses over weeks",
        "The first 24 hours",
        "Plasma and receptor",
        "Plasticity and circuits",
        "Acute safety",
        "Numbers by visit",
        "Nearest evidence",
        "Assumptions",
        "The model",
        "Sources",
        "How this was made",
    ]
    start = ["Status: prior", "Prior chance of no benefit", "EXTRAPOLATION", heads[0]]
    places = [report.html.index(words) for words in start]
    assert places == sorted(places)
    assert visible(report).rstrip().endswith("Not for treating patients.")
    assert "research tool" in re.search(r"<title>(.*?)</title>", report.html)[1]


def test_recalled_inputs_come_first(report: Page) -> None:
    text = visible(report)
    assert text.index("Infusion of 40 min") < text.index("half-life, median 9 d")


def test_each_live_panel_has_its_still_and_words(report: Page) -> None:
    panels = re.findall(
        r'<div class="panel" role="img" aria-label="([^"]+)"><div class="still"><svg.*?'
        r'<script type="application/json">(.*?)</script>',
        report.html,
        flags=re.S,
    )
    assert len(panels) > 30
    for words, spec in panels:
        assert " from " in words and " over " in words
        assert json.loads(spec)["width"] == "container"


def test_clip_paths_and_ids_are_unique(report: Page) -> None:
    ids = re.findall(r'\bid="([^"]+)"', body(report))
    assert len(ids) == len(set(ids))


def test_inner_links_lead_somewhere(report: Page) -> None:
    ids = set(re.findall(r'\bid="([^"]+)"', report.html))
    assert set(re.findall(r'href="#([^"]+)"', report.html)) <= ids


def test_label_is_escaped(few: Result) -> None:
    summary = copy.deepcopy(few.summary)
    summary["title"] = "<script>alert(1)</script>"
    label, bad = summary["arms"][0]["label"], "<!--<script>"
    summary["arms"][0]["label"] = bad
    summary |= {"contrasts": [], "observed": []}
    courses = few.courses.replace({"arm": {label: bad}})
    html = build_report(Result(summary, courses), stages()).html
    assert "<script>alert(1)" not in html
    assert "<!--<script>" not in html, "in the data of a script it would swallow the page's end"


def test_one_arm_alone_credits_nothing_to_the_drug(result: Result) -> None:
    summary = copy.deepcopy(result.summary)
    summary |= {"arms": summary["arms"][:1], "contrasts": [], "observed": [], "extrapolation": []}
    courses = result.courses[result.courses.arm == summary["arms"][0]["label"]]
    report = build_report(Result(summary, courses), stages())
    assert "none of the change is credited to the treatment" in visible(report)
    assert "difference" not in report.figures


def test_save_hands_over_page_and_pictures() -> None:
    made = make_result(2)
    summary = made.summary | {"arms": made.summary["arms"][:2], "contrasts": [], "observed": []}
    courses = made.courses[made.courses.variable.isin(["caps5_total", "occupancy"])]
    report = build_report(Result(summary, courses), stages())
    files: dict[str, bytes] = {}
    report.save(files.__setitem__)
    assert files["report.html"].startswith(b"<!doctype html>")
    for name in report.figures:
        assert files[f"figures/{name}.svg"].startswith(b"<svg")
        assert files[f"figures/{name}.png"].startswith(b"\x89PNG")


def test_each_picture_says_what_it_is_wherever_it_goes(report: Page) -> None:
    for name, svg in report.figures.items():
        if name == "model":
            continue
        words = " ".join(re.findall(r">([^<]+)</text>", svg.text))
        assert "not for treating patients" in words
        assert "Status: prior, not yet calibrated." in words
        assert "Bands: 50% and 95% of" in words or "Bands" not in words
    assert "Bands: 50% and 95% of the mean in a new trial." in report.figures["course_total"].text


def test_the_part_of_belief_has_its_interval_and_its_belief(report: Page) -> None:
    first = visible(report)[: visible(report).index("EXTRAPOLATION")]
    assert "by belief (95% interval 2.8 points lower to 0.8 points lower), since" in first
    assert "all share a belief of 50% to be on the active treatment" in first


def test_a_chance_is_a_prior_one_until_a_posterior_stands_behind_it(result: Result) -> None:
    words = "no benefit of the treatment itself"
    names = {"prior, not yet calibrated": "Prior chance", "calibrated": "Chance"}
    for status, chances in names.items():
        (text, *_) = answers(result.summary | {"status": status})
        assert f" {chances} of {words}" in text
        heads = contrast_tables(result.summary | {"status": status})[0].heads
        assert f"{chances} of no difference" in heads


def test_latent_loss_stands_before_that_of_scores(report: Page) -> None:
    text = visible(report)
    titles = ("Latent response and its loss", "Excess of loss", "Score, points")
    places = [text.index(words) for words in titles]
    assert places == sorted(places)
    assert "not half of them" in text


def test_adverse_events_say_what_is_known_and_what_is_not(report: Page) -> None:
    text = re.sub(r"\s+", " ", visible(report))
    assert "25% (9% to 49%; 5 of 20)" in text
    assert "25% (interval unknown: of how many was not read)" in text
    assert "0 of 1,320, so at most 0.3%" in text
    assert "no count was read for racemic ketamine, IV" in text
    assert text.index("Highest acute values") < text.index("Adverse events of these drugs")


@pytest.mark.parametrize(("days", "text"), [(30.0, "30.0"), (42.0, "over 42.0 (not reached)")])
def test_a_time_that_is_not_reached_is_not_printed_as_reached(days: float, text: str) -> None:
    predicted = {"mean": days, "low": 3.5, "high": 42.0, "days": [14.0, 28.0, 56.0]}
    row = {"statistic": "days_to_loss", "scale": "NONE", "day": 27.5, "predicted": predicted}
    assert tables._predicted(row) == (text, "3.5 to over 42.0 (not reached)")
