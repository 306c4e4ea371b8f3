"""Three circuit states, 1 in untreated PTSD and 0 in health.

    dc/dt = ln2 / circuit_half_life (exp(-q_c) - c)
    q_c   = w_drug_c drug_effect pi + w_learning_c learning_effect v L + w_ssri_c ssri_effect U
    v     = veteran_ratio ^ veteran_share

amygdala: reactivity; prefrontal: deficit of control; default_mode: coupling that carries
rumination and flashbacks. The three drivers enter with different weights.
"""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp

from synaptrial.engine.cascade import Affine, Stage
from synaptrial.mechanism.common import Array, Values, veteran_factor

CIRCUITS = ("amygdala", "prefrontal", "default_mode")
DOCS = {
    "amygdala": "amygdala reactivity",
    "prefrontal": "prefrontal deficit",
    "default_mode": "default-mode coupling",
}
DRIVERS = {"drug": "plasticity", "learning": "learning", "ssri": "ssri"}


def _equation(circuit: str) -> Callable[[Values, Values], tuple[Array, Array]]:
    def equation(s: Values, p: Values) -> tuple[Array, Array]:
        effect = {driver: p[f"{driver}_effect"] for driver in DRIVERS}
        effect["learning"] = effect["learning"] * veteran_factor(p)
        q = sum(
            p[f"w_{driver}_{circuit}"] * effect[driver] * s[signal]
            for driver, signal in DRIVERS.items()
        )
        k = p["rate_circuit"]
        return k * jnp.exp(-q), k

    return equation


STAGES: tuple[Stage, ...] = tuple(
    Affine(
        circuit,
        tuple(DRIVERS.values()),
        (
            "rate_circuit",
            *(f"w_{d}_{circuit}" for d in DRIVERS),
            *(f"{d}_effect" for d in DRIVERS),
            "veteran_ratio",
            "veteran_share",
        ),
        _equation(circuit),
        lambda p: jnp.ones(()),
        unit="1 untreated, 0 health",
        doc=DOCS[circuit],
    )
    for circuit in CIRCUITS
)
