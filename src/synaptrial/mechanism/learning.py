"""Extinction learning: each session adds, calendar time does not; it fades slowly.

    at a session:  L += (1 - L) (1 - exp(-eta m))
    between:       dL/dt = -ln2 / learning_half_life L

eta: learning of one session by kind (exposure, reactivation, supportive). m modulates it:
m = exp(learn_plasticity_modulation pi + near_dose_modulation K + near_midazolam_modulation B),
with K, B = 1 if the session stands within 4 h after a ketamine or midazolam dose (at its time
included), the share given where a dose was reduced. A dose after a session does not reach back: a
session then learns as without it, and whether a drug given afterwards changes how the memory is
stored anew (as DUEK2023 intends by reactivation before the infusion) is not modelled. The
modulation by plasticity is signed: evidence does not say whether ketamine helps or hinders
learning.
"""

from __future__ import annotations

import jax.numpy as jnp

from synaptrial.engine.cascade import Affine, Stage
from synaptrial.mechanism.common import Array, Values, zero

NEAR_DOSE_H = 4.0
KINDS = ("exposure", "reactivation", "supportive")


def _session(learned: Array, s: Values, p: Values) -> Array:
    eta = sum(s[f"session_{k}"] * p[f"learn_{k}"] for k in KINDS)
    modulation = jnp.exp(
        p["learn_plasticity_modulation"] * s["plasticity"]
        + p["near_dose_modulation"] * s["near_ketamine"]
        + p["near_midazolam_modulation"] * s["near_midazolam"]
    )
    return learned - (1 - learned) * jnp.expm1(-eta * modulation)


STAGES: tuple[Stage, ...] = (
    Affine(
        "learning",
        ("plasticity",),
        (
            "rate_learning",
            "learn_plasticity_modulation",
            "near_dose_modulation",
            "near_midazolam_modulation",
            *(f"learn_{k}" for k in KINDS),
        ),
        lambda s, p: (jnp.zeros(()), p["rate_learning"]),
        zero,
        impulse=_session,
        impulse_inputs=(
            "plasticity",
            "near_ketamine",
            "near_midazolam",
            *(f"session_{k}" for k in KINDS),
        ),
        unit="share",
        bounds=(0.0, 1.0),
        doc="extinction learning",
    ),
)
