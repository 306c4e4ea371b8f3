"""What an arm is given: doses, a daily drug, psychotherapy sessions, each a table of a protocol."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from synaptrial.domain.document import Document, MarkedDocument, NonNegative, Positive, Refused
from synaptrial.domain.dose import DailySegment, Flat, PerKg
from synaptrial.domain.schedule import Scheduled, increasing

Drug = Literal["ketamine", "midazolam", "fentanyl", "ketorolac", "saline"]
Route = Literal["iv", "im", "sc", "intranasal", "sublingual", "oral"]

# Guards against a slip of unit (micrograms written as milligrams), not limits of good practice.
_LARGEST_MG_PER_KG = {"ketamine": 20.0, "midazolam": 1.0, "fentanyl": 0.02, "ketorolac": 2.0}
_LARGEST_MG = {"ketamine": 2000.0, "midazolam": 50.0, "fentanyl": 1.0, "ketorolac": 120.0}
LARGEST_MG_PER_DAY = 1000.0


class Dose(Scheduled):
    """A drug given at some times. The amount is the total of each time, nasal devices together."""

    drug: Drug
    enantiomer: Literal["racemic", "s", "r"] | None = None
    route: Route
    amount_mg_per_kg: NonNegative | None = None
    amount_mg: NonNegative | None = None
    infusion_min: NonNegative | None = None
    devices: Annotated[int, Field(strict=True, ge=1, le=10)] | None = None
    as_needed: bool = False

    @model_validator(mode="after")
    def _fields_fit(self) -> Dose:
        if self.amount_mg is not None and self.amount_mg_per_kg is not None:
            raise Refused(
                "amount_mg",
                "both amount_mg and amount_mg_per_kg",
                "one of them",
                "Keep amount_mg for a flat dose or amount_mg_per_kg for a dose by weight",
            )
        if self.drug == "saline" and self.amount is not None and self.amount != Flat(0.0):
            raise Refused("amount_mg", "an amount of saline", "no amount")
        if self.drug != "ketamine" and self.enantiomer is not None:
            raise Refused("enantiomer", repr(self.enantiomer), f"no enantiomer for {self.drug}")
        if self.route != "iv" and self.infusion_min is not None:
            raise Refused(
                "infusion_min",
                f"{self.infusion_min:g} on route {self.route}",
                "infusion_min on route iv only",
                "Remove infusion_min, or set route = 'iv'",
            )
        if self.route != "intranasal" and self.devices is not None:
            raise Refused("devices", f"devices on route {self.route}", "route intranasal only")
        for key, amount, limit in self.stated():
            unit = "mg/kg" if key.endswith("per_kg") else "mg"
            if amount > limit:
                raise Refused(
                    key,
                    f"{amount:g} {unit} of {self.drug}",
                    f"0 to {limit:g} {unit}",
                    "Amounts are in milligrams; check the unit",
                )
        return self

    def stated(self) -> tuple[tuple[str, float, float], ...]:
        """Key, value and largest accepted value of the amount; empty where it is unknown."""
        both = (
            ("amount_mg_per_kg", self.amount_mg_per_kg, _LARGEST_MG_PER_KG),
            ("amount_mg", self.amount_mg, _LARGEST_MG),
        )
        return tuple(
            (key, amount, largest[self.drug])
            for key, amount, largest in both
            if amount is not None and self.drug in largest
        )

    @property
    def amount(self) -> PerKg | Flat | None:
        """The amount, or None where it is unknown."""
        if self.amount_mg_per_kg is not None:
            return PerKg(self.amount_mg_per_kg)
        if self.amount_mg is not None:
            return Flat(self.amount_mg)
        return Flat(0.0) if self.drug == "saline" else None

    def missing(self) -> tuple[str, ...]:
        """Keys without which the dose cannot be given."""
        keys = list(self.missing_schedule())
        if self.amount is None:
            keys.append("amount_mg_per_kg or amount_mg")
        if self.drug == "ketamine" and self.enantiomer is None:
            keys.append("enantiomer")
        if self.route == "iv" and self.infusion_min is None:
            keys.append("infusion_min")
        if self.route == "intranasal" and self.devices is None:
            keys.append("devices")
        return tuple(keys)


class Step(Document):
    """From ``day`` on, ``mg_per_day``."""

    day: NonNegative
    mg_per_day: Annotated[
        float, Field(strict=True, allow_inf_nan=False, ge=0, le=LARGEST_MG_PER_DAY)
    ]


class Daily(MarkedDocument):
    """A drug taken every day, with steps of titration or taper, until ``end_day``.

    ``taken_before``: the patient has taken the dose of the first step, which starts on day 0, long
    enough for its full effect. That effect is then part of the baseline.
    """

    drug: Literal["sertraline", "paroxetine"]
    steps: tuple[Step, ...] | None = Field(default=None, min_length=1)
    end_day: Positive | None = None
    taken_before: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> Daily:
        if self.taken_before and self.steps and self.steps[0].day != 0:
            raise Refused(
                "steps[0].day",
                f"{self.steps[0].day:g} of a drug that is taken before",
                "0",
                "A drug that the patient takes already goes on from day 0",
            )
        days = tuple(step.day for step in self.steps or ())
        increasing("steps", days)
        if days and self.end_day is not None and self.end_day <= days[-1]:
            raise Refused("end_day", f"{self.end_day:g}", f"after the last step, day {days[-1]:g}")
        return self

    def missing(self) -> tuple[str, ...]:
        """Keys without which the drug cannot be given."""
        return tuple(key for key in ("steps", "end_day") if getattr(self, key) is None)

    def segments(self) -> tuple[DailySegment, ...]:
        """Stretches of one daily dose; empty while a field is missing."""
        if self.steps is None or self.end_day is None:
            return ()
        ends = [step.day for step in self.steps[1:]] + [self.end_day]
        return tuple(
            DailySegment(
                self.drug, 24 * step.day, 24 * end, step.mg_per_day, self.taken_before and not k
            )
            for k, (step, end) in enumerate(zip(self.steps, ends, strict=True))
        )


class Sessions(Scheduled):
    """Psychotherapy sessions of one kind."""

    kind: Literal["exposure", "reactivation", "supportive"]
