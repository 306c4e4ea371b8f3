"""Arterial and venous concentrations are types, and effects take the arterial one only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import pytest

from synaptrial.pharmacology import acute, receptor
from synaptrial.pharmacology.frames import (
    ArterialConcentration,
    VenousConcentration,
    arterial_ng_per_ml,
)


def test_venous_is_refused() -> None:
    assert arterial_ng_per_ml(ArterialConcentration(12.0)) == 12.0
    for wrong in (VenousConcentration(12.0), 12.0):
        with pytest.raises(TypeError, match="arterial concentration needed"):
            arterial_ng_per_ml(wrong)


def test_every_effect_refuses_a_venous_concentration() -> None:
    par = {"fu_s": 0.5, "fu_r": 0.5, "fu_nk": 0.5, "ki_s": 1.0, "potency_nk": 0.0,
           "turnover_occupancy": 1.0, "dissociation_c50": 1.0,
           "dissociation_gamma": 1.0, "pressure_c50": 1.0, "pressure_gamma": 1.0}  # fmt: skip
    venous, arterial = VenousConcentration(12.0), ArterialConcentration(12.0)
    effects: tuple[Callable[[Any], Any], ...] = (
        lambda c: receptor.occupancy({"s": c}, par),
        lambda c: receptor.plasticity_drive({"s": c}, par),
        lambda c: acute.dissociation(acute.as_s(c, None, 0.3), par),
        lambda c: acute.dissociation(acute.as_s(arterial, c, 0.3), par),
        lambda c: acute.pressure(acute.as_s(arterial, c, 0.1), par),
    )
    for effect in effects:
        assert 0 < float(effect(arterial)) < 1
        with pytest.raises(TypeError, match="arterial concentration needed"):
            effect(venous)


@pytest.mark.parametrize("frame", [ArterialConcentration, VenousConcentration])
def test_the_frame_survives_compiled_code(
    frame: type[ArterialConcentration] | type[VenousConcentration],
) -> None:
    out = jax.jit(lambda c: jax.tree.map(lambda x: 2 * x, c))(frame(3.0))
    assert type(out) is frame and float(out.ng_per_ml) == 6.0
