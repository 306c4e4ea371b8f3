"""The small-sample correction of standardised effects."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

from synaptrial.synthesis.effects.size import Array

EXACT = "J exact by the gamma function (Hedges 1981)"

MANY = 1e5  # above it the approximation is exact to 1e-11, and the gamma functions lose digits


def hedges_j(df: Array | float) -> Array:
    """Exact J(df), gamma(df/2) / (sqrt(df/2) gamma((df - 1)/2)); df > 1 (Hedges 1981)."""
    m = np.asarray(df, dtype=float)
    few = np.minimum(m, MANY)
    exact = np.exp(gammaln(few / 2) - np.log(few / 2) / 2 - gammaln((few - 1) / 2))
    return np.where(m > MANY, hedges_j_approximate(m), exact)


def hedges_j_approximate(df: Array | float) -> Array:
    """1 - 3 / (4 df - 1), as many papers use it (Hedges 1981)."""
    return 1 - 3 / (4 * np.asarray(df, dtype=float) - 1)
