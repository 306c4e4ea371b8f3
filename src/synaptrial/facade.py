"""The public functions: load what a run needs, run it, draw it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synaptrial import __version__
from synaptrial.domain.errors import InputError
from synaptrial.domain.setting import OPEN_LABEL
from synaptrial.engine.backend import keep_compiled_code, keep_scratch_memory
from synaptrial.exchange.bundled import (
    bundled,
    load_parameter_set,
    load_population,
    load_protocol,
    load_sources,
    load_table,
)
from synaptrial.exchange.pk_evidence import load_pk_evidence
from synaptrial.pharmacology.check import score
from synaptrial.pharmacology.check_document import document
from synaptrial.pharmacology.predict import MODELS, predict
from synaptrial.simulation.accuracy import mesh_errors
from synaptrial.simulation.arm import Arm, Models, build_cohort
from synaptrial.simulation.exposure_arm import WEIGHT_KG, Wanted
from synaptrial.simulation.exposure_summary import summarise
from synaptrial.simulation.grouping import label_arms
from synaptrial.simulation.options import SAMPLED, Options, check_seed
from synaptrial.simulation.prior_check import PROTOCOLS
from synaptrial.simulation.prior_check import prior_check as check_prior
from synaptrial.simulation.result import Result
from synaptrial.simulation.run import CHUNK, ArmResult
from synaptrial.simulation.study import STATEMENT, Evidence
from synaptrial.simulation.study import simulate as simulate_arms

if TYPE_CHECKING:
    from synaptrial.reporting.writer import Page
    from synaptrial.review.result import Review

Protocols = str | Path | Sequence[str | Path]
MESH_PATIENTS, MESH_DRAWS = 16, 8  # patients and draws that the error is taken over


@cache
def load_models(population: str) -> Models:
    """The bundled parameter sets with one population."""
    return Models(
        priors=tuple(load_parameter_set(name, "priors") for name in bundled("priors")),
        ketamine=load_parameter_set("rec_ptsd_v0"),
        midazolam=load_parameter_set("albrecht1999_midazolam"),
        ssri={
            "sertraline": load_parameter_set("zhang2024_sertraline"),
            "paroxetine": load_parameter_set("kim2015_paroxetine"),
        },
        population=load_population(population),
    )


@cache
def load_evidence() -> Evidence:
    """The bundled evidence tables, sources and arms."""
    loaded = [load_protocol(name) for name in bundled("protocols")]
    return Evidence(
        load_table("studies"),
        load_table("arms"),
        load_table("outcomes"),
        load_sources(),
        {p.id: Arm(p, setting or OPEN_LABEL) for p, setting in loaded},
    )


def load_arm(name_or_path: str | Path) -> Arm:
    """A protocol with its setting; without one it is open label. Raises InputError for anything
    unfit, a population that does not come with the package included."""
    loaded = load_protocol(name_or_path)
    loaded.protocol.require_runnable(str(name_or_path))
    setting = loaded.setting or OPEN_LABEL
    if setting.population not in bundled("populations"):
        # a name alone: else a file of the folder one happens to stand in would be read
        raise InputError(
            f"{name_or_path}: setting.population",
            repr(setting.population),
            ", ".join(bundled("populations")),
            "A protocol file names a population of the package; no file is read",
        )
    return Arm(loaded.protocol, setting)


def _load_arms(protocols: Protocols) -> list[Arm]:
    """One protocol or several."""
    several = [protocols] if isinstance(protocols, str | Path) else protocols
    return [load_arm(p) for p in several]


def simulate(
    protocols: Protocols,
    *,
    patients: int = 40,
    draws: int = 500,
    seed: int = 1,
    cores: int = 1,
    title: str = "",
    sampled: int = SAMPLED,
    unblinding: bool = True,
    chunk: int = CHUNK,
    progress: Callable[[int], None] = lambda n: None,
    keep: Callable[[str, ArmResult], None] = lambda label, arm: None,
) -> Result:
    """Simulate protocols (bundled names or paths, one or several) side by side.

    patients in each of `draws` draws of the parameters, per arm. `unblinding=False` switches
    the functional-unblinding path off. `chunk` patients are computed together; it changes no
    result. `keep` takes each arm with the scores of all its patients. Raises
    InputError for input that cannot be used.
    """
    keep_compiled_code()
    keep_scratch_memory()
    arms = _load_arms(protocols)
    models: Mapping[str, Models] = {
        a.setting.population: load_models(a.setting.population) for a in arms
    }
    options = Options(patients, draws, seed, cores, chunk, sampled, unblinding)
    return simulate_arms(
        arms, models, load_evidence(), options, title=title, version=__version__,
        progress=progress, keep=keep,
    )  # fmt: skip


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
    arms = _load_arms(protocols)
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


def prior_check(
    *,
    patients: int = 40,
    draws: int = 500,
    seed: int = 1,
    cores: int = 1,
    progress: Callable[[int], None] = lambda n: None,
) -> dict[str, Any]:
    """What the prior says of published trials, before any fit, with the criteria that it must
    meet; see `simulation.prior_check`. Raises InputError for numbers that cannot be used."""
    keep_compiled_code()
    keep_scratch_memory()
    arms = {name: load_arm(name) for name in PROTOCOLS}
    populations = sorted({a.setting.population for a in arms.values()})
    return check_prior(
        arms,
        {name: load_models(name) for name in populations},
        load_evidence().outcomes,
        load_table("meta_analyses"),
        Options(patients, draws, seed, cores),
        __version__,
        progress,
    )


def review(
    evidence: Path | None = None,
    *,
    force_bias_tests: bool = False,
    include_recalled: bool = False,
    as_of: int | None = None,
    screening_log: Path | None = None,
) -> Review:
    """Judge each claim of the starting text by the evidence, as of 2019 and as of now.

    evidence: the folder of an evidence base, that of the package by default. `as_of`: what had
    been published up to and including that year, in place of now. `force_bias_tests`: funnel and
    its tests below ten studies, marked. `include_recalled`: numbers from memory too, marked.
    `screening_log`: a CSV from which the flow of studies is counted. Raises InputError for
    evidence that does not pass its check, and for a log that contradicts itself.
    """
    from synaptrial.exchange.evidence_folder import load_evidence as load_base
    from synaptrial.exchange.review_claims import load_claims, load_readings
    from synaptrial.exchange.screening_log import screening_flow
    from synaptrial.review.result import review_of

    flow = screening_flow(screening_log).flow_rows() if screening_log else ()
    return review_of(
        load_base(evidence), load_claims(), load_readings(), as_of=as_of,
        recalled=include_recalled, force_bias_tests=force_bias_tests, version=__version__,
        flow=flow,
    )  # fmt: skip


def mesh_error(protocols: Protocols, *, seed: int = 1) -> list[dict[str, Any]]:
    """The engine's own error for each protocol: when both meshes are halved, the largest
    difference of any latent course, as a share of the patient's largest value, and which course.

    Raises InputError for input that cannot be used."""
    check_seed(seed)
    keep_compiled_code()
    out = []
    for arm in label_arms(_load_arms(protocols)).values():
        models = load_models(arm.setting.population)
        cohort = build_cohort(models, arm.setting, MESH_PATIENTS, MESH_DRAWS, seed)
        errors = mesh_errors(arm, cohort)
        course = max(errors, key=errors.__getitem__)
        out.append(
            {
                "protocol": arm.protocol.id,
                "quantity": "largest difference between the usual mesh and one of half the steps,"
                " as a share of the patient's largest value",
                "worst_error": errors[course],
                "course": course,
            }
        )
    return out


def report(result: Result) -> Page:
    """The report of a result: one self-contained page and its figures."""
    from synaptrial.reporting.page import build_report
    from synaptrial.simulation.describe import model_stages

    return build_report(result, model_stages())
