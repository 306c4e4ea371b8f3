"""What a clinic records in the hours around a dose: personal maxima of vital signs and CADSS."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from synaptrial.domain.scales import SCALES
from synaptrial.simulation.observation.scores import Values, recorded

Array = jax.Array | np.ndarray

VITALS = ("sbp", "dbp", "hr")
NOISE_PER_VITAL = 13  # at least one for each reading
NOISE_OF_CADSS = NOISE_PER_VITAL * len(VITALS)


def personal_maxima(
    time_h: Array,
    pressure: Array | None,
    par: Values,
    noise: Array,
    vitals_h: Array,
) -> dict[str, Array]:
    """Largest rise over the reading before the dose, per person, (P,), as a clinic records it.

    pressure: (n_acute, P) share of the maximal rise, None without ketamine; noise: (P, 40)
    standard normals; vitals_h: times of the readings, the first one before the dose. The maximum
    of noisy readings is above zero under placebo too, and it grows with the number of readings:
    compare maxima of as many readings only.
    """
    n = noise.shape[0]
    rise: Array = jnp.zeros((len(vitals_h), n))
    if pressure is not None:
        rise = _interpolate(time_h, pressure, vitals_h)
    out = {}
    for i, vital in enumerate(VITALS):
        first = i * NOISE_PER_VITAL
        e = par[f"{vital}_noise_sd"] * noise[:, first : first + len(vitals_h)].T
        reading = par[f"{vital}_max"] * rise + e
        out[f"{vital}_rise"] = reading[1:].max(axis=0) - reading[0]
    return out


def cadss_peak(dissociation: Array | None, par: Values, noise: Array) -> Array:
    """Largest CADSS total of the session as a rater records it, whole points, (P,).

    dissociation: (n_acute, P) share of the largest effect of the drug, None without it; noise as
    in `personal_maxima`. To the drug's part comes what a person scores without any drug, which is
    0 in half of all people; it stays the same over the session, so it adds no maximum of noise.
    """
    own = jnp.maximum(par["cadss_undrugged_sd"] * noise[:, NOISE_OF_CADSS], 0.0)
    by_drug = 0.0 if dissociation is None else par["cadss_max"] * dissociation.max(axis=0)
    return recorded(by_drug + own, SCALES["CADSS"].maximum)


def _interpolate(time_h: Array, values: Array, at_h: Array) -> Array:
    """Linear interpolation along the first axis, (len(at_h), P)."""
    j = jnp.clip(jnp.searchsorted(time_h, at_h, side="right") - 1, 0, len(time_h) - 2)
    gap = jnp.maximum(time_h[j + 1] - time_h[j], 1e-12)  # padding repeats the last time
    w = jnp.clip((at_h - time_h[j]) / gap, 0, 1)[:, None]
    return (1 - w) * values[j] + w * values[j + 1]
