"""Estimators of the between-study variance tau2, for many data sets at once.

DL  DerSimonian and Laird 1986      HE  Hedges 1985            HS  Hunter and Schmidt 1990
SJ  Sidik and Jonkman 2005          ML, REML  Viechtbauer 2005, by Newton steps
PM  Paule and Mandel 1982           EB  Morris 1983: the same root as PM
Standard errors of tau2 follow Viechtbauer 2005 (doi 10.3102/10769986030003261) and metafor.
Arrays: y, v (B, k); keep (B, k), 1 for a study that counts and 0 for one left out; x (k, P).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synaptrial.synthesis.arrays import Array
from synaptrial.synthesis.weighted import Weighted, weighted_fit

METHODS = ("EE", "DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM")
ITERATIONS = 200
RELATIVE = 1e-12  # a step smaller than this, relative to tau2 + the smallest variance, ends it


@dataclass(frozen=True)
class Problem:
    """B data sets: y, v, keep (B, k), x (k, P)."""

    y: Array
    v: Array
    keep: Array
    x: Array

    @property
    def k(self) -> Array:
        """Studies of each data set; shape (B,)."""
        return np.sum(self.keep, axis=1)

    @property
    def df(self) -> Array:
        return self.k - self.x.shape[1]

    def fit(self, tau2: Array) -> Weighted:
        """Weighted fit with weights 1 / (v + tau2); tau2 (B,)."""
        return weighted_fit(self.y, self.keep / (self.v + tau2[:, None]), self.x)

    def rows(self, chosen: NDArray[np.intp]) -> Problem:
        return Problem(self.y[chosen], self.v[chosen], self.keep[chosen], self.x)


@dataclass(frozen=True)
class Heterogeneity:
    """tau2, its standard error (NaN where there is none), and whether it converged; (B,) each."""

    tau2: Array
    se: Array
    converged: Array


def estimate(problem: Problem, method: str) -> Heterogeneity:
    """tau2 of each data set by one of METHODS. With as many coefficients as studies it is 0."""
    b = problem.y.shape[0]
    if method == "EE" or np.all(problem.df <= 0):
        return Heterogeneity(np.zeros(b), np.full(b, np.nan), np.ones(b, bool))
    return _ESTIMATORS[method](problem)


def _moments(
    raw: Array, scale: Array, squares: Array, linear: Array, fixed: Array
) -> Heterogeneity:
    """A method of moments: tau2 = raw, cut at 0; its quadratic form has variance
    2 fixed + 4 tau2 linear + 2 tau2^2 squares, and tau2 is that form over `scale`."""
    tau2 = np.maximum(raw, 0)
    variance = 2 * fixed + 4 * tau2 * linear + 2 * tau2**2 * squares
    return Heterogeneity(tau2, np.sqrt(variance) / scale, np.ones(len(raw), bool))


def _dl(p: Problem) -> Heterogeneity:
    fit = p.fit(np.zeros(len(p.y)))
    trace = fit.trace_p()
    return _moments((fit.rss() - p.df) / trace, trace, fit.trace_p_p(), trace, p.df)


def _hs(p: Problem) -> Heterogeneity:
    fit = p.fit(np.zeros(len(p.y)))
    total = np.sum(fit.w, axis=1)
    return _moments((fit.rss() - p.k) / total, total, fit.trace_p_p(), fit.trace_p(), p.df)


def _he(p: Problem) -> Heterogeneity:
    fit = weighted_fit(p.y, p.keep, p.x)
    trace = fit.trace_p(p.v)
    return _moments((fit.rss() - trace) / p.df, p.df, p.df, trace, fit.trace_p_p(p.v, p.v))


def _sj(p: Problem) -> Heterogeneity:
    mean = np.sum(p.keep * p.y, axis=1) / p.k
    start = np.sum(p.keep * (p.y - mean[:, None]) ** 2, axis=1) / p.k
    fit = p.fit(start)
    with np.errstate(divide="ignore"):  # identical effects: tau2 and its standard error are 0
        scale = p.df / start
    return _moments(
        start * fit.rss() / p.df,
        scale,
        fit.trace_p_p(),
        fit.trace_p_p(p.v),
        fit.trace_p_p(p.v, p.v),
    )


def _iterate(p: Problem, start: Array, step: Callable[[Weighted, Problem], Array]) -> Heterogeneity:
    """tau2 + step until the step is nothing; data sets that are done leave the batch."""
    tau2 = start.copy()
    smallest = np.min(np.where(p.keep > 0, p.v, np.inf), axis=1)
    left = np.arange(len(tau2))
    for _ in range(ITERATIONS):
        part = p.rows(left)
        now = tau2[left]
        new = np.maximum(now + step(part.fit(now), part), 0)
        tau2[left] = new
        left = left[np.abs(new - now) > RELATIVE * (new + smallest[left])]
        if not left.size:
            break
    converged = np.ones(len(tau2), bool)
    converged[left] = False
    return Heterogeneity(tau2, np.full(len(tau2), np.nan), converged)


def standard_error(p: Problem, method: str, tau2: Array) -> Array:
    """Of tau2 (B,) that an iterative method found or was moved to; shape (B,)."""
    fit = p.fit(tau2)
    if method in ("EB", "PM"):
        return np.sqrt(2 * p.k**2 / p.df) / np.sum(fit.w, axis=1)
    squares = np.sum(fit.w**2, axis=1) if method == "ML" else fit.trace_p_p()
    with np.errstate(divide="ignore"):  # infinite where the variances make P vanish in rounding
        return np.sqrt(2 / np.maximum(squares, 0))


def _with_se(p: Problem, method: str, found: Heterogeneity) -> Heterogeneity:
    return replace(found, se=standard_error(p, method, found.tau2))


def _newton(score: Array, expected: Array, cubic: Array) -> Array:
    """A step uphill from twice the score. By the observed information, 2 y'PPPy less the expected
    one, near a maximum; by the expected one (Fisher scoring) where that is small or negative."""
    observed = 2 * cubic - expected
    return score / np.where(observed > 0.2 * expected, observed, expected)


def _ml(p: Problem) -> Heterogeneity:
    def step(fit: Weighted, part: Problem) -> Array:
        information = np.einsum("bk,bk->b", fit.w, fit.w)
        return _newton(fit.y_p_p_y() - fit.w.sum(axis=1), information, fit.y_p_p_p_y())

    return _with_se(p, "ML", _iterate(p, _he(p).tau2, step))


def _reml(p: Problem) -> Heterogeneity:
    def step(fit: Weighted, part: Problem) -> Array:
        return _newton(fit.y_p_p_y() - fit.trace_p(), fit.trace_p_p(), fit.y_p_p_p_y())

    return _with_se(p, "REML", _iterate(p, _he(p).tau2, step))


def _pm(p: Problem) -> Heterogeneity:
    """Q(tau2) falls and is convex, so Newton steps from 0 reach its root from below."""

    def step(fit: Weighted, part: Problem) -> Array:
        left = fit.rss() - part.df
        above = left > 0  # below, the root lies at or under 0, and the slope may be all but 0
        return np.where(above, left / np.where(above, fit.y_p_p_y(), 1), 0)

    return _with_se(p, "PM", _iterate(p, np.zeros(len(p.y)), step))


_ESTIMATORS: dict[str, Callable[[Problem], Heterogeneity]] = {
    "DL": _dl,
    "HE": _he,
    "HS": _hs,
    "SJ": _sj,
    "ML": _ml,
    "REML": _reml,
    "EB": _pm,
    "PM": _pm,
}
