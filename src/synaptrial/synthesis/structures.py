"""Covariance matrices of correlated true effects, by a few parameters.

UN   any covariance           CS, HCS   one correlation for all pairs
AR, HAR   correlation rho ** |i - j| of levels i and j, in their order
CS and AR have one variance for all levels, HCS and HAR one for each. The names are those of R's
metafor. Parameters are unbounded, so that a variance of 0 or a correlation at its edge is a value
like any other: entries of a Cholesky factor (UN), or standard deviations t and an angle of rho.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np

from synaptrial.synthesis.arrays import Array

STRUCTS = ("UN", "CS", "HCS", "AR", "HAR")
ORDERED = ("AR", "HAR")
ONE_VARIANCE = ("CS", "AR")
START_SD = (0.3, 1.0)  # of what the effects scatter
START_RHO = (0.0, 0.6, 0.95)


@dataclass(frozen=True)
class Structure:
    """Of n levels: starts, each (q,), for effects that scatter by `scale`; g(par), the covariance
    (n, n), and its derivatives (q, n, n)."""

    starts: Callable[[float], list[Array]]
    g: Callable[[Array], Array]
    slopes: Callable[[Array], Array]


def structure(name: str, n: int) -> Structure:
    """One of STRUCTS, for n levels."""
    return _unstructured(n) if name == "UN" else _correlated(name, n)


def _unstructured(n: int) -> Structure:
    rows, columns = np.tril_indices(n)

    def factor(par: Array) -> Array:
        lower = np.zeros((n, n))
        lower[rows, columns] = par
        return lower

    def g(par: Array) -> Array:
        lower = factor(par)
        return lower @ lower.T

    def slopes(par: Array) -> Array:
        lower, out = factor(par), np.zeros((par.size, n, n))
        for q, (i, j) in enumerate(zip(rows, columns, strict=True)):
            out[q, i] += lower[:, j]
            out[q, :, i] += lower[:, j]
        return out

    def starts(scale: float) -> list[Array]:
        out: list[Array] = []
        for sd, rho in product(START_SD, START_RHO):
            shape = (1 - rho) * np.eye(n) + rho
            lower = np.linalg.cholesky(shape).astype(np.float64)
            out.append(sd * scale * lower[rows, columns])
        return out

    return Structure(starts, g, slopes)


def _correlated(name: str, n: int) -> Structure:
    lag = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    lag = lag if name in ORDERED else np.minimum(lag, 1)
    lowest = -1.0 if name in ORDERED else -1 / (n - 1)  # below it G has a negative eigenvalue
    one = name in ONE_VARIANCE

    def rho(angle: float) -> float:
        return float(lowest + (1 - lowest) * (1 + np.sin(angle)) / 2)

    def sds(par: Array) -> Array:
        return np.full(n, par[0]) if one else par[:-1]

    def g(par: Array) -> Array:
        t = sds(par)
        return t[:, None] * t * rho(par[-1]) ** lag

    def slopes(par: Array) -> Array:
        t, r = sds(par), rho(par[-1])
        by_sd = np.zeros((n, n, n))
        for i in range(n):
            by_sd[i, i] += t * r ** lag[i]
            by_sd[i, :, i] += t * r ** lag[i]
        by_rho = t[:, None] * t * lag * r ** np.maximum(lag - 1, 0)
        turned = by_rho * (1 - lowest) * np.cos(par[-1]) / 2
        return np.stack([by_sd.sum(axis=0), turned] if one else [*by_sd, turned])

    def starts(scale: float) -> list[Array]:
        angles = [np.arcsin(2 * (r - lowest) / (1 - lowest) - 1) for r in START_RHO]
        size = 1 if one else n
        return [
            np.append(np.full(size, sd * scale), angle) for sd, angle in product(START_SD, angles)
        ]

    return Structure(starts, g, slopes)
