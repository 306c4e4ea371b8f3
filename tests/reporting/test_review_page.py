"""The page of a review: whole, self-contained, and every number of it in the files beside it."""

from __future__ import annotations

import copy
import csv
import io
import json
import re
from functools import cache
from typing import Any

import pytest
from tests.review.made import NOTHING, difference, trial
from tests.review.test_analyses import trials
from tests.review.test_document import made
from tests.support.page_numbers import Known, numbers_in, text_of

from synaptrial import facade
from synaptrial.exchange.store import to_json
from synaptrial.reporting.kit.errors import ReportError
from synaptrial.reporting.kit.writer import Page
from synaptrial.reporting.review.page import build_review_page
from synaptrial.review.tables import Tables

MADE = {
    "shipped": lambda: facade.living_review().document,
    "forced": lambda: facade.living_review(include_recalled=True, force_bias_tests=True).document,
    "recalled": lambda: made(from_memory(), recalled=True),
    "as of 2019": lambda: facade.living_review(as_of=2019).document,
    "nothing": lambda: made(NOTHING),
    "one": lambda: made(trials(1)),
    "four": lambda: made(trials(4)),
    "twelve": lambda: made(trials(12)),
}
# What the page itself says: the levels of tests and intervals, and the share for an aim of power.
OWN = {"0.05", "80", "95", "2020"}


def from_memory() -> Tables:
    """Four trials that are read, and one that is not, a day after the dose."""
    row = difference("MADE9", -8, 4, mark="RECALLED", usable="no", day="1")
    return trial(trials(4), "MADE9", row)


@cache
def document(name: str) -> dict[str, Any]:
    """As it stands in claims.json."""
    plain: dict[str, Any] = json.loads(to_json(MADE[name]()))
    return plain


@cache
def page(name: str) -> Page:
    return build_review_page(document(name))


@pytest.fixture(params=MADE)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_number_stands_in_the_files_beside_it(name: str) -> None:
    known = Known(document(name), page(name).tables)
    printed = numbers_in(text_of(page(name).html))
    assert len(printed) > 20
    assert sorted(n for n in printed - OWN if not known.has(n)) == []


def test_a_number_from_nowhere_is_found_out() -> None:
    known = Known(document("shipped"), page("shipped").tables)
    assert not known.has("123.457") and not known.has("-77.31")
    assert numbers_in("FEDER2021, CAPS-5: \u22120.12 (1,306)") == {"-0.12", "1306"}


def test_nothing_empty_is_said_and_nothing_is_loaded(name: str) -> None:
    html = page(name).html
    assert not re.search(r"\b(?:NaN|nan|undefined|None|inf)\b", text_of(html))
    assert not re.search(r">\s*null\s*<|[:(,]\s*null\b", html)  # a null trial may be spoken of
    assert not re.search(r"<(?:script|link|img|iframe|object|embed)\b", html)
    assert not re.search(r"(?:src|xlink:href)=|url\(\s*['\"]?(?:https?:)?//|@import", html)
    targets = re.findall(r'<a [^>]*href="([^"#][^"]*)"', html)
    assert all(t.startswith("https://doi.org/") for t in targets)


def test_every_link_within_the_page_has_its_target(name: str) -> None:
    html = page(name).html
    places = re.findall(r'\bid="([^"]+)"', html)
    assert {t for t in re.findall(r'href="#([^"]+)"', html)} <= set(places)
    assert len(places) == len(set(places))


def test_it_is_called_a_systematic_review_only_with_a_named_search() -> None:
    html = page("shipped").html
    assert "<h1>Evidence base: ketamine for post-traumatic stress disorder</h1>" in html
    assert "Evidence base, not a systematic review" in html
    assert "research tool" in html.lower()


def test_verdicts_then_and_now_stand_before_the_analyses() -> None:
    html = page("shipped").html
    order = [html.index(f'id="{name}"') for name in ("claims", "missing", "analyses", "published")]
    assert order == sorted(order)
    for claim in document("shipped")["claims"]:
        assert f'id="claim-{claim["id"]}"' in html


def test_each_effect_leads_to_its_rows_and_its_source() -> None:
    html = page("shipped").html
    for analysis in document("shipped")["analyses"]:
        for effect in analysis["effects"]:
            for row in effect["rows"]:
                assert f'href="#row-{row}"' in html and f'id="row-{row}"' in html
                source = document("shipped")["rows"][row]["source"]
                assert f'href="#source-{source}"' in html


def test_tables_and_pictures_come_from_one_document(name: str) -> None:
    for a in document(name)["analyses"]:
        table = f"effects_{a['id']}" if a["pooled"] else "effects_single"
        rows = list(csv.DictReader(io.StringIO(page(name).tables[table])))
        studies = {r["study"] for r in rows}
        assert {e["study"] for e in a["effects"]} <= studies
        assert (f"forest_{a['id']}" in page(name).figures) == a["pooled"]
        assert (f"cumulative_{a['id']}" in page(name).figures) == a["pooled"]
        assert (f"funnel_{a['id']}" in page(name).figures) == a["small_study"]["shown"]


def test_the_year_of_the_review_is_marked_between_the_studies_before_and_after() -> None:
    svg = page("shipped").figures["cumulative_dropout-total-any-RR"].text
    places = [svg.index(t) for t in ("FEDER2014 (2014)", "Year of the review, 2019",
                                     "FEDER2021 (2021)")]  # fmt: skip
    assert places == sorted(places)


def test_what_is_from_memory_is_marked_in_table_and_plot() -> None:
    made_up = document("recalled")
    of_memory = [e for a in made_up["analyses"] for e in a["effects"] if e["mark"] == "RECALLED"]
    assert of_memory
    assert "RECALLED: MADE9" in page("recalled").figures["single_SMD"].text
    assert '<span class="chip recalled">RECALLED</span>' in page("recalled").html
    assert "RECALLED: " not in page("shipped").figures["single_SMD"].text


def test_a_funnel_against_the_rule_says_so() -> None:
    assert "Funnel, against the rule" in page("forced").html
    assert "Funnel, against" not in page("twelve").html and "Funnel:" in page("twelve").html
    assert "<h3>Funnel" not in page("shipped").html


def test_an_empty_field_stops_the_page() -> None:
    broken = copy.deepcopy(document("one"))
    broken["claims"][0]["statement"] = " "
    with pytest.raises(ReportError, match="nothing under 'Claim'"):
        build_review_page(broken)


def test_the_flow_is_drawn_from_the_rows_of_a_log() -> None:
    logged = copy.deepcopy(document("one"))
    row = {"stream": "databases and registers", "box": "records identified", "detail": "PubMed"}
    logged["flow"] = [row | {"n": 812}]
    built = build_review_page(logged)
    assert "PubMed (n\u00a0=\u00a0812)" in built.figures["flow"].text
    assert "PubMed (n\u00a0=\u00a0812)" in built.html
    assert "flow" not in page("one").figures
