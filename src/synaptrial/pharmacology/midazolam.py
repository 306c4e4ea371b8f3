"""Midazolam by vein: three compartments and an effect site, Albrecht 1999 (no weight effect)."""

from __future__ import annotations

from collections.abc import Mapping

import jax

from synaptrial.engine.linear import LinearSystem

Array = jax.Array


def system(par: Mapping[str, Array]) -> LinearSystem:
    """Linear block; amounts in mg, `effect` in ng/mL. Rates of the set are per h."""
    block = LinearSystem(("central", "p1", "p2", "effect"), ("central",))
    block.lose("central", par["CL"] / par["V1"])
    block.flow("central", "p1", par["k12"])
    block.flow("p1", "central", par["k21"])
    block.flow("central", "p2", par["k13"])
    block.flow("p2", "central", par["k31"])
    block.follow("effect", "central", par["sedation_ke0"], 1000.0 / par["V1"])
    return block
