"""An arm laid out for the engine: meshes, input tables and event signals, known before patients.

Everything here is numpy and depends on the protocol and its setting alone. What decides the
shape of compiled code is in `Structure`; the rest is arrays padded to few shapes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synaptrial.domain.arm import Arm
from synaptrial.domain.dose import DoseEvent
from synaptrial.domain.errors import InputError
from synaptrial.domain.protocol import Protocol
from synaptrial.domain.setting import Setting
from synaptrial.engine.mesh import (
    RESOLUTION_H,
    FastMesh,
    SlowMesh,
    fast_mesh,
    merge_breaks,
    padded,
    projection,
)
from synaptrial.pharmacology import dosing
from synaptrial.simulation.cohort.enrol import Cohort
from synaptrial.simulation.plan.readings import (
    acute_nodes,
    felt_readings,
    first_acting,
    reading_times_h,
)
from synaptrial.simulation.plan.slow import (
    KICK_OFFSETS_H,
    SLOW_OFFSETS_H,
    lay_slow,
    shown_edges,
    slow_breaks,
    slow_signals,
)

FAST_TAIL_H = 240.0  # after this a dose has left: 30 half-lives of the parent
LONGEST_SEGMENT_H = 400.0
EVENT_BUCKET = 8
DURATIONS = ("oral_duration", "sl_duration", "sl_swallowed_duration", "swallowed_duration_nasal")


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
    reading_h: np.ndarray  # readings of pressure and pulse after the first dose
    ssri: str  # sertraline, paroxetine or ""


def _fast_breaks(inputs: Sequence[dosing.Input], horizon_h: float) -> list[float]:
    times = dosing.breaks_h(inputs)
    end = min(horizon_h, max(times) + FAST_TAIL_H)
    breaks = merge_breaks([*[t for t in times if t < end], end])
    out = [breaks[0]]
    for a, b in zip(breaks[:-1], breaks[1:], strict=True):
        k = int(np.ceil((b - a) / LONGEST_SEGMENT_H))
        out += [a + (b - a) * i / k for i in range(1, k + 1)]
    return out


def require_model(protocol: Protocol) -> None:
    """Raise InputError for what is unknown, and for a dose that would silently be left out."""
    protocol.require_runnable()
    for e in protocol.dose_events():
        if e.drug == "midazolam" and e.route != "iv":
            raise InputError(
                f"{protocol.id}: doses",
                f"midazolam by route {e.route}",
                "midazolam by route iv",
                "There is no model of another route: state the infusion that it stands for",
            )


def plan_arm(
    protocol: Protocol,
    setting: Setting,
    durations_h: Mapping[str, float],
    *,
    substeps: int = 5,
    extra_breaks_h: Sequence[float] = (),
    slow_offsets_h: Sequence[float] = SLOW_OFFSETS_H,
    kick_offsets_h: Sequence[float] = KICK_OFFSETS_H,
    refine: int = 1,
) -> ArmPlan:
    """Lay a protocol out. `substeps` (fast) and `refine` (slow) make the meshes finer, for the
    error estimate; `extra_breaks_h` adds slow edges."""
    require_model(protocol)
    events = protocol.dose_events()
    n_events = padded(len(events), EVENT_BUCKET)
    ket = dosing.ketamine_inputs(events, durations_h)
    mid = dosing.infusions(events, "midazolam")
    structure, fast, tables = _fast_side(events, ket, mid, n_events, protocol, substeps)
    breaks = slow_breaks(protocol, events, extra_breaks_h)
    slow = lay_slow(protocol, events, breaks, slow_offsets_h, kick_offsets_h, refine)
    per_kg, flat = dosing.amounts(events, n_events)
    felt_nodes, felt_weights = felt_readings(fast, events, n_events)
    acute = acute_nodes(fast, events)
    to_slow = projection(fast, slow)
    arrays = {
        "step_h": fast.step_h,
        "family": fast.family,
        "level": fast.level,
        "segment": fast.segment,
        "starts": fast.starts,
        "project_first": to_slow.first,
        "project_weights": to_slow.weights,
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
        **slow_signals(protocol, setting, events, slow, n_events),
    }
    acute_h = fast.node_h[acute] - first_acting(events)[0]
    daily = protocol.daily_segments()
    return ArmPlan(
        structure,
        events,
        fast,
        slow,
        arrays,
        tables,
        shown_edges(slow.edges_h, breaks),
        acute_h,
        reading_times_h(events),
        daily[0].drug if daily else "",
    )


def _fast_side(
    events: Sequence[DoseEvent],
    ket: Sequence[dosing.Input],
    mid: Sequence[dosing.Input],
    n_events: int,
    protocol: Protocol,
    substeps: int,
) -> tuple[Structure, FastMesh, dict[str, np.ndarray]]:
    horizon_h = 24.0 * protocol.horizon_days
    # the second and third nasal device may fall behind the horizon, where they act on nothing
    ket, mid = ([i for i in x if i.start_h < horizon_h - RESOLUTION_H] for x in (ket, mid))
    inputs = [*ket, *mid]
    breaks = _fast_breaks(inputs, horizon_h) if inputs else [0.0, 1.0]
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


def plan_for(arm: Arm, cohort: Cohort, **mesh: object) -> ArmPlan:
    """The arm on its meshes; `mesh`: what `plan_arm` takes."""
    fixed = cohort.draws.parameters
    durations = {k: fixed[k].value for k in DURATIONS}
    return plan_arm(arm.protocol, arm.setting, durations, **mesh)  # type: ignore[arg-type]
