"""Tests and intervals of coefficients, and prediction intervals.

z       normal                         t       t with k - P degrees of freedom
knha    Hartung and Knapp 2001 (doi 10.1002/sim.791), Sidik and Jonkman 2002: variance times the
        weighted mean square s2, t with k - P
adhoc   as knha, with s2 never below 1
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from scipy import stats

from synaptrial.synthesis.arrays import Array

Test = Literal["z", "t", "knha", "adhoc"]
Prediction = Literal["k-1", "k-2", "normal"]
TESTS: tuple[Test, ...] = get_args(Test)
PREDICTIONS: tuple[Prediction, ...] = get_args(Prediction)


def variance_factor(test: Test, rss: Array, df: Array) -> Array:
    """What (X'WX)^-1 is multiplied by; rss and df of shape (B,)."""
    if test in ("z", "t"):
        return np.ones_like(rss)
    with np.errstate(divide="ignore", invalid="ignore"):
        s2 = np.where(df > 0, rss / df, np.nan)
    return np.maximum(s2, 1) if test == "adhoc" else s2


def quantile(df: float | None, level: float) -> float:
    """Two-sided critical value; df None: normal. NaN without degrees of freedom."""
    upper = (1 + level) / 2
    if df is None:
        return float(stats.norm.ppf(upper))
    return float(stats.t.ppf(upper, df)) if df > 0 else float("nan")


def two_sided_p(stat: Array, df: float | None) -> Array:
    """Two-sided p-value of a z (df None) or t statistic."""
    return np.asarray(
        2 * (stats.norm.sf(np.abs(stat)) if df is None else stats.t.sf(np.abs(stat), df))
    )


def prediction_df(convention: Prediction, df: int) -> float | None:
    """Degrees of freedom of a prediction interval; `df` is k - P, so k - 1 for a mean alone."""
    return {"normal": None, "k-1": df, "k-2": df - 1}[convention]
