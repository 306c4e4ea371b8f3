"""The evidence of November 2026: what each row may be used for."""

from __future__ import annotations

import pytest
from tests.support.evidence import table

from synaptrial.evidence.observed import AVERAGED, observations, table_arms

OUTCOMES = {row["row_id"]: row for row in table("outcomes")}
STUDIES = {row["study"]: row for row in table("studies")}
SCALES = {row["row_id"]: row for row in table("scales")}


def test_feder2014_is_read_as_a_crossover_contrast_in_points() -> None:
    row = OUTCOMES["FEDER2014:KET-MDZ:IESR:1d:diff"]
    assert (row["mark"], row["usable"], row["statistic"]) == ("READ", "yes", "difference")
    assert [float(row[c]) for c in ("value", "low", "high")] == [-12.7, -22.8, -2.5]
    half_width = (float(row["high"]) - float(row["low"])) / 2
    assert float(row["se"]) == pytest.approx(half_width / 2.02, abs=0.01)
    assert "crossover" in row["label"]
    assert "first period" not in row["label"] + row["derivation"]


@pytest.mark.parametrize(
    "row_id",
    [
        "FEDER2014:KET-MDZ:IESR:1d:smd",
        "FEDER2014:KET-MDZ:IESR:1d:dz",
        "ABDALLAH2022:KET05-PBO:PTSD_ANY:1d:smd",
    ],
)
def test_conditional_rows_are_kept_and_not_usable(row_id: str) -> None:
    row = OUTCOMES[row_id]
    assert (row["mark"], row["usable"]) == ("DERIVED", "no")
    assert row["why_not"]
    assert row["derivation"]


def test_comparators_on_caps5_have_scores_by_arm() -> None:
    for study, arms, days in (
        ("MITCHELL2021", ("MDMA_THERAPY", "PBO_THERAPY"), (0, 28, 56, 126)),
        ("MITCHELL2023", ("MDMA_THERAPY", "PBO_THERAPY"), (0, 28, 56, 126)),
    ):
        for arm in arms:
            for day in days:
                row = OUTCOMES[f"{study}:{arm}:CAPS5:{day}d:mean"]
                assert float(row["sd"]) > 0
                assert row["usable"] == "no" or (study, day) != ("MITCHELL2023", 0)
    drug, placebo, contrast = (
        float(OUTCOMES[f"JONES2026:{row}"]["value"])
        for row in (
            "TSND201:CAPS5:10d:change",
            "PBO:CAPS5:10d:change",
            "TSND201-PBO:CAPS5:10d:diff",
        )
    )
    assert drug - placebo == pytest.approx(contrast)


def test_trials_under_way_have_a_registry_number_and_no_result() -> None:
    reported = {row["study"] for row in OUTCOMES.values()}
    for study, number in (
        ("KPE2_ONGOING", "NCT05737693"),
        ("NCT04560660", "NCT04560660"),
        ("NCT04032301", "NCT04032301"),
    ):
        assert STUDIES[study]["registry"] == number
        assert not STUDIES[study]["year"]
        assert study not in reported


# Arms with a protocol: the score before treatment, where one was read.
BASELINES = {
    "DUEK2023:KET": "PCL5", "DUEK2023:MDZ": "PCL5", "OKTOP2024:KET_ORAL": "PCL5",
    "ARTIN2022:ESK_IN": "PCL5", "ROTHARMEL2022:ESK_IN": "MADRS", "SCHNURR2022:PE": "CAPS5",
    "FOA2018:MASSED": "PSSI", "FOA2018:SPACED": "PSSI", "FOA2018:PCT": "PSSI",
}  # fmt: skip
NONE_READ = {
    "FEDER2014", "FEDER2021", "ABDALLAH2022", "BEAGLEHOLE2025", "BRADY2000", "MARSHALL2001",
}  # fmt: skip


def test_each_arm_with_a_protocol_has_a_baseline_or_none_was_read() -> None:
    arms = [row for row in table("arms") if row["protocol"]]
    for arm in arms:
        found = [
            row["scale"]
            for row in OUTCOMES.values()
            if (row["study"], row["arm"], row["day"]) == (arm["study"], arm["arm"], "0")
            and row["statistic"] == "mean" and row["scale"] != "NONE" and row["usable"] == "yes"
        ]  # fmt: skip
        assert BASELINES.get(arm["arm_id"], "") in (*found, ""), arm
        assert bool(found) == (arm["study"] not in NONE_READ), arm


def test_the_spread_of_a_mean_with_an_interval_follows_from_it() -> None:
    for arm in ("PE", "CPT"):
        row = OUTCOMES[f"SCHNURR2022:{arm}:CAPS5:0d:mean"]
        half_width = (float(row["high"]) - float(row["low"])) / 2
        implied = half_width / 1.96 * float(row["n"]) ** 0.5
        assert float(row["sd"]) == pytest.approx(implied, abs=0.06)


def test_retest_rows_of_simulated_scales_are_there() -> None:
    for row_id, value in (
        ("WEATHERS2018:CAPS5:retest", 0.78),
        ("BLEVINS2015:PCL5:retest_r", 0.82),
        ("HERMENS2006:MADRS:retest_icc", 0.65),
    ):
        assert float(SCALES[row_id]["value"]) == value
        assert SCALES[row_id]["mark"] == "READ"
    derived = SCALES["HERMENS2006:MADRS:retest_difference_sd"]
    implied = (11.1**2 + 10.4**2 - 2 * 0.65 * 11.1 * 10.4) ** 0.5
    assert float(derived["value"]) == pytest.approx(implied, abs=0.05)


def test_no_conditional_row_stands_beside_a_prediction() -> None:
    arms = {home: name for name, home in table_arms(table("arms")).items()}
    shown = {o["row"]: o for o in observations(table("outcomes"), arms)}
    assert shown["FEDER2014:KET-MDZ:IESR:1d:diff"]["value"] == -12.7
    for row_id, found in shown.items():
        row = OUTCOMES[row_id]
        assert row["usable"] == "yes" or found["mark"] == "RECALLED" or row_id in AVERAGED, row_id
