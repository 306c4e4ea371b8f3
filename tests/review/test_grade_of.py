"""Certainty of the main outcomes: what is computed, what only a person rates, and that there is no
certainty before all five domains are rated."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.review.made import NOTHING, case, outcome, trial
from tests.review.test_analyses import KEY, trials

from synaptrial.domain.errors import InputError
from synaptrial.evidence.grade import DOMAINS
from synaptrial.evidence.tables import Row
from synaptrial.review.analyses import analyses
from synaptrial.review.grade_document import grade_document
from synaptrial.review.grade_of import ANY, SERIOUS, Graded, graded
from synaptrial.review.tables import Tables


def of(tables: Tables) -> dict[str, Graded]:
    known = case(tables)
    return {g.key: g for g in graded(known, analyses(known))}


def document(tables: Tables, key: str = KEY) -> dict[str, Any]:
    return grade_document(of(tables)[key])


def domain(found: dict[str, Any], name: str) -> dict[str, str]:
    return next(d for d in found["domains"] if d["domain"] == name)


def rated(name: str, rating: str = "serious", **cells: str) -> Row:
    given = {"row_id": f"{name}:{rating}", "outcome": KEY, "comparison": ANY, "note": ""}
    who = {"reason": "made up", "rated_by": "A Person", "rated_on": "2026-01-02"}
    return given | who | {"domain": name, "rating": rating} | cells


def with_ratings(tables: Tables, *rows: Row) -> Tables:
    return replace(tables, grade=rows)


def test_nothing_read_nothing_graded() -> None:
    assert of(NOTHING) == {}


def test_one_study_says_what_cannot_be_computed() -> None:
    found = document(trials(1))
    assert (found["k"], found["people"], found["controls"]) == (1, 40, ["psychoactive"])
    assert domain(found, "imprecision")["by"] == "computed"
    assert domain(found, "inconsistency") == {
        "domain": "inconsistency", "rating": "not rated", "by": "nobody",
        "reason": "one study: how much studies differ cannot be seen",
    }  # fmt: skip
    assert "one study, fewer than 10" in domain(found, "publication_bias")["reason"]
    assert found["certainty"] == "not rated"


def test_two_studies_tell_the_bayesian_interval_beside_and_give_no_inconsistency() -> None:
    found = document(trials(2))
    assert "the Bayesian 95% interval" in domain(found, "imprecision")["reason"]
    assert domain(found, "inconsistency")["rating"] == "not rated"


def test_many_alike_have_no_inconsistency_and_a_test_of_small_studies() -> None:
    found = document(trials(12))
    assert domain(found, "inconsistency")["rating"] == "not serious"
    assert "p = " in domain(found, "publication_bias")["reason"]
    assert domain(found, "publication_bias")["rating"] == "not rated", "a person rates it"
    assert "Bayesian" not in domain(found, "imprecision")["reason"]


def test_an_interval_that_holds_everything_rates_no_inconsistency() -> None:
    tables = trials(3)
    rows = tuple(r | {"value": str(30 * (-1) ** i)} for i, r in enumerate(tables.outcomes))
    found = domain(document(replace(tables, outcomes=rows)), "inconsistency")
    assert found["rating"] == "not rated"
    assert "too wide to tell" in found["reason"]


def test_the_share_at_high_risk_counts_a_study_with_one_domain_judged_high() -> None:
    bias = {"study": "MADE0", "domain": "missing", "judgement": "high"}
    found = document(replace(trials(1), risk_of_bias=(bias,)))
    assert "100% of the weight at high risk" in domain(found, "risk_of_bias")["reason"]
    low = bias | {"domain": "overall", "judgement": "low"}
    found = document(replace(trials(1), risk_of_bias=(low,)))
    assert "100% low" in domain(found, "risk_of_bias")["reason"]


def test_a_person_overrides_and_the_computed_rating_is_still_told() -> None:
    found = document(with_ratings(trials(1), rated("imprecision", "not serious")))
    entry = domain(found, "imprecision")
    assert (entry["rating"], entry["by"]) == ("not serious", "A Person, 2026-01-02")
    assert entry["reason"].startswith("made up (computed: ")


def test_certainty_only_when_all_five_are_rated() -> None:
    four = [rated(d) for d in DOMAINS[:4]]
    found = document(with_ratings(trials(1), *four))
    assert found["certainty"] == "not rated"
    assert "publication bias" in found["certainty_says"]
    five = [*four, rated(DOMAINS[4], "not serious")]
    assert document(with_ratings(trials(1), *five))["certainty"] == "very low"
    mild = [rated(d, "not serious") for d in DOMAINS]
    assert document(with_ratings(trials(1), *mild))["certainty"] == "high"


def test_a_row_that_is_not_rated_rates_nothing() -> None:
    row = rated("imprecision", "not rated", rated_by="", rated_on="", reason="")
    assert document(with_ratings(trials(1), row)) == document(trials(1))


def test_two_ratings_of_one_domain_are_refused() -> None:
    twice = with_ratings(trials(1), rated("imprecision"), rated("imprecision", "very serious"))
    with pytest.raises(InputError, match="two judgements"):
        document(twice)


def test_what_persons_rated_beyond_the_analyses_is_shown() -> None:
    row = rated("certainty", "low", outcome="another", comparison="midazolam")
    found = document(with_ratings(trials(1), row), "another")
    assert (found["k"], found["comparison"], found["certainty"]) == (0, "midazolam", "not rated")
    assert "low (A Person, 2026-01-02: made up)" in found["certainty_says"]


def test_serious_events_are_a_share_without_control_that_starts_low() -> None:
    event = {"scale": "NONE", "event": "serious_ae", "statistic": "count", "events": "0", "n": "20"}
    found = document(trial(NOTHING, "MADE1", outcome("MADE1", "sae", **event)), SERIOUS)
    assert (found["k"], found["people"], found["estimate"]) == (1, 20, 0.0)
    assert found["starts_at"] == "low"
    assert domain(found, "imprecision")["rating"] == "serious"
    assert "20 people of 72" in domain(found, "imprecision")["reason"]


def test_an_event_is_measured_against_a_ratio() -> None:
    cells = {"scale": "NONE", "event": "dropout", "statistic": "count", "n": "20"}
    rows = (
        outcome("MADE1", "out1", events="2", **cells),
        outcome("MADE1", "out2", events="4", arm="MDZ", **cells),
    )
    found = document(trial(NOTHING, "MADE1", *rows), "dropout-total-any-RR")
    assert "holds both 0.8 and 1.25" in domain(found, "imprecision")["reason"]
