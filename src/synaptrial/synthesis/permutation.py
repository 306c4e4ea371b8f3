"""Permutation tests of a meta-analysis or meta-regression, which need no distribution.

Follmann and Proschan 1999 (doi 10.1111/j.0006-341X.1999.00732.x) for the mean: under no effect each
sign is as likely as the other. Higgins and Thompson 2004 (doi 10.1002/sim.1752) for moderators:
under no association each study could have had the moderators of any other.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.arrays import Array
from synaptrial.synthesis.heterogeneity import Problem, estimate
from synaptrial.synthesis.inference import Test, variance_factor
from synaptrial.synthesis.univariate import MetaAnalysis

CHUNK = 40_000  # effects at a time: what the arrays of one step leave in the cache
TIE = 1e-8  # relative: statistics nearer than this are equal


@dataclass(frozen=True)
class Permutation:
    """p: share of permutations with a statistic at least as far from 0, by coefficient in the
    order of the fit's names; p_omnibus: of all moderators together, NaN without. se, se_omnibus:
    Monte Carlo standard errors of these, 0 where exact (every permutation was used; otherwise
    random ones and the data as they are)."""

    names: tuple[str, ...]
    p: Array
    se: Array
    p_omnibus: float
    se_omnibus: float
    permutations: int
    exact: bool
    warnings: tuple[str, ...]


def permutation_test(fit: MetaAnalysis, *, iterations: int = 1000, seed: int = 1) -> Permutation:
    """Refit by the fit's method and test under changed signs of the effects, or, with moderators,
    under exchanged rows of them, as metafor's permutest.

    All changes are made where they are no more than `iterations`, random ones otherwise. Raises
    InputError below two studies or iterations, and where no degree of freedom is left.
    """
    if fit.k <= len(fit.names):
        raise InputError("fit", f"{fit.k} studies", f"{len(fit.names) + 1} or more")
    if iterations < 2:
        raise InputError("iterations", f"{iterations}", "2 or more, such as 1000")
    rng = np.random.default_rng(seed)
    if len(fit.names) == 1:
        exact, (y, v) = 2**fit.k <= iterations, _signed(fit, iterations, rng)
    else:
        exact, (y, v) = _arrangements(fit.x) <= iterations, _exchanged(fit, iterations, rng)
    own, _ = _statistics(fit, fit.yi[None], fit.vi[None])
    found, settled = _statistics(fit, y, v)
    p = np.mean(~(found < own * (1 - TIE)), axis=0)
    p[-1] = p[-1] if len(fit.names) > 1 else np.nan
    se = np.zeros_like(p) if exact else np.sqrt(p * (1 - p) / len(y))
    warnings = () if settled == len(y) else (f"{len(y) - settled} refits did not converge.",)
    return Permutation(
        fit.names, p[:-1], se[:-1], float(p[-1]), float(se[-1]), len(y), exact, warnings
    )


def _signed(fit: MetaAnalysis, most: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Effects with changed signs, the data as they are among them, and variances; (B, k) each."""
    if 2**fit.k <= most:
        signs = np.array(list(product((1.0, -1.0), repeat=fit.k)))
    else:
        signs = rng.choice((1.0, -1.0), size=(most, fit.k))
        signs[0] = 1
    return signs * fit.yi, np.tile(fit.vi, (len(signs), 1))


def _exchanged(fit: MetaAnalysis, most: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Effects and variances, moved together against the rows of moderators; (B, k) each."""
    if _arrangements(fit.x) <= most:
        labels = _labels(fit.x)
        places = np.argsort(labels, kind="stable")
        moved = np.argsort(list(_distinct(Counter(labels.tolist()))), axis=1, kind="stable")
        order = np.empty_like(moved)
        order[:, places] = moved
    else:
        order = rng.permuted(np.tile(np.arange(fit.k), (most, 1)), axis=1)
        order[0] = np.arange(fit.k)
    return fit.yi[order], fit.vi[order]


def _labels(x: Array) -> NDArray[np.intp]:
    """The same number for the same row of moderators; shape (k,)."""
    return np.unique(x, axis=0, return_inverse=True)[1].ravel()


def _arrangements(x: Array) -> int:
    """In how many ways the rows of moderators can be given to the studies."""
    same = Counter(_labels(x).tolist()).values()
    return math.factorial(len(x)) // math.prod(math.factorial(n) for n in same)


def _distinct(left: Counter[int]) -> Iterator[tuple[int, ...]]:
    """Every distinct order of a multiset."""
    labels = [label for label, count in left.items() if count]
    if not labels:
        yield ()
    for label in labels:
        left[label] -= 1
        for rest in _distinct(left):
            yield (label, *rest)
        left[label] += 1


def _statistics(fit: MetaAnalysis, y: Array, v: Array) -> tuple[Array, int]:
    """Distances from 0 of each coefficient and of all moderators (B, P + 1), and how many of the
    refits converged."""
    rows = max(1, CHUNK // fit.k)
    parts, settled = [], 0
    for i in range(0, len(y), rows):
        part = y[i : i + rows]
        problem = Problem(part, v[i : i + rows], np.ones_like(part), fit.x)
        found = estimate(problem, fit.method)
        settled += int(found.converged.sum())
        parts.append(_distances(problem, found.tau2, fit.test))
    return np.concatenate(parts), settled


def _distances(problem: Problem, tau2: Array, test: Test) -> Array:
    fit = problem.fit(tau2)
    s2 = variance_factor(test, fit.rss(), problem.df)[:, None]
    moderators = fit.beta[:, 1:, None]
    with np.errstate(divide="ignore", invalid="ignore"):  # identical effects: s2 may be 0
        each = fit.beta**2 / (s2 * np.einsum("bii->bi", fit.inverse))
        joint = moderators * np.linalg.solve(fit.inverse[:, 1:, 1:], moderators)
        return np.column_stack([each, joint.sum(axis=1) / s2])
