"""Concentration and occupancy, and their check against what is published."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from synaptrial import __version__
from synaptrial.engine.backend import keep_compiled_code
from synaptrial.exchange.bundled import load_parameter_set, load_sources
from synaptrial.exchange.pk_evidence import load_pk_evidence
from synaptrial.facade.loading import Protocols, load_arms, load_evidence, load_models
from synaptrial.pharmacology.check import score
from synaptrial.pharmacology.check_document import document
from synaptrial.pharmacology.predict import MODELS, predict
from synaptrial.simulation.basis import STATEMENT
from synaptrial.simulation.exposure.arm import WEIGHT_KG, Wanted
from synaptrial.simulation.exposure.summary import summarise
from synaptrial.simulation.summary.result import Result


def pk(
    protocols: Protocols,
    *,
    weight_kg: float = WEIGHT_KG,
    patients: int = 200,
    seed: int = 1,
    progress: Callable[[int], None] = lambda n: None,
) -> Result:
    """Concentration and occupancy of protocols (bundled names or paths), without effects.

    A typical patient of `weight_kg` and `patients` virtual ones. `progress` hears of each arm
    that is done. Raises InputError for input that cannot be used, and for arms without a plasma
    model.
    """
    keep_compiled_code()
    arms = load_arms(protocols)
    populations = {a.setting.population for a in arms}
    return summarise(
        arms,
        {name: load_models(name) for name in populations},
        load_parameter_set("perez_ruixo2021"),
        load_evidence(),
        Wanted(weight_kg, patients, seed),
        version=__version__,
        progress=progress,
    )


def pk_check() -> dict[str, Any]:
    """Predicted against published exposure: every claim of every model, as one document."""
    keep_compiled_code()
    evidence = load_pk_evidence()
    predictions = {
        model: predict(model, load_parameter_set(model), evidence.claimed_by(model))
        for model in MODELS
    }
    scores = score(
        evidence.observations.values(), evidence.claims, predictions, evidence.explanations
    )
    return document(
        scores, evidence.claims, evidence.rows, load_sources(), statement=STATEMENT,
        version=__version__,
    )  # fmt: skip
