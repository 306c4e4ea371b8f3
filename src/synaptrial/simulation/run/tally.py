"""Sums and histograms of many patients, the same for any order and size of chunks.

A quantity is counted as a share of its range. Sums are whole numbers of small units (fixed
point), so that adding is associative to the last bit; quantiles of patients come from
histograms. What is done per patient is compiled (`quantised`); a `Tally` adds it up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

import synaptrial.engine.backend  # noqa: F401  (64-bit numbers: sums are exact only in these)

Array = jax.Array | np.ndarray

UNITS = 2.0**34  # of a range: 6e-11 of it; sums of 65,536 patients in a chunk stay exact
BINS = 1600  # 0.05 point on a scale of 80
HELD = 8192  # patients whose bins wait to be counted together: counting costs a pass over all bins


class Quantised(NamedTuple):
    """Shares of ranges (..., P): their bins (int16), and in UNITS the share and its square."""

    bins: Array
    whole: Array
    square: Array


def quantised(share: Array) -> Quantised:
    """Shares below 0 or above 1 fall into the first and last bin, but are summed as they are."""
    return Quantised(
        jnp.clip(share * BINS, 0, BINS - 1).astype(jnp.int16),
        jnp.round(share * UNITS),
        jnp.round(share * share * UNITS),
    )


@dataclass(frozen=True)
class Moments:
    """Sum and sum of squares per draw of one quantity, (S, T) each, in UNITS of its range `top`;
    sum and number of the first half of a draw's patients beside them."""

    total: np.ndarray
    square: np.ndarray
    first: np.ndarray
    count: np.ndarray  # (S,)
    first_count: np.ndarray  # (S,)
    top: float

    @property
    def n_draws(self) -> int:
        return len(self.count)

    def mean(self) -> np.ndarray:
        """(S, T), in the unit of the quantity."""
        return self.top * self._share()

    def variance(self) -> np.ndarray:
        """Between patients within a draw, (S, T), in the square of that unit."""
        n = self.count[:, None]
        raw = self.square / UNITS - n * self._share() ** 2
        return self.top**2 * np.maximum(raw / np.maximum(n - 1, 1), 0.0)

    def halves(self) -> np.ndarray:
        """First less second half of a draw's patients, scaled as `DrawMeans.halves`, (S, T)."""
        a, n = self.first_count[:, None], self.count[:, None]
        apart = self.first / a - (self.total - self.first) / (n - a)
        return self.top / UNITS * np.sqrt(a * (n - a)) / n * apart

    def _share(self) -> np.ndarray:
        return self.total / UNITS / self.count[:, None]


@dataclass(frozen=True)
class Histogram:
    """Patients of all draws in each bin at each time, (T, BINS), over a range 0 to `top`."""

    counts: np.ndarray
    top: float

    def quantiles(self, probabilities: Sequence[float]) -> np.ndarray:
        """(len(probabilities), T), linear within a bin."""
        cumulative = np.cumsum(self.counts, axis=1)
        width = self.top / BINS
        out = np.empty((len(probabilities), len(self.counts)))
        rows = np.arange(len(self.counts))
        for i, p in enumerate(probabilities):
            aim = p * cumulative[:, -1]
            b = (cumulative < aim[:, None]).sum(axis=1).clip(0, BINS - 1)
            inside = self.counts[rows, b]
            below = cumulative[rows, b] - inside
            share = np.where(inside > 0, (aim - below) / np.maximum(inside, 1), 0.5)
            out[i] = width * (b + share)
        return out


@dataclass
class Tally:
    """Sums and histograms of K quantities at T times, in S draws of N patients each.

    ranges: name -> its top. Sums are kept by half: first and second half of a draw's patients."""

    ranges: Mapping[str, float]
    n_draws: int
    n_patients: int
    n_times: int
    _total: np.ndarray = field(init=False)
    _square: np.ndarray = field(init=False)
    _count: np.ndarray = field(init=False)
    _bins: np.ndarray = field(init=False)
    _waiting: list[np.ndarray] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        rows = len(self.ranges) * self.n_times
        self._total = np.zeros((2 * self.n_draws, rows), np.int64)
        self._square = np.zeros((self.n_draws, rows), np.int64)
        self._count = np.zeros(2 * self.n_draws, np.int64)
        self._bins = np.zeros((rows, BINS), np.int64)

    def add(self, start: int, seen: Quantised) -> None:
        """seen: (K, T, P) of flat patients from `start` on; patient q is of draw q // N."""
        draw, patient = np.divmod(start + np.arange(seen.bins.shape[-1]), self.n_patients)
        half = 2 * draw + (patient >= self.n_patients // 2)
        starts = np.flatnonzero(np.diff(half, prepend=-1))
        which = half[starts]
        for into, at, part in (
            (self._total, which, seen.whole), (self._square, which // 2, seen.square)
        ):  # fmt: skip
            sums = np.add.reduceat(np.asarray(part), starts, axis=-1)
            np.add.at(into, at, sums.reshape(-1, len(starts)).T.astype(np.int64))
        self._count[which] += np.diff(np.append(starts, len(half)))
        self._waiting.append(np.asarray(seen.bins).reshape(-1, len(half)))
        if sum(x.shape[1] for x in self._waiting) >= HELD:
            self._count_waiting()

    def _count_waiting(self) -> None:
        if not self._waiting:
            return
        bins = np.concatenate(self._waiting, axis=1)
        self._waiting.clear()
        for into, row in zip(self._bins, bins, strict=True):
            into += np.bincount(row, minlength=BINS)

    def moments(self, name: str) -> Moments:
        """Of one quantity."""
        own = self._rows(name)
        both = lambda x: x[0::2] + x[1::2]  # noqa: E731
        return Moments(
            both(self._total[:, own]), self._square[:, own], self._total[0::2, own],
            both(self._count), self._count[0::2], self.ranges[name],
        )  # fmt: skip

    def histogram(self, name: str) -> Histogram:
        """Of one quantity."""
        self._count_waiting()
        return Histogram(self._bins[self._rows(name)], self.ranges[name])

    def _rows(self, name: str) -> slice:
        first = list(self.ranges).index(name) * self.n_times
        return slice(first, first + self.n_times)
