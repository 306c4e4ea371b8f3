"""What a reading looks back on: the mean of a latent score over a recall window.

The window belongs to the reading: declared for the visit, else that of the scale (ASSUMED where no
form was read). A window after the first treatment never reaches behind it; one that ends at or
before it lies before it. Before time 0 the score stands at its baseline. Windows are read between
the edges of the slow mesh, by the cubics of its area, so that no visit changes the mesh.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from synaptrial.domain.protocol import Protocol
from synaptrial.domain.scales import SCALES
from synaptrial.engine.mesh import RESOLUTION_H
from synaptrial.simulation.plan.calendar import course_h

Array = jax.Array | np.ndarray
LOOKING_BACK = ("CAPS5", "PCL5", "MADRS", "PHQ9")  # CAPS-IV follows CAPS-5, IES-R follows PCL-5


class Rows(NamedTuple):
    """Edges (V, 4) that are read: two around the end, two around the start of each window; weights
    (V, 4) of the area there, (V, 4) of the level, and (V,) of the baseline."""

    edges: np.ndarray
    of_area: np.ndarray
    of_level: np.ndarray
    of_baseline: np.ndarray


def windows_h(protocol: Protocol, scale: str, days: Sequence[float]) -> list[tuple[float, float]]:
    """Start and end of the window of each visit, hours; equal where a moment is rated."""
    first_h, _ = course_h(protocol)
    declared = {
        day: w.recall_days for w in protocol.windows if w.scale == scale for day in w.visits_days
    }
    out = []
    for day in days:
        end = 24.0 * day
        start = end - 24.0 * declared.get(day, SCALES[scale].recall_days)
        out.append((max(start, first_h) if end > first_h + RESOLUTION_H else start, end))
    return out


def window_rows(edges_h: np.ndarray, windows: Sequence[tuple[float, float]]) -> Rows:
    """Where and with which weights the mean over each window is read."""
    n = len(windows)
    rows = Rows(np.zeros((n, 4), np.int32), np.zeros((n, 4)), np.zeros((n, 4)), np.zeros(n))
    for v, (start, end) in enumerate(windows):
        width = end - start
        moment = width < RESOLUTION_H
        if moment:
            _read(rows, v, slice(0, 2), edges_h, end, 1.0, slope=True)
            continue
        _read(rows, v, slice(0, 2), edges_h, end, 1.0 / width)
        _read(rows, v, slice(2, 4), edges_h, start, -1.0 / width)
    return rows


def _read(
    rows: Rows, v: int, part: slice, edges_h: np.ndarray, at_h: float, weight: float,
    slope: bool = False,
) -> None:  # fmt: skip
    """Add the area up to a time, or its slope, which is the level there."""
    if at_h <= 0:
        rows.of_baseline[v] += weight * (1.0 if slope else at_h)
        return
    j = int(np.clip(np.searchsorted(edges_h, at_h - RESOLUTION_H) - 1, 0, len(edges_h) - 2))
    h = edges_h[j + 1] - edges_h[j]
    s = min((at_h - edges_h[j]) / h, 1.0)
    rows.edges[v, part] = j, j + 1
    if slope:
        up = 6 * s * (1 - s) / h
        area, level = (-up, up), (1 - 4 * s + 3 * s**2, 3 * s**2 - 2 * s)
    else:
        up = s**2 * (3 - 2 * s)
        area, level = (1 - up, up), (h * s * (1 - s) ** 2, h * s**2 * (s - 1))
    rows.of_area[v, part] += weight * np.array(area)
    rows.of_level[v, part] += weight * np.array(level)


def window_mean(rows: Rows, area: Array, level: Array) -> Array:
    """Mean of a latent score over each window, (V, P). area, level: (n_edges, P), time 0 first."""
    out = rows.of_baseline[:, None] * level[:1]
    for k in range(4):
        at = rows.edges[:, k]
        out = out + rows.of_area[:, k, None] * area[at] + rows.of_level[:, k, None] * level[at]
    return out


def at_days(edges_h: np.ndarray, days: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Edges before each day and the share of the way to the next, (V,): for linear reading."""
    at_h = 24.0 * np.asarray(days)
    j = np.clip(np.searchsorted(edges_h, at_h - RESOLUTION_H) - 1, 0, len(edges_h) - 2)
    share = np.clip((at_h - edges_h[j]) / (edges_h[j + 1] - edges_h[j]), 0.0, 1.0)
    return j.astype(np.int32), share


def between(where: tuple[Array, Array], course: Array) -> Array:
    """A course (n_edges, P) on the days of `at_days`, (V, P)."""
    j, share = where
    return course[j] + jnp.asarray(share)[:, None] * (course[j + 1] - course[j])
