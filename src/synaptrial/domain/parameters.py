"""A parameter with its uncertainty, its spread and its source.

One form serves published pharmacokinetic sets and priors of the mechanism. A value in
patient ``i`` of study ``s`` in draw ``d`` is ``g(m_d + study_sd * u_ds + patient_sd * z_i)``,
where ``g`` is the inverse transform of the distribution (identity, exp or logistic), ``m_d``
is drawn once per draw, and ``u``, ``z`` are standard normal.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from synaptrial.domain.sources import Mark

Distribution = Literal["fixed", "normal", "lognormal", "logit_normal", "half_normal"]
_SPREADS = (
    ("uncertainty", "uncertainty"),
    ("study_sd", "between studies"),
    ("patient_sd", "between patients"),
)


class Parameter(BaseModel):
    """One value. ``value`` is the mean (normal), the median (lognormal, logit_normal), or the
    mode 0 (half_normal); ``uncertainty`` is the SD of its draw on the transformed scale, and
    for half_normal the SD of the underlying normal.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float
    unit: str
    distribution: Distribution = "fixed"
    uncertainty: float = Field(default=0.0, ge=0)
    study_sd: float = Field(default=0.0, ge=0)
    patient_sd: float = Field(default=0.0, ge=0)
    mark: Mark
    source: str = ""
    locator: str = ""
    reason: str = ""
    rows: tuple[str, ...] = ()
    note: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Parameter:
        spread = self.uncertainty + self.study_sd + self.patient_sd
        if self.distribution == "fixed" and spread > 0:
            raise ValueError("a fixed parameter has no uncertainty, study_sd or patient_sd")
        if self.distribution == "lognormal" and self.value <= 0:
            raise ValueError("the median of a lognormal parameter is above 0")
        if self.distribution == "logit_normal" and not 0 < self.value < 1:
            raise ValueError("the median of a logit_normal parameter lies between 0 and 1")
        if self.distribution == "half_normal" and (self.value or self.patient_sd or self.study_sd):
            raise ValueError("a half_normal parameter has value 0 and uncertainty only")
        if self.mark is Mark.ASSUMED and not self.reason:
            raise ValueError("an ASSUMED value needs a reason")
        if self.mark is not Mark.ASSUMED and not self.source:
            raise ValueError("a value that is not ASSUMED needs a source")
        return self

    @property
    def centre(self) -> float:
        """The value on the transformed scale."""
        if self.distribution == "lognormal":
            return math.log(self.value)
        if self.distribution == "logit_normal":
            return math.log(self.value / (1 - self.value))
        return self.value

    @property
    def stated(self) -> str:
        """The value with its unit, its distribution and its spreads, in words."""
        text = f"{self.value:g} {self.unit}".rstrip(" -")
        spreads = [f"{words} {x:g}" for k, words in _SPREADS if (x := getattr(self, k)) > 0]
        if not spreads:
            return text
        return f"{text} ({self.distribution.replace('_', '-')}; SD: {', '.join(spreads)})"


class Correlation(BaseModel):
    """Correlation between patients of two parameters' deviations, on the transformed scale."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pair: tuple[str, str]
    value: float = Field(gt=-1, lt=1)
    mark: Mark
    source: str = ""
    reason: str = ""


class ParameterSet(BaseModel):
    """Named parameters from one publication or one prior document."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    source: str = ""
    frame: Literal["arterial", "venous", ""] = ""
    note: str = ""
    parameter: Mapping[str, Parameter]
    correlation: tuple[Correlation, ...] = ()

    @model_validator(mode="after")
    def _known_pairs(self) -> ParameterSet:
        unknown = {n for c in self.correlation for n in c.pair} - set(self.parameter)
        if unknown:
            raise ValueError(f"correlation names unknown parameters: {sorted(unknown)}")
        return self

    def value(self, name: str) -> float:
        """The central value of one parameter, in its own unit."""
        return self.parameter[name].value
