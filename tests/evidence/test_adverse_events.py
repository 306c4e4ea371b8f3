"""Adverse events: counts out of the people at risk, and what cannot be counted says why."""

from __future__ import annotations

from tests.support.evidence import table

ROWS = table("adverse_events")


def test_usable_rows_have_a_number_of_people_at_risk() -> None:
    assert len(ROWS) == 136
    for row in ROWS:
        assert (row["usable"] == "no") == bool(row["why_not"]), row
        if row["usable"] == "yes":
            assert int(row["n"]) > 0, row
            assert row["events"] or row["value"], row
        if row["events"]:
            assert int(row["events"]) <= int(row["n"]), row
        if row["statistic"] == "percent":
            assert 0 <= float(row["value"]) <= 100, row


def test_serious_events_are_there_and_are_zero_where_read() -> None:
    serious = {row["row_id"]: row for row in ROWS if row["term"] == "any_serious"}
    assert len(serious) == 4
    assert serious["FEDER2021:KET:serious_ae:14d:count"]["usable"] == "yes"
    assert serious["FEDER2021:MDZ:serious_ae:14d:count"]["usable"] == "no"


def test_ssri_and_esketamine_have_events_by_arm_with_people_at_risk() -> None:
    """What a model of tolerability needs: each event of a drug beside the same event of placebo."""
    usable = [row for row in ROWS if row["usable"] == "yes"]
    beside = {
        ("PAXIL_LABEL", "PAR", "PBO"): {"nausea", "insomnia", "sexual", "somnolence", "dizziness"},
        ("ZOLOFT_LABEL", "SER_ALL", "PBO_ALL"): {"nausea", "insomnia", "sexual", "headache"},
        ("ZOLOFT_LABEL", "SER", "PBO"): {"sexual", "dry_mouth"},
        ("FRIEDMAN2007", "SER", "PBO"): {"fatigue", "diarrhoea", "headache"},
        ("ASPIRE_POOL", "ESK", "PBO"): {"dissociation", "nausea", "headache", "bp_rise"},
        ("SUSTAIN1", "ESK_MAINT", "PBO_MAINT"): {"dissociation", "nausea", "headache", "bp_rise"},
    }  # fmt: skip
    for (study, *arms), terms in beside.items():
        for arm in arms:
            found = {r["term"] for r in usable if (r["study"], r["arm"]) == (study, arm)}
            assert terms <= found, (study, arm)


def test_no_row_stands_in_two_tables() -> None:
    moved = {row["row_id"] for row in ROWS}
    assert not moved & {row["row_id"] for t in ("outcomes", "acute") for row in table(t)}
    assert not {r["event"] for r in table("outcomes")} & {"serious_ae", "adverse_event"}
