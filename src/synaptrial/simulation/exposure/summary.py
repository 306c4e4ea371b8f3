"""Exposure of several arms as one document and tidy courses; see `simulation.exposure`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from synaptrial.domain.arm import Arm
from synaptrial.domain.dose import DoseEvent
from synaptrial.domain.errors import InputError
from synaptrial.domain.parameters import ParameterSet
from synaptrial.simulation.basis import Evidence
from synaptrial.simulation.cohort.grouping import label_arms
from synaptrial.simulation.cohort.models import Models
from synaptrial.simulation.exposure.arm import ArmExposure, Wanted
from synaptrial.simulation.exposure.profile import OCCUPANCY_H, modelled
from synaptrial.simulation.exposure.published import PUBLISHED_FRAME
from synaptrial.simulation.summary import provenance
from synaptrial.simulation.summary.borrowed import borrowed
from synaptrial.simulation.summary.notices import cautions, opening
from synaptrial.simulation.summary.result import Result

FRAMES = {
    "venous": "forearm vein; comparison with published samples only, no effect is driven by it",
    "arterial": "arterial plasma, which drives receptor and acute effects",
    "not_stated": "the source does not state the sampling site",
    PUBLISHED_FRAME: "Perez-Ruixo 2021 as published: venous exposure of nasal esketamine; effects"
    " use the arterial inputs instead",
}


def summarise(
    arms: Sequence[Arm],
    models: Mapping[str, Models],
    nasal: ParameterSet,
    evidence: Evidence,
    wanted: Wanted,
    *,
    version: str = "",
    progress: Callable[[int], None] = lambda n: None,
) -> Result:
    """Exposure of each arm. models: by name of population; nasal: the set of Perez-Ruixo 2021.

    Raises InputError for numbers out of range, and where an arm gives nothing with a plasma model.
    """
    wanted.check()
    started = time.perf_counter()
    labelled = label_arms(arms)
    given = {label: _given(arm) for label, arm in labelled.items()}
    for label, events in given.items():
        _require_plasma(label, labelled[label], events)
    routes = tuple(sorted({e.route for ev in given.values() for e in ev if e.drug == "ketamine"}))
    rows, pieces = [], []
    for i, (label, arm) in enumerate(labelled.items()):
        own = models[arm.setting.population]
        work = ArmExposure(
            label, arm, given[label], own, nasal, wanted, routes, evidence.controlled
        )
        rows.append(work.row() | {"colour_index": i})
        pieces += work.courses()
        progress(1)
    plasma = _plasma_only(next(iter(models.values())))
    if any(PUBLISHED_FRAME in r["plasma"] for r in rows):
        plasma = replace(plasma, priors=(*plasma.priors, nasal))
    return Result(
        {
            **opening(
                _title(list(labelled)),
                labelled,
                rows,
                evidence,
                [
                    *cautions(labelled, models),
                    *borrowed(labelled, effects=False),
                    *_long_inputs(rows),
                ],
            ),
            "frames": FRAMES,
            "arms": rows,
            "assumptions": provenance.assumptions(labelled, plasma),
            "sources": provenance.sources(labelled, plasma, [], evidence.sources),
            "run": {
                "version": version,
                "digests": {a.protocol.id: a.protocol.digest for a in arms},
                "parameters_by_mark": provenance.counts_by_mark(plasma),
                "seed": wanted.seed,
                "patients": wanted.patients,
                "weight_kg": wanted.weight_kg,
                "seconds": round(time.perf_counter() - started, 2),
            },
        },
        pd.concat(pieces, ignore_index=True),
    )


def _title(labels: list[str]) -> str:
    if len(labels) > 2:
        return f"Exposure of {len(labels)} arms"
    return f"Exposure: {'; '.join(labels)}"


def _long_inputs(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What of a long infusion the occupancy over the first hours does not hold."""
    return [
        f"{r['label']}: the infusion lasts {hours:.4g} h; occupancy over {OCCUPANCY_H:g} h is that"
        " of its beginning. Peaks, areas and half-lives are those of the whole infusion."
        for r in rows
        if r["occupancy"] and (hours := r["first_dose"]["infusion_min"] / 60) > OCCUPANCY_H
    ]


def _given(arm: Arm) -> tuple[DoseEvent, ...]:
    """Doses of the drug that is given first and has a plasma model."""
    events = modelled(arm.protocol.dose_events())
    return tuple(e for e in events if e.drug == events[0].drug)


def _require_plasma(label: str, arm: Arm, events: Sequence[DoseEvent]) -> None:
    if any(e.amount.in_mg(1.0) > 0 for e in events[:1]):
        return
    drugs = sorted({e.drug for e in arm.protocol.dose_events()})
    drugs += sorted({s.drug for s in arm.protocol.daily_segments()})
    raise InputError(
        arm.protocol.id,
        f"{label} with {', '.join(drugs) or 'no drug'}",
        "an arm whose first dose is ketamine, or midazolam by vein",
        "Leave this arm out; `synaptrial simulate` takes it",
    )


def _plasma_only(models: Models) -> Models:
    """The sets that plasma and receptor rest on; of the population, the weight."""
    weight = {"weight_kg": models.population.parameter["weight_kg"]}
    return replace(
        models,
        priors=tuple(s for s in models.priors if s.id == "receptor"),
        ssri={},
        population=models.population.model_copy(update={"parameter": weight, "correlation": ()}),
    )
