"""Posterior distributions of one number: mixtures of normals, and that of tau."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import optimize, special

from synaptrial.synthesis.arrays import Array
from synaptrial.synthesis.options import check_level
from synaptrial.synthesis.quadrature import TauIntegral

_STARTS = 24


@dataclass(frozen=True)
class Marginal(ABC):
    """What both kinds of distribution can say. sd is inf, and mean NaN, where there is none."""

    mean: float
    sd: float

    @abstractmethod
    def cdf(self, x: float) -> float:
        """Probability of at most x."""

    @abstractmethod
    def quantile(self, p: float) -> float:
        """The value not exceeded with probability p, 0 < p < 1."""

    def above(self, threshold: float) -> float:
        """Probability of more than the threshold."""
        return 1 - self.cdf(threshold)

    @cached_property
    def median(self) -> float:
        return self.quantile(0.5)

    def central(self, level: float = 0.95) -> tuple[float, float]:
        """Interval with equal probability on either side of it; level such as 0.95. Raises
        InputError."""
        check_level(level)
        return self.quantile((1 - level) / 2), self.quantile((1 + level) / 2)

    def shortest(self, level: float = 0.95) -> tuple[float, float]:
        """The shortest interval that holds `level` of the probability. Raises InputError."""
        check_level(level)
        below = _least(lambda p: self.quantile(p + level) - self.quantile(p), 1 - level)
        return self.quantile(below), self.quantile(below + level)


def _least(width: Callable[[float], float], end: float) -> float:
    """Where in [0, end] the width is least: the best point of a grid, then its neighbourhood."""
    margin = 1e-12 * end
    grid = np.linspace(margin, end - margin, _STARTS)
    widths = [width(p) for p in grid]
    best = int(np.argmin(widths))
    around = (grid[max(best - 1, 0)], grid[min(best + 1, _STARTS - 1)])
    found = optimize.minimize_scalar(
        width, bounds=around, method="bounded", options={"xatol": 1e-9}
    )
    return float(found.x) if found.fun < widths[best] else float(grid[best])


@dataclass(frozen=True)
class NormalMixture(Marginal):
    """Normals of means and sds (N,) with weights (N,) that sum to 1."""

    weights: Array
    means: Array
    sds: Array

    def cdf(self, x: float) -> float:
        return float(self.weights @ special.ndtr((x - self.means) / self.sds))

    def above(self, threshold: float) -> float:
        return float(self.weights @ special.ndtr((self.means - threshold) / self.sds))

    def quantile(self, p: float) -> float:
        likeliest = int(np.argmax(self.weights))
        near = self.means[likeliest] + special.ndtri(p) * self.sds[likeliest]
        return _root(self._excess(p), float(near), float(self.sds[likeliest]))

    def _excess(self, p: float) -> Callable[[float], float]:
        if p > 0.5:  # in the upper tail, so that it keeps its digits
            return lambda x: (1 - p) - self.above(x)
        return lambda x: self.cdf(x) - p

    def draw(self, generator: np.random.Generator, n: int) -> Array:
        """n independent values (n,)."""
        part = generator.choice(len(self.weights), size=n, p=self.weights / self.weights.sum())
        return self.means[part] + self.sds[part] * generator.standard_normal(n)


def _root(excess: Callable[[float], float], near: float, step: float) -> float:
    """The root of an increasing function, sought from `near` in steps that double."""
    fine = 1e-15 * step
    low, high = near - step, near + step
    while excess(low) > 0:
        low, high, step = low - 2 * step, low, 2 * step
    while excess(high) < 0:
        low, high, step = high, high + 2 * step, 2 * step
    return float(optimize.brentq(excess, low, high, xtol=fine, rtol=8.9e-16, maxiter=500))


@dataclass(frozen=True)
class TauPosterior(Marginal):
    """The posterior of tau, the standard deviation of true effects between studies."""

    integral: TauIntegral

    def cdf(self, x: float) -> float:
        return self.integral.cdf(x)

    def quantile(self, p: float) -> float:
        return self.integral.quantile(p)
