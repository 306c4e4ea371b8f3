"""The (restricted) likelihood of tau2, and its Q-profile interval.

Q-profile: Viechtbauer 2007 (doi 10.1002/sim.2514). Maximum and interval are of one data set.
"""

from __future__ import annotations

import numpy as np
from scipy import optimize, stats

from synaptrial.synthesis.arrays import Array
from synaptrial.synthesis.heterogeneity import Problem
from synaptrial.synthesis.weighted import cross

GRID = 60
BETTER = 1e-7  # of log-likelihood: less is rounding


def log_likelihood(problem: Problem, tau2: Array, *, restricted: bool) -> Array:
    """Log-likelihood of each data set at its tau2 (B,), the coefficients profiled out; shape (B,).

    The restricted one carries metafor's constant, + log|X'X| / 2.
    """
    fit = problem.fit(tau2)
    logs = np.sum(np.log(np.where(problem.keep > 0, fit.w, 1)), axis=1)
    half = 0.5 * (logs - fit.rss() - problem.k * np.log(2 * np.pi))
    if not restricted:
        return half
    gram = np.linalg.slogdet(cross(problem.keep, problem.x))[1]
    p = problem.x.shape[1]
    return half + 0.5 * (p * np.log(2 * np.pi) + gram - fit.log_det())


def global_maximum(problem: Problem, start: float, *, restricted: bool) -> float:
    """tau2 at the highest point of the likelihood: `start`, unless a grid finds a higher one."""

    def height(tau2: Array) -> Array:
        again = problem.rows(np.zeros(len(tau2), int))
        return log_likelihood(again, tau2, restricted=restricted)

    top = float(np.var(problem.y) + np.median(problem.v)) * 10
    grid = np.concatenate([[0.0], np.geomspace(top * 1e-8, top, GRID)])
    heights = height(grid)
    best = int(np.argmax(heights))
    if heights[best] <= height(np.array([start]))[0] + BETTER:
        return start
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, GRID)]
    found = optimize.minimize_scalar(
        lambda t: -height(np.array([t]))[0], bounds=(low, high), method="bounded",
        options={"xatol": 1e-12 * high},
    )  # fmt: skip
    return float(found.x) if -found.fun > heights[best] else float(grid[best])


def q_profile(problem: Problem, level: float) -> tuple[float, float]:
    """Interval of tau2: where the generalised Q lies within chi-square quantiles, k - P df.

    NaN where k = P. An end whose quantile Q does not reach even at tau2 = 0 is 0.
    """
    df = int(problem.df[0])
    if df <= 0:
        return float("nan"), float("nan")
    tail = (1 - level) / 2
    ends = [_root(problem, q) for q in (stats.chi2.isf(tail, df), stats.chi2.ppf(tail, df))]
    return ends[0], ends[1]


def _root(problem: Problem, quantile: float) -> float:
    def excess(tau2: float) -> float:
        return float(problem.fit(np.array([tau2])).rss()[0]) - quantile

    if excess(0.0) <= 0:
        return 0.0
    high = float(np.var(problem.y) + np.max(problem.v))
    while excess(high) > 0:
        high *= 4
    return float(optimize.brentq(excess, 0.0, high, xtol=1e-14 * high, rtol=1e-14, maxiter=500))
