"""The most likely variance components, and intervals from their profile likelihood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import chi2

from synaptrial.synthesis.arrays import Array
from synaptrial.synthesis.components import Components, Fit, Slope

Mask = NDArray[np.bool_]

STEPS = 200
ENOUGH = 1e-17  # promised gain in log-likelihood below which the search ends
CLOSE = 1e-9  # promised gain up to which a search that can climb no further has converged
STARTS = 3  # best points of the grid from which the search climbs
FARTHEST = 1e9  # an upper limit beyond this many times the largest variance is infinite


@dataclass(frozen=True)
class Maximum:
    """theta (q,), its fit, and whether the search ended at a maximum."""

    theta: Array
    fit: Fit
    converged: bool


def maximise(problem: Components, free: Mask) -> Maximum:
    """Highest likelihood over theta >= 0, climbed to from the best points of a grid.

    free (q,): which components are estimated; the others stay 0.
    """
    starts = [np.where(free, point, 0.0) for point in _grid(problem, int(np.sum(free)), free)]
    ranked = sorted(starts, key=lambda theta: -problem.fit(theta).loglik)
    peaks = [climb(problem, theta, free) for theta in ranked[:STARTS]]
    return max(peaks, key=lambda peak: peak.fit.loglik)


def _grid(problem: Components, n_free: int, free: Mask) -> list[Array]:
    """Zero and variances from well below sampling error to beyond the residual variance."""
    sampling, residual = problem.scales
    low = 0.01 * sampling
    levels = [0.0, *np.geomspace(low, max(4 * residual, 10 * low), 8)]
    points = []
    for values in product(levels, repeat=n_free):
        point = np.zeros(problem.q)
        point[free] = values
        points.append(point)
    return points


def climb(problem: Components, theta: Array, free: Mask) -> Maximum:
    """Newton's method with Fisher scoring where the surface is not concave; a step never descends.

    Components with free False keep their value in theta. A start at which the covariance is
    singular stays where it is.
    """
    fit = problem.fit(theta)
    if not fit.w:
        return Maximum(theta, fit, False)
    gain = 0.0
    for _ in range(STEPS):
        slope = problem.slope(fit)
        moving = free & ((theta > 0) | (slope.score > 0))
        if not moving.any():
            return Maximum(theta, fit, True)
        step, gain = _step(slope, moving)
        if gain < ENOUGH:
            return Maximum(theta, fit, True)
        better = _along(problem, theta, step, fit, slack=CLOSE if gain < CLOSE else 0.0)
        if better is None:
            break
        theta, fit = better
    return Maximum(theta, fit, bool(gain < CLOSE))


def _step(slope: Slope, moving: Mask) -> tuple[Array, float]:
    """The step (q,) and the gain in log-likelihood that it promises."""
    pick = np.ix_(moving, moving)
    score = slope.score[moving]
    information = slope.observed[pick]
    if np.linalg.eigvalsh(information)[0] <= 0:
        information = slope.expected[pick]
    step = np.zeros(moving.size)
    step[moving] = np.linalg.lstsq(information, score, rcond=None)[0]
    return step, float(0.5 * score @ step[moving])


def _along(
    problem: Components, theta: Array, step: Array, fit: Fit, slack: float
) -> tuple[Array, Fit] | None:
    """The first of the step, its half, its quarter... that climbs; None if none does.

    Near the top a climb is smaller than the rounding of the log-likelihood: slack allows for that.
    """
    for halving in range(40):
        there = np.maximum(theta + step / 2**halving, 0.0)
        reached = problem.fit(there)
        if reached.loglik > fit.loglik - slack:
            return there, reached
    return None


def profile_interval(
    problem: Components, peak: Maximum, free: Mask, which: int, level: float = 0.95
) -> tuple[float, float]:
    """Profile-likelihood interval of one component: where twice the fall in log-likelihood,
    maximised over the other components, reaches the chi-squared quantile.

    The lower limit is 0 where the fall at 0 is smaller; the upper one is infinite where there is
    none within FARTHEST.
    """
    others = free & (np.arange(problem.q) != which)
    estimate = float(peak.theta[which])
    fall = _fall(problem, peak, others, which, float(chi2.ppf(level, 1)) / 2)
    unit = max(*problem.scales, estimate)
    below = 0.0
    if np.isinf(fall(0.0)):  # a singular covariance at 0
        below = estimate / 2
        while fall(below) < 0:
            below /= 2
    low = below
    if 0 < fall(below) < np.inf:
        low = float(brentq(fall, below, estimate, xtol=1e-14 * unit, rtol=1e-9))
    far = max(2 * estimate, unit)
    while fall(far) < 0:
        far *= 4
        if far > FARTHEST * unit:
            return low, np.inf
    return low, float(brentq(fall, estimate, far, xtol=1e-14 * unit, rtol=1e-9))


def _fall(
    problem: Components, peak: Maximum, others: Mask, which: int, allowed: float
) -> Callable[[float], float]:
    """How far the profile likelihood at a value has fallen, less what the interval allows."""

    last = peak.theta.copy()

    def fall(value: float) -> float:
        if value == peak.theta[which]:
            return -allowed
        found = []
        for start in (last, peak.theta):  # the value before lies near; the profile may have hills
            at = start.copy()
            at[which] = value
            found.append(climb(problem, at, others))
        there = max(found, key=lambda one: one.fit.loglik)
        last[:] = there.theta
        return peak.fit.loglik - there.fit.loglik - allowed

    return fall
