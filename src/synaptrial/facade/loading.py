"""What a run needs, from the package and from protocol files."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from synaptrial.domain.arm import Arm
from synaptrial.domain.errors import InputError
from synaptrial.domain.setting import OPEN_LABEL
from synaptrial.exchange.bundled import (
    bundled,
    load_parameter_set,
    load_population,
    load_protocol,
    load_sources,
    load_table,
)
from synaptrial.simulation.basis import Evidence
from synaptrial.simulation.cohort.models import Models, priors_of

Protocols = str | Path | Sequence[str | Path]


@cache
def load_models(population: str) -> Models:
    """The bundled parameter sets with one population, and the priors as they hold in it."""
    people = load_population(population)
    priors = [load_parameter_set(name, "priors") for name in bundled("priors")]
    return Models(
        priors=priors_of(people, priors),
        ketamine=load_parameter_set("rec_ptsd_v0"),
        midazolam=load_parameter_set("albrecht1999_midazolam"),
        ssri={
            "sertraline": load_parameter_set("zhang2024_sertraline"),
            "paroxetine": load_parameter_set("kim2015_paroxetine"),
        },
        population=people,
    )


@cache
def load_evidence() -> Evidence:
    """The bundled evidence tables, sources and arms."""
    loaded = [load_protocol(name) for name in bundled("protocols")]
    return Evidence(
        load_table("studies"),
        load_table("arms"),
        load_table("outcomes"),
        load_table("adverse_events"),
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


def load_arms(protocols: Protocols) -> list[Arm]:
    """One protocol or several; see `load_arm`."""
    several = [protocols] if isinstance(protocols, str | Path) else protocols
    return [load_arm(p) for p in several]
