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

from synaptrial.domain.document import digest_of
from synaptrial.domain.errors import InputError
from synaptrial.domain.protocol import Protocol
from synaptrial.domain.sources import Source
from synaptrial.evidence.nearest import Treatment, controlled_arms, extrapolation, nearest
from synaptrial.evidence.observed import observations
from synaptrial.evidence.tables import Row
from synaptrial.simulation import provenance, summary, tidy
from synaptrial.simulation.arm import Arm, Models, build_cohort
from synaptrial.simulation.cohort import Cohort
from synaptrial.simulation.compare import with_predictions
from synaptrial.simulation.grouping import by_setting, label_arms, require_model
from synaptrial.simulation.notices import notices, unchanged
from synaptrial.simulation.result import Result
from synaptrial.simulation.run import CHUNK, ArmResult, simulate_arm
from synaptrial.simulation.tidy import Piece

STATUS = "prior, not yet calibrated"
STATEMENT = "Research tool. Not for treating patients; nothing here is advice on treatment."
MOST_SIMULATED = 10**8
MOST_DRAWS = 10_000  # the sums of each draw stay in memory
MOST_CHUNK = 2**16
MOST_CORES = 1024
WEIGHT_KG = 80.0
INERT = ("fentanyl", "ketorolac")


@dataclass(frozen=True)
class Evidence:
    """Loaded evidence tables, sources and bundled arms that a result refers to."""

    studies: Sequence[Row]
    arms: Sequence[Row]
    outcomes: Sequence[Row]
    sources: Mapping[str, Source]
    bundled: Mapping[str, Arm]  # by id: published results belong to these alone


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
        _within("--patients", self.patients, 2, None, "A spread between patients needs two")
        _within("--draws", self.draws, 2, None, "An uncertainty needs two draws")
        _within("--cores", self.cores, 1, MOST_CORES)
        _within("--chunk", self.chunk, 1, MOST_CHUNK)
        _within("--seed", self.seed, 0, 2**63 - 1)
        _within("--courses", self.sampled, 0, 200)
        if self.patients * self.draws > MOST_SIMULATED:
            raise InputError(
                "--patients and --draws",
                f"{self.patients} x {self.draws} = {self.patients * self.draws:.3g} an arm",
                f"at most {MOST_SIMULATED:.0e}",
                "Lower one of them: 40 patients in each of 500 draws serve most questions",
            )
        _within(
            "--draws", self.draws, 2, MOST_DRAWS,
            "For more patients raise --patients: the sums of each draw stay in memory",
        )  # fmt: skip


def _within(name: str, found: int, low: int, high: int | None, advice: str = "") -> None:
    if found < low or (high is not None and found > high):
        accepted = f"{low} or more" if high is None else f"{low} to {high}"
        raise InputError(name, found, accepted, advice)


def simulate(
    arms: Sequence[Arm],
    models: Mapping[str, Models],
    evidence: Evidence,
    options: Options,
    *,
    title: str = "",
    version: str = "",
    progress: Callable[[int], None] = lambda n: None,
    keep: Callable[[str, ArmResult], None] = lambda label, arm: None,
) -> Result:
    """Simulate arms; `models` by name of population. One title for the page.

    keep: takes each arm with the scores of all its patients as soon as it is simulated."""
    options.check()
    started = time.perf_counter()
    labelled = label_arms(arms)
    for arm in arms:
        require_model(arm)
    pieces: list[Piece] = []
    arm_rows: list[dict[str, Any]] = []
    contrast_rows: list[dict[str, Any]] = []
    simulated: dict[str, tuple[ArmResult, Cohort]] = {}
    for group in by_setting(labelled):
        setting = next(iter(group.values())).setting
        cohort = build_cohort(
            models[setting.population], setting, options.patients, options.draws, options.seed
        )
        done = {}
        for label, arm in group.items():
            done[label] = simulate_arm(
                arm, cohort, cores=options.cores, chunk=options.chunk,
                unblinding=options.unblinding, progress=progress,
            )  # fmt: skip
            keep(label, done[label])
        pieces += summary.courses(done, cohort, options.sampled)
        pieces += summary.contrast_courses(done, cohort)
        contrast_rows += summary.contrasts(done, cohort)
        simulated |= {label: (r, cohort) for label, r in done.items()}
        arm_rows += [_arm_row(label, r, cohort, evidence) for label, r in done.items()]
    for i, row in enumerate(arm_rows):
        row["colour_index"] = i
    names = {
        _study_arm(arm): label
        for label, arm in labelled.items()
        if unchanged(arm, evidence.bundled)
    }
    observed = with_predictions(observations(evidence.outcomes, names), simulated)
    used, definitions = provenance.all_models(models), summary.definitions()
    defined = [d["source"] for of_scale in definitions.values() for d in of_scale.values()]
    return Result(
        {
            "title": title or "; ".join(labelled),
            "status": STATUS,
            "statement": STATEMENT,
            "notices": notices(labelled, evidence.bundled),
            "extrapolation": [
                f"{row['label']}: {'; '.join(row['extrapolation'])}."
                for row in arm_rows
                if row["extrapolation"]
            ],
            "arms": arm_rows,
            "contrasts": contrast_rows,
            "observed": observed,
            "definitions": definitions,
            "assumptions": provenance.assumptions(labelled, used),
            "sources": provenance.sources(labelled, used, observed, evidence.sources, defined),
            "run": {
                "version": version,
                "digests": _digests(labelled, used),
                "parameters_by_mark": provenance.counts_by_mark(used),
                "seed": options.seed,
                "patients": options.patients,
                "draws": options.draws,
                "unblinding": options.unblinding,
                "cores": options.cores,
                "chunk": options.chunk,
                "seconds": round(time.perf_counter() - started, 2),
                "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            },
        },
        tidy.table(pieces),
    )


def _study_arm(arm: Arm) -> tuple[str, str]:
    """(study, arm) as in the evidence tables, from an id such as FEDER2021_KET."""
    p = arm.protocol
    return p.study, p.id.removeprefix(f"{p.study}_")


def _arm_row(label: str, r: ArmResult, cohort: Cohort, evidence: Evidence) -> dict[str, Any]:
    p = r.arm.protocol
    treatment = _treatment(r.arm)
    row = (
        nearest(treatment, controlled_arms(evidence.studies, evidence.arms)) if treatment else None
    )
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
        "extrapolation": [*(extrapolation(treatment) if treatment else []), *_inert(p)],
        "visits": summary.visits(r, cohort),
        "acute": summary.acute(r, cohort),
    }


def _inert(protocol: Protocol) -> list[str]:
    given = {e.drug for e in protocol.dose_events()}
    return [f"{drug} has no effect of its own in the model" for drug in INERT if drug in given]


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


def _digests(arms: Mapping[str, Arm], m: Models) -> dict[str, str]:
    out = {arm.protocol.id: arm.protocol.digest for arm in arms.values()}
    sets = (*m.priors, m.ketamine, m.midazolam, *m.ssri.values(), m.population)
    return out | {f"set {s.id}": digest_of(s) for s in sets}
