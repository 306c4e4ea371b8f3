"""The slow mesh of an arm and the signals on it that are known before any patient is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from synaptrial.domain.setting import Setting
from synaptrial.engine.mesh import RESOLUTION_H, SlowMesh, merge_breaks, slow_mesh
from synaptrial.mechanism.learning import KINDS, NEAR_DOSE_H
from synaptrial.simulation.plan.calendar import Calendar, treated_stretches_h
from synaptrial.simulation.plan.readings import LONG_INPUT_H

# Slow edges after a dose: the smallest list tried with severities and circuits within 1e-4 of a
# reference solver (tests/simulation/test_reference.py); after other kicks a shorter one does.
SLOW_OFFSETS_H = (
    0.07, 0.15, 0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.6, 3.2, 4.0, 5.2, 6.6, 8.2, 10.0, 12.0, 14.2,
    17.0, 20.0, 24.0, 28.5, 33.0, 37.5, 42.5, 48.0, 51.5, 55.0, 59.5, 64.0, 76.0, 92.0,
    115.0, 150.0, 200.0,
)  # fmt: skip
KICK_OFFSETS_H = (
    0.35, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.2, 7.0, 9.0, 12.0, 14.2, 17.0, 20.0, 24.0, 28.5, 34.0,
    44.0, 56.0, 74.0, 110.0,
)  # fmt: skip
LONGEST_INTERVAL_H = 84.0  # half a week


class SlowSide(NamedTuple):
    """The slow mesh, which of its edges are shown, and the signals on its intervals."""

    mesh: SlowMesh
    shown: np.ndarray
    signals: dict[str, np.ndarray]


def lay_slow(
    calendar: Calendar,
    setting: Setting,
    extra_breaks_h: Sequence[float],
    slow_offsets_h: Sequence[float],
    kick_offsets_h: Sequence[float],
    refine: int,
) -> SlowSide:
    """Edges at all breaks, at offsets after each dose and each other kick, and each half week, so
    that arms have times in common; each interval cut into `refine`.

    A day that is only observed makes no edge: else another visit would change what is seen at the
    ones before."""
    end_h = calendar.horizon_h
    breaks = [t for t in [*_breaks(calendar), *extra_breaks_h] if 0 <= t <= end_h]
    grid = list(np.arange(LONGEST_INTERVAL_H, end_h, LONGEST_INTERVAL_H))
    acting, kicks = _kicks(calendar)
    after = ((acting, slow_offsets_h), (kicks, kick_offsets_h))
    edges = merge_breaks(
        [e for t, o in after for e in slow_mesh([*breaks, *grid], t, o, LONGEST_INTERVAL_H).edges_h]
    )
    if refine > 1:
        fine = [
            np.linspace(a, b, refine, endpoint=False)
            for a, b in zip(edges[:-1], edges[1:], strict=True)
        ]
        edges = np.concatenate([*fine, edges[-1:]])
    mesh = slow_mesh(list(edges), longest_h=np.inf)
    return SlowSide(mesh, _shown(mesh.edges_h, breaks, grid), slow_signals(calendar, setting, mesh))


def _breaks(calendar: Calendar) -> list[float]:
    events = calendar.doses.events
    return [
        0.0,
        calendar.horizon_h,
        *(e.time_h for e in events),
        *(e.time_h + e.duration_h for e in events),
        *(s.time_h for s in calendar.sessions),
        *calendar.decisions_h,
        *calendar.course_h,
        *(t for seg in calendar.daily for t in (seg.start_h, seg.end_h)),
    ]


def _kicks(calendar: Calendar) -> tuple[list[float], list[float]]:
    """Times of doses that act and ends of long infusions, and other times after which the slow
    layer moves fast: the start, placebo doses (belief follows), sessions, changes of a daily
    drug."""
    doses = calendar.doses
    given = [e for e, acts in zip(doses.events, doses.acting, strict=True) if acts]
    acting = [e.time_h for e in given]
    acting += [e.time_h + e.duration_h for e in given if e.duration_h > LONG_INPUT_H]
    kicks = [0.0, *(s.time_h for s in calendar.sessions)]
    kicks += [e.time_h for e, acts in zip(doses.events, doses.acting, strict=True) if not acts]
    kicks += [t for seg in calendar.daily for t in (seg.start_h, seg.end_h)]
    return acting, sorted(set(kicks) - set(acting))  # the edges after a dose are closer


def _shown(edges_h: np.ndarray, breaks_h: Sequence[float], grid_h: Sequence[float]) -> np.ndarray:
    """Edges for tables and figures: all breaks and half weeks, and between them points that draw
    apart as time since the break grows. The engine steps on all edges, whatever is shown."""
    breaks, grid = set(np.round(breaks_h, 6)), set(np.round(grid_h, 6))
    kept, last, since = [], -np.inf, 0.0
    for i, t in enumerate(edges_h):
        opens = round(float(t), 6) in breaks
        due = t - last >= max(0.5, 0.3 * (t - since))
        if opens or due or round(float(t), 6) in grid:
            kept.append(i)
            last = t
        since = t if opens else since
    return np.array(kept)


def slow_signals(calendar: Calendar, setting: Setting, slow: SlowMesh) -> dict[str, np.ndarray]:
    """Signals by interval, (n,), as the protocol declares them; near_*: (n, n_events), 1 where a
    session opens the interval within NEAR_DOSE_H after the dose."""
    n, real, n_events = slow.n_intervals, len(slow.edges_h) - 1, calendar.doses.size
    start = slow.edges_h[:-1]
    starts = np.array([e.time_h for e in calendar.doses.events])
    count = np.searchsorted(starts, start + RESOLUTION_H, side="right")
    before = np.full(n, len(starts) - 1, np.int32)
    before[:real] = count - 1  # -1: none yet
    node_h = np.zeros((n, 3))
    node_h[:real] = slow.node_h
    return {
        "slow_length_h": slow.length_h,
        "node_h": node_h,
        "event_h": np.pad(starts, (0, n_events - len(starts))),
        "gap_h": np.pad(np.diff(starts, prepend=starts[:1]), (0, n_events - len(starts))),
        "event_before": before,
        "contact": np.full(n, setting.contact_hours_per_week or 0.0),
        "since_open_h": _since_treatment(calendar, setting, slow),
        "treated_h": _treated(calendar, slow),
        "in_therapy": _in_therapy(calendar, start, n),
        **_daily(calendar, start, n),
        **_sessions(calendar, slow),
    }


def _since_treatment(calendar: Calendar, setting: Setting, slow: SlowMesh) -> np.ndarray:
    """Hours since the last declared treatment of an open study at the nodes of each interval,
    (n, 3); 0 while a daily drug runs, before the first, and in a blinded study. What begins at an
    interval's end is not in it yet."""
    out = np.zeros((slow.n_intervals, 3))
    if setting.blinding != "open":
        return out
    begun = np.full_like(slow.node_h, -np.inf)
    treated = treated_stretches_h(calendar.doses.events, calendar.sessions, calendar.daily)
    for start_h, end_h in treated:
        own = (slow.edges_h[:-1] >= start_h - RESOLUTION_H)[:, None]
        begun = np.where(own, np.maximum(begun, np.minimum(end_h, slow.node_h)), begun)
    last = np.where(np.isfinite(begun), begun, slow.node_h)
    out[: len(last)] = slow.node_h - last
    return out


def _treated(calendar: Calendar, slow: SlowMesh) -> np.ndarray:
    """Hours of the course so far at the nodes of each interval, (n, 3)."""
    out = np.zeros((slow.n_intervals, 3))
    start_h, end_h = calendar.course_h
    out[: len(slow.node_h)] = np.clip(slow.node_h, start_h, end_h) - start_h
    return out


def _in_therapy(calendar: Calendar, start_h: np.ndarray, n: int) -> np.ndarray:
    """1 from the first to the last exposure session, (n,)."""
    out = np.zeros(n)
    exposure = [s.time_h - RESOLUTION_H for s in calendar.sessions if s.kind == "exposure"]
    if exposure:
        out[: len(start_h)] = (start_h >= exposure[0]) & (start_h < exposure[-1])
    return out


def _daily(calendar: Calendar, start_h: np.ndarray, n: int) -> dict[str, np.ndarray]:
    """Rate of the daily drug, and 1 where its adverse events may drive a patient out: not of one
    that he has taken for long."""
    rate, on = np.zeros(n), np.zeros(n)
    new = not any(seg.taken_before for seg in calendar.daily)
    for seg in calendar.daily:
        inside = (start_h >= seg.start_h - RESOLUTION_H) & (start_h < seg.end_h - RESOLUTION_H)
        rate[: len(start_h)][inside] = seg.mg_per_day / 24.0
        on[: len(start_h)][inside] = float(new)
    return {"ssri_mg_per_h": rate, "on_ssri": on}


def _sessions(calendar: Calendar, slow: SlowMesh) -> dict[str, np.ndarray]:
    n, real = slow.n_intervals, len(slow.edges_h) - 1
    doses = calendar.doses
    held = {kind: np.zeros(n) for kind in KINDS}
    near = {drug: np.zeros((n, doses.size)) for drug in ("ketamine", "midazolam")}
    for s in calendar.sessions:
        i = int(np.argmin(np.abs(slow.edges_h - s.time_h)))
        if i == real:
            continue  # at the horizon: it changes nothing that is still seen
        held[s.kind][i] += 1.0
        for k, (e, acts) in enumerate(zip(doses.events, doses.acting, strict=True)):
            since_h = s.time_h - e.time_h
            if acts and -RESOLUTION_H <= since_h <= NEAR_DOSE_H + RESOLUTION_H:
                near[e.drug][i, k] = 1.0
    return {f"session_{k}": v for k, v in held.items()} | {f"near_{k}": v for k, v in near.items()}
