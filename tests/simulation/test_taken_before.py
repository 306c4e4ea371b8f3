"""A daily drug that the patient takes already: nothing changes while it goes on, all of its effect
is lost when it stops, and both courses are those of SciPy (`test_reference.py`)."""

from __future__ import annotations

import numpy as np
import pytest
from tests.mechanism.modified import QUIET, difference, made, positive, simulated
from tests.support.prepared import prepared

from synaptrial.domain.arm import Arm
from synaptrial.domain.setting import Setting

SETTING = Setting(
    blinding="open", control="none", contact_hours_per_week=0, population="ssri_failed_ptsd"
)
DOSES = [("sertraline", 150.0), ("paroxetine", 20.0)]
DAY = 24.0


def taking(drug: str, mg: float, end_day: float, *steps: tuple[float, float]) -> Arm:
    stated = [{"day": d, "mg_per_day": x} for d, x in ((0.0, mg), *steps)]
    daily = [{"drug": drug, "steps": stated, "end_day": end_day, "taken_before": True}]
    return made(SETTING, "drug", 84, daily=daily)


@pytest.mark.parametrize(("drug", "mg"), DOSES)
def test_a_drug_that_goes_on_changes_nothing(drug: str, mg: float) -> None:
    (r,) = simulated([taking(drug, mg, 84)], patients=8, draws=16, **QUIET)
    for name in ("caps5_total", "mood", "ssri", "amygdala", "prefrontal", "default_mode"):
        assert (r.courses[name] == r.courses[name][0]).all(), name
        mean = r.moments[name].mean()
        assert (mean == mean[:, :1]).all(), name
    assert r.courses["ssri"].min() > 0.1  # and it is taken


def test_nor_in_double_precision() -> None:
    arm = prepared(taking("sertraline", 150.0, 84.0))
    off = {k: np.zeros_like(arm.par[k]) for k in QUIET}
    for name in ("caps5_total", "mood", "ssri", "amygdala"):
        course = arm.courses(par=arm.par | off)[name]
        np.testing.assert_allclose(course, np.broadcast_to(course[0], course.shape), rtol=1e-12)


@pytest.mark.parametrize(("drug", "mg"), DOSES)
def test_stopping_worsens_by_what_the_drug_did(drug: str, mg: float) -> None:
    """After weeks; less with a taper than at once until that is over."""
    effect = f"ssri_effect_{drug}"
    arms = [taking(drug, mg, 84), taking(drug, mg, 14), taking(drug, mg, 28, (14.0, mg / 2))]
    on, off, taper = simulated(arms, patients=8, draws=16, **{effect: positive(effect)}, **QUIET)
    for name in ("caps5_total", "mood"):
        lost = difference(off, on, [14 * DAY, 28 * DAY, 84 * DAY], name)
        assert (lost[:, 0] == 0).all()
        assert 0 < lost[:, 1].mean() < lost[:, 2].mean()
        assert difference(taper, on, [28 * DAY], name).mean() < lost[:, 1].mean()
    assert (difference(off, on, [84 * DAY]) > 0).all()


def test_without_taking_it_before_the_same_tablets_bring_relief() -> None:
    """Shows that the first test can fail."""
    table = {"drug": "sertraline", "steps": [{"day": 0, "mg_per_day": 150}], "end_day": 84}
    new, going_on = simulated(
        [made(SETTING, "drug", 84, daily=[table]), taking("sertraline", 150.0, 84)],
        patients=8, draws=16, ssri_effect_sertraline=positive("ssri_effect_sertraline"), **QUIET,
    )  # fmt: skip
    assert (difference(new, going_on, [84 * DAY]) < 0).all()
