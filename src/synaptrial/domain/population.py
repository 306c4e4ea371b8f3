"""The patients: named, sourced distributions between patients."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import model_validator

from synaptrial.domain.document import Refused
from synaptrial.domain.parameters import Parameter, ParameterSet

# name -> unit. Baselines are shares of the maximum of their CAPS-5 cluster, or of the MADRS.
POPULATION_UNITS = {
    "weight_kg": "kg",
    "age_y": "y",
    "female_share": "fraction",
    "veteran_share": "fraction",
    "ssri_share": "fraction",
    "failed_prior_share": "fraction",
    "chronicity_y": "y",
    "baseline_b": "fraction of 20",
    "baseline_c": "fraction of 8",
    "baseline_d": "fraction of 28",
    "baseline_e": "fraction of 24",
    "baseline_mood": "fraction of 60 (MADRS)",
}
# Facts about the patients that no equation of the model reads.
RECORDED = ("female_share", "ssri_share", "failed_prior_share", "chronicity_y")


class Population(ParameterSet):
    """Who is treated. ``value`` and ``patient_sd`` of each parameter are centre and spread
    between patients; ``correlation`` holds those between two parameters' deviations.

    A share is the probability of a yes-or-no trait. Those in RECORDED are drawn for each patient
    and listed as recorded, not modelled. Baselines are of the screened population:
    an entry rule acts on a noisy screening score, so the mean of those who enter is higher.

    ``override``: priors that have another value in these patients, in place of the prior of that
    name. ``caution``: what a page says of every arm in this population.
    """

    override: Mapping[str, Parameter] = {}
    caution: str = ""

    @model_validator(mode="after")
    def _complete(self) -> Population:
        for name in self.parameter:
            if name not in POPULATION_UNITS:
                raise Refused(f"parameter.{name}", "no such name", ", ".join(POPULATION_UNITS))
        for name, unit in POPULATION_UNITS.items():
            if name not in self.parameter:
                raise Refused(f"parameter.{name}", "nothing", f"a parameter in {unit}")
            parameter = self.parameter[name]
            if parameter.unit != unit:
                raise Refused(f"parameter.{name}.unit", repr(parameter.unit), repr(unit))
            if unit.startswith("fraction") and not 0 <= parameter.value <= 1:
                raise Refused(f"parameter.{name}.value", f"{parameter.value:g}", "0 to 1")
        for name in self.override:
            if name in POPULATION_UNITS:
                raise Refused(f"override.{name}", "no prior", "priors", f"Use parameter.{name}")
        return self
