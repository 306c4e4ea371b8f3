"""When things happen: explicit days, or a start, a spacing and a count."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from synaptrial.domain.document import Count, MarkedDocument, NonNegative, Positive, Refused

HourOfDay = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, lt=24)]


def increasing(at: str, days: tuple[float, ...]) -> None:
    """Refuse days that do not increase."""
    for before, after in zip(days, days[1:], strict=False):
        if after <= before:
            raise Refused(at, f"{after:g} after {before:g}", "days that increase, each once")


class Scheduled(MarkedDocument):
    """``days``, or ``every_days`` with ``count`` from ``start_day`` (0 unless said).

    ``at_h`` shifts all times by hours within the day; day 0, hour 0 is the start of the protocol.
    """

    days: tuple[NonNegative, ...] | None = Field(default=None, min_length=1, max_length=1000)
    start_day: NonNegative | None = None
    every_days: Positive | None = None
    count: Count | None = None
    at_h: HourOfDay = 0.0

    @model_validator(mode="after")
    def _one_form(self) -> Scheduled:
        spaced = (self.start_day, self.every_days, self.count)
        if self.days is not None and any(s is not None for s in spaced):
            raise Refused(
                "days",
                "both days and start_day, every_days or count",
                "one form of schedule",
                "Keep days, or every_days with count",
            )
        increasing("days", self.days or ())
        return self

    def missing_schedule(self) -> tuple[str, ...]:
        """Keys without which the schedule is unknown."""
        if self.days is not None:
            return ()
        if self.every_days is None and self.count is None:
            return ("days",)
        if self.count is None:
            return ("count",)
        return ("every_days",) if self.every_days is None and self.count > 1 else ()

    def times_h(self) -> tuple[float, ...]:
        """Times in hours from the start of the protocol; empty while the schedule is unknown."""
        if self.missing_schedule():
            return ()
        days = self.days
        if days is None:
            assert self.count is not None
            start, every = self.start_day or 0.0, self.every_days or 0.0
            days = tuple(start + k * every for k in range(self.count))
        return tuple(24.0 * day + self.at_h for day in days)
