"""The committed claims: each of the starting text is there, in a rule that exists, with sources."""

from __future__ import annotations

import inspect

import pytest

from synaptrial.exchange.bundled import load_table
from synaptrial.exchange.review_claims import load_claims, load_readings
from synaptrial.review import rules
from synaptrial.review.claims import Threshold

BOOK, READINGS = load_claims(), load_readings()
STUDIES = {row["study"] for row in load_table("studies")}


def test_every_claim_has_its_own_id_and_a_rule_that_exists() -> None:
    ids = [c.id for c in BOOK.claim]
    assert len(set(ids)) == len(ids)
    assert all(hasattr(rules, c.rule) for c in BOOK.claim)


def test_references_are_those_with_a_reference_rule() -> None:
    assert all((c.reference is not None) == (c.rule == "reference") for c in BOOK.claim)
    assert sum(c.rule == "reference" for c in BOOK.claim) == 5


@pytest.mark.parametrize(("mark", "note"), [("READ", "from a paper"), ("ASSUMED", "")])
def test_a_threshold_is_sourced_or_explained(mark: str, note: str) -> None:
    head = {"key": "worthwhile", "value": 0.5, "unit": "SD", "what": "a difference"}
    with pytest.raises(ValueError, match="the source of|the reason of"):
        Threshold.model_validate({**head, "mark": mark, "note": note})
    assert len(BOOK.threshold) > 5


def test_queries_use_windows_and_scales_that_exist() -> None:
    for claim in BOOK.claim:
        assert set(claim.query.windows) <= set(BOOK.windows_days)
        assert claim.query.outcome in BOOK.scales


def test_rules_and_queries_name_no_study() -> None:
    text = inspect.getsource(rules) + "".join(c.query.model_dump_json() for c in BOOK.claim)
    assert not [study for study in STUDIES if study in text]


def test_readings_rest_on_rows_that_hold_no_number() -> None:
    rows = {r["row_id"]: r for r in load_table("outcomes")}
    assert all(rows[c.row]["statistic"] == "qualitative" for c in READINGS.contrast)


def test_statements_rest_on_rows_of_the_base_or_on_a_note() -> None:
    tables = ("outcomes", "acute", "pharmacodynamics")
    rows = {r["row_id"] for table in tables for r in load_table(table)}
    notes = {r["study"] for r in load_table("studies") if r["note"]}
    for statement in READINGS.statement:
        on_note = statement.rests_on == "note of the study" and statement.study in notes
        assert on_note or statement.rests_on in rows, statement.id
