"""Thousands of random-effects fits at once: bootstrap, simulation, leaving studies out."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.arrays import Array, check_range, effects, without_tiny
from synaptrial.synthesis.heterogeneity import METHODS, Problem, estimate
from synaptrial.synthesis.inference import TESTS, Test, default_test, quantile, variance_factor
from synaptrial.synthesis.options import check_level, choose

CHUNK = 40_000  # effects at a time: what the arrays of one step leave in the cache


@dataclass(frozen=True)
class BatchFit:
    """Pooled means of B data sets, each array of shape (B,)."""

    beta: Array
    se: Array
    ci_low: Array
    ci_high: Array
    tau2: Array
    k: Array
    converged: Array


def rma_batch(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    keep: ArrayLike | None = None,
    method: str = "REML",
    test: Test | None = None,
    level: float = 0.95,
) -> BatchFit:
    """Pool B data sets of k effects: yi, vi (B, k), and keep (B, k), False for a study left out.

    Each data set needs two studies; what is left out may be NaN. The numbers are those of `rma`
    one by one, without its search for a second maximum of the likelihood. Raises InputError.
    """
    y, v = _rows("yi", yi), _rows("vi", vi)
    kept = np.ones_like(y) if keep is None else (_rows("keep", keep) > 0).astype(np.float64)
    if y.ndim != 2 or not y.shape == v.shape == kept.shape:
        raise InputError("vi", f"shape {v.shape}", f"that of yi, {y.shape}")
    choose("method", method, METHODS)
    test = default_test(method) if test is None else test
    choose("test", test, TESTS)
    check_level(level)
    counted = kept > 0
    y, v = np.where(counted, y, 0.0), np.where(counted, v, 1.0)
    if not (np.isfinite(y).all() and (v > 0).all() and np.isfinite(v).all()):
        raise InputError(
            "yi, vi", "a value that is not finite, or vi not above 0", "finite numbers"
        )
    if (counted.sum(axis=1) < 2).any():
        raise InputError("keep", "a data set of fewer than two studies", "two studies or more")
    least = np.min(np.where(counted, v, np.inf), axis=1, keepdims=True)
    inside = np.where(counted, v, least)
    check_range(y, inside)
    y = without_tiny(y, inside)
    rows = max(1, CHUNK // y.shape[1])
    x = np.ones((y.shape[1], 1))
    parts = [
        _fit(Problem(y[i : i + rows], v[i : i + rows], kept[i : i + rows], x), method, test, level)
        for i in range(0, len(y), rows)
    ]
    names = [f.name for f in fields(BatchFit)]
    return BatchFit(**{n: np.concatenate([getattr(p, n) for p in parts]) for n in names})


def _rows(name: str, values: ArrayLike) -> Array:
    try:
        return np.atleast_2d(np.asarray(values, np.float64))
    except (TypeError, ValueError):
        raise InputError(name, repr(values)[:60], "numbers, (B, k)") from None


def _fit(problem: Problem, method: str, test: Test, level: float) -> BatchFit:
    found = estimate(problem, method)
    fit = problem.fit(found.tau2)
    beta = fit.beta[:, 0]
    se = np.sqrt(variance_factor(test, fit.rss(), problem.df) * fit.inverse[:, 0, 0])
    df, where = np.unique(problem.df, return_inverse=True)
    crit = np.array([quantile(np.inf if test == "z" else n, level) for n in df])[where]
    return BatchFit(
        beta, se, beta - crit * se, beta + crit * se, found.tau2, problem.k, found.converged
    )


def bootstrap(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    replicates: int = 10_000,
    seed: int = 1,
    method: str = "REML",
    test: Test | None = None,
) -> BatchFit:
    """Refits of `replicates` samples of the k studies with replacement, each yi with its vi."""
    y, v = effects(yi, vi)
    if y.size < 2 or replicates < 1:
        found = f"{y.size} studies, {replicates} replicates"
        raise InputError("yi, replicates", found, "two studies and one replicate or more")
    chosen = np.random.default_rng(seed).integers(y.size, size=(replicates, y.size))
    return rma_batch(y[chosen], v[chosen], method=method, test=test)
