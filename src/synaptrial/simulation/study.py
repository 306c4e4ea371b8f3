"""Simulate one or several arms side by side and assemble the result.

Arms with the same setting form a study: they share patients, draws and the study's effects.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from synaptrial.domain.document import digest_of
from synaptrial.domain.errors import InputError
from synaptrial.domain.sources import Source
from synaptrial.evidence.nearest import Treatment, controlled_arms, extrapolation, nearest
from synaptrial.evidence.observed import observations
from synaptrial.evidence.tables import Row
from synaptrial.simulation import provenance, summary
from synaptrial.simulation.cohort import Cohort
from synaptrial.simulation.result import Result
from synaptrial.simulation.run import (
    CHUNK,
    Arm,
    ArmResult,
    Models,
    build_cohort,
    simulate_arm,
)

STATUS = "prior, not yet calibrated"
STATEMENT = "Research tool. Not for treating patients; nothing here is advice on treatment."
MOST_SIMULATED = 10**8
WEIGHT_KG = 80.0


@dataclass(frozen=True)
class Evidence:
    """Loaded evidence tables and sources that a result refers to."""

    studies: Sequence[Row]
    arms: Sequence[Row]
    outcomes: Sequence[Row]
    sources: Mapping[str, Source]


@dataclass(frozen=True)
class Options:
    """How many patients and draws, from which seed, on how many threads."""

    patients: int = 40
    draws: int = 500
    seed: int = 1
    cores: int = 1
    chunk: int = CHUNK
    sampled: int = 20
    unblinding: bool = True

    def check(self) -> None:
        """Raise InputError for a number that cannot be used."""
        for name in ("patients", "draws", "cores", "chunk"):
            if getattr(self, name) < 1:
                raise InputError(f"--{name}", getattr(self, name), "1 or more")
        if self.seed < 0:
            raise InputError("--seed", self.seed, "0 or more")
        if not 0 <= self.sampled <= 200:
            raise InputError("--courses", self.sampled, "0 to 200")
        if self.patients * self.draws > MOST_SIMULATED:
            raise InputError(
                "--patients and --draws",
                f"{self.patients} x {self.draws} = {self.patients * self.draws:.3g} patients an arm",
                f"at most {MOST_SIMULATED:.0e}",
                "Lower one of them: 40 patients in each of 500 draws serve most questions",
            )


def simulate(
    arms: Sequence[Arm],
    models: Mapping[str, Models],
    evidence: Evidence,
    options: Options,
    *,
    title: str = "",
    version: str = "",
    progress: Callable[[int], None] = lambda n: None,
) -> Result:
    """Simulate arms; `models` by name of population. One title for the page."""
    options.check()
    started = time.perf_counter()
    labelled = label_arms(arms)
    frames: list[pd.DataFrame] = []
    arm_rows: list[dict[str, Any]] = []
    contrast_rows: list[dict[str, Any]] = []
    for group in by_setting(labelled):
        setting = next(iter(group.values())).setting
        cohort = build_cohort(
            models[setting.population], setting, options.patients, options.draws, options.seed
        )
        done = {
            label: simulate_arm(
                arm, cohort, cores=options.cores, chunk=options.chunk,
                unblinding=options.unblinding, progress=progress,
            )
            for label, arm in group.items()
        }  # fmt: skip
        frames += [summary.courses(done, cohort, options.sampled)]
        frames += [summary.contrast_courses(done, cohort)]
        contrast_rows += summary.contrasts(done, cohort)
        arm_rows += [_arm_row(label, r, cohort, evidence) for label, r in done.items()]
    for i, row in enumerate(arm_rows):
        row["colour_index"] = i
    names = {_study_arm(arm): label for label, arm in labelled.items()}
    observed = observations(evidence.outcomes, names)
    some = next(iter(models.values()))
    return Result(
        {
            "title": title or "; ".join(labelled),
            "status": STATUS,
            "statement": STATEMENT,
            "extrapolation": [
                f"{row['label']}: {'; '.join(row['extrapolation'])}."
                for row in arm_rows
                if row["extrapolation"]
            ],
            "arms": arm_rows,
            "contrasts": contrast_rows,
            "observed": observed,
            "assumptions": provenance.assumptions(labelled, some),
            "sources": provenance.sources(labelled, some, observed, evidence.sources),
            "run": {
                "version": version,
                "digests": _digests(labelled, some),
                "parameters_by_mark": provenance.counts_by_mark(some),
                "seed": options.seed,
                "patients": options.patients,
                "draws": options.draws,
                "unblinding": options.unblinding,
                "cores": options.cores,
                "seconds": round(time.perf_counter() - started, 2),
                "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            },
        },
        pd.concat(frames, ignore_index=True),
    )


def label_arms(arms: Sequence[Arm]) -> dict[str, Arm]:
    """A unique label for each arm: its name, with its study where there are several."""
    studies = {a.protocol.study for a in arms}
    out: dict[str, Arm] = {}
    for arm in arms:
        p = arm.protocol
        label = f"{p.study}: {p.arm}" if len(studies) > 1 and p.study else p.arm
        if label in out:
            label = f"{label} ({p.id})"
        if label in out:
            raise InputError(p.id, "an arm given twice", "each arm once", "Change its id or arm")
        out[label] = arm
    return out


def by_setting(arms: Mapping[str, Arm]) -> list[dict[str, Arm]]:
    """Arms grouped by study and setting, in order of first appearance."""
    groups: dict[tuple[str, str], dict[str, Arm]] = {}
    for label, arm in arms.items():
        key = (arm.protocol.study, digest_of(arm.setting))
        groups.setdefault(key, {})[label] = arm
    return list(groups.values())


def _study_arm(arm: Arm) -> tuple[str, str]:
    """(study, arm) as in the evidence tables, from an id such as FEDER2021_KET."""
    p = arm.protocol
    return p.study, p.id.removeprefix(f"{p.study}_")


def _arm_row(label: str, r: ArmResult, cohort: Cohort, evidence: Evidence) -> dict[str, Any]:
    p = r.arm.protocol
    treatment = _treatment(r.arm)
    row = nearest(treatment, controlled_arms(evidence.studies, evidence.arms)) if treatment else None
    return {
        "label": label,
        "protocol_id": p.id,
        "study": p.study or "no study",
        "kind": p.kind,
        "arm_n": summary.arm_n(r),
        "setting": {
            "blinding": r.arm.setting.blinding,
            "control": r.arm.setting.control,
            "allocation_share": r.arm.setting.allocation_share,
        },
        "events": {
            "doses_h": [e.time_h for e in p.dose_events() if not e.as_needed],
            "sessions_h": [e.time_h for e in p.session_events()],
        },
        "nearest_evidence": _nearest_row(row),
        "extrapolation": extrapolation(treatment) if treatment else [],
        "visits": summary.visits(r, cohort),
        "acute": summary.acute(r, cohort),
    }


def _nearest_row(row: Row | None) -> dict[str, Any]:
    if row is None:
        return {"study": "none needed: no ketamine in this arm"}
    return {
        "study": row["study"],
        "arm": row["arm"],
        "dose": f"{row['dose']} {row['dose_unit']}",
        "route": row["route"],
        "doses": row["n_doses"] or "unknown",
        "days": row["days"] or "unknown",
        "patients": row["n"] or "unknown",
    }


def _treatment(arm: Arm) -> Treatment | None:
    events = [e for e in arm.protocol.dose_events() if e.drug == "ketamine"]
    if not events:
        return None
    doses = [e.amount.in_mg(WEIGHT_KG) / WEIGHT_KG for e in events]
    return Treatment(
        events[int(np.argmax(doses))].route,
        max(doses),
        len(events),
        (events[-1].time_h - events[0].time_h) / 24,
        arm.protocol.horizon_days,
    )


def _digests(arms: Mapping[str, Arm], models: Models) -> dict[str, str]:
    out = {arm.protocol.id: arm.protocol.digest for arm in arms.values()}
    return out | {f"set {s.id}": digest_of(s) for s in models.sets if s.id != "ssri_plasma"}
