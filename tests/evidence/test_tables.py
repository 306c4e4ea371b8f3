"""What the shipped tables must hold beyond what `check` asks of any folder."""

from __future__ import annotations

import pytest
from tests.support.evidence import table

from synaptrial.domain.sources import Mark
from synaptrial.exchange.bundled import bundled, load_protocol

TABLES = (
    "studies", "arms", "outcomes", "adverse_events", "acute", "pharmacodynamics", "scales",
    "meta_analyses", "overlaps", "risk_of_bias",
)  # fmt: skip
DATA = {name: table(name) for name in TABLES}
OUTCOMES = {row["row_id"]: row for row in DATA["outcomes"]}


def test_row_ids_are_unique_across_tables() -> None:
    names = [name for name in TABLES if name not in ("studies", "arms")]
    ids = [row["row_id"] for name in names for row in DATA[name]]
    assert len(ids) == len(set(ids))


def test_what_cannot_be_used_is_kept_and_says_why() -> None:
    flagged = [row for row in DATA["outcomes"] if row["usable"] == "no"]
    assert flagged
    for row in DATA["outcomes"]:
        assert (row["usable"] == "no") == bool(row["why_not"]), row
        if row["mark"] == Mark.RECALLED or row["statistic"] == "qualitative":
            assert row["usable"] == "no", row
        if row["usable"] == "yes":
            assert row["value"] or row["events"], row


def test_every_number_on_the_ketamine_ptsd_trials_is_there() -> None:
    ketamine = {row["study"] for row in DATA["studies"] if row["kind"] == "ketamine_ptsd"}
    assert len(ketamine) == 27
    rows = DATA["outcomes"] + DATA["adverse_events"]
    assert sum(row["study"] in ketamine for row in rows) == 150


def test_every_arm_that_a_result_names_is_there() -> None:
    arms = {row["arm_id"]: row for row in DATA["arms"]}
    named = {
        f"{row['study']}:{row[column]}"
        for table_name in ("outcomes", "adverse_events")
        for row in DATA[table_name]
        for column in ("arm", "versus")
        if row.get(column)
    }
    assert len(named) > 150
    assert named <= set(arms)
    for arm_id, row in arms.items():
        assert arm_id == f"{row['study']}:{row['arm']}"
        assert set(row["subgroup_of"].split(";")) - {""} <= {
            other["arm"] for other in arms.values() if other["study"] == row["study"]
        }


def test_an_arm_runs_or_says_what_is_unknown_or_has_no_model() -> None:
    with_protocol = {row["protocol"] for row in DATA["arms"]} - {""}
    published = {n for n in bundled("protocols") if load_protocol(n).protocol.study}
    assert with_protocol == published
    for row in DATA["arms"]:
        assert row["protocol"] or row["unknown"], row
        if row["protocol"]:
            assert load_protocol(row["protocol"]).protocol.study == row["study"]
        if row["infusion_mark"] == Mark.RECALLED and row["mark"] == Mark.READ:
            assert (
                not row["infusion_min"] or "recalled" in row["unknown"] or row["drug"] == "saline"
            )


def test_main_result_of_feder2021_agrees_with_itself() -> None:
    """Difference over d gives the SD; SD, n and SE agree."""
    difference = OUTCOMES["FEDER2021:KET-MDZ:CAPS5:14d:diff"]
    d = float(OUTCOMES["FEDER2021:KET-MDZ:CAPS5:14d:smd"]["value"])
    sd = float(difference["value"]) / d
    assert sd == pytest.approx(10.5, abs=0.1)
    assert sd * (2 / 15) ** 0.5 == pytest.approx(float(difference["se"]), rel=0.05)


def test_clusters_of_duek2023_add_up_to_the_total() -> None:
    for arm in ("KET", "MDZ"):
        parts = sum(float(OUTCOMES[f"DUEK2023:{arm}:PCL5.{k}:0d:mean"]["value"]) for k in "bcde")
        total = float(OUTCOMES[f"DUEK2023:{arm}:PCL5:0d:mean"]["value"])
        assert parts == pytest.approx(total, abs=0.5)


def test_published_pooled_estimates_say_their_sign_and_their_faults() -> None:
    rows = {row["row_id"]: row for row in DATA["meta_analyses"]}
    studies = {row["study"] for row in DATA["studies"]}
    for row in rows.values():
        assert row["direction"] or not (row["value"] or row["low"]), row
        assert row["versus"] in ("any", "passive", "active", "mixed", "none", ""), row
        assert set(row["contains"].split(";")) - {""} <= studies
    faulty = {row_id for row_id, row in rows.items() if row["fault"]}
    assert faulty >= {
        "SICIGNANO2024:caps", "SICIGNANO2024:relapse", "ALMEIDA2024:endpoint", "DU2022:early",
        "DU2022:chronic", "DU2022:incidence", "ALBUQUERQUE2022:review", "BORGOGNA2024:omnibus",
    }  # fmt: skip


def test_a_number_that_was_worked_out_is_derived() -> None:
    for row in DATA["outcomes"]:
        computed = "deposited individual scores" in row["derivation"] or "% of" in row["derivation"]
        assert not computed or row["mark"] == Mark.DERIVED, row
