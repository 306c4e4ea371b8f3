"""The slow mesh of an arm and the signals on it that are known before any patient is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synaptrial.domain.dose import DoseEvent
from synaptrial.domain.protocol import Protocol
from synaptrial.domain.setting import Setting
from synaptrial.engine.mesh import RESOLUTION_H, SlowMesh, merge_breaks, slow_mesh
from synaptrial.mechanism.learning import KINDS, NEAR_DOSE_H
from synaptrial.pharmacology.dosing import acts
from synaptrial.simulation.plan.readings import LONG_INPUT_H

# Slow edges after a dose: the smallest list tried with severities and circuits within 1e-4 of a
# reference solver (tests/simulation/test_reference.py); after other kicks a shorter one does.
SLOW_OFFSETS_H = (
    0.07, 0.15, 0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.2, 6.6, 8.2, 10.0, 12.0, 14.2,
    17.0, 20.0, 24.0, 28.5, 33.0, 37.5, 42.5, 48.0, 51.5, 55.0, 59.5, 64.0, 76.0, 92.0,
    115.0, 150.0, 200.0,
)  # fmt: skip
KICK_OFFSETS_H = (
    0.35, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.2, 7.0, 9.0, 12.0, 15.5, 20.0, 26.0, 34.0, 44.0, 56.0,
    74.0, 110.0,
)  # fmt: skip
LONGEST_INTERVAL_H = 84.0


def slow_breaks(
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


def _kicks(protocol: Protocol, events: Sequence[DoseEvent]) -> list[float]:
    """Other times after which the slow layer moves fast: the start, placebo doses (belief
    follows), sessions, changes of a daily drug."""
    kicks = [0.0, *(s.time_h for s in protocol.session_events())]
    kicks += [e.time_h for e in events if not acts(e)]
    for seg in protocol.daily_segments():
        kicks += [seg.start_h, seg.end_h]
    return sorted(set(kicks))


def lay_slow(
    protocol: Protocol,
    events: Sequence[DoseEvent],
    breaks_h: Sequence[float],
    slow_offsets_h: Sequence[float],
    kick_offsets_h: Sequence[float],
    refine: int,
) -> SlowMesh:
    """Edges at all breaks, and at offsets after each dose and each other kick; each interval cut
    into `refine`."""
    acting = [e.time_h for e in events if acts(e)]
    # what a long infusion held up falls when it ends
    acting += [e.time_h + e.duration_h for e in events if acts(e) and e.duration_h > LONG_INPUT_H]
    after = ((acting, slow_offsets_h), (_kicks(protocol, events), kick_offsets_h))
    edges = merge_breaks(
        [e for t, o in after for e in slow_mesh(breaks_h, t, o, LONGEST_INTERVAL_H).edges_h]
    )
    if refine > 1:
        fine = [
            np.linspace(a, b, refine, endpoint=False)
            for a, b in zip(edges[:-1], edges[1:], strict=True)
        ]
        edges = np.concatenate([*fine, edges[-1:]])
    return slow_mesh(list(edges), longest_h=np.inf)


def shown_edges(edges_h: np.ndarray, breaks_h: Sequence[float]) -> np.ndarray:
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


def slow_signals(
    protocol: Protocol,
    setting: Setting,
    events: Sequence[DoseEvent],
    slow: SlowMesh,
    n_events: int,
) -> dict[str, np.ndarray]:
    """Signals by interval, (n,), as the protocol declares them; near_*: (n, n_events), 1 where a
    session opens the interval within NEAR_DOSE_H after the dose."""
    n, real = slow.n_intervals, len(slow.edges_h) - 1
    start = slow.edges_h[:-1]
    starts = np.array([e.time_h for e in events])
    count = np.searchsorted(starts, start + RESOLUTION_H, side="right")
    before = np.full(n, len(starts) - 1, np.int32)
    before[:real] = count - 1  # -1: none yet
    node_h = np.zeros((n, 3))
    node_h[:real] = slow.node_h
    return {
        "node_h": node_h,
        "event_h": np.pad(starts, (0, n_events - len(starts))),
        "event_before": before,
        "event_of_interval": np.eye(n_events)[np.maximum(before, 0)],
        "contact": np.full(n, setting.contact_hours_per_week or 0.0),
        "since_open_h": _since_treatment(protocol, setting, slow),
        "in_therapy": _in_therapy(protocol, start, n),
        **_daily(protocol, start, n),
        **_sessions(protocol, events, slow, n_events),
    }


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


def _since_treatment(protocol: Protocol, setting: Setting, slow: SlowMesh) -> np.ndarray:
    """Hours since the last declared treatment of an open study at the nodes of each interval,
    (n, 3); 0 while a daily drug runs, before the first, and in a blinded study. What begins at an
    interval's end is not in it yet."""
    out = np.zeros((slow.n_intervals, 3))
    if setting.blinding != "open":
        return out
    begun = np.full_like(slow.node_h, -np.inf)
    for start_h, end_h in treated_stretches_h(protocol):
        own = (slow.edges_h[:-1] >= start_h - RESOLUTION_H)[:, None]
        begun = np.where(own, np.maximum(begun, np.minimum(end_h, slow.node_h)), begun)
    last = np.where(np.isfinite(begun), begun, slow.node_h)
    out[: len(last)] = slow.node_h - last
    return out


def _in_therapy(protocol: Protocol, start_h: np.ndarray, n: int) -> np.ndarray:
    """1 from the first to the last exposure session, (n,)."""
    out = np.zeros(n)
    exposure = [s.time_h - RESOLUTION_H for s in protocol.session_events() if s.kind == "exposure"]
    if exposure:
        out[: len(start_h)] = (start_h >= exposure[0]) & (start_h < exposure[-1])
    return out


def _daily(protocol: Protocol, start_h: np.ndarray, n: int) -> dict[str, np.ndarray]:
    rate, on = np.zeros(n), np.zeros(n)
    for seg in protocol.daily_segments():
        inside = (start_h >= seg.start_h - RESOLUTION_H) & (start_h < seg.end_h - RESOLUTION_H)
        rate[: len(start_h)][inside] = seg.mg_per_day / 24.0
        on[: len(start_h)][inside] = 1.0
    return {"ssri_mg_per_h": rate, "on_ssri": on}


def _sessions(
    protocol: Protocol, events: Sequence[DoseEvent], slow: SlowMesh, n_events: int
) -> dict[str, np.ndarray]:
    n, real = slow.n_intervals, len(slow.edges_h) - 1
    held = {kind: np.zeros(n) for kind in KINDS}
    near = {drug: np.zeros((n, n_events)) for drug in ("ketamine", "midazolam")}
    for s in protocol.session_events():
        i = int(np.argmin(np.abs(slow.edges_h - s.time_h)))
        if i == real:
            continue  # at the horizon: it changes nothing that is still seen
        held[s.kind][i] += 1.0
        for k, e in enumerate(events):
            since_h = s.time_h - e.time_h
            if acts(e) and -RESOLUTION_H <= since_h <= NEAR_DOSE_H + RESOLUTION_H:
                near[e.drug][i, k] = 1.0
    return {f"session_{k}": v for k, v in held.items()} | {f"near_{k}": v for k, v in near.items()}
