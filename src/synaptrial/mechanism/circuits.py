"""Three circuit states, 1 in untreated PTSD and 0 in health.

    dc/dt = ln2 / circuit_half_life (h(q_c) - c)
    h(q)  = exp(-q) for q >= 0, 2 - exp(q) below: harm mirrors benefit, so that 0 < c < 2
    q_c   = w_drug_c drug_effect pi + w_learning_c learning_effect v L
            + w_ssri_c ssri_effect (U - U_0)
    v     = veteran_ratio ^ veteran_share

amygdala: reactivity; prefrontal: deficit of control; default_mode: coupling that carries
rumination and flashbacks. The three drivers enter with different weights. U_0: SSRI state at the
start; who takes the drug already has its effect in the baseline, and loses it by stopping.
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


def deviation(q: Array) -> Array:
    """h(q), with slope -1 at 0 on both sides."""
    return 1 + jnp.exp(-jnp.maximum(q, 0)) - jnp.exp(jnp.minimum(q, 0))


def _equation(circuit: str) -> Callable[[Values, Values], tuple[Array, Array]]:
    def equation(s: Values, p: Values) -> tuple[Array, Array]:
        effect = {driver: p[f"{driver}_effect"] for driver in DRIVERS}
        effect["learning"] = effect["learning"] * veteran_factor(p)
        state = {driver: s[signal] for driver, signal in DRIVERS.items()}
        state["ssri"] = state["ssri"] - p["ssri_start"]
        q = sum(p[f"w_{d}_{circuit}"] * effect[d] * x for d, x in state.items())
        k = p["rate_circuit"]
        return k * deviation(jnp.asarray(q)), k

    return equation


STAGES: tuple[Stage, ...] = tuple(
    Affine(
        circuit,
        tuple(DRIVERS.values()),
        (
            "rate_circuit",
            *(f"w_{d}_{circuit}" for d in DRIVERS),
            *(f"{d}_effect" for d in DRIVERS),
            "ssri_start",
            "veteran_ratio",
            "veteran_share",
        ),
        _equation(circuit),
        lambda p: jnp.ones(()),
        unit="1 untreated, 0 health",
        bounds=(0.0, 2.0),
        doc=DOCS[circuit],
    )
    for circuit in CIRCUITS
)
