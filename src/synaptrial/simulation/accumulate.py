"""Running sums and histograms of many patients, the same for any order and size of chunks.

Sums are kept as integers (fixed point), so that adding is associative to the last bit.
Quantiles of patients come from histograms on bounded scales.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

FIXED = 2.0**30  # 1e-9 of a unit
FIXED_SQUARE = 2.0**20
BINS = 1600  # 0.05 point on a scale of 80


@dataclass
class Moments:
    """Sum and sum of squares per draw, (S, T)."""

    n_draws: int
    n_times: int
    total: np.ndarray = field(init=False)
    square: np.ndarray = field(init=False)
    count: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.total = np.zeros((self.n_draws, self.n_times), np.int64)
        self.square = np.zeros((self.n_draws, self.n_times), np.int64)
        self.count = np.zeros(self.n_draws, np.int64)

    def add(self, draw: np.ndarray, values: np.ndarray) -> None:
        """values: (T, P); draw: (P,) sorted."""
        starts = np.flatnonzero(np.diff(draw, prepend=-1))
        which = draw[starts]
        whole = np.round(values * FIXED).astype(np.int64)
        squares = np.round(values**2 * FIXED_SQUARE).astype(np.int64)
        self.total[which] += np.add.reduceat(whole, starts, axis=1).T
        self.square[which] += np.add.reduceat(squares, starts, axis=1).T
        self.count[which] += np.diff(np.append(starts, len(draw)))

    def mean(self) -> np.ndarray:
        """(S, T)."""
        return self.total / FIXED / self.count[:, None]

    def variance(self) -> np.ndarray:
        """Between patients within a draw, (S, T)."""
        n = self.count[:, None]
        raw = self.square / FIXED_SQUARE - n * self.mean() ** 2
        return np.maximum(raw / np.maximum(n - 1, 1), 0.0)


@dataclass
class Histogram:
    """Histogram over all draws and patients at each time, (T, BINS)."""

    low: float
    high: float
    n_times: int
    counts: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.counts = np.zeros((self.n_times, BINS), np.int64)

    def add(self, values: np.ndarray) -> None:
        """values: (T, P)."""
        share = (values - self.low) * (BINS / (self.high - self.low))
        bins = np.clip(share, 0, BINS - 1).astype(np.int64)
        bins += np.arange(self.n_times)[:, None] * BINS
        self.counts += np.bincount(bins.ravel(), minlength=self.counts.size).reshape(
            self.counts.shape
        )

    def quantiles(self, probabilities: list[float]) -> np.ndarray:
        """(len(probabilities), T), linear within a bin."""
        cumulative = np.cumsum(self.counts, axis=1)
        width = (self.high - self.low) / BINS
        out = np.empty((len(probabilities), self.n_times))
        rows = np.arange(self.n_times)
        for i, p in enumerate(probabilities):
            aim = p * cumulative[:, -1]
            b = (cumulative < aim[:, None]).sum(axis=1).clip(0, BINS - 1)
            inside = self.counts[rows, b]
            below = cumulative[rows, b] - inside
            share = np.where(inside > 0, (aim - below) / np.maximum(inside, 1), 0.5)
            out[i] = self.low + width * (b + share)
        return out
