"""Tolerance: what repeated ketamine doses take from an effect. It saturates, and fades with time.

    at a dose:   T += (1 - T) tolerance_per_dose g,  g = min(1, what is given / 0.5 mg/kg)
    between:     dT/dt = -ln2 / tolerance_half_life T
    an effect d of the dose becomes d',  logit d' = logit d - depth T

T lies within 0 to 1 whatever the schedule, and d' within 0 to 1 whatever the depth: a shift in
log-odds is a shift of the concentration that is needed. g ignores the route: of a dose by mouth
less reaches plasma. Depths: drive_tolerance is signed (a negative one is sensitisation),
dissociation_tolerance is not.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from synaptrial.mechanism.common import Array, Values

WHOLE_MG_PER_KG = 0.5  # the dose whose repetition the parameters describe
PARAMETERS = ("tolerance_per_dose", "rate_tolerance")
MOST_SHIFT = 50.0  # keeps 0 at 0 and 1 at 1, whatever the depth


def before_doses(gap_h: Array, given: Array, p: Values) -> Array:
    """T as each dose meets it, (E, ...).

    gap_h: (E, ...) hours since the dose before, 0 for the first; given: (E, ...) g of each dose.
    A dose that is not given leaves T as the last given one met it, for that one
    still acts.
    """

    def dose(
        now: tuple[Array, Array], event: tuple[Array, Array]
    ) -> tuple[tuple[Array, Array], Array]:
        after_last, met = now
        gap, share = event
        meets = after_last * jnp.exp(-gap * p["rate_tolerance"])
        met = jnp.where(share > 0, meets, met)
        return (meets + (1 - meets) * p["tolerance_per_dose"] * share, met), met

    shape = jnp.broadcast_shapes(
        gap_h.shape[1:], given.shape[1:], *(jnp.shape(p[k]) for k in PARAMETERS)
    )
    gap_h, given = (jnp.broadcast_to(x, (x.shape[0], *shape)) for x in (gap_h, given))
    none = jnp.zeros(shape)
    return jax.lax.scan(dose, (none, none), (gap_h, given))[1]


def shifted(effect: Array, shift: Array) -> Array:
    """An effect, 0 to 1, at log-odds lower by `shift`; 0 stays 0 and 1 stays 1."""
    return effect / (effect + (1 - effect) * jnp.exp(jnp.clip(shift, -MOST_SHIFT, MOST_SHIFT)))
