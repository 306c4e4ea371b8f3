"""Simulate one or several arms side by side and assemble the result.

Arms with the same setting form a study: they share patients, draws and the study's effects.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from synaptrial.domain.arm import Arm
from synaptrial.domain.document import digest_of
from synaptrial.domain.parameters import ParameterSet
from synaptrial.domain.protocol import Protocol
from synaptrial.evidence.observed import observations, table_arms
from synaptrial.execution.memory import peak_mib
from synaptrial.simulation.basis import Evidence
from synaptrial.simulation.cohort.build import build_cohort
from synaptrial.simulation.cohort.enrol import Cohort
from synaptrial.simulation.cohort.grouping import by_setting, label_arms
from synaptrial.simulation.cohort.models import Models
from synaptrial.simulation.options import Options
from synaptrial.simulation.plan.calendar import require_model
from synaptrial.simulation.run.arm import ArmResult, simulate_arm, simulate_scores
from synaptrial.simulation.summary import (
    acute,
    contrasts,
    courses,
    loss,
    provenance,
    side_effects,
    tidy,
    visits,
)
from synaptrial.simulation.summary.borrowed import borrowed
from synaptrial.simulation.summary.compare import with_predictions
from synaptrial.simulation.summary.nearness import beyond, nearest_row, treatment_of
from synaptrial.simulation.summary.notices import cautions, opening, regression, unchanged
from synaptrial.simulation.summary.result import Result
from synaptrial.simulation.summary.shared import arm_n, pairs
from synaptrial.simulation.summary.tidy import Piece

INERT = ("fentanyl", "ketorolac")


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
        require_model(arm.protocol)
    pieces: list[Piece] = []
    arm_rows: list[dict[str, Any]] = []
    contrast_rows: list[dict[str, Any]] = []
    loss_rows: list[dict[str, Any]] = []
    simulated: dict[str, tuple[ArmResult, Cohort]] = {}
    for group in by_setting(labelled):
        setting = next(iter(group.values())).setting
        cohort = build_cohort(
            models[setting.population], setting, options.patients, options.draws, options.seed
        )
        done: dict[str, ArmResult] = {}
        for label, arm in group.items():
            done[label] = simulate_arm(
                arm, cohort, cores=options.cores, chunk=options.chunk,
                unblinding=options.unblinding, progress=progress,
            )  # fmt: skip
            keep(label, done[label])
        pieces += courses.courses(done, cohort, options.sampled)
        pieces += courses.differences(done, cohort)
        equal = _at_equal_belief(done, cohort, options, progress)
        contrast_rows += contrasts.contrasts(done, equal, cohort)
        loss_rows += loss.excess_loss(done, cohort)
        simulated |= {label: (r, cohort) for label, r in done.items()}
        ketamine = models[setting.population].ketamine
        arm_rows += [_arm_row(label, r, cohort, evidence, ketamine) for label, r in done.items()]
    for i, row in enumerate(arm_rows):
        row["colour_index"] = i
    published_as = table_arms(evidence.arms)
    names = {
        published_as[arm.protocol.id]: label
        for label, arm in labelled.items()
        if unchanged(arm, evidence.bundled) and arm.protocol.id in published_as
    }
    used = provenance.all_models(models)
    definitions = {loss.LATENT: loss.definitions(), **visits.definitions()}
    published = observations(evidence.outcomes, names, provenance.rows_of_priors(used))
    observed = with_predictions(published, simulated)
    defined = [d["source"] for of_scale in definitions.values() for d in of_scale.values()]
    counted = side_effects.sources(arm_rows)
    return Result(
        {
            **opening(
                title or "; ".join(labelled),
                labelled,
                arm_rows,
                evidence,
                [
                    *cautions(labelled, models),
                    *borrowed(labelled, effects=True),
                    *regression(labelled),
                ],
            ),
            "arms": arm_rows,
            "contrasts": contrast_rows,
            "excess_loss": loss_rows,
            "observed": observed,
            "definitions": definitions,
            "assumptions": provenance.assumptions(labelled, used),
            "recorded": provenance.recorded(labelled, used),
            "sources": provenance.sources(
                labelled, used, observed, evidence.sources, defined, counted
            ),
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
                "peak_mib": peak_mib(),
            },
        },
        tidy.table(pieces),
    )


def _at_equal_belief(
    done: Mapping[str, ArmResult],
    cohort: Cohort,
    options: Options,
    progress: Callable[[int], None],
) -> dict[str, dict[str, np.ndarray]]:
    """Scores of the arms that are compared, with a belief that is the same in all of them: it does
    not follow what is felt, and in an open study nobody knows what he gets."""
    out = {}
    for label in dict.fromkeys(label for pair in pairs(done) for label in pair):
        arm = done[label].arm
        is_open = arm.setting.blinding == "open"
        if not (options.unblinding or is_open):
            out[label] = done[label].scores
            continue
        blinded = arm.setting.model_copy(update={"blinding": "double"}) if is_open else arm.setting
        out[label] = simulate_scores(
            Arm(arm.protocol, blinded), cohort, cores=options.cores, chunk=options.chunk,
            unblinding=False, progress=progress,
        )  # fmt: skip
    return out


def _arm_row(
    label: str, r: ArmResult, cohort: Cohort, evidence: Evidence, ketamine: ParameterSet
) -> dict[str, Any]:
    p = r.arm.protocol
    treatment, controlled = treatment_of(p, ketamine), evidence.controlled
    return {
        "label": label,
        "protocol_id": p.id,
        "study": p.study or "no study",
        "kind": p.kind,
        "arm_n": arm_n(r),
        "setting": {
            "blinding": r.arm.setting.blinding,
            "control": r.arm.setting.control,
            "allocation_share": r.arm.setting.allocation_share,
        },
        "events": {
            "doses_h": [e.time_h for e in p.dose_events() if not e.as_needed],
            "sessions_h": [e.time_h for e in p.session_events()],
        },
        "nearest_evidence": nearest_row(treatment, controlled, ketamine),
        "extrapolation": [*beyond(treatment, controlled), *_inert(p)],
        "latent_response": loss.latent_response(r, cohort),
        "visits": visits.visits(r, cohort),
        "acute": acute.acute(r),
        "adverse_events": side_effects.adverse_events(p, evidence),
        "adherence": side_effects.adherence(p, cohort, arm_n(r)),
    }


def _inert(protocol: Protocol) -> list[str]:
    given = {e.drug for e in protocol.dose_events()}
    return [f"{drug} has no effect of its own in the model" for drug in INERT if drug in given]


def _digests(arms: Mapping[str, Arm], m: Models) -> dict[str, str]:
    out = {arm.protocol.id: arm.protocol.digest for arm in arms.values()}
    sets = (*m.priors, m.ketamine, m.midazolam, *m.ssri.values(), m.population)
    return out | {f"set {s.id}": digest_of(s) for s in sets}
