"""Where an arm's fast signals are read: what is felt after a dose, the first day, attenuation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synaptrial.domain.dose import DoseEvent
from synaptrial.engine.mesh import RESOLUTION_H, FastMesh, interpolation
from synaptrial.pharmacology.dosing import acts

ACUTE_WINDOW_H = 24.0
LONG_INPUT_H = 2.0  # an infusion that is longer moves the windows that follow a dose
FELT_MIN = (5, 10, 15, 20, 30, 40, 45, 50, 60, 75, 90, 120)
LIEBE_MIN = (0, 5, 10, 15, 20, 25, 30, 35, 40)  # readings behind the maxima of Liebe 2017
LATER_MIN = (20, 80)  # its readings after the infusion


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
    """Nodes and weights that give a signal at FELT_MIN after each event, (n_events, 12, k); a long
    infusion has these times spread over its length.

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
        after_h = np.array(FELT_MIN) / 60.0 * max(1.0, e.duration_h / LONG_INPUT_H)
        times = np.clip(e.time_h + after_h, None, stop)
        for i, row in enumerate(interpolation(fast, times)):
            used = np.flatnonzero(row)
            nodes[n, i, : len(used)] = used
            weights[n, i, : len(used)] = row[used]
    return nodes, weights


def first_acting(events: Sequence[DoseEvent]) -> tuple[float, float]:
    """Start and length of the input of the first dose of a drug that the fast mesh follows; 0, 0
    if there is none."""
    acting = [e for e in events if e.drug in ("ketamine", "midazolam")]
    start = min((e.time_h for e in acting), default=0.0)
    return start, max((e.duration_h for e in acting if e.time_h == start), default=0.0)


def acute_nodes(fast: FastMesh, events: Sequence[DoseEvent]) -> np.ndarray:
    """Nodes of what follows the first dose: a day, or a day after the end of a long infusion, but
    nothing of the next declared dose."""
    start, length = first_acting(events)
    stop = start + ACUTE_WINDOW_H + (length if length > LONG_INPUT_H else 0.0)
    later = [e.time_h for e in events if acts(e) and not e.as_needed and e.time_h > start]
    nodes = _nodes_between(fast, start, min([stop, *later]))
    if later and later[0] <= stop:
        # a bolus then opens the next dose: the node before it is the last of this one
        at = np.flatnonzero(np.abs(fast.node_h - later[0]) <= RESOLUTION_H)
        nodes = np.append(nodes[:-1], at[:1])
    return nodes


def reading_times_h(events: Sequence[DoseEvent]) -> np.ndarray:
    """When pressure and pulse are read after the start of the first dose, (11,): as in Liebe 2017,
    spread over an infusion of more than 40 min, so that the number of readings is the same."""
    infusion_min = max(60.0 * first_acting(events)[1], LIEBE_MIN[-1])
    during = np.array(LIEBE_MIN) * infusion_min / LIEBE_MIN[-1]
    return np.append(during, infusion_min + np.array(LATER_MIN)) / 60.0
