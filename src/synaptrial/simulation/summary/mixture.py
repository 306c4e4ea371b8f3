"""Quantiles of an equal mixture of normals: what a new trial shows, over draws."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr, ndtri

STEPS = 80
TOLERANCE = 1e-8  # of the width in which the quantile lies
LEAST_SD = 1e-12  # of the largest mean: an exact mean is a step


def cdf(mean: np.ndarray, sd: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Share of the mixture at or below `at`. mean, sd: (S, T); at: (T,). Returns (T,)."""
    share: np.ndarray = ndtr((at - mean) / _steps_made_steep(mean, sd)).mean(axis=0)
    return share


def quantiles(mean: np.ndarray, sd: np.ndarray, probabilities: Sequence[float]) -> np.ndarray:
    """(len(probabilities), T) of components mean, sd (S, T), exact to TOLERANCE."""
    sd = _steps_made_steep(mean, sd)
    total = np.sqrt(mean.var(axis=0) + (sd**2).mean(axis=0))
    found = [_quantile(mean, sd, p, mean.mean(axis=0) + ndtri(p) * total) for p in probabilities]
    return np.stack(found)


def _quantile(mean: np.ndarray, sd: np.ndarray, p: float, guess: np.ndarray) -> np.ndarray:
    """Newton's steps, and bisection where one leaves the bracket, (T,)."""
    ends = mean + ndtri(p) * sd
    low, high = ends.min(axis=0), ends.max(axis=0)
    enough = TOLERANCE * (high - low)
    x = np.clip(guess, low, high)
    left = np.flatnonzero(high > low)  # columns still to be found
    for _ in range(STEPS):
        if not len(left):
            break
        m, s, at = mean[:, left], sd[:, left], x[left]
        z = (at - m) / s
        over = ndtr(z).mean(axis=0) - p
        low[left] = np.where(over < 0, at, low[left])
        high[left] = np.where(over < 0, high[left], at)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            new = at - over / _density(z, s)
        inside = (new > low[left]) & (new < high[left])  # not so for what is no number
        x[left] = np.where(inside, new, (low[left] + high[left]) / 2)
        left = left[np.abs(x[left] - at) > enough[left]]
    return x


def edge_se(mean: np.ndarray, sd: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Standard error of a quantile that stands at `at`, from the number of draws, (T,)."""
    sd = _steps_made_steep(mean, sd)
    z = (at - mean) / sd
    spread: np.ndarray = ndtr(z).std(axis=0, ddof=1) / np.sqrt(len(mean))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        error = spread / _density(z, sd)
    return np.where(spread > 0, error, 0.0)


def _density(z: np.ndarray, sd: np.ndarray) -> np.ndarray:
    density: np.ndarray = (np.exp(-0.5 * z**2) / sd).mean(axis=0) / np.sqrt(2 * np.pi)
    return density


def _steps_made_steep(mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
    least = LEAST_SD * np.abs(mean).max(axis=0) + np.finfo(float).tiny
    return np.maximum(sd, least)
