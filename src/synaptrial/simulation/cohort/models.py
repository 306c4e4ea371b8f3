"""The parameter documents of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from synaptrial.domain.parameters import ParameterSet


@dataclass(frozen=True)
class Models:
    """The parameter documents of a run, loaded."""

    priors: tuple[ParameterSet, ...]
    ketamine: ParameterSet
    midazolam: ParameterSet
    ssri: Mapping[str, ParameterSet]  # sertraline, paroxetine
    population: ParameterSet

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
