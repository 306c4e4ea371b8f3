"""Adverse events as published: which rows fit a treatment, and what is left unknown."""

from __future__ import annotations

import pytest

from synaptrial.evidence.exact import exact_interval
from synaptrial.evidence.harms import SERIOUS, TERMS, Drug, harms
from synaptrial.exchange.bundled import load_table
from synaptrial.exchange.evidence.folder import load_evidence

ARM = {
    "drug": "ketamine", "enantiomer": "s", "route": "intranasal", "dose": "84",
    "dose_unit": "mg", "ptsd": "unknown", "flag": "",
}  # fmt: skip
EVENT = {
    "term": "nausea", "label": "nausea", "day": "28", "time_note": "", "statistic": "count",
    "value": "", "events": "5", "n": "20", "mark": "READ", "usable": "yes", "note": "",
}  # fmt: skip
NASAL = Drug("ketamine", "intranasal", "s")


def found(*rows: tuple[dict[str, str], dict[str, str]], term: str = "nausea") -> dict:
    """Made-up trials T0, T1, ...: (event, arm), each with what differs from EVENT and ARM."""
    keys = [dict.fromkeys(("study", "source", "row_id"), f"T{i}") | {"arm": "A"} for i in range(9)]
    events = [EVENT | k | e for (e, _), k in zip(rows, keys, strict=False)]
    arms = [ARM | k | a for (_, a), k in zip(rows, keys, strict=False)]
    (row,) = (h for h in harms(NASAL, events, arms) if h["term"] == term)
    return row


def test_a_count_has_its_exact_interval() -> None:
    (trial,) = found(({}, {}))["trials"]
    assert (trial["events"], trial["n"], trial["share"], trial["mark"]) == (5, 20, 0.25, "READ")
    assert (trial["low"], trial["high"]) == pytest.approx((0.0866, 0.4910), abs=1e-4)


@pytest.mark.parametrize(
    "other", [{"route": "iv"}, {"enantiomer": "racemic"}, {"drug": "midazolam", "enantiomer": ""}]
)
def test_another_route_form_or_drug_tells_nothing(other: dict[str, str]) -> None:
    row = found(({}, other))
    assert row["trials"] == []
    assert row["unknown"] == "no count was read for S-ketamine, intranasal"


def test_what_is_only_recalled_is_not_shown() -> None:
    assert found(({"mark": "RECALLED"}, {}))["trials"] == []


def test_a_percentage_of_unknown_number_has_no_interval_and_gives_way_to_counts() -> None:
    bare = {"statistic": "percent", "value": "40", "events": "", "n": "", "usable": "no"}
    (trial,) = found((bare, {}))["trials"]
    assert (trial["share"], trial["n"], trial["low"], trial["high"]) == (0.4, None, None, None)
    assert [t["study"] for t in found((bare, {}), ({}, {}))["trials"]] == ["T1"]


def test_patients_with_ptsd_come_before_others() -> None:
    trials = found(({}, {}), ({}, {"ptsd": "yes"}))["trials"]
    assert [(t["study"], t["ptsd"]) for t in trials] == [("T1", "yes")]


def test_serious_events_are_counted_together() -> None:
    none = {"term": SERIOUS, "events": "0"}
    (trial,) = found((none | {"n": "15"}, {}), (none | {"n": "117"}, {}), term=SERIOUS)["trials"]
    assert (trial["study"], trial["events"], trial["n"]) == ("T0, T1", 0, 132)
    assert trial["high"] == pytest.approx(1 - 0.025 ** (1 / 132))
    assert trial["low"] == 0


def test_exact_interval_against_published_values() -> None:
    """Rule of three at zero events; 7 of 10: 0.3475 to 0.9333 (Clopper and Pearson)."""
    assert exact_interval(0, 300)[1] == pytest.approx(3 / 300, rel=0.25)
    assert exact_interval(7, 10) == pytest.approx((0.34755, 0.93326), abs=1e-4)
    assert exact_interval(0, 10) == pytest.approx((0, 1 - 0.025**0.1))
    assert exact_interval(10, 10) == pytest.approx((0.025**0.1, 1))


def test_no_two_trials_of_one_bound_share_people() -> None:
    """A pool of serious events counts each person once, for any treatment of the tables."""
    base = load_evidence()
    events, arms = load_table("adverse_events"), load_table("arms")
    seen = 0
    for drug in {Drug("ketamine", a["route"], a["enantiomer"]) for a in arms if a["route"]}:
        for row in harms(drug, events, arms):
            if row["term"] == SERIOUS and row["trials"]:
                for trial in row["trials"]:
                    assert base.clashes(trial["study"].split(", ")) == ()
                seen += 1
    assert seen >= 2


def test_the_shipped_tables_speak_of_ssris() -> None:
    events, arms = load_table("adverse_events"), load_table("arms")
    for name in ("sertraline", "paroxetine"):
        rows = {r["term"]: r for r in harms(Drug(name, "oral"), events, arms)}
        assert set(rows) == set(TERMS[name])
        for row in rows.values():
            for t in row["trials"]:
                assert 0 <= t["low"] <= t["share"] <= t["high"] <= 1


def test_people_with_ptsd_have_a_bound_of_their_own() -> None:
    """That of everybody is tighter, and of people whose diagnosis was not always read."""
    found = harms(
        Drug("ketamine", "iv", "racemic"), load_table("adverse_events"), load_table("arms")
    )
    (serious,) = (row["trials"] for row in found if row["term"] == SERIOUS)
    own, every = serious
    assert (own["ptsd"], every["ptsd"]) == ("yes", "unknown")
    assert own["n"] < every["n"] and own["high"] > every["high"]
