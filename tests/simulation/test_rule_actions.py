"""What rules do to the multipliers, patient by patient, on scores given by hand.

The last test runs the model with the multipliers that a person would write down.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.support.prepared import PATIENTS, Prepared, made_arm, prepared

from synaptrial.domain.dose import DoseEvent
from synaptrial.domain.scales import SCORED
from synaptrial.engine.mesh import slow_mesh
from synaptrial.simulation.run import rules
from synaptrial.simulation.run.inputs import Given
from synaptrial.simulation.run.recording import SCORES

N, WIDTH = 3, 5  # patients, and the padded number
SEEN = {0.0: (40, 40, 40), 7.0: (10, 25, 35), 14.0: (35, 25, 10)}  # CAPS-5 by visit
IV = {
    "drug": "ketamine", "enantiomer": "racemic", "route": "iv", "amount_mg_per_kg": 0.5,
    "infusion_min": 40.0,
}  # fmt: skip
DOSES = (IV | {"days": (0.0, 7.0, 14.0, 21.0)}, IV | {"days": (15.0, 22.0), "as_needed": True})
SLOTS = (0.0, 7.0, 14.0, 15.0, 21.0, 22.0)  # the doses above in order of time
DAILY = {
    "drug": "sertraline", "end_day": 28.0, "steps": ({"day": 0.0, "mg_per_day": 50.0},)
}  # fmt: skip


class Plan:
    """As much of an arm's plan as rules read."""

    def __init__(self, protocol: Any) -> None:
        self.events: tuple[DoseEvent, ...] = protocol.dose_events()
        self.arrays = {"per_kg": np.zeros(16)}
        self.slow = slow_mesh([0.0, 7 * 24.0, 14 * 24.0, 21 * 24.0, 28 * 24.0], longest_h=np.inf)


def rule(do: str, day: float, value: float, **more: Any) -> dict[str, Any]:
    """Met by patients with `value` points or more."""
    return {
        "do": do, "visits_days": (day,), "scale": "CAPS5", "test": "score_at_least",
        "value": value,
    } | more  # fmt: skip


def decided(*given_rules: dict[str, Any], **content: Any) -> Given:
    """The last multipliers that the arm was run with."""
    redosed = any(r["do"] == "redose_if" for r in given_rules)
    doses = DOSES if redosed else DOSES[:1]
    arm = made_arm(28.0, (7.0, 14.0, 28.0), doses=doses, rules=given_rules, **content)
    seen = np.zeros((len(SCORES), 4, N), np.int16)
    for v, score in enumerate(SEEN.values()):
        seen[SCORES.index("CAPS5"), v] = score
    runs: list[Given] = []

    def run(given: Given) -> Any:
        runs.append(Given(*(np.array(x) for x in given)))
        return {}, {}, seen

    rules.apply(arm.protocol, Plan(arm.protocol), N, WIDTH, run)
    assert len(runs) == 1 + len({d for r in given_rules for d in r["visits_days"]})
    return runs[-1]


def doses_of(given: Given) -> np.ndarray:
    """(slots, WIDTH)"""
    return np.asarray(given.doses)[: len(SLOTS)]


def test_every_scorable_scale_is_recorded() -> None:
    assert [s for s in SCORES if not s.startswith("CAPS5_")] == list(SCORED)


def test_a_threshold_splits_the_patients_and_padding_repeats_the_last() -> None:
    given = decided(rule("stop_if", 7, 30))
    expected = np.ones((4, WIDTH))
    expected[1:, 2:] = 0.0  # the third patient, whom the padding repeats; the dose on day 7 too
    np.testing.assert_array_equal(doses_of(given)[:4], expected)
    np.testing.assert_array_equal(given.daily, np.ones_like(given.daily))
    np.testing.assert_array_equal(given.sessions, np.ones_like(given.sessions))


@pytest.mark.parametrize(
    ("test", "value", "met"),
    [
        ("score_at_least", 25, (False, True, True)),
        ("score_below", 25, (True, False, False)),
        ("fall_at_least", 0.375, (True, True, False)),
        ("fall_below", 0.375, (False, False, True)),
    ],
)
def test_each_test_is_asked_of_each_patient(test: str, value: float, met: tuple[bool, ...]) -> None:
    given = decided(rule("stop_if", 7, value, test=test))
    np.testing.assert_array_equal(doses_of(given)[1, :N] == 0.0, met)


def test_titration_and_stop_at_one_visit_act_in_order() -> None:
    titrate = rule("titrate", 7, 20, step=0.5, maximum=2.0)  # patients 2 and 3
    stop = rule("stop_if", 7, 30)  # patient 3
    for both in ((titrate, stop), (stop, titrate)):
        last = doses_of(decided(*both))[1:4, :N]
        np.testing.assert_array_equal(last, np.tile((1.0, 1.5, 0.0), (3, 1)))


def test_two_titrations_add_within_their_limits() -> None:
    up, down = (rule("titrate", 7, 20, step=s, maximum=1.2, minimum=0.5) for s in (0.4, -0.9))
    np.testing.assert_allclose(doses_of(decided(up, down))[1, :N], (1.0, 0.5, 0.5))
    np.testing.assert_allclose(doses_of(decided(down, up))[1, :N], (1.0, 0.9, 0.9))


def test_a_stop_is_not_undone_by_a_later_redose() -> None:
    given = decided(rule("stop_if", 7, 30), rule("redose_if", 14, 30, test="score_below"))
    expected = np.ones((len(SLOTS), WIDTH))
    expected[1:, 2:] = 0.0  # patient 3 stopped on day 7
    expected[3] = (0, 1, 0, 0, 0)  # as needed, day 15: patients 2 and 3 meet the test
    expected[5] = 0.0  # as needed, day 22: no visit asks
    np.testing.assert_array_equal(doses_of(given), expected)


def test_who_was_stopped_stays_so_though_a_later_test_is_met() -> None:
    """Patient 1 is stopped on day 7 and meets every test on day 14."""
    stop = rule("stop_if", 7, 20, test="score_below")
    titrate = rule("titrate", 14, 0, step=0.5, maximum=2.0)
    given = decided(stop, titrate, rule("redose_if", 14, 30))
    np.testing.assert_array_equal(doses_of(given)[1:, 0], np.zeros(5))
    np.testing.assert_array_equal(doses_of(given)[2, 1:], np.full(WIDTH - 1, 1.5))


def test_titrated_to_nothing_is_not_stopped() -> None:
    off = rule("titrate", 7, 0, step=-1.0, maximum=1.0)
    on = rule("titrate", 14, 20, step=0.5, maximum=2.0)
    given = doses_of(decided(off, on))
    np.testing.assert_array_equal(given[1, :N], (0.0, 0.0, 0.0))
    np.testing.assert_array_equal(given[2, :N], (0.5, 0.5, 0.0))


def test_as_needed_doses_are_not_titrated() -> None:
    titrate = rule("titrate", 7, 0, step=1.0, maximum=3.0)
    given = doses_of(decided(titrate, rule("redose_if", 14, 0)))
    assert (given[SLOTS.index(15.0)] == 1.0).all() and (given[SLOTS.index(21.0)] == 2.0).all()
    assert (given[SLOTS.index(22.0)] == 0.0).all()


def test_a_stop_reaches_only_what_it_names() -> None:
    stop = rule("stop_if", 14, 30, stops=("daily", "sessions"))
    titrate = rule("titrate", 14, 0, target="daily", step=1.0, maximum=2.0)
    given = decided(stop, titrate, daily=(DAILY,), sessions=({"kind": "exposure", "days": (1.0,)},))
    np.testing.assert_array_equal(doses_of(given)[:4], np.ones((4, WIDTH)))
    daily = np.ones_like(given.daily)
    daily[2:4] = (0.0, 2.0, 2.0, 2.0, 2.0)
    np.testing.assert_array_equal(given.daily, daily)
    sessions = np.ones_like(given.sessions)
    sessions[2:4, 0] = 0.0
    np.testing.assert_array_equal(given.sessions, sessions)


# with the model


@pytest.fixture(scope="module")
def arm() -> Prepared:
    return prepared(made_arm(28.0, (7.0, 14.0, 28.0), doses=DOSES, rules=(
        rule("stop_if", 7, 30), rule("redose_if", 14, 20),
    )))  # fmt: skip


def test_a_ruled_run_equals_one_with_multipliers_written_by_hand(arm: Prepared) -> None:
    seen = np.zeros((len(SCORES), 4, PATIENTS), np.int16)
    seen[0] = 40
    seen[0, 1] = (10, 40, 10, 40, 10, 40, 10, 40)  # day 7: every second one is stopped
    seen[0, 2] = (40, 40, 10, 10, 40, 40, 10, 10)  # day 14

    def run(given: Given) -> Any:
        courses, acute, _ = arm.run(given=given)
        return courses, acute, seen

    ruled, _, _ = rules.apply(arm.arm.protocol, arm.plan, PATIENTS, PATIENTS, run)
    doses = np.zeros_like(arm.given.doses)
    doses[[0, 1, 2, 4]] = 1.0
    doses[[1, 2, 4], 1::2] = 0.0
    doses[3, [0, 4]] = 1.0
    n = arm.plan.slow.n_intervals
    by_hand = Given(doses, np.ones((n, PATIENTS)), np.ones((n, PATIENTS)))
    for name, course in arm.courses(given=by_hand).items():
        np.testing.assert_array_equal(np.asarray(ruled[name])[: len(course)], course, name)


def test_a_dose_that_a_rule_stops_does_not_reach_back_to_a_session_before_it() -> None:
    """A session an hour before the dose on day 7, at which visit the dose may be stopped."""
    before = {"kind": "exposure", "days": (6.0,), "at_h": 23.0}
    arm = prepared(made_arm(28.0, (7.0, 28.0), doses=(IV | {"days": (0.0, 7.0)},),
                            sessions=(before,)))  # fmt: skip
    doses = np.array(arm.given.doses)
    doses[1] = 0.0
    given, stopped = arm.courses(), arm.courses(given=arm.given._replace(doses=doses))
    past = arm.edges_h[1:] <= 7 * 24.0
    assert (given["learning"][past] > 0).any()
    for name, course in given.items():
        np.testing.assert_array_equal(course[past], stopped[name][past], name)
