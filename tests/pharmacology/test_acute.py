"""Acute effects of the two enantiomers: R counts by its weight, for each effect its own."""

from __future__ import annotations

import numpy as np
import pytest
from tests.support.prepared import made_arm, prepared

from synaptrial.pharmacology import acute
from synaptrial.pharmacology.frames import ArterialConcentration

IV = {
    "drug": "ketamine", "route": "iv", "amount_mg_per_kg": 0.5, "infusion_min": 40.0,
    "days": (0.0,),
}  # fmt: skip


def test_r_alone_acts_as_s_at_its_weight() -> None:
    par = {"pressure_c50": 100.0, "pressure_gamma": 2.0}
    s, r = ArterialConcentration(0.0), ArterialConcentration(500.0)
    assert float(acute.pressure(acute.as_s(s, r, 0.1), par)) == pytest.approx(0.2)
    assert float(acute.pressure(acute.as_s(s, r, 0.0), par)) == 0.0
    both = acute.as_s(ArterialConcentration(50.0), r, 0.1)
    assert float(acute.pressure(both, par)) == pytest.approx(0.5)


@pytest.mark.parametrize("enantiomer", ["s", "r", "racemic"])
def test_pressure_of_an_arm_follows_the_weight_of_r(enantiomer: str) -> None:
    """R-ketamine raised pressure by 0 mmHg at any dose; S-ketamine knows no weight of R."""
    arm = prepared(made_arm(2.0, (2.0,), doses=(IV | {"enantiomer": enantiomer},)))
    peak = {}
    for weight in (0.0, 0.1, 1.0):
        par = arm.par | {"pressure_r_weight": np.full_like(arm.par["pressure_r_weight"], weight)}
        _, signals, _ = arm.run(par=par)
        peak[weight] = np.asarray(signals["pressure"]).max(axis=0)
    if enantiomer == "s":
        assert (peak[0.0] == peak[1.0]).all()
    else:
        assert (peak[0.0] < peak[0.1]).all() and (peak[0.1] < peak[1.0]).all()
    assert (peak[0.0].max() == 0.0) == (enantiomer == "r")
