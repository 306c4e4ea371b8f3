"""Power of two parallel arms for a standardised difference, and what would be needed.

Noncentral t (Cohen 1988, Statistical Power Analysis, chapter 2). Errors of size and of sign among
significant results: Gelman and Carlin 2014 (doi 10.1177/1745691614551642), in the closed form of
Lu, Qiu and Deng 2019 (doi 10.1111/bmsp.12132), which takes the estimate as normal.
"""

from __future__ import annotations

import math

from scipy import optimize, stats

ALPHA = 0.05
LARGEST = 10**7


def power(d: float, n1: int, n2: int, alpha: float = ALPHA) -> float:
    """Probability of p < alpha, two-sided, at a true standardised difference d."""
    df = n1 + n2 - 2
    shift = d * math.sqrt(n1 * n2 / (n1 + n2))
    critical = float(stats.t.ppf(1 - alpha / 2, df))
    upper, lower = stats.nct.sf(critical, df, shift), stats.nct.cdf(-critical, df, shift)
    return float(upper + lower)


def detectable(n1: int, n2: int, wanted: float = 0.8, alpha: float = ALPHA) -> float:
    """The standardised difference for which two arms have the wanted power."""
    high = 1.0
    while power(high, n1, n2, alpha) < wanted:
        high *= 1.5
    return float(optimize.brentq(lambda d: power(d, n1, n2, alpha) - wanted, 0.0, high))


def needed_total(d: float, wanted: float, alpha: float = ALPHA) -> int:
    """Patients in two equal arms that have the wanted power for d > 0."""
    low, high = 2, 4
    while power(d, high, high, alpha) < wanted and high < LARGEST:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(d, middle, middle, alpha) >= wanted else (middle, high)
    return 2 * high


def exaggeration(d: float, n1: int, n2: int, alpha: float = ALPHA) -> float:
    """Mean size of significant estimates over the true d (type M error); at least 1."""
    z, shift = float(stats.norm.ppf(1 - alpha / 2)), abs(d) / math.sqrt(1 / n1 + 1 / n2)
    above, below = stats.norm.sf(z - shift), stats.norm.cdf(-z - shift)
    size = shift * (above - below) + stats.norm.pdf(z - shift) + stats.norm.pdf(z + shift)
    return float(size / ((above + below) * shift))


def wrong_sign(d: float, n1: int, n2: int, alpha: float = ALPHA) -> float:
    """Share of significant estimates whose sign is wrong (type S error)."""
    z, shift = float(stats.norm.ppf(1 - alpha / 2)), abs(d) / math.sqrt(1 / n1 + 1 / n2)
    above, below = stats.norm.sf(z - shift), stats.norm.cdf(-z - shift)
    return float(below / (above + below))
