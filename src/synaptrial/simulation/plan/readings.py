"""Where an arm's fast signals are read: what is felt after a dose, the first day, tolerance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synaptrial.domain.dose import DoseEvent
from synaptrial.engine.mesh import RESOLUTION_H, FastMesh, interpolation
from synaptrial.pharmacology.dosing import acts

ACUTE_WINDOW_H = 24.0
FELT_MIN = (5, 10, 15, 20, 30, 40, 45, 50, 60, 75, 90, 120)


def _nodes_between(fast: FastMesh, start_h: float, stop_h: float) -> np.ndarray:
    """Nodes within a window; of two nodes at one time the later (after a bolus) is kept."""
    t = fast.node_h
    inside = np.flatnonzero((t >= start_h - RESOLUTION_H) & (t <= stop_h + RESOLUTION_H))
    if len(inside) < 2:
        return inside
    return inside[np.append(np.diff(t[inside]) > 1e-9, True)]


def felt_readings(
    fast: FastMesh, events: Sequence[DoseEvent], n_events: int
) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights that give a signal at FELT_MIN after each event, (n_events, 12, k).

    The times are fixed, so that what is felt does not depend on the mesh. Beyond the next event
    or the mesh the last time before it is repeated.
    """
    k = fast.substeps + 1
    nodes = np.zeros((n_events, len(FELT_MIN), k), np.int32)
    weights = np.zeros((n_events, len(FELT_MIN), k))
    for n, e in enumerate(events):
        if not acts(e):
            continue  # nothing to feel, and the mesh may not reach that far
        stop = min([fast.edges_h[-1, 1]] + [x.time_h for x in events[n + 1 :]]) - RESOLUTION_H
        times = np.clip(e.time_h + np.array(FELT_MIN) / 60.0, None, stop)
        for i, row in enumerate(interpolation(fast, times)):
            used = np.flatnonzero(row)
            nodes[n, i, : len(used)] = used
            weights[n, i, : len(used)] = row[used]
    return nodes, weights


def latest_ketamine(at_h: np.ndarray, events: Sequence[DoseEvent]) -> np.ndarray:
    """The latest dose of ketamine at some times, by its place among all doses; 0 before any."""
    own = np.array([n for n, e in enumerate(events) if e.drug == "ketamine"], np.int32)
    if not len(own):
        return np.zeros(len(at_h), np.int32)
    starts = np.array([events[n].time_h for n in own])
    last = np.searchsorted(starts, at_h + RESOLUTION_H, side="right") - 1
    return own[np.maximum(last, 0)]


def dose_of_node(fast: FastMesh, events: Sequence[DoseEvent]) -> np.ndarray:
    """The latest dose of ketamine at each node, (n_nodes,): that of its panel."""
    out = np.zeros(len(fast.family), np.int32)
    latest = latest_ketamine(fast.edges_h[:, 0], events)
    out[: len(latest)] = latest
    return np.repeat(out, fast.substeps + 1)


def first_acting_h(events: Sequence[DoseEvent]) -> float:
    """Time of the first dose of a drug that the fast mesh follows; 0 if there is none."""
    return min((e.time_h for e in events if e.drug in ("ketamine", "midazolam")), default=0.0)


def acute_nodes(fast: FastMesh, first_h: float) -> np.ndarray:
    return _nodes_between(fast, first_h, first_h + ACUTE_WINDOW_H)
