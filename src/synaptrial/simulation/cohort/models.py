"""The parameter documents of a run."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from synaptrial.domain.errors import InputError
from synaptrial.domain.parameters import Parameter, ParameterSet
from synaptrial.domain.population import Population


@dataclass(frozen=True)
class Models:
    """The parameter documents of a run, loaded."""

    priors: tuple[ParameterSet, ...]
    ketamine: ParameterSet
    midazolam: ParameterSet
    ssri: Mapping[str, ParameterSet]  # sertraline, paroxetine
    population: Population

    @property
    def sets(self) -> tuple[ParameterSet, ...]:
        """All sets that are drawn from; midazolam's names carry a prefix."""
        renamed = {f"mdz_{k}": v for k, v in self.midazolam.parameter.items() if k != "ke0"}
        midazolam = self.midazolam.model_copy(update={"parameter": renamed, "correlation": ()})
        plasma = {
            f"{drug}_{name}": p for drug, s in self.ssri.items() for name, p in s.parameter.items()
        }
        ssri = ParameterSet(id="ssri_plasma", title="SSRI plasma", parameter=plasma)
        return (*self.priors, self.ketamine, midazolam, ssri, self.population)


def priors_of(population: Population, priors: Sequence[ParameterSet]) -> tuple[ParameterSet, ...]:
    """The priors as they hold in a population: its overrides in place of the priors of that name,
    each saying what it replaces. Order is kept, so that draws pair with those of other populations.

    Raises InputError for an override without a prior of its name and unit."""
    known = {name: p for s in priors for name, p in s.parameter.items()}
    for name, p in population.override.items():
        at = f"population {population.id}: override.{name}"
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
            advice = f"Did you mean {near[0]}?" if near else ""
            raise InputError(at, "no prior of this name", "the name of a prior", advice)
        if p.unit != known[name].unit:
            raise InputError(f"{at}.unit", repr(p.unit), repr(known[name].unit))

    def one(s: ParameterSet) -> ParameterSet:
        own = {
            name: _in_place_of(s.parameter[name], p, population.id)
            for name, p in population.override.items()
            if name in s.parameter
        }
        return s.model_copy(update={"parameter": {**s.parameter, **own}}) if own else s

    return tuple(one(s) for s in priors)


def _in_place_of(prior: Parameter, own: Parameter, population: str) -> Parameter:
    why = (f"In {population}, in place of {prior.stated}", own.reason or own.locator, own.note)
    return own.model_copy(update={"reason": ". ".join(w.rstrip(".") for w in why if w) + "."})
