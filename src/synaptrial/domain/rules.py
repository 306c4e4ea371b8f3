"""The closed list of rules that act at visits, on a score observed there.

A rule sets per-patient multipliers of what the protocol declares; it never adds a dose. It acts
on what comes at the time of the visit or later: the score is taken first. Rules of one visit see
the same score and act in the order in which the protocol lists them. A stop is for good: no
rule, at that visit or later, gives what was stopped.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from synaptrial.domain.document import MarkedDocument, NonNegative, Number, Refused
from synaptrial.domain.scales import SCALES, SCORED
from synaptrial.domain.schedule import increasing

Test = Literal["score_at_least", "score_below", "fall_at_least", "fall_below"]


class _AtVisit(MarkedDocument):
    """Asked at each of ``visits_days``: does the observed score meet the test?

    ``score_*`` compares the score in points; ``fall_*`` compares the fall from baseline as a
    fraction of baseline (0.3 is a fall of 30%).
    """

    visits_days: tuple[NonNegative, ...] = Field(min_length=1)
    scale: str
    test: Test
    value: Number

    @model_validator(mode="after")
    def _sensible(self) -> _AtVisit:
        increasing("visits_days", self.visits_days)
        if self.scale not in SCORED:
            raise Refused(
                "scale",
                repr(self.scale),
                ", ".join(SCORED),
                "A rule asks for a score that is recorded at its visit",
            )
        low, high = SCALES[self.scale].minimum, SCALES[self.scale].maximum
        if self.test.startswith("fall"):
            low, high = 0.0, 1.0
        if not low <= self.value <= high:
            raise Refused(
                "value",
                f"{self.value:g}",
                f"{low:g} to {high:g}",
                "A fall is a fraction of baseline: 0.3 is 30%" if high == 1.0 else "",
            )
        return self


class Titrate(_AtVisit):
    """Add ``step`` to the multiplier of all doses from then on, within ``minimum``..``maximum``.

    The multiplier is 1 at the declared amount; a negative step lowers the dose, and from 0 it can
    be raised again, unlike after a stop. As-needed doses are not titrated.
    """

    do: Literal["titrate"]
    target: Literal["doses", "daily"] = "doses"
    step: Number
    minimum: NonNegative = 0.0
    maximum: Annotated[float, Field(strict=True, allow_inf_nan=False, ge=1)]

    @model_validator(mode="after")
    def _steps(self) -> Titrate:
        if self.step == 0:
            raise Refused("step", "0", "a step other than 0")
        if self.minimum > 1:
            raise Refused("minimum", f"{self.minimum:g}", "0 to 1, the declared amount being 1")
        return self


class StopIf(_AtVisit):
    """Give nothing more of ``stops``, for good."""

    do: Literal["stop_if"]
    stops: tuple[Literal["doses", "daily", "sessions"], ...] = Field(default=("doses",))


class RedoseIf(_AtVisit):
    """Give the next as-needed dose, as declared. Of several tests before one dose, one that is met
    is enough; where none is, the dose is not given."""

    do: Literal["redose_if"]


Rule = Annotated[Titrate | StopIf | RedoseIf, Field(discriminator="do")]
