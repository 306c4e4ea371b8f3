"""Heterogeneity priors from the literature, for mental-health outcomes, each with its source.

The values are those of tau2 in the papers' tables, as transcribed in the source of the R package
bayesmeta (R/bayesmeta.R, RhodesEtAlParameters and TurnerEtAlParameters), which is what was read;
the papers' own tables were not. log tau has half their location and half their scale.

Left out: Turner 2012 (International Journal of Epidemiology 41: 818), whose values were not read;
and Rhodes 2015 for non-pharmacological comparisons, where that transcription has -3.85 although
every other row of its table puts that column 0.14 above pharmacological against placebo, which
would be -2.85.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.priors import LogNormal, LogT, TauPrior

Comparison = Literal[
    "pharmacological vs placebo",
    "pharmacological vs pharmacological",
    "non-pharmacological vs placebo",
    "non-pharmacological vs pharmacological",
    "non-pharmacological vs non-pharmacological",
]
DRUG: Comparison = "pharmacological vs placebo"


@dataclass(frozen=True)
class SourcedPrior:
    """A prior of tau with its mark, its source and where in it."""

    tau: TauPrior
    mark: str
    source: str
    locator: str

    @property
    def told(self) -> str:
        """Mark, source and place in one line."""
        return f"{self.mark}: {self.source}, {self.locator}"


# Location and scale of log tau2: log-t with 5 degrees of freedom, and log-normal.
_RHODES: dict[str, tuple[float, float]] = {
    "pharmacological vs placebo": (-2.99, 2.16),
    "pharmacological vs pharmacological": (-3.27, 2.14),
}
_TURNER: dict[str, tuple[float, float]] = {
    "pharmacological vs placebo": (-2.12, 1.53),
    "pharmacological vs pharmacological": (-2.35, 1.60),
    "non-pharmacological vs placebo": (-2.34, 1.72),
    "non-pharmacological vs pharmacological": (-1.09, 1.27),
    "non-pharmacological vs non-pharmacological": (-1.67, 1.47),
}
_READ_IN = "as transcribed in R/bayesmeta.R of the R package bayesmeta"


def rhodes2015(comparison: Comparison = DRUG) -> SourcedPrior:
    """tau of standardised mean differences, mental health outcome (doi
    10.1016/j.jclinepi.2014.08.012). Raises InputError for a comparison that has no value here."""
    location, scale = _found(_RHODES, comparison)
    locator = f"Table 3, mental health outcome, {comparison}, {_READ_IN}"
    return SourcedPrior(LogT(location / 2, scale / 2, 5), "READ", "Rhodes 2015", locator)


def turner2015(comparison: Comparison = DRUG) -> SourcedPrior:
    """tau of log odds ratios, mental health indicators (doi 10.1002/sim.6381).
    Raises InputError for a comparison that has no value here."""
    location, scale = _found(_TURNER, comparison)
    locator = f"Table IV, mental health indicators, {comparison}, {_READ_IN}"
    return SourcedPrior(LogNormal(location / 2, scale / 2), "READ", "Turner 2015", locator)


def _found(table: dict[str, tuple[float, float]], comparison: str) -> tuple[float, float]:
    if comparison not in table:
        raise InputError("comparison", repr(comparison), ", ".join(table))
    return table[comparison]
