"""Chance in what is observed: errors of readings, the week a person has, who a person is.

Counter-based: each number has a key of its own. An error belongs to a patient of a run, a scale and
a day, so a day that is added, an arm, a chunk or a number of workers changes no other reading.
Symptoms fluctuate around the latent course: a person draws a number for each day, and a reading has
the mean of the seven days before it. So two readings a day apart share six sevenths of their
fluctuation, and two that are a week apart nothing, whatever days of the week they lie on.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtri

ERRORS_PER_VISIT = 12  # a multiple of 4: the generator counts in blocks of four
FLUCTUATIONS = 2  # of symptoms, of mood
STREAM_SCREENING, STREAM_PERSON, STREAM_LEAVING, STREAM_READINGS = 3, 40, 50, 60
STREAM_DAY, STREAM_WEEK = 2**32, 2**33
MINUTES_PER_DAY = 1440
DAYS_PER_WEEK = 7


def uniforms(seed: int, stream: int, first: int, n: int, k: int) -> np.ndarray:
    """(n, k) numbers in 0..1 of flat patients first..first+n-1; k is a multiple of 4."""
    bits = np.random.Philox(key=[seed, stream])
    bits.advance(first * (k // 4))
    return np.random.Generator(bits).random((n, k))


def reading_errors(seed: int, days: Sequence[float], first: int, n: int) -> np.ndarray:
    """Uniforms of the errors of all scales on each day, (V, n, ERRORS_PER_VISIT)."""
    streams = [STREAM_DAY + round(day * MINUTES_PER_DAY) for day in days]
    return np.stack([uniforms(seed, s, first, n, ERRORS_PER_VISIT) for s in streams])


def fluctuations(seed: int, days: Sequence[float], first: int, n: int) -> np.ndarray:
    """Standard normals of the week that ends on each day, (V, n, FLUCTUATIONS)."""
    shares = [_cells(day) for day in days]
    pairs = {c // 2 for cells in shares for c in cells}
    own = {k: _two_days(seed, k, first, n) for k in pairs}
    return np.stack(
        [
            sum((w * own[c // 2][:, c % 2] for c, w in cells.items()), np.zeros(()))
            for cells in shares
        ]
    )


def correlation(day: float, other: float) -> float:
    """Of the fluctuations of two days: falls to 0 within a week."""
    a, b = _cells(day), _cells(other)
    return float(sum(w * b.get(c, 0.0) for c, w in a.items()))


def _cells(day: float) -> dict[int, float]:
    """Days of the week that ends then, counted from the start, each with its weight; their squares
    add up to 1."""
    last, into = divmod(day, 1.0)
    cells = {int(last) - k: 1.0 for k in range(1, DAYS_PER_WEEK)}
    cells |= {int(last) - DAYS_PER_WEEK: 1.0 - into, int(last): into}
    size = float(np.sqrt(sum(w**2 for w in cells.values())))
    return {c: w / size for c, w in cells.items() if w > 0}


def _two_days(seed: int, pair: int, first: int, n: int) -> np.ndarray:
    """Of two days that follow each other, (n, 2, FLUCTUATIONS)."""
    drawn = normals(uniforms(seed, STREAM_WEEK + pair, first, n, 2 * FLUCTUATIONS))
    return drawn.reshape(n, 2, FLUCTUATIONS)


def screening(seed: int, first: int, n: int) -> np.ndarray:
    """Standard normals of the screening of candidates first..first+n-1, (n, 5): of the errors of
    four clusters and of the week, which lies before the start."""
    return normals(uniforms(seed, STREAM_SCREENING, first, n, 8)[:, :5])


def unit_exponentials(seed: int, first: int, n: int) -> np.ndarray:
    """(n,) unit exponential draws that decide when a patient leaves."""
    return -np.log1p(-uniforms(seed, STREAM_LEAVING, first, n, 4)[:, 0])


def normals(uniform: np.ndarray) -> np.ndarray:
    """Standard normals, elementwise."""
    return ndtri(np.clip(uniform, 1e-15, 1 - 1e-15))
