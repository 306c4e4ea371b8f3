"""Exact interval of a share."""

from __future__ import annotations

from scipy.special import betaincinv


def exact_interval(events: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Clopper and Pearson 1934 (doi 10.1093/biomet/26.4.404). Without an event the upper end is
    that of a one-sided interval of level 1 - (1 - level) / 2."""
    tail = (1 - level) / 2
    low = 0.0 if events == 0 else float(betaincinv(events, n - events + 1, tail))
    high = 1.0 if events == n else float(betaincinv(events + 1, n - events, 1 - tail))
    return low, high
