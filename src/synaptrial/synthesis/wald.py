"""Wald tests and intervals; infinite degrees of freedom mean the normal distribution."""

from __future__ import annotations

import numpy as np
from scipy.stats import chi2, f, t

from synaptrial.synthesis.arrays import Array


def intervals(centre: Array, se: Array, df: Array, level: float = 0.95) -> tuple[Array, Array]:
    """Lower and upper limits."""
    reach = t.ppf(0.5 + level / 2, df) * se
    return centre - reach, centre + reach


def p_values(stat: Array, df: Array) -> Array:
    """Two-sided p values."""
    return np.asarray(2 * t.sf(np.abs(stat), df))


def omnibus(beta: Array, vb: Array, df: Array) -> tuple[float, tuple[float, float], float]:
    """Statistic, degrees of freedom and p that all coefficients but the first are 0 (the first,
    where it stands alone): chi-squared, or F with the least of the coefficients' df."""
    some = slice(1, None) if beta.size > 1 else slice(None)
    return all_zero(beta[some], vb[some, some], df[some])


def all_zero(beta: Array, vb: Array, df: Array) -> tuple[float, tuple[float, float], float]:
    """Statistic, degrees of freedom and p that all of beta are 0."""
    m, rest = beta.size, float(np.min(df))
    q = float(beta @ np.linalg.solve(vb, beta))
    if np.isinf(rest):
        return q, (m, np.inf), float(chi2.sf(q, m))
    return q / m, (m, rest), float(f.sf(q / m, m, rest))
