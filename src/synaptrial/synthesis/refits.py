"""Many fits of one model, each to its own subset of the studies, with what `rma` gives for each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synaptrial.synthesis.arrays import Array
from synaptrial.synthesis.heterogeneity import Problem, estimate
from synaptrial.synthesis.inference import Test, p_values, quantile, variance_factor
from synaptrial.synthesis.profile import BETTER, GRID, global_maximum, log_likelihood


@dataclass(frozen=True)
class Refits:
    """B fits of P coefficients: beta, se, stat, p, ci_low, ci_high (B, P); vb (B, P, P);
    tau2, i2 (percent), q, k, s2 (what the variances were multiplied by) (B,).

    NaN where the studies of a row do not determine the coefficients. Where they are no more than
    the coefficients, tau2 is 0 and the test is z, as in `rma`.
    """

    beta: Array
    se: Array
    stat: Array
    p: Array
    ci_low: Array
    ci_high: Array
    vb: Array
    tau2: Array
    i2: Array
    q: Array
    k: Array
    s2: Array


@dataclass(frozen=True)
class RefittedMeans:
    """Pooled means of several refits without moderators; arrays of one length. i2 in percent."""

    estimate: Array
    se: Array
    p: Array
    ci_low: Array
    ci_high: Array
    tau2: Array
    i2: Array
    q: Array


def means_of(found: Refits) -> dict[str, Array]:
    """The fields of RefittedMeans, from fits of one coefficient."""
    return {
        "estimate": found.beta[:, 0], "se": found.se[:, 0], "p": found.p[:, 0],
        "ci_low": found.ci_low[:, 0], "ci_high": found.ci_high[:, 0],
        "tau2": found.tau2, "i2": found.i2, "q": found.q,
    }  # fmt: skip


def refits(problem: Problem, method: str, test: Test, level: float) -> Refits:
    """Fit every row of the problem by one of METHODS and one of TESTS."""
    p = problem.x.shape[1]
    determined = np.linalg.matrix_rank(problem.keep[:, :, None] * problem.x) == p
    saturated = determined & (problem.df == 0)
    parts = [(determined & ~saturated, test, method), (saturated, "z", "EE")]
    whole = _unknown(len(problem.y), p, problem.k)
    for rows, its_test, its_method in parts:
        if rows.any():
            part = _fit(problem.rows(rows), its_method, its_test, level, method)
            for name, values in vars(part).items():
                getattr(whole, name)[rows] = values
    return whole


def _unknown(b: int, p: int, k: Array) -> Refits:
    def nan(*shape: int) -> Array:
        return np.full((b, *shape), np.nan)

    return Refits(
        beta=nan(p), se=nan(p), stat=nan(p), p=nan(p), ci_low=nan(p), ci_high=nan(p),
        vb=nan(p, p), tau2=nan(), i2=nan(), q=nan(), k=k, s2=nan(),
    )  # fmt: skip


def _fit(problem: Problem, estimator: str, test: Test, level: float, method: str) -> Refits:
    tau2 = _highest(problem, estimate(problem, estimator).tau2, estimator)
    fit = problem.fit(tau2)
    df = problem.df if test != "z" else np.full(len(tau2), np.inf)
    s2 = variance_factor(test, fit.rss(), problem.df)
    vb = s2[:, None, None] * fit.inverse
    se = np.sqrt(np.einsum("bii->bi", vb))
    with np.errstate(divide="ignore", invalid="ignore"):
        stat = fit.beta / se
    p, half = np.empty_like(stat), np.empty_like(stat)
    for n in np.unique(df):
        rows = df == n
        p[rows] = p_values(stat[rows], n)
        half[rows] = quantile(n, level) * se[rows]
    q, i2 = _shares(problem, tau2, method)
    return Refits(
        fit.beta, se, stat, p, fit.beta - half, fit.beta + half, vb, tau2, i2, q, problem.k, s2
    )


def _shares(problem: Problem, tau2: Array, method: str) -> tuple[Array, Array]:
    """Q and I2 (percent; Higgins and Thompson 2002, from Q where no tau2 is estimated)."""
    if not problem.df.all():
        return np.zeros_like(tau2), np.zeros_like(tau2)
    common = problem.fit(np.zeros_like(tau2))
    q = common.rss()
    if method == "EE":
        with np.errstate(divide="ignore"):
            return q, np.maximum(0, 100 * (1 - problem.df / q))
    return q, 100 * tau2 / (tau2 + problem.df / common.trace_p())


def _highest(problem: Problem, tau2: Array, method: str) -> Array:
    """tau2, moved to the highest point of the likelihood where a grid finds a higher one."""
    if method not in ("ML", "REML"):
        return tau2
    restricted = method == "REML"

    def height(at: Array) -> Array:
        return log_likelihood(problem, at, restricted=restricted)

    kept = np.where(problem.keep > 0, 1.0, np.nan)
    top = 10 * (np.nanvar(kept * problem.y, axis=1) + np.nanmedian(kept * problem.v, axis=1))
    start = height(tau2)
    beaten = height(np.zeros_like(tau2)) > start + BETTER
    for fraction in np.geomspace(1e-8, 1, GRID):
        beaten |= height(fraction * top) > start + BETTER
    for b in np.flatnonzero(beaten):
        chosen = problem.keep[b] > 0
        y, v = problem.y[b : b + 1, chosen], problem.v[b : b + 1, chosen]
        one = Problem(y, v, np.ones_like(y), problem.x[chosen])
        tau2[b] = global_maximum(one, float(tau2[b]), restricted=restricted)
    return tau2
