"""Rules at visits: titrate, stop, redose; what lies before a visit does not change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from synaptrial import facade
from synaptrial.domain.arm import Arm
from synaptrial.domain.protocol import Protocol
from synaptrial.simulation.cohort.build import build_cohort
from synaptrial.simulation.run.arm import ArmResult, simulate_arm

WHO = {"default": {"mark": "ASSUMED", "reason": "a test"}}


def run(**changes: Any) -> ArmResult:
    arm = facade.load_arm("FEDER2021_KET")
    table = arm.protocol.model_dump(mode="json", exclude_unset=True) | changes
    protocol = Protocol.model_validate(table)
    cohort = build_cohort(facade.load_models(arm.setting.population), arm.setting, 8, 4, 3)
    return simulate_arm(Arm(protocol, arm.setting), cohort)


def rule(do: str, test: str = "score_at_least", value: float = 0, **more: Any) -> dict[str, Any]:
    return {
        "do": do, "visits_days": [7], "scale": "CAPS5", "test": test, "value": value,
        "marks": WHO, **more,
    }  # fmt: skip


def means(result: ArmResult, name: str) -> np.ndarray:
    return result.moments[name].mean().mean(axis=0)


@pytest.fixture(scope="module")
def plain() -> ArmResult:
    return run()


def test_a_rule_that_nobody_meets_changes_nothing(plain: ArmResult) -> None:
    ruled = run(rules=[rule("stop_if", value=80)])
    assert np.array_equal(ruled.scores["CAPS5"], plain.scores["CAPS5"])
    assert np.array_equal(ruled.moments["caps5_total"].total, plain.moments["caps5_total"].total)


def test_stopping_keeps_the_past_and_gives_nothing_more(plain: ArmResult) -> None:
    stopped = run(rules=[rule("stop_if")])
    t = plain.time_h
    before, after = t <= 168.0, t > 14 * 24.0
    for name in ("plasticity_slow", "caps5_total"):
        assert np.array_equal(means(stopped, name)[before], means(plain, name)[before])
    assert np.all(means(stopped, "plasticity_slow")[after] < means(plain, "plasticity_slow")[after])
    fewer = run(doses=[{**plain.arm.protocol.doses[0].model_dump(mode="json", exclude_unset=True),
                        "days": [0, 2, 4]}], course_days=11)  # fmt: skip
    at = {day: np.argmin(np.abs(fewer.time_h - 24 * day)) for day in (14, 28, 56)}
    for day, i in at.items():
        j = np.argmin(np.abs(t - 24 * day))
        assert means(stopped, "caps5_total")[j] == pytest.approx(
            means(fewer, "caps5_total")[i], rel=1e-4
        )


def test_titration_raises_the_doses_that_follow(plain: ArmResult) -> None:
    raised = run(rules=[rule("titrate", step=1.0, maximum=2.0)])
    lowered = run(rules=[rule("titrate", step=-0.5, maximum=1.0)])
    end = np.argmin(np.abs(plain.time_h - 14 * 24.0))
    slow = [means(r, "plasticity_slow")[end] for r in (lowered, plain, raised)]
    assert slow == sorted(slow) and len(set(slow)) == 3


def test_a_dose_as_needed_waits_for_its_rule() -> None:
    doses = [
        {"drug": "ketamine", "enantiomer": "racemic", "route": "iv", "amount_mg_per_kg": 0.5,
         "infusion_min": 40, "days": [0], "marks": WHO},
        {"drug": "ketamine", "enantiomer": "racemic", "route": "iv", "amount_mg_per_kg": 0.5,
         "infusion_min": 40, "days": [8], "as_needed": True, "marks": WHO},
    ]  # fmt: skip
    never = run(doses=doses, rules=[rule("redose_if", "score_at_least", 80)])
    always = run(doses=doses, rules=[rule("redose_if", "score_at_least", 0)])
    t = never.time_h
    before, after = t <= 8 * 24.0, (t > 8.5 * 24.0) & (t < 20 * 24.0)
    fast = [means(r, "plasticity_slow") for r in (never, always)]
    assert np.array_equal(fast[0][before], fast[1][before])
    assert np.all(fast[1][after] > fast[0][after])
