"""Arterial and venous concentrations are types, and effects take the arterial one only."""

from __future__ import annotations

import jax
import pytest

from synaptrial.pharmacology.frames import (
    ArterialConcentration,
    VenousConcentration,
    arterial_ng_per_ml,
)


def test_venous_is_refused() -> None:
    assert arterial_ng_per_ml(ArterialConcentration(12.0)) == 12.0
    for wrong in (VenousConcentration(12.0), 12.0):
        with pytest.raises(TypeError, match="arterial concentration needed"):
            arterial_ng_per_ml(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("frame", [ArterialConcentration, VenousConcentration])
def test_the_frame_survives_compiled_code(
    frame: type[ArterialConcentration] | type[VenousConcentration],
) -> None:
    out = jax.jit(lambda c: jax.tree.map(lambda x: 2 * x, c))(frame(3.0))
    assert type(out) is frame and float(out.ng_per_ml) == 6.0
