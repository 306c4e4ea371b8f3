"""Arterial and venous plasma: two types that no stage may mix.

For one dose, peaks in arterial and forearm venous plasma differ up to two-fold. Receptor,
dissociation and pressure stages take an `ArterialConcentration`; venous-fitted models yield a
`VenousConcentration`, which serves comparison with venous data only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax


@dataclass(frozen=True)
class ArterialConcentration:
    """Total drug in arterial plasma, ng/mL, any shape."""

    ng_per_ml: Any


@dataclass(frozen=True)
class VenousConcentration:
    """Total drug in forearm venous plasma, ng/mL, any shape."""

    ng_per_ml: Any


Concentration = ArterialConcentration | VenousConcentration

for _frame in (ArterialConcentration, VenousConcentration):
    jax.tree_util.register_dataclass(_frame, ["ng_per_ml"], [])


def arterial_ng_per_ml(concentration: ArterialConcentration) -> Any:
    """The numbers of an arterial concentration; raises TypeError for anything else.

    The types already say so to a checker; this guards stages that are put together at run time.
    """
    if not isinstance(concentration, ArterialConcentration):
        raise TypeError(
            f"arterial concentration needed, got {type(concentration).__name__}: "
            "venous-fitted models cannot drive an effect"
        )
    return concentration.ng_per_ml
