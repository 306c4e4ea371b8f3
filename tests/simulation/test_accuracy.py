"""The engine reports its own error by halving the mesh."""

from __future__ import annotations

from synaptrial import facade
from synaptrial.simulation.accuracy import mesh_error
from synaptrial.simulation.arm import build_cohort


def test_a_coarser_mesh_has_a_larger_error() -> None:
    arm = facade.load_arm("FEDER2014_KET")
    cohort = build_cohort(facade.load_models(arm.setting.population), arm.setting, 4, 2, 1)
    usual = mesh_error(arm, cohort)
    assert 0 < usual < 0.02
    assert mesh_error(arm, cohort, slow_offsets_h=(2.0, 24.0)) > 3 * usual
