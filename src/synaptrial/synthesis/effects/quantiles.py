"""Mean and standard deviation from a median with quartiles, range, or both.

Luo et al. 2018 (Stat Methods Med Res 27:1785) for the mean, Wan et al. 2014 (BMC Med Res Methodol
14:135) and, with both, Shi et al. 2020 (Res Synth Methods 11:641) for the SD. All suppose normal
data; an uneven summary is said in the trace.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.effects.given import Given, Numbers, read, refuse
from synaptrial.synthesis.effects.size import Array, Quantity
from synaptrial.synthesis.options import choose

ORDER = ("minimum", "q1", "median", "q3", "maximum")


@dataclass(frozen=True)
class MeanAndSd:
    """An estimated mean and SD, to be given on in place of m1i, sd1i and their like."""

    mean: Quantity
    sd: Quantity


def mean_sd_from_quantiles(
    *,
    median: Numbers,
    ni: Numbers,
    q1: Numbers | None = None,
    q3: Numbers | None = None,
    minimum: Numbers | None = None,
    maximum: Numbers | None = None,
    sd_method: str = "Shi",
) -> MeanAndSd:
    """From the median and q1 with q3, minimum with maximum, or all four; floats or (k,).

    sd_method: Shi or Wan; it matters only where all four are given, Wan is used elsewhere.
    Raises InputError, also where the numbers are out of order.
    """
    choose("sd_method", sd_method, ("Shi", "Wan"))
    given = read(minimum=minimum, q1=q1, median=median, q3=q3, maximum=maximum, ni=ni)
    ranged, quartiled = _both(given, "minimum", "maximum"), _both(given, "q1", "q3")
    if not ranged and not quartiled:
        raise InputError("median", "a median alone", "also q1 and q3, or minimum and maximum")
    _in_order(given.at_least(5, "ni"))
    told = Given(given.values, (*given.trace, *_uneven(given)))
    sd, source = _sd(given, ranged, quartiled, sd_method)
    mean = told.quantity("mean", _mean(given, ranged, quartiled), "mean by Luo et al. 2018")
    return MeanAndSd(mean, told.quantity("SD", sd, f"SD by {source}"))


def _mean(x: Given, ranged: bool, quartiled: bool) -> Array:
    n, median = x["ni"], x["median"]
    if not ranged:
        return _weighted(x, 0.7 + 0.39 / n, "q1", "q3")
    if not quartiled:
        return _weighted(x, 4 / (4 + n**0.75), "minimum", "maximum")
    outer, inner = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    ends = outer * (x["minimum"] + x["maximum"]) / 2 + inner * (x["q1"] + x["q3"]) / 2
    return ends + (1 - outer - inner) * median


def _weighted(x: Given, weight: Array, low: str, high: str) -> Array:
    return weight * (x[low] + x[high]) / 2 + (1 - weight) * x["median"]


def _sd(x: Given, ranged: bool, quartiled: bool, method: str) -> tuple[Array, str]:
    n = x["ni"]
    by_range = norm.isf(0.625 / (n + 0.25))  # of (n - 0.375) / (n + 0.25)
    by_quartiles = norm.ppf((0.75 * n - 0.125) / (n + 0.25))
    if not ranged:
        return (x["q3"] - x["q1"]) / (2 * by_quartiles), "Wan et al. 2014"
    if not quartiled:
        return (x["maximum"] - x["minimum"]) / (2 * by_range), "Wan et al. 2014"
    if method == "Shi":
        a, b, source = 2 + 0.14 * n**0.6, 2 + 2 / (0.07 * n**0.6), "Shi et al. 2020"
    else:
        a, b, source = np.full(n.shape, 4.0), np.full(n.shape, 4.0), "Wan et al. 2014"
    wide, narrow = x["maximum"] - x["minimum"], x["q3"] - x["q1"]
    return wide / (a * by_range) + narrow / (b * by_quartiles), source


def _both(x: Given, low: str, high: str) -> bool:
    if (low in x) != (high in x):
        lacking = high if low in x else low
        raise InputError(
            lacking, "nothing", f"a number, since {low if low in x else high} is given"
        )
    return low in x


def _in_order(x: Given) -> None:
    present = [name for name in ORDER if name in x]
    for low, high in zip(present, present[1:], strict=False):
        refuse(x[high] < x[low], high, x[high], f"at least {low}")
    first, last = present[0], present[-1]
    refuse(x[last] <= x[first], last, x[last], f"a number above {first}")


def _uneven(x: Given) -> tuple[str, ...]:
    """A sentence where the median lies far from the middle: the formulas suppose symmetry."""
    low, high = ("q1", "q3") if "q1" in x else ("minimum", "maximum")
    width = np.maximum(x[high] - x[low], np.finfo(float).tiny)
    lean = np.max(np.abs(x[low] + x[high] - 2 * x["median"]) / width)
    said = f"caution: the median lies off the middle of {low} and {high} (skewness {lean:.2f})"
    return (said,) if lean > 0.3 else ()
