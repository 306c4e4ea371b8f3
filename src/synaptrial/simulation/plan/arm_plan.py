"""An arm laid out for the engine: meshes, input tables and event signals, known before patients.

Everything here is numpy and depends on the protocol and its setting alone. What decides the
shape of compiled code is in `Structure`; the rest is arrays padded to few shapes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict, Unpack

import numpy as np

from synaptrial.domain.arm import Arm
from synaptrial.domain.dose import DoseEvent
from synaptrial.domain.protocol import Protocol
from synaptrial.domain.setting import Setting
from synaptrial.engine.mesh import FastMesh, SlowMesh, padded, projection
from synaptrial.simulation.cohort.enrol import Cohort
from synaptrial.simulation.plan.calendar import Calendar, calendar_of
from synaptrial.simulation.plan.fast import Tables, lay_fast
from synaptrial.simulation.plan.readings import readings
from synaptrial.simulation.plan.slow import KICK_OFFSETS_H, SLOW_OFFSETS_H, lay_slow

DURATIONS = ("oral_duration", "sl_duration", "sl_swallowed_duration", "swallowed_duration_nasal")


class Mesh(TypedDict, total=False):
    """What may differ from the usual mesh. `substeps` (fast) and `refine` (slow) make the meshes
    finer, for the error estimate; `extra_breaks_h` adds slow edges; the offsets set them after
    doses and after other kicks."""

    substeps: int
    refine: int
    extra_breaks_h: Sequence[float]
    slow_offsets_h: Sequence[float]
    kick_offsets_h: Sequence[float]


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
    """One arm on its meshes. Arrays are numpy; names as in `simulation.run.inputs`."""

    structure: Structure
    events: tuple[DoseEvent, ...]
    fast: FastMesh
    slow: SlowMesh
    arrays: dict[str, np.ndarray]
    tables: Tables
    shown: np.ndarray  # indices of the slow edges that courses are kept at
    acute_h: np.ndarray  # real times of the acute window after the first dose
    vitals_h: np.ndarray  # readings of pressure and pulse after the first dose
    ssri: str  # sertraline, paroxetine or ""


def plan_arm(
    protocol: Protocol,
    setting: Setting,
    durations_h: Mapping[str, float],
    **mesh: Unpack[Mesh],
) -> ArmPlan:
    """Lay a protocol out; `durations_h`: the dissolution times named in DURATIONS. Raises
    InputError for what is unknown or has no model."""
    calendar = calendar_of(protocol, durations_h)
    doses = calendar.doses
    fast, tables = lay_fast(doses, calendar.horizon_h, mesh.get("substeps", 5))
    slow = lay_slow(
        calendar,
        setting,
        mesh.get("extra_breaks_h", ()),
        mesh.get("slow_offsets_h", SLOW_OFFSETS_H),
        mesh.get("kick_offsets_h", KICK_OFFSETS_H),
        mesh.get("refine", 1),
    )
    read = readings(fast, doses)
    to_slow = projection(fast, slow.mesh)
    acute = read.acute_nodes
    arrays = {
        "step_h": fast.step_h,
        "family": fast.family,
        "level": fast.level,
        "segment": fast.segment,
        "starts": fast.starts,
        "project_first": to_slow.first,
        "project_weights": to_slow.weights,
        "felt_nodes": read.felt_nodes,
        "felt_weights": read.felt_weights,
        "acute_nodes": np.pad(acute, (0, padded(len(acute), 64) - len(acute)), mode="edge"),
        "per_kg": doses.per_kg,
        "flat": doses.flat,
        "share_s": doses.share_s,
        "is_ketamine": doses.is_ketamine,
        "dose_of_node": read.dose_of_node,
        **slow.signals,
    }
    return ArmPlan(
        _structure(calendar, tables, fast),
        doses.events,
        fast,
        slow.mesh,
        arrays,
        tables,
        slow.shown,
        read.acute_h,
        read.vitals_h,
        calendar.daily[0].drug if calendar.daily else "",
    )


def _structure(calendar: Calendar, tables: Tables, fast: FastMesh) -> Structure:
    keys: dict[str, list[tuple[str, str]]] = {"ketamine": [], "midazolam": []}
    for name in sorted(tables):
        drug, kind, key = name.split("|")
        keys[drug].append((kind, key))
    ketamine = [e for e in calendar.doses.events if e.drug == "ketamine"]
    return Structure(
        tuple(sorted({e.route for e in ketamine})),
        any(e.enantiomer != "s" for e in ketamine),
        bool(calendar.doses.midazolam),
        tuple(keys["ketamine"]),
        tuple(keys["midazolam"]),
        fast.substeps,
        fast.squarings,
        bool(calendar.sessions),
        bool(calendar.daily),
    )


def plan_for(arm: Arm, cohort: Cohort, **mesh: Unpack[Mesh]) -> ArmPlan:
    """The arm on its meshes, with the dissolution times of the cohort's parameters."""
    fixed = cohort.draws.parameters
    durations = {k: fixed[k].value for k in DURATIONS}
    return plan_arm(arm.protocol, arm.setting, durations, **mesh)
