"""Where an arm's fast signals are read: what is felt after a dose, the first day, tolerance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from synaptrial.domain.dose import DoseEvent
from synaptrial.engine.mesh import RESOLUTION_H, FastMesh, interpolation
from synaptrial.pharmacology.dosing import Doses

ACUTE_WINDOW_H = 24.0
FOLLOWED = ("ketamine", "midazolam")
LONG_INPUT_H = 2.0  # an infusion that is longer moves the windows that follow a dose
FELT_MIN = (5, 10, 15, 20, 30, 40, 45, 50, 60, 75, 90, 120)
LIEBE_MIN = (0, 5, 10, 15, 20, 25, 30, 35, 40)  # readings behind the maxima of Liebe 2017
LATER_MIN = (20, 80)  # its readings after the infusion


class Readings(NamedTuple):
    """Nodes of the fast mesh that are read."""

    felt_nodes: np.ndarray  # (n_events, 12, k)
    felt_weights: np.ndarray  # (n_events, 12, k)
    acute_nodes: np.ndarray  # (n,) of what follows the first dose
    acute_h: np.ndarray  # (n,) hours since the first dose
    vitals_h: np.ndarray  # (11,) hours since the first dose at which pressure and pulse are read
    dose_of_node: np.ndarray  # (n_nodes,) the latest dose of ketamine, that of the node's panel


def readings(fast: FastMesh, doses: Doses) -> Readings:
    """What of the signals of these doses on this mesh is read."""
    events = doses.events
    acute = acute_nodes(fast.node_h, events)
    since_h = fast.node_h[acute] - first_acting(events)[0]
    return Readings(
        *_felt(fast, doses), acute, since_h, vitals_h(events), _dose_of_node(fast, events)
    )


def latest_ketamine(at_h: np.ndarray, events: Sequence[DoseEvent]) -> np.ndarray:
    """The latest dose of ketamine at some times, by its place among all doses; 0 before any."""
    own = np.array([n for n, e in enumerate(events) if e.drug == "ketamine"], np.int32)
    if not len(own):
        return np.zeros(len(at_h), np.int32)
    starts = np.array([events[n].time_h for n in own])
    last = np.searchsorted(starts, at_h + RESOLUTION_H, side="right") - 1
    return own[np.maximum(last, 0)]


def _dose_of_node(fast: FastMesh, events: Sequence[DoseEvent]) -> np.ndarray:
    out = np.zeros(len(fast.family), np.int32)
    latest = latest_ketamine(fast.edges_h[:, 0], events)
    out[: len(latest)] = latest
    return np.repeat(out, fast.substeps + 1)


def first_acting(events: Sequence[DoseEvent]) -> tuple[float, float]:
    """Start and length of the infusion of the first dose of a drug that the fast mesh follows;
    0, 0 if there is none."""
    followed = [e for e in events if e.drug in FOLLOWED]
    start = min((e.time_h for e in followed), default=0.0)
    return start, max((e.duration_h for e in followed if e.time_h == start), default=0.0)


def acute_window_h(events: Sequence[DoseEvent]) -> tuple[float, float]:
    """Start and end of what follows the first dose: a day, or a day after the end of a long
    infusion, but nothing of the next declared dose."""
    start, length = first_acting(events)
    later = [
        e.time_h for e in events
        if e.drug in FOLLOWED and e.amount.in_mg(1.0) > 0 and not e.as_needed and e.time_h > start
    ]  # fmt: skip
    return start, min([start + ACUTE_WINDOW_H + (length if length > LONG_INPUT_H else 0.0), *later])


def acute_nodes(node_h: np.ndarray, events: Sequence[DoseEvent]) -> np.ndarray:
    """Nodes of the acute window; where a bolus opens the next dose at its end, that before it."""
    start, stop = acute_window_h(events)
    nodes = _nodes_between(node_h, start, stop)
    at_end = np.flatnonzero(np.abs(node_h - stop) <= RESOLUTION_H)
    return np.append(nodes[:-1], at_end[:1]) if len(at_end) else nodes


def vitals_h(events: Sequence[DoseEvent]) -> np.ndarray:
    """When pressure and pulse are read after the start of the first dose, (11,): as in Liebe 2017,
    spread over an infusion of more than 40 min, so that the number of readings is the same."""
    infusion_min = max(60.0 * first_acting(events)[1], LIEBE_MIN[-1])
    during = np.array(LIEBE_MIN) * infusion_min / LIEBE_MIN[-1]
    return np.append(during, infusion_min + np.array(LATER_MIN)) / 60.0


def _nodes_between(t: np.ndarray, start_h: float, stop_h: float) -> np.ndarray:
    """Nodes within a window; of two nodes at one time the later (after a bolus) is kept."""
    inside = np.flatnonzero((t >= start_h - RESOLUTION_H) & (t <= stop_h + RESOLUTION_H))
    if len(inside) < 2:
        return inside
    return inside[np.append(np.diff(t[inside]) > 1e-9, True)]


def _felt(fast: FastMesh, doses: Doses) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights that give a signal at FELT_MIN after each event that acts; of another
    there is nothing to feel, and the mesh may not reach that far. A long infusion has these times
    spread over its length.

    The times are fixed, so that what is felt does not depend on the mesh. Beyond the next event
    or the mesh the last time before it is repeated.
    """
    k = fast.substeps + 1
    nodes = np.zeros((doses.size, len(FELT_MIN), k), np.int32)
    weights = np.zeros((doses.size, len(FELT_MIN), k))
    end_h = float(fast.edges_h[-1, 1])
    starts_h = [e.time_h for e in doses.events]
    acting = np.flatnonzero(doses.acting)
    times = [
        np.clip(
            starts_h[n]
            + np.array(FELT_MIN) / 60.0 * max(1.0, doses.events[n].duration_h / LONG_INPUT_H),
            None,
            min([end_h, *starts_h[n + 1 :]]) - RESOLUTION_H,
        )
        for n in acting
    ]
    rows = interpolation(fast, np.concatenate([*times, np.zeros(0)]))
    for n, of_event in zip(acting, rows.reshape(-1, len(FELT_MIN), fast.n_nodes), strict=True):
        for i, row in enumerate(of_event):
            used = np.flatnonzero(row)
            nodes[n, i, : len(used)] = used
            weights[n, i, : len(used)] = row[used]
    return nodes, weights
