"""Fail-safe N: how many unseen studies without effect would undo a result."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.arrays import Array
from synaptrial.synthesis.cautions import caution, enough


@dataclass(frozen=True)
class FailSafe:
    """n studies of no effect bring the p-value to alpha; p: the value without them.

    Rosenthal: Stouffer's sum of z, p one-sided. Rosenberg: the common-effect mean, p two-sided,
    the unseen studies being of the average weight.
    """

    n: int
    p: float
    alpha: float
    k: int
    caution: str


def rosenthal(yi: ArrayLike, vi: ArrayLike, *, alpha: float = 0.05, measure: str = "") -> FailSafe:
    """Rosenthal 1979 (doi 10.1037/0033-2909.86.3.638). Raises InputError below three studies."""
    y, v = _checked(yi, vi, alpha)
    z = abs(float(np.sum(y / np.sqrt(v)))) / math.sqrt(y.size)
    more = y.size * (z / stats.norm.isf(alpha)) ** 2 - y.size
    return _result(more, float(stats.norm.sf(z)), alpha, y.size, measure)


def rosenberg(yi: ArrayLike, vi: ArrayLike, *, alpha: float = 0.05, measure: str = "") -> FailSafe:
    """Rosenberg 2005 (doi 10.1111/j.0014-3820.2005.tb01004.x). Raises InputError below three."""
    y, v = _checked(yi, vi, alpha)
    total = float(np.sum(1 / v))
    score = abs(float(np.sum(y / v)))
    more = y.size * ((score / stats.norm.isf(alpha / 2)) ** 2 / total - 1)
    p = 2 * float(stats.norm.sf(score / math.sqrt(total)))
    return _result(more, p, alpha, y.size, measure)


def _checked(yi: ArrayLike, vi: ArrayLike, alpha: float) -> tuple[Array, Array]:
    if not 0 < alpha < 0.5:
        raise InputError("alpha", f"{alpha:g}", "a number between 0 and 0.5, such as 0.05")
    return enough(yi, vi)


def _result(more: float, p: float, alpha: float, k: int, measure: str) -> FailSafe:
    return FailSafe(math.ceil(max(0.0, more)), p, alpha, k, caution(k, measure))
