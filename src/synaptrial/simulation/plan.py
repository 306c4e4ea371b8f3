"""An arm laid out for the engine: meshes, input tables and event signals, known before patients.

Everything here is numpy and depends on the protocol and its setting alone. What decides the
shape of compiled code is in `Structure`; the rest is arrays padded to few shapes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synaptrial.domain.dose import DoseEvent
from synaptrial.domain.protocol import Protocol
from synaptrial.domain.setting import Setting
from synaptrial.engine.mesh import (
    FastMesh,
    SlowMesh,
    fast_mesh,
    interpolation,
    merge_breaks,
    padded,
    projection,
    slow_mesh,
)
from synaptrial.mechanism.learning import KINDS, NEAR_DOSE_H
from synaptrial.pharmacology import dosing

FAST_TAIL_H = 240.0  # after this a dose has left: 30 half-lives of the parent
LONGEST_SEGMENT_H = 400.0
ACUTE_WINDOW_H = 24.0
FELT_MIN = (5, 10, 15, 20, 30, 40, 45, 50, 60, 75, 90, 120)
EVENT_BUCKET = 8
# Slow edges after a dose: the smallest list tried with severities and circuits within 1e-4 of a
# reference solver (tests/simulation/test_reference.py); after other kicks a shorter one does.
SLOW_OFFSETS_H = (
    0.07, 0.15, 0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.2, 6.6, 8.2, 10.0, 12.0, 14.2,
    17.0, 20.0, 24.0, 28.5, 33.0, 37.5, 42.5, 48.0, 51.5, 55.0, 59.5, 64.0, 76.0, 92.0,
    115.0, 150.0, 200.0,
)  # fmt: skip
KICK_OFFSETS_H = (
    0.35, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.2, 7.0, 9.0, 12.0, 17.0, 24.0, 34.0, 48.0, 72.0, 110.0,
)  # fmt: skip
LONGEST_INTERVAL_H = 84.0


@dataclass(frozen=True)
class Structure:
    """What compiled code depends on. Hashable."""

    ketamine_routes: tuple[str, ...]
    has_r: bool
    midazolam: bool
    ketamine_tables: tuple[tuple[str, str], ...]  # ("rate" | "bolus", "state:share")
    midazolam_tables: tuple[tuple[str, str], ...]
    substeps: int
    squarings: int
    sessions: bool
    ssri: bool

    @property
    def drugged(self) -> bool:
        return bool(self.ketamine_routes) or self.midazolam


@dataclass(frozen=True)
class ArmPlan:
    """One arm on its meshes. Arrays are numpy; names as in `simulation.model`."""

    structure: Structure
    events: tuple[DoseEvent, ...]
    fast: FastMesh
    slow: SlowMesh
    arrays: dict[str, np.ndarray]
    tables: dict[str, np.ndarray]  # "ketamine|rate|central:all" -> (n_segments, n_events)
    shown: np.ndarray  # indices of the slow edges that courses are kept at
    acute_h: np.ndarray  # real times of the acute window after the first dose
    ssri: str  # sertraline, paroxetine or ""


def _slow_breaks(
    protocol: Protocol, events: Sequence[DoseEvent], extra_h: Sequence[float]
) -> list[float]:
    breaks = [0.0, 24.0 * protocol.horizon_days]
    breaks += [e.time_h for e in events] + [e.time_h + e.duration_h for e in events]
    breaks += [s.time_h for s in protocol.session_events()]
    breaks += [24.0 * d for d in protocol.visits_days]
    for seg in protocol.daily_segments():
        breaks += [seg.start_h, seg.end_h]
    end = breaks[1]
    return [t for t in [*breaks, *extra_h] if 0 <= t <= end]


def _acts(event: DoseEvent) -> bool:
    """Whether a dose holds something that the fast layer follows."""
    return event.drug in ("ketamine", "midazolam") and event.amount.in_mg(1.0) > 0


def _kicks(protocol: Protocol, events: Sequence[DoseEvent]) -> list[float]:
    """Other times after which the slow layer moves fast: the start, placebo doses (belief
    follows), sessions, changes of a daily drug."""
    kicks = [0.0, *(s.time_h for s in protocol.session_events())]
    kicks += [e.time_h for e in events if not _acts(e)]
    for seg in protocol.daily_segments():
        kicks += [seg.start_h, seg.end_h]
    return sorted(set(kicks))


def _fast_breaks(inputs: Sequence[dosing.Input], horizon_h: float) -> list[float]:
    times = dosing.breaks_h(inputs)
    end = min(horizon_h, max(times) + FAST_TAIL_H)
    breaks = merge_breaks([*[t for t in times if t < end], end])
    out = [breaks[0]]
    for a, b in zip(breaks[:-1], breaks[1:], strict=True):
        k = int(np.ceil((b - a) / LONGEST_SEGMENT_H))
        out += [a + (b - a) * i / k for i in range(1, k + 1)]
    return out


def plan_arm(
    protocol: Protocol,
    setting: Setting,
    durations_h: Mapping[str, float],
    *,
    substeps: int = 4,
    extra_breaks_h: Sequence[float] = (),
    slow_offsets_h: Sequence[float] = SLOW_OFFSETS_H,
    kick_offsets_h: Sequence[float] = KICK_OFFSETS_H,
    refine: int = 1,
) -> ArmPlan:
    """Lay a protocol out. `substeps` (fast) and `refine` (slow) make the meshes finer, for the
    error estimate; `extra_breaks_h` adds slow edges."""
    protocol.require_runnable()
    events = protocol.dose_events()
    n_events = padded(len(events), EVENT_BUCKET)
    ket = dosing.ketamine_inputs(events, durations_h)
    mid = dosing.infusions(events, "midazolam")
    structure, fast, tables = _fast_side(events, ket, mid, n_events, protocol, substeps)
    breaks = _slow_breaks(protocol, events, extra_breaks_h)
    acting = [e.time_h for e in events if _acts(e)]
    after = ((acting, slow_offsets_h), (_kicks(protocol, events), kick_offsets_h))
    edges = merge_breaks(
        [e for t, o in after for e in slow_mesh(breaks, t, o, LONGEST_INTERVAL_H).edges_h]
    )
    if refine > 1:
        fine = [
            np.linspace(a, b, refine, endpoint=False)
            for a, b in zip(edges[:-1], edges[1:], strict=True)
        ]
        edges = np.concatenate([*fine, edges[-1:]])
    slow = slow_mesh(list(edges), longest_h=np.inf)
    shown = _shown_edges(slow.edges_h, breaks)
    per_kg, flat = dosing.amounts(events, n_events)
    first_h = _first_acting_h(events)
    felt_nodes, felt_weights = _felt_readings(fast, events, n_events)
    acute = _acute_nodes(fast, first_h)
    to_slow = projection(fast, slow)
    arrays = {
        "step_h": fast.step_h,
        "family": fast.family,
        "level": fast.level,
        "segment": fast.segment,
        "starts": fast.starts,
        "project_first": to_slow.first,
        "project_weights": to_slow.weights,
        "event_of_node": _event_of_node(fast, events),
        "felt_nodes": felt_nodes,
        "felt_weights": felt_weights,
        "acute_nodes": np.pad(acute, (0, padded(len(acute), 64) - len(acute)), mode="edge"),
        "per_kg": per_kg,
        "flat": flat,
        "share_s": dosing.share_s(events, n_events),
        "is_ketamine": np.array(
            [e.drug == "ketamine" for e in events] + [False] * (n_events - len(events)), float
        ),
        "slow_length_h": slow.length_h,
        **_slow_signals(protocol, setting, events, slow, n_events),
    }
    acute_h = fast.node_h[acute] - first_h
    daily = protocol.daily_segments()
    return ArmPlan(
        structure,
        events,
        fast,
        slow,
        arrays,
        tables,
        shown,
        acute_h,
        daily[0].drug if daily else "",
    )


def _shown_edges(edges_h: np.ndarray, breaks_h: Sequence[float]) -> np.ndarray:
    """Edges for tables and figures: all breaks, and between them points that draw apart as time
    since the break grows. The engine steps on all edges, whatever is shown."""
    breaks = set(np.round(breaks_h, 6))
    kept, last, since = [], -np.inf, 0.0
    for i, t in enumerate(edges_h):
        opens = round(float(t), 6) in breaks
        if opens or t - last >= max(0.5, 0.3 * (t - since)):
            kept.append(i)
            last = t
        since = t if opens else since
    return np.array(kept)


def _fast_side(
    events: Sequence[DoseEvent],
    ket: Sequence[dosing.Input],
    mid: Sequence[dosing.Input],
    n_events: int,
    protocol: Protocol,
    substeps: int,
) -> tuple[Structure, FastMesh, dict[str, np.ndarray]]:
    inputs = [*ket, *mid]
    breaks = _fast_breaks(inputs, 24.0 * protocol.horizon_days) if inputs else [0.0, 1.0]
    fast = fast_mesh(breaks, substeps)
    tables = {}
    keys: dict[str, list[tuple[str, str]]] = {"ketamine": [], "midazolam": []}
    for drug, some in (("ketamine", ket), ("midazolam", mid)):
        laid = dosing.input_tables(some, fast.breaks_h, fast.n_segments, n_events)
        for kind, by_key in (("rate", laid.rate), ("bolus", laid.bolus)):
            for key, table in by_key.items():
                tables[f"{drug}|{kind}|{key}"] = table
                keys[drug].append((kind, key))
    ketamine = [e for e in events if e.drug == "ketamine"]
    structure = Structure(
        tuple(sorted({e.route for e in ketamine})),
        any(e.enantiomer != "s" for e in ketamine),
        bool(mid),
        tuple(sorted(keys["ketamine"])),
        tuple(sorted(keys["midazolam"])),
        substeps,
        fast.squarings,
        bool(protocol.session_events()),
        bool(protocol.daily_segments()),
    )
    return structure, fast, tables


def _event_of_node(fast: FastMesh, events: Sequence[DoseEvent]) -> np.ndarray:
    """Index of the latest event at or before the panel of each node (0 before any)."""
    starts = np.array([e.time_h for e in events] or [0.0])
    panel = np.searchsorted(starts, fast.edges_h[:, 0] + 1e-6, side="right") - 1
    out = np.zeros(len(fast.family), np.int32)
    out[: len(panel)] = np.clip(panel, 0, None)
    return np.repeat(out, fast.substeps + 1)


def _nodes_between(fast: FastMesh, start_h: float, stop_h: float) -> np.ndarray:
    """Nodes within a window; of two nodes at one time the later (after a bolus) is kept."""
    t = fast.node_h
    inside = np.flatnonzero((t >= start_h - 1e-6) & (t <= stop_h + 1e-6))
    if len(inside) < 2:
        return inside
    return inside[np.append(np.diff(t[inside]) > 1e-9, True)]


def _felt_readings(
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
        if not _acts(e):
            continue  # nothing to feel, and the mesh may not reach that far
        stop = min([fast.edges_h[-1, 1]] + [x.time_h for x in events[n + 1 :]]) - 1e-6
        times = np.clip(e.time_h + np.array(FELT_MIN) / 60.0, None, stop)
        for i, row in enumerate(interpolation(fast, times)):
            used = np.flatnonzero(row)
            nodes[n, i, : len(used)] = used
            weights[n, i, : len(used)] = row[used]
    return nodes, weights


def treated_stretches_h(protocol: Protocol) -> list[tuple[float, float]]:
    """Start and end of each declared treatment: a session, a dose of a drug, a daily drug."""
    out = [(s.time_h, s.time_h) for s in protocol.session_events()]
    out += [
        (e.time_h, e.time_h)
        for e in protocol.dose_events()
        if e.amount.in_mg(1.0) > 0 and not e.as_needed
    ]
    out += [(s.start_h, s.end_h) for s in protocol.daily_segments() if s.mg_per_day > 0]
    return out


def _since_treatment(protocol: Protocol, slow: SlowMesh) -> np.ndarray:
    """Hours since the last declared treatment at the nodes of each real interval, (n, 3); 0 while
    a daily drug runs and before the first. What begins at an interval's end is not in it yet."""
    begun = np.full_like(slow.node_h, -np.inf)
    for start_h, end_h in treated_stretches_h(protocol):
        own = (slow.edges_h[:-1] >= start_h - 1e-6)[:, None]
        begun = np.where(own, np.maximum(begun, np.minimum(end_h, slow.node_h)), begun)
    last = np.where(np.isfinite(begun), begun, slow.node_h)
    return slow.node_h - last


def _first_acting_h(events: Sequence[DoseEvent]) -> float:
    """Time of the first dose of a drug that the fast mesh follows; 0 if there is none."""
    return min((e.time_h for e in events if e.drug in ("ketamine", "midazolam")), default=0.0)


def _acute_nodes(fast: FastMesh, first_h: float) -> np.ndarray:
    return _nodes_between(fast, first_h, first_h + ACUTE_WINDOW_H)


def _slow_signals(
    protocol: Protocol,
    setting: Setting,
    events: Sequence[DoseEvent],
    slow: SlowMesh,
    n_events: int,
) -> dict[str, np.ndarray]:
    n = slow.n_intervals
    start = np.concatenate([slow.edges_h[:-1], np.full(n - len(slow.edges_h) + 1, np.nan)])
    out: dict[str, np.ndarray] = {f"session_{k}": np.zeros(n) for k in KINDS}
    near = {d: np.zeros((n, n_events)) for d in ("ketamine", "midazolam")}
    real = len(slow.edges_h) - 1
    for s in protocol.session_events():
        i = int(np.argmin(np.abs(slow.edges_h - s.time_h)))
        i = min(i, n - 1)  # a session at the horizon acts at the first padded interval or last
        out[f"session_{s.kind}"][i] += 1.0
        for k, e in enumerate(events):
            if _acts(e) and abs(e.time_h - s.time_h) <= NEAR_DOSE_H:
                near[e.drug][i, k] = 1.0
    out["near_ketamine"], out["near_midazolam"] = near["ketamine"], near["midazolam"]
    rate, on = np.zeros(n), np.zeros(n)
    for seg in protocol.daily_segments():
        inside = (start[:real] >= seg.start_h - 1e-6) & (start[:real] < seg.end_h - 1e-6)
        rate[:real][inside] = seg.mg_per_day / 24.0
        on[:real][inside] = 1.0
    out["ssri_mg_per_h"], out["on_ssri"] = rate, on
    starts = np.array([e.time_h for e in events])
    count = np.searchsorted(starts, np.nan_to_num(start, nan=np.inf) + 1e-6, side="right")
    out["node_h"] = np.zeros((n, 3))
    out["node_h"][:real] = slow.node_h
    out["event_h"] = np.pad(starts, (0, n_events - len(starts)))
    out["event_before"] = (count - 1).astype(np.int32)  # -1: none yet
    latest = starts[np.clip(count - 1, 0, None)] if len(starts) else np.zeros(n)
    latest = np.where(count > 0, latest, 0.0)
    since = np.zeros((n, 3))
    since[:real] = slow.node_h - latest[:real, None]
    out["since_dose_h"] = since
    out["since_open_h"] = np.zeros((n, 3))
    if setting.blinding == "open":
        out["since_open_h"][:real] = _since_treatment(protocol, slow)
    out["in_therapy"] = np.zeros(n)
    exposure = [s.time_h for s in protocol.session_events() if s.kind == "exposure"]
    if exposure:
        first, last = exposure[0] - 1e-6, exposure[-1] - 1e-6
        out["in_therapy"][:real] = (start[:real] >= first) & (start[:real] < last)
    out["contact"] = np.full(n, setting.contact_hours_per_week or 0.0)
    out["in_study"] = np.ones(n)
    return out
