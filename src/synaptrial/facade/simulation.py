"""Simulation of protocols, its report, its own error, and what the prior says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from synaptrial import __version__
from synaptrial.calibration.prior_check import PROTOCOLS
from synaptrial.calibration.prior_check import prior_check as check_prior
from synaptrial.engine.backend import keep_compiled_code, keep_scratch_memory
from synaptrial.evidence.observed import table_arms
from synaptrial.exchange.bundled import load_table
from synaptrial.facade.loading import Protocols, load_arm, load_arms, load_evidence, load_models
from synaptrial.simulation.accuracy import mesh_errors
from synaptrial.simulation.cohort.build import build_cohort
from synaptrial.simulation.cohort.grouping import label_arms
from synaptrial.simulation.cohort.models import Models
from synaptrial.simulation.options import CHUNK, SAMPLED, Options, check_seed
from synaptrial.simulation.run.arm import ArmResult
from synaptrial.simulation.study import simulate as simulate_arms
from synaptrial.simulation.summary.result import Result

if TYPE_CHECKING:
    from synaptrial.reporting.kit.writer import Page

MESH_PATIENTS, MESH_DRAWS = 16, 8  # patients and draws that the error is taken over


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
    arms = load_arms(protocols)
    models: Mapping[str, Models] = {
        a.setting.population: load_models(a.setting.population) for a in arms
    }
    options = Options(patients, draws, seed, cores, chunk, sampled, unblinding)
    return simulate_arms(
        arms, models, load_evidence(), options, title=title, version=__version__,
        progress=progress, keep=keep,
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
    evidence = load_evidence()
    published = [p for p in table_arms(evidence.arms) if p in evidence.bundled]
    runnable = [p for p in published if not evidence.bundled[p].protocol.lacks()]
    arms = {name: load_arm(name) for name in dict.fromkeys((*PROTOCOLS, *runnable))}
    populations = sorted({a.setting.population for a in arms.values()})
    return check_prior(
        arms,
        {name: load_models(name) for name in populations},
        evidence,
        load_table("meta_analyses"),
        Options(patients, draws, seed, cores),
        __version__,
        progress,
    )


def mesh_error(protocols: Protocols, *, seed: int = 1) -> list[dict[str, Any]]:
    """The engine's own error for each protocol: when both meshes are halved, the largest
    difference of any latent course, as a share of the patient's largest value, and which course.

    Raises InputError for input that cannot be used."""
    check_seed(seed)
    keep_compiled_code()
    out = []
    for arm in label_arms(load_arms(protocols)).values():
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
    from synaptrial.reporting.simulation.page import build_report
    from synaptrial.simulation.summary.describe import model_stages

    return build_report(result, model_stages())
