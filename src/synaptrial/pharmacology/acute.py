"""What is felt and measured within hours of a dose: dissociation, pressure, pulse, sedation."""

from __future__ import annotations

from collections.abc import Mapping

import jax
import jax.numpy as jnp

from synaptrial.pharmacology.frames import ArterialConcentration, arterial_ng_per_ml

Array = jax.Array
Values = Mapping[str, Array]


def hill(x: Array, c50: Array, gamma: Array) -> Array:
    """x**gamma / (c50**gamma + x**gamma), with a finite gradient at x = 0."""
    positive = jnp.maximum(x, 1e-9 * c50)
    ratio = jnp.exp(gamma * (jnp.log(positive) - jnp.log(c50)))
    return jnp.where(x > 0, ratio / (1 + ratio), 0.0)


def as_s(
    s: ArterialConcentration, r: ArterialConcentration | None, weight: Array
) -> ArterialConcentration:
    """Effect-site S, with R by its weight: the level of S that acts alike."""
    if r is None:
        return s
    return ArterialConcentration(arterial_ng_per_ml(s) + weight * arterial_ng_per_ml(r))


def dissociation(site: ArterialConcentration, par: Values) -> Array:
    """Share of the maximal effect, from the effect site `as_s`."""
    x = arterial_ng_per_ml(site)
    return hill(x, par["dissociation_c50"], par["dissociation_gamma"])


def pressure(site: ArterialConcentration, par: Values) -> Array:
    """Share of the maximal rise of pressure and pulse, from the effect site `as_s`."""
    return hill(arterial_ng_per_ml(site), par["pressure_c50"], par["pressure_gamma"])


def sedation(midazolam_ng_per_ml: Array, par: Values) -> Array:
    """Share of full sedation, from midazolam at its effect site."""
    return hill(midazolam_ng_per_ml, par["sedation_c50"], par["sedation_gamma"])
