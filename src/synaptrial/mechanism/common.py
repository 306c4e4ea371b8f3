"""Small pieces shared by the stages of the mechanism. Time in hours."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

Array = jax.Array
Values = Mapping[str, Any]  # of arrays, of NumPy or JAX

LN2 = 0.6931471805599453
HOURS_PER_WEEK = 168.0
NO_TOP = math.inf


def derived(parameters: Values) -> dict[str, Array]:
    """The parameters, with what stages use of them computed once: a rate constant ``rate_x`` in
    1/h for each ``x_half_life`` in h, and ``logit_k`` for each baseline ``base_k``.
    """
    out = dict(parameters)
    for name, value in parameters.items():
        if name.endswith("_half_life"):
            out["rate_" + name.removesuffix("_half_life")] = LN2 / value
        if name.startswith("base_"):
            out["logit_" + name.removeprefix("base_")] = logit(value)
    return out


def veteran_factor(parameters: Values) -> Array:
    """What is left of the effect of sessions, hope and late change where veterans are."""
    return parameters["veteran_ratio"] ** parameters["veteran_share"]


def zero(parameters: Values) -> Array:
    """Initial value 0 for every patient."""
    return jnp.zeros(())


def logit(p: Array) -> Array:
    return jnp.log(p) - jnp.log1p(-p)
