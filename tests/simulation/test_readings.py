"""Where an arm's fast signals are read: the windows after a dose follow the length of its input."""

from __future__ import annotations

import numpy as np
import pytest
from tests.support.prepared import made_arm, prepared

from synaptrial.domain.dose import DoseEvent, Flat
from synaptrial.engine.mesh import fast_mesh
from synaptrial.facade import load_models
from synaptrial.pharmacology.dosing import compiled
from synaptrial.simulation.cohort.build import build_cohort
from synaptrial.simulation.plan.readings import acute_nodes, readings, vitals_h
from synaptrial.simulation.run.arm import simulate_arm
from synaptrial.simulation.summary.acute import acute

DOSE = {"drug": "ketamine", "enantiomer": "racemic", "route": "iv", "days": (0.0,)}
LIEBE_MIN = [0, 5, 10, 15, 20, 25, 30, 35, 40, 60, 120]


def event(time_h: float, hours: float, route: str = "iv", *, as_needed: bool = False) -> DoseEvent:
    return DoseEvent(
        time_h=time_h, drug="ketamine", enantiomer="racemic", route=route, amount=Flat(40.0),
        duration_h=hours, devices=1, slot=0, as_needed=as_needed,
    )  # fmt: skip


@pytest.mark.parametrize("events", [(), (event(0.0, 0.0, "im"),), (event(5.0, 40 / 60),)])
def test_readings_are_those_of_liebe_up_to_40_minutes(events: tuple[DoseEvent, ...]) -> None:
    assert vitals_h(events) * 60 == pytest.approx(LIEBE_MIN)


def test_readings_spread_over_a_long_infusion() -> None:
    found = vitals_h((event(0.0, 72.0),)) * 60
    assert len(found) == len(LIEBE_MIN)
    assert found[8:] == pytest.approx([4320, 4340, 4400])
    assert np.diff(found[:9]) == pytest.approx([540] * 8)


@pytest.mark.parametrize(
    ("events", "end_h"),
    [
        ((event(0.0, 0.0, "im"),), 24.0),
        ((event(0.0, 40 / 60),), 24.0),
        ((event(0.0, 72.0),), 96.0),
        ((event(0.0, 40 / 60), event(6.0, 0.0)), 6.0),
        ((event(0.0, 40 / 60), event(6.0, 0.0, as_needed=True)), 24.0),
        ((event(0.0, 24.0), event(24.0, 24.0)), 24.0),
    ],
)
def test_the_acute_window_ends_a_day_after_the_input_or_at_the_next_dose(
    events: tuple[DoseEvent, ...], end_h: float
) -> None:
    breaks = sorted({t for e in events for t in (e.time_h, e.time_h + e.duration_h)} | {340.0})
    mesh = fast_mesh(breaks, 5)
    nodes = acute_nodes(mesh.node_h, events)
    times = mesh.node_h[nodes]
    assert times[0] == 0.0 and (np.diff(times) > 0).all()
    assert end_h - 6.0 < times[-1] <= end_h + 1e-6
    if len(events) > 1 and not events[1].as_needed:
        assert times[-1] == pytest.approx(end_h)
        assert nodes[-1] == np.flatnonzero(np.isclose(mesh.node_h, end_h))[0], "before its bolus"


def test_what_is_felt_of_a_long_infusion_is_read_to_its_end() -> None:
    (e,) = events = (event(0.0, 30.0),)
    mesh = fast_mesh([0.0, 30.0, 270.0], 5)
    read = readings(mesh, compiled(events, {}, np.inf))
    at = (mesh.node_h[read.felt_nodes[0]] * read.felt_weights[0]).sum(axis=1)
    assert at[[0, -1]] == pytest.approx([30.0 * 5 / 120, e.duration_h])


def test_peaks_of_an_infusion_of_three_days_come_at_its_end() -> None:
    """The steady level is 1500 mg over 72 h over CL: the site has it at the end, not at 24 h."""
    arm = prepared(
        made_arm(7.0, (7.0,), doses=(DOSE | {"amount_mg": 1500.0, "infusion_min": 4320.0},))
    )
    _, signals, _ = arm.run()
    hours = arm.plan.acute_h
    level = np.asarray(signals["conc_s"])[: len(hours)]
    size = (arm.par["weight_kg"] / 70) ** arm.par["clearance_exponent"]
    assert level.max(axis=0) == pytest.approx(750e3 / 72 / (arm.par["CL_S"] * size), rel=0.02)
    end = hours[level.argmax(axis=0)]
    assert (end > 24).all() and end.max() == pytest.approx(72.0)
    pressure = np.asarray(signals["pressure"])[: len(hours)]
    assert pressure[hours <= 72.0].max(axis=0) == pytest.approx(pressure.max(axis=0))


def test_a_mean_of_personal_maxima_is_not_below_the_maximum_of_the_mean() -> None:
    """A second dose six hours later belongs to neither; an infusion of a day to both."""
    twice = tuple(
        DOSE | {"amount_mg": mg, "infusion_min": 40.0, "at_h": at}
        for mg, at in ((20.0, 0.0), (80.0, 6.0))
    )
    long = (DOSE | {"amount_mg": 400.0, "infusion_min": 1440.0},)
    for doses in (twice, long):
        arm = made_arm(7.0, (7.0,), doses=doses)
        cohort = build_cohort(load_models(arm.setting.population), arm.setting, 8, 8, 1)
        found = acute(simulate_arm(arm, cohort))
        for name in ("sbp_change_mmhg", "dbp_change_mmhg", "hr_change_bpm"):
            x = found[name]
            assert 0 < x["mean_curve_max"] <= x["mean_of_personal_maxima"], name
        if doses is twice:
            assert found["cadss_peak"]["mean_curve_time_min"] < 60
