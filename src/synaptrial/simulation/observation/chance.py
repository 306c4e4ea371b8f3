"""Chance in what is observed: errors of readings, the week a person has, who a person is.

Counter-based: each number has a key of its own. An error belongs to a patient, a scale and a day,
so a day that is added, an arm, a chunk or a number of workers changes no other reading. Symptoms
fluctuate from week to week around the latent course: a person draws a number for each week, and
between the first days of two weeks theirs are mixed, at the same spread on every day.
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
DAYS_PER_WEEK = 7.0


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
    """Standard normals of the week that each day lies in, (V, n, FLUCTUATIONS)."""
    week, into = np.divmod(np.asarray(days, float) / DAYS_PER_WEEK, 1.0)
    own = {int(k): _week(seed, int(k), first, n) for k in {*week, *(week + 1)}}
    out = [
        ((1 - s) * own[int(k)] + s * own[int(k) + 1]) / np.hypot(1 - s, s)
        for k, s in zip(week, into, strict=True)
    ]
    return np.stack(out)


def _week(seed: int, week: int, first: int, n: int) -> np.ndarray:
    return normals(uniforms(seed, STREAM_WEEK + week, first, n, 4)[:, :FLUCTUATIONS])


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
