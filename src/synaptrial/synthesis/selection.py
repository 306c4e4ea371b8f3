"""Three-parameter selection model: studies on one side of a p-value are seen less, or more, often.

Hedges 1992 and Vevea and Hedges 1995 (doi 10.1007/BF02294384) with one cut at a one-sided p of
0.025, fitted by maximum likelihood as metafor's selmodel with type "stepfun".
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special, stats

from synaptrial.synthesis.arrays import Array
from synaptrial.synthesis.cautions import caution, enough
from synaptrial.synthesis.inference import quantile
from synaptrial.synthesis.options import check_level, choose
from synaptrial.synthesis.univariate import rma

Alternative = Literal["greater", "less"]
CUT = 0.025  # one-sided
DELTA = (1e-5, 100.0)  # metafor's upper bound; the lower stands for never
START_DELTA = (0.05, 0.5, 1.0, 5.0, 50.0)
START_TAU2 = (0.1, 1.0)  # of the variance of the effects
AT_BOUND = 1e-3  # relative
FLAT = 1e-4  # slope of the log-likelihood, of effects scaled to unit variance, at its top
STEP = 1e-4  # of the differences that give the curvature


@dataclass(frozen=True)
class SelectionModel:
    """beta: the mean effect of all studies, seen or not, with normal test and interval. tau2:
    their heterogeneity. delta: how often a study with p above the cut is seen for each one seen
    below it. lrt, lrt_p: likelihood ratio test, chi-square with one degree of freedom, of delta
    against 1. below, above: studies on each side of the cut. se_tau2 is NaN where tau2 is 0.
    """

    beta: float
    se: float
    p: float
    ci_low: float
    ci_high: float
    tau2: float
    se_tau2: float
    delta: float
    se_delta: float
    lrt: float
    lrt_p: float
    log_likelihood: float
    alternative: Alternative
    below: int
    above: int
    k: int
    converged: bool
    caution: str
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Seen:
    """Effects, in the direction that selection favours, with their variances, and the effect at
    which each study's p crosses the cut; arrays of length k."""

    y: Array
    v: Array
    cut: Array

    @property
    def above(self) -> int:
        """Studies whose p lies above the cut."""
        return int(np.sum(self.y < self.cut))


def selection_model(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    alternative: Alternative = "greater",
    measure: str = "",
    level: float = 0.95,
) -> SelectionModel:
    """Fit effects yi (k,) with variances vi (k,); alternative: the sign of the effects whose small
    p-values are favoured. measure: what yi is, for its caution.

    Standard errors come from the curvature in beta, tau2 and delta, also where delta is on a bound
    (1e-5, 100). Raises InputError below three studies.
    """
    y, v = enough(yi, vi)
    choose("alternative", alternative, get_args(Alternative))
    check_level(level)
    sign = -1 if alternative == "less" else 1
    seen = Seen(sign * y, v, stats.norm.isf(CUT) * np.sqrt(v))
    (mean, tau2, delta), converged = maximise(seen, DELTA)
    se, se_tau2, se_delta = _standard_errors(seen, np.array([mean, tau2, delta]))
    height = log_likelihood(seen, mean, tau2, delta)
    lrt = max(0.0, 2 * (height - rma(y, v, method="ML", test="z").log_likelihood))
    half = quantile(np.inf, level) * se
    beta = sign * mean
    return SelectionModel(
        beta=beta, se=se, p=float(2 * stats.norm.sf(abs(mean) / se)),
        ci_low=beta - half, ci_high=beta + half,
        tau2=tau2, se_tau2=se_tau2, delta=delta, se_delta=se_delta,
        lrt=lrt, lrt_p=float(stats.chi2.sf(lrt, 1)), log_likelihood=height,
        alternative=alternative, below=y.size - seen.above, above=seen.above, k=y.size,
        converged=converged, caution=caution(y.size, measure),
        warnings=_warnings(seen, delta, se, converged),
    )  # fmt: skip


def _warnings(seen: Seen, delta: float, se: float, converged: bool) -> tuple[str, ...]:
    said = []
    for count, side in ((seen.y.size - seen.above, "below"), (seen.above, "above")):
        if count == 0:
            said.append(f"No study has a one-sided p {side} {CUT}: delta cannot be estimated.")
    low, high = DELTA
    if delta < low * (1 + AT_BOUND) or delta > high * (1 - AT_BOUND):
        said.append(
            f"delta is on its bound, {delta:.4g}: the likelihood still rises beyond it, and neither"
            " delta nor its test and standard errors mean much."
        )
    if not converged:
        said.append("The search for the highest likelihood did not converge from any start.")
    if not np.isfinite(se):
        said.append("The likelihood is not curved downwards at its top: no standard errors.")
    return tuple(said)


def log_likelihood(seen: Seen, mean: float, tau2: float, delta: float) -> float:
    """Log-likelihood of the studies seen; the mean in the direction that selection favours."""
    total = seen.v + tau2
    below = special.ndtr((mean - seen.cut) / np.sqrt(total))  # chance of each, whatever it found
    density = -0.5 * (np.log(2 * np.pi * total) + (seen.y - mean) ** 2 / total)
    return float(np.sum(density - np.log(delta + (1 - delta) * below)) + seen.above * np.log(delta))


def _gradient(seen: Seen, mean: float, tau2: float, delta: float) -> Array:
    """Of the log-likelihood in mean, tau2 and delta."""
    total = seen.v + tau2
    sd, residual = np.sqrt(total), seen.y - mean
    u = (seen.cut - mean) / sd
    chance, density = special.ndtr(-u), np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi)
    share = delta + (1 - delta) * chance
    by_mean = residual / total - (1 - delta) * density / (sd * share)
    by_tau2 = (residual**2 / total - 1 - (1 - delta) * density * u / share) / (2 * total)
    by_delta = seen.above / delta - np.sum((1 - chance) / share)
    return np.array([np.sum(by_mean), np.sum(by_tau2), by_delta])


def maximise(seen: Seen, bounds: tuple[float, float]) -> tuple[tuple[float, float, float], bool]:
    """Mean, tau2 and delta, within its bounds, of the highest likelihood found from ten starts,
    and whether that search converged. Effects are scaled to unit variance for it."""
    unit = float(np.sqrt(np.var(seen.y) + np.median(seen.v)))
    scaled = Seen(seen.y / unit, seen.v / unit**2, seen.cut / unit)

    def down(theta: Array) -> tuple[float, Array]:
        mean, tau2, delta = theta[0], theta[1], float(np.exp(theta[2]))
        slope = _gradient(scaled, mean, tau2, delta) * np.array([1, 1, delta])
        return -log_likelihood(scaled, mean, tau2, delta), -slope

    low = np.array([-np.inf, 0, np.log(bounds[0])])
    high = np.array([np.inf, np.inf, np.log(bounds[1])])
    middle = float(np.average(scaled.y, weights=1 / (scaled.v + np.var(scaled.y))))
    found = [
        optimize.minimize(
            down, np.clip([middle, tau2, np.log(delta)], low, high), jac=True,
            bounds=optimize.Bounds(low, high), method="L-BFGS-B",
            options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 2000},
        )
        for tau2, delta in product(START_TAU2, START_DELTA)
    ]  # fmt: skip
    best = min(found, key=lambda result: float(result.fun)).x
    step = best - np.clip(best - down(best)[1], low, high)  # no slope but out of the bounds
    top = (float(best[0] * unit), float(best[1] * unit**2), float(np.exp(best[2])))
    return top, bool(np.max(np.abs(step)) < FLAT)


def _standard_errors(seen: Seen, top: Array) -> tuple[float, float, float]:
    """From differences of the gradient; tau2 is held where it is 0. NaN where not curved down."""
    free = [0, 2] if top[1] == 0 else [0, 1, 2]
    total = np.min(seen.v) + top[1]
    steps = STEP * np.array([np.sqrt(total), total, top[2]])
    rows = []
    for i in free:
        step = np.eye(3)[i] * steps
        change = _gradient(seen, *(top + step)) - _gradient(seen, *(top - step))
        rows.append(change[free] / (2 * steps[i]))
    curvature = -np.array(rows)
    errors = np.full(3, np.nan)
    if (np.linalg.eigvalsh((curvature + curvature.T) / 2) > 0).all():
        errors[free] = np.sqrt(np.diag(np.linalg.inv(curvature)))
    return float(errors[0]), float(errors[1]), float(errors[2])
