"""The curated evidence tables: closed vocabularies, marks, sources, days, flags."""

from __future__ import annotations

import csv
from importlib import resources

import pytest

from synaptrial.domain.sources import Mark
from synaptrial.exchange.bundled import bundled, load_protocol, load_sources

PACKAGE = resources.files("synaptrial")
TABLES = (
    "studies", "arms", "outcomes", "adverse_events", "acute", "pharmacodynamics", "scales",
    "meta_analyses", "overlaps", "risk_of_bias",
)  # fmt: skip
SCALES = {
    "CAPS5", "CAPS4", "PCL5", "PCL4", "IESR", "IES", "PSSI", "PTSD_ANY", "MADRS", "HAMD", "HAMD6",
    "PHQ9", "DEPRESSION_ANY", "CADSS", "CGIS", "CGII", "NONE",
}  # fmt: skip
STATISTICS = {
    "mean", "change", "difference", "smd", "within_arm_d", "percent", "percent_change", "count",
    "median", "time", "odds_ratio", "risk_ratio", "risk_difference", "hazard_ratio", "qualitative",
    "t_statistic",
}  # fmt: skip
EVENTS = {
    "", "response", "response_30", "response_50", "response_10_points", "non_response", "remission",
    "relapse", "response_duration", "loss_of_diagnosis", "diagnosis", "dropout", "completed",
    "in_study", "ae_stop", "no_ae_stop", "worsening", "suicidality",
    "negative_screen", "entered_period_2", "completed_period_2", "late_share", "superiority",
    "randomised",
}  # fmt: skip
PARTS = {
    "total", "b", "c", "d", "e", "clusters", "reexperiencing", "avoidance", "numbing",
    "avoidance_numbing", "hyperarousal",
}  # fmt: skip
NUMBERS = ("value", "sd", "se", "low", "high", "n", "events", "day", "time_min", "dose")


def table(name: str) -> list[dict[str, str]]:
    path = PACKAGE / "evidence" / "data" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


DATA = {name: table(name) for name in TABLES}
SOURCES = set(load_sources())
OUTCOMES = {row["row_id"]: row for row in DATA["outcomes"]}


@pytest.mark.parametrize("name", TABLES)
def test_rows_are_unique_marked_and_sourced(name: str) -> None:
    rows = DATA[name]
    ids = [next(iter(row.values())) for row in rows]
    assert len(ids) == len(set(ids)) > 10
    for row in rows:
        assert row["mark"] in set(Mark), row
        assert row["source"] in SOURCES, row
        for column in NUMBERS:
            if row.get(column):
                float(row[column])


def test_row_ids_are_unique_across_tables() -> None:
    names = [name for name in TABLES if name not in ("studies", "arms")]
    ids = [row["row_id"] for name in names for row in DATA[name]]
    assert len(ids) == len(set(ids))


def test_outcomes_keep_to_the_vocabulary() -> None:
    studies = {row["study"] for row in DATA["studies"]}
    for row in DATA["outcomes"]:
        assert row["scale"] in SCALES, row
        assert row["statistic"] in STATISTICS, row
        assert row["event"] in EVENTS, row
        assert row["part"] in PARTS, row
        assert row["study"] in studies, row
        assert row["day"] == "" or float(row["day"]) >= 0, row


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
    assert len(ketamine) == 23
    rows = DATA["outcomes"] + DATA["adverse_events"]
    assert sum(row["study"] in ketamine for row in rows) == 132


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
