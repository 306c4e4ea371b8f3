"""Tests and intervals of coefficients, and prediction intervals.

Infinite degrees of freedom mean the normal distribution.

z       normal                         t       t with k - P degrees of freedom
knha    Hartung and Knapp 2001 (doi 10.1002/sim.791), Sidik and Jonkman 2002: variance times the
        weighted mean square s2, t with k - P
adhoc   as knha, with s2 never below 1
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from scipy import stats

from synaptrial.synthesis.arrays import Array

Test = Literal["z", "t", "knha", "adhoc"]
Prediction = Literal["k-1", "k-2", "normal"]
TESTS: tuple[Test, ...] = get_args(Test)
PREDICTIONS: tuple[Prediction, ...] = get_args(Prediction)


def default_test(method: str) -> Test:
    """Hartung and Knapp's, made for random effects; normal for a common effect."""
    return "z" if method == "EE" else "knha"


@dataclass(frozen=True)
class Predicted:
    """A fitted mean with its confidence and prediction interval; arrays of length R."""

    fit: Array
    se: Array
    ci_low: Array
    ci_high: Array
    pi_low: Array
    pi_high: Array


def variance_factor(test: Test, rss: Array, df: Array) -> Array:
    """What (X'WX)^-1 is multiplied by; rss and df of shape (B,)."""
    if test in ("z", "t"):
        return np.ones_like(rss)
    with np.errstate(divide="ignore", invalid="ignore"):
        s2 = np.where(df > 0, rss / df, np.nan)
    return np.maximum(s2, 1) if test == "adhoc" else s2


def quantile(df: float, level: float) -> float:
    """Two-sided critical value of t, of the normal for infinite df; NaN without df."""
    return float(stats.t.isf((1 - level) / 2, df)) if df > 0 else float("nan")


def prediction_df(convention: Prediction, df: int) -> float:
    """Degrees of freedom of a prediction interval; `df` is k - P, so k - 1 for a mean alone."""
    return {"normal": np.inf, "k-1": df, "k-2": df - 1}[convention]


def intervals(centre: Array, se: Array, df: Array, level: float = 0.95) -> tuple[Array, Array]:
    """Lower and upper limits."""
    reach = stats.t.isf((1 - level) / 2, df) * se
    return centre - reach, centre + reach


def p_values(stat: Array, df: Array | float) -> Array:
    """Two-sided p values."""
    return np.asarray(2 * stats.t.sf(np.abs(stat), df))


def q_p_value(q: float, df: int) -> float:
    """p of Cochran's Q, chi-squared; 1 without degrees of freedom."""
    return float(stats.chi2.sf(q, df)) if df > 0 else 1.0


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
        return q, (m, np.inf), float(stats.chi2.sf(q, m))
    return q / m, (m, rest), float(stats.f.sf(q / m, m, rest))
