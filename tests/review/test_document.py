"""claims.json: it fits its schema, says absence in words, and every number leads to a row."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.review.made import BOOK, NOTHING, READINGS, case, difference, trial, until, with_arm
from tests.review.test_analyses import KEY, trials

from synaptrial import facade
from synaptrial.exchange.evidence.folder import load_evidence
from synaptrial.exchange.store import to_json
from synaptrial.review.release import ReleaseNote
from synaptrial.review.result import Review, review_of
from synaptrial.review.tables import Tables

SCHEMA = json.loads(
    (resources.files("synaptrial") / "data" / "schemas" / "claims.schema.json").read_text("utf-8")
)
NOTE = ReleaseNote.of(load_evidence())
SHIPPED = facade.living_review().document


def made(tables: Tables, *, force: bool = False, recalled: bool = False) -> dict[str, Any]:
    then, now = (case(t, recalled=recalled) for t in (until(tables, 2019), tables))
    return Review(then, now, NOTE, force, "0", None).document


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for x in value.values():
            yield from leaves(x)
    elif isinstance(value, list | tuple):
        for x in value:
            yield from leaves(x)
    else:
        yield value


@pytest.mark.parametrize(
    "document",
    [
        SHIPPED,
        facade.living_review(include_recalled=True, force_bias_tests=True).document,
        facade.living_review(as_of=2019).document,
        made(NOTHING),
        made(trials(1)),
        made(trials(4), force=True),
        made(trials(12)),
    ],
    ids=["shipped", "recalled", "as of 2019", "nothing", "one", "forced", "twelve"],
)
def test_the_document_fits_its_schema_and_has_no_empty_field(document: dict[str, Any]) -> None:
    plain = json.loads(to_json(document))
    jsonschema.Draft202012Validator(SCHEMA).validate(plain)
    for leaf in leaves(plain):
        assert leaf is not None
        assert leaf != ""
        assert not isinstance(leaf, float) or math.isfinite(leaf)
        assert leaf not in ("nan", "None", "NaN", "undefined")


def test_every_row_that_a_number_rests_on_is_there_with_its_source() -> None:
    used = {r for a in SHIPPED["analyses"] for e in a["effects"] for r in e["rows"]}
    used |= {r for c in SHIPPED["claims"] for when in ("then", "now") for r in c[when]["rows"]}
    used |= {p["row"] for p in SHIPPED["published"]}
    assert used <= set(SHIPPED["rows"])
    assert {r["source"] for r in SHIPPED["rows"].values()} <= set(SHIPPED["sources"])


def test_no_recalled_number_is_used_unless_asked_for_and_then_it_is_marked() -> None:
    marks = {e["mark"] for a in SHIPPED["analyses"] for e in a["effects"]}
    assert "RECALLED" not in marks
    row = difference("MADE1", -8, 4, mark="RECALLED", usable="no")
    tables = trial(trial(NOTHING, "MADE1", row), "MADE2", difference("MADE2", -8, 4))
    for asked, studies in ((False, {"MADE2"}), (True, {"MADE1", "MADE2"})):
        document = made(tables, recalled=asked)
        analysis = next(a for a in document["analyses"] if a["id"] == KEY)
        assert analysis["recalled"] is asked
        assert {e["study"] for e in analysis["effects"]} == studies
        assert {e["study"] for e in analysis["effects"] if e["mark"] == "RECALLED"} == (
            {"MADE1"} if asked else set()
        )


def test_no_analysis_has_two_studies_that_share_people() -> None:
    base = load_evidence()
    for a in SHIPPED["analyses"]:
        assert base.clashes([e["study"] for e in a["effects"]]) == (), a["id"]


def test_without_a_named_search_it_is_an_evidence_base() -> None:
    assert SHIPPED["title"].startswith("Evidence base")
    base = load_evidence()
    searched = base.release.model_copy(update={"systematic": True, "search_date": "2026-01-31"})
    assert ReleaseNote.of(replace(base, release=searched)).title.startswith("Systematic review")
    undated = base.release.model_copy(update={"systematic": True})
    assert ReleaseNote.of(replace(base, release=undated)).title.startswith("Evidence base")


def test_the_largest_trial_has_no_number_and_is_said_to_lack_one() -> None:
    """ABDALLAH2022 is null in words: it is in no pool, and stands among what is missing."""
    pooled = {e["study"] for a in SHIPPED["analyses"] for e in a["effects"] if a["measure"] != "RR"}
    assert "ABDALLAH2022" not in pooled
    missing = {m["study"]: m for m in SHIPPED["missing"]}
    assert "in words" in missing["ABDALLAH2022"]["known"]
    assert "in words" in missing["FEDER2014"]["known"]
    assert "whole crossover" in missing["FEDER2014"]["known"]


def test_verdicts_move_with_the_studies_that_came_after_the_review() -> None:
    by_id = {c["id"]: c for c in SHIPPED["claims"]}
    for claim in by_id.values():
        assert not claim["changed"] or claim["moved_by"]
        before = set(claim["then"]["studies"])
        assert not before & set(claim["moved_by"])
    assert {"FEDER2021", "ABDALLAH2022"} <= set(by_id["repeated"]["moved_by"])


def test_as_of_a_year_nothing_later_is_used() -> None:
    document = facade.living_review(as_of=2019).document
    years = [e["year"] for a in document["analyses"] for e in a["effects"]]
    assert all(y <= 2019 for y in years)
    assert not [c for c in document["claims"] if c["changed"]]


def test_an_added_artificial_trial_changes_verdict_and_analysis() -> None:
    base = load_evidence()
    added = trials(3)
    for key in ("MADE0", "MADE1", "MADE2"):
        added = with_arm(added, key, "KET", {"route": "intranasal"})
    tables = dict(base.tables)
    for name in ("studies", "arms", "outcomes"):
        tables[name] = (*tables[name], *getattr(added, name))
    sources = {**base.sources, **added.sources}
    larger = replace(base, tables=tables, sources=sources)
    document = review_of(
        larger, BOOK, READINGS, as_of=None, recalled=False, force_bias_tests=False, version="0"
    ).document
    before, after = (next(a for a in d["analyses"] if a["id"] == KEY) for d in (SHIPPED, document))
    assert after["k"] == before["k"] + 3
    assert after["result"]["estimate"] != before["result"]["estimate"]
    then = {c["id"]: c["then"]["verdict"] for c in SHIPPED["claims"]}
    moved = [c["id"] for c in document["claims"] if c["then"]["verdict"] != then[c["id"]]]
    assert "intranasal" in moved


def test_a_screening_log_gives_the_flow_and_changes_nothing_else(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text(
        "record_id,source,source_kind,duplicate_of,title_abstract,full_text,reason,study\n"
        "R1,PubMed,database,,included,included,,MADE1\n"
        "R2,PubMed,database,,excluded,,,\n"
    )
    document = facade.living_review(screening_log=log).document
    counts = {row["box"]: row["n"] for row in document["flow"]}
    assert counts["studies included"] == 1
    assert SHIPPED["flow"].startswith("No screening log")
    jsonschema.validate(json.loads(to_json(document)), SCHEMA)
    assert to_json(document | {"flow": SHIPPED["flow"]}) == to_json(SHIPPED)


def test_sources_of_thresholds_and_of_claims_are_there() -> None:
    stated = {t["source"] for t in SHIPPED["thresholds"] if t["mark"] == "READ"}
    moved = {s for c in SHIPPED["claims"] for s in c["moved_by"]}
    studies = {r["study"] for r in SHIPPED["studies"]}
    assert stated
    assert stated | (moved - studies) <= set(SHIPPED["sources"])
