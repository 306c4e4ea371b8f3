"""Predicted beside published: every row of the tables, and what is said of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from synaptrial import facade
from synaptrial.domain.arm import Arm
from synaptrial.domain.scales import SCALES
from synaptrial.domain.setting import Baseline
from synaptrial.evidence.observed import observations, table_arms
from synaptrial.exchange.bundled import bundled, load_protocol, load_table
from synaptrial.simulation.cohort.build import build_cohort
from synaptrial.simulation.run.arm import ArmResult
from synaptrial.simulation.run.recording import SCORES
from synaptrial.simulation.summary.compare import visit_near, with_predictions
from synaptrial.simulation.summary.provenance import rows_of_priors

DRAWS, PATIENTS = 6, 8


def runnable() -> list[str]:
    loaded = {name: load_protocol(name).protocol for name in bundled("protocols")}
    return [name for name, p in loaded.items() if not p.missing() and not p.no_model]


def made_up(name: str) -> tuple[ArmResult, Any]:
    """An arm with scores that fall by a third until day 28 and come back by day 56, each patient
    from a level of his own; nothing is simulated."""
    arm = facade.load_arm(name)
    models = facade.load_models(arm.setting.population)
    cohort = build_cohort(models, arm.setting, PATIENTS, DRAWS, 1)
    days = (0.0, *(d for d in arm.protocol.visits_days if d > 0))
    rng = np.random.default_rng(len(name))
    level = rng.uniform(0.5, 0.8, (cohort.size, 1)) + 0.02 * rng.standard_normal(
        (cohort.size, len(days))
    )
    course = 1 - np.interp(days, [0, 1, 28, 56], [0, 0.3, 0.4, 0.0])
    top = {k: SCALES[k].maximum if k in SCALES else 20 for k in SCORES}
    scores = {k: np.round(top[k] * level * course).astype(np.int16) for k in SCORES}
    leaving = rng.exponential(24 * 200.0, cohort.size)
    return ArmResult(arm, None, np.zeros(1), days, {}, {}, {}, {}, scores, leaving, {}, {}), cohort


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    results = {name: made_up(name) for name in runnable()}
    published_as = table_arms(load_table("arms"))
    names = {published_as[name]: name for name in results if name in published_as}
    of_priors = rows_of_priors(facade.load_models("adult_ptsd_trial"))
    return with_predictions(observations(load_table("outcomes"), names, of_priors), results)


def of(rows: list[dict[str, Any]], row: str) -> list[dict[str, Any]]:
    return [r for r in rows if r["row"] == row]


def test_every_row_is_laid_against_visits_and_definitions(rows):
    assert len(rows) > 50
    for r in rows:
        p = r["predicted"]
        if p is not None:
            assert p["low"] <= p["mean"] <= p["high"], r["row"]
            assert all(abs(d - r["day"]) <= 0.1 * r["day"] for d in p["days"][-1:]) or (
                r["statistic"] == "days_to_loss"
            )


@pytest.mark.parametrize(
    ("row", "statistic", "value"),
    [
        ("DUEK2023:KET:PCL5.response_30:30d:count", "response_30", 9 / 13),
        ("DUEK2023:KET:PCL5:30d:change", "change", -16.92),
        ("OKTOP2024:KET_ORAL:PCL5.response_50:70d:count", "response_50", 13 / 22),
        ("SCHNURR2022:PE:dropout:112d:percent", "dropout", 0.558),
        ("SCHNURR2022:PE:CAPS5:-:within_arm_d", "within_arm_d", 0.99),
        ("BRADY2000:SER:CAPS4:84d:within_arm_d", "within_arm_d", 1.45),
        ("BRADY2000:SER:CAPS4.response_30:84d:percent", "response_30", 0.53),
        ("FEDER2021:KET:response_duration:27.5d:median", "days_to_loss", 27.5),
        ("FEDER2021:KET-MDZ:CAPS5:14d:smd", "smd", -1.13),
        ("FOA2018:MASSED:PSSI:98d:change", "fall_share", 6.32 / (18.88 + 6.32)),
        ("FOA2018:SPACED:PSSI:140d:change", "fall_share", 6.97 / (18.34 + 6.97)),
    ],
)
def test_what_was_published_is_there_and_predicted(rows, row, statistic, value):
    (found,) = of(rows, row)
    assert (found["statistic"], found["value"]) == (statistic, pytest.approx(value))
    assert found["predicted"] is not None


def test_a_visit_near_the_published_day_stands_for_it_and_is_named(rows):
    (late,) = of(rows, "FOA2018:MASSED:PSSI:98d:change")
    assert late["predicted"]["days"] == [95.0]
    (mean,) = of(rows, "SCHNURR2022:PE:CAPS5:-:within_arm_d")
    assert mean["predicted"]["days"] == [70.0, 90.0, 180.0]


def test_rows_that_made_a_prior_are_no_check(rows):
    marked = {r["row"] for r in rows if r["made_a_prior"]}
    assert "FOA2018:MASSED:PSSI:98d:change" in marked
    assert "FEDER2021:KET-MDZ:CAPS5:14d:diff" not in marked


def entry(arm: str, **changes: Any) -> dict[str, Any]:
    row = {"arm": arm, "comparator": "", "scale": "CAPS5", "statistic": "mean", "day": 14.0}
    row |= changes
    return row | {"days": [row["day"]]}


def test_what_cannot_be_said_is_left_out():
    results = {k: made_up(k) for k in ("FEDER2021_KET", "FEDER2021_MDZ")}
    other = results["FEDER2021_MDZ"][0]
    other.visit_days = (0.0, 1.0, 7.0, 18.0, 21.0, 28.0, 42.0, 56.0)
    rows = [
        entry("FEDER2021_KET", statistic="difference", comparator="FEDER2021_MDZ"),
        entry("FEDER2021_KET", statistic="dropout", scale="leaving", day=57.0),
        entry("FEDER2021_KET", day=90.0),
        entry("FEDER2021_KET", statistic="response_99"),
    ]
    assert [r["predicted"] for r in with_predictions(rows, results)] == [None] * 4
    assert visit_near(results["FEDER2021_KET"][0], 0.0) == 0


def test_a_share_stays_between_0_and_1_and_a_small_difference_does_not():
    """Whether a number is a share does not follow from its size."""
    result, cohort = made_up("FEDER2021_KET")
    same = {k: np.full_like(v, 1) for k, v in result.scores.items()}
    same["CAPS5"][::2] = 0
    result.scores = same
    stated = {"baseline": (Baseline(scale="CAPS5", mean=40.0),)}
    result.arm = Arm(result.arm.protocol, result.arm.setting.model_copy(update=stated))
    row = entry("FEDER2021_KET")
    (found,) = with_predictions([row], {"FEDER2021_KET": (result, cohort)})
    low, high = found["predicted"]["low"], found["predicted"]["high"]
    assert 0 < low < 0.5 < high < 1
    same["CAPS5"][:] = np.arange(len(same["CAPS5"]))[:, None] % 8 == 0
    (rare,) = with_predictions([row], {"FEDER2021_KET": (result, cohort)})
    assert rare["predicted"]["low"] < 0  # the mean of a score: the normal error stands as it is


def test_a_mean_is_compared_only_where_the_study_s_baseline_was_read():
    result, cohort = made_up("FEDER2021_KET")
    rows = [entry("FEDER2021_KET"), entry("FEDER2021_KET", statistic="change")]
    mean, change = with_predictions(rows, {"FEDER2021_KET": (result, cohort)})
    assert mean["predicted"] is None and change["predicted"] is not None


def test_time_to_loss_is_counted_among_those_who_responded():
    result, cohort = made_up("FEDER2021_KET")
    n = len(result.scores["CAPS5"])
    scores = np.full((n, len(result.visit_days)), 20, np.int16)
    scores[:, 0] = 40
    scores[:, result.visit_days.index(42.0) :] = 40  # all lose it between days 28 and 42
    scores[::2] = 40  # half never had it
    result.scores["CAPS5"] = scores
    row = entry("FEDER2021_KET", statistic="days_to_loss", scale="NONE", day=27.5)
    (found,) = with_predictions([row], {"FEDER2021_KET": (result, cohort)})
    assert found["predicted"]["mean"] == 35.0 - 14.0


def test_duek2023_is_simulated_to_its_end():
    """The bundled protocols whose responders the tables count on the PCL-5."""
    result = facade.simulate(["DUEK2023_KET", "DUEK2023_MDZ"], patients=2, draws=2, chunk=16)
    shares = [r for r in result.summary["observed"] if r["statistic"] == "response_30"]
    assert len(shares) == 4
    assert all(r["predicted"] is not None for r in shares)
