"""Laying an arm out: what comes at the horizon, and what has no place on the mesh."""

from __future__ import annotations

import numpy as np
import pytest
from tests.support.prepared import ORAL_AND_NASAL, made_arm

from synaptrial import facade
from synaptrial.domain.arm import Arm
from synaptrial.domain.errors import InputError
from synaptrial.engine.mesh import slow_mesh
from synaptrial.facade import load_models
from synaptrial.pharmacology.dosing import Input
from synaptrial.simulation.accuracy import mesh_errors
from synaptrial.simulation.cohort.build import build_cohort
from synaptrial.simulation.cohort.enrol import Cohort
from synaptrial.simulation.plan.arm_plan import plan_for
from synaptrial.simulation.plan.calendar import calendar_of, course_h
from synaptrial.simulation.plan.fast import input_tables
from synaptrial.simulation.plan.slow import slow_signals
from synaptrial.simulation.run import lanes

NASAL = ORAL_AND_NASAL["doses"][1]
SESSIONS = ({"kind": "exposure", "days": (1.0, 16.0)},)
MIDAZOLAM_IM = {"drug": "midazolam", "route": "im", "amount_mg": 5.0, "days": (0.0,)}


def cohort(arm: Arm) -> Cohort:
    return build_cohort(load_models(arm.setting.population), arm.setting, 2, 2, 1)


def test_a_nasal_device_behind_the_horizon_is_left_out() -> None:
    """Three devices, five minutes apart, from four minutes before the end on."""
    late = NASAL | {"days": (6.0,), "at_h": 24.0 - 4 / 60}
    whole, cut = (
        plan_for(arm, cohort(arm))
        for arm in (
            made_arm(horizon, (7.0,), doses=(NASAL | {"days": (0.0,)}, late))
            for horizon in (8.0, 7.0)
        )
    )
    given = [plan.tables["ketamine|bolus|nose:nasal_first"] for plan in (whole, cut)]
    assert [table[:, 1].sum() for table in given] == pytest.approx([1 / 3, 1 / 3])
    next_ones = [plan.tables["ketamine|bolus|nose:nasal_next"] for plan in (whole, cut)]
    assert [table[:, 0].sum() for table in next_ones] == pytest.approx([2 / 3, 2 / 3])
    assert [table[:, 1].sum() for table in next_ones] == pytest.approx([2 / 3, 0.0])


@pytest.mark.parametrize("duration_h", [0.0, 1.0])
def test_an_input_off_the_mesh_is_refused(duration_h: float) -> None:
    breaks = np.array([0.0, 1.0, 2.0])

    def given(start_h: float) -> Input:
        return Input(0, "central", "all", start_h, duration_h)

    for start_h in (0.0, 1.0):
        input_tables("ketamine", [given(start_h)], breaks, (2, 1))
    for start_h in (0.5, 2.0):
        with pytest.raises(ValueError, match="no segment starts"):
            input_tables("ketamine", [given(start_h)], breaks, (2, 1))


@pytest.mark.parametrize("intervals", [15, 16])
def test_a_session_at_the_horizon_does_not_act_before_it(intervals: int) -> None:
    """On a mesh without padding the last interval is real."""
    arm = made_arm(16.0, (16.0,), sessions=SESSIONS)
    mesh = slow_mesh([24.0 * d for d in range(17) if intervals == 16 or d != 8], longest_h=np.inf)
    assert (len(mesh.edges_h) - 1, mesh.n_intervals) == (intervals, 16)
    held = slow_signals(calendar_of(arm.protocol, {}), arm.setting, mesh)["session_exposure"]
    assert np.flatnonzero(held).tolist() == [1]


def test_midazolam_by_another_route_is_never_left_out_in_silence() -> None:
    arm = made_arm(7.0, (7.0,), doses=(MIDAZOLAM_IM,))
    for use in (plan_for, mesh_errors, lambda a, c: lanes.prepare([a], c)):
        with pytest.raises(InputError, match="midazolam by route im"):
            use(arm, cohort(arm))


def test_the_slow_layer_alone_has_no_rules() -> None:
    arm = facade.load_arm("OKTOP2024_ORAL")
    with pytest.raises(ValueError, match="rules act at visits"):
        lanes.prepare([arm], cohort(arm))


def test_a_course_never_ends_before_what_is_declared() -> None:
    """Placebo pills may go on longer than infusions; a shorter course would be none."""
    dose = {
        "drug": "saline",
        "route": "iv",
        "amount_mg": 0.0,
        "infusion_min": 40,
        "days": (2.0, 9.0),
    }
    for days, end_h in ((1.0, 216.0), (None, 216.0), (20.0, 480.0)):
        protocol = made_arm(28.0, (28.0,), doses=(dose,), course_days=days).protocol
        assert course_h(protocol) == (48.0, end_h)
    assert course_h(made_arm(28.0, (28.0,)).protocol) == (0.0, 0.0)
