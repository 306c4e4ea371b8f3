"""A protocol: one arm of a study, published or virtual, from dose to visit.

Times are in hours from the start of the protocol (day 0, hour 0). What a protocol does not
say stays unknown: it can be read, compared and listed, but it does not run.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from synaptrial.domain.document import (
    Document,
    Key,
    MarkedDocument,
    NonNegative,
    Positive,
    Refused,
    digest_of,
)
from synaptrial.domain.dose import DailySegment, DoseEvent, Flat, PerKg, SessionEvent
from synaptrial.domain.errors import InputError
from synaptrial.domain.rules import RedoseIf, Rule
from synaptrial.domain.schedule import Scheduled, increasing

__all__ = [
    "Daily",
    "DailySegment",
    "Dose",
    "DoseEvent",
    "Flat",
    "PerKg",
    "Protocol",
    "SessionEvent",
    "Sessions",
    "Step",
]

Drug = Literal["ketamine", "midazolam", "fentanyl", "ketorolac", "saline"]
Route = Literal["iv", "im", "sc", "intranasal", "sublingual", "oral"]

# Guards against a slip of unit (micrograms written as milligrams), not limits of good practice.
_LARGEST_MG_PER_KG = {"ketamine": 20.0, "midazolam": 1.0, "fentanyl": 0.02, "ketorolac": 2.0}
_LARGEST_MG = {"ketamine": 2000.0, "midazolam": 50.0, "fentanyl": 1.0, "ketorolac": 120.0}


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
        self._check_size("amount_mg_per_kg", self.amount_mg_per_kg, _LARGEST_MG_PER_KG)
        self._check_size("amount_mg", self.amount_mg, _LARGEST_MG)
        return self

    def _check_size(self, key: str, amount: float | None, largest: dict[str, float]) -> None:
        limit, unit = largest.get(self.drug), "mg/kg" if key.endswith("per_kg") else "mg"
        if amount is not None and limit is not None and amount > limit:
            raise Refused(
                key,
                f"{amount:g} {unit} of {self.drug}",
                f"0 to {limit:g} {unit}",
                "Amounts are in milligrams; check the unit",
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
    mg_per_day: Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=1000)]


class Daily(MarkedDocument):
    """A drug taken every day, with steps of titration or taper, until ``end_day``."""

    drug: Literal["sertraline", "paroxetine"]
    steps: tuple[Step, ...] | None = Field(default=None, min_length=1)
    end_day: Positive | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Daily:
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
            DailySegment(self.drug, 24 * step.day, 24 * end, step.mg_per_day)
            for step, end in zip(self.steps, ends, strict=True)
        )


class Sessions(Scheduled):
    """Psychotherapy sessions of one kind."""

    kind: Literal["exposure", "reactivation", "supportive"]


class Protocol(MarkedDocument):
    """One arm: doses, daily drugs, sessions, rules and visits within a horizon."""

    labels: ClassVar[frozenset[str]] = frozenset({"id", "title", "arm", "kind", "study", "note"})

    id: Key
    title: str
    arm: str
    kind: Literal["drug", "control"]
    study: str = ""
    arm_n: Annotated[int, Field(strict=True, ge=1)] | None = None
    horizon_days: Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, le=1100)]
    visits_days: tuple[NonNegative, ...] = Field(min_length=1)
    doses: tuple[Dose, ...] = ()
    daily: tuple[Daily, ...] = ()
    sessions: tuple[Sessions, ...] = ()
    rules: tuple[Rule, ...] = ()
    background: Literal["none", "stable_ssri", "as_population"] = "as_population"
    no_model: tuple[str, ...] = ()  # parts of the treatment that the model does not have
    note: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Protocol:
        increasing("visits_days", self.visits_days)
        self._check_horizon()
        self._check_overlap()
        self._check_rules()
        return self

    def _check_horizon(self) -> None:
        ends = [("visits_days", 24 * day) for day in self.visits_days]
        for k, dose in enumerate(self.doses):
            ends += [(f"doses[{k}]", t + (dose.infusion_min or 0) / 60) for t in dose.times_h()]
        ends += [(f"sessions[{k}]", t) for k, s in enumerate(self.sessions) for t in s.times_h()]
        ends += [(f"daily[{k}]", s.end_h) for k, d in enumerate(self.daily) for s in d.segments()]
        for at, end_h in ends:
            if end_h > 24 * self.horizon_days:
                raise Refused(
                    at,
                    f"day {end_h / 24:g}",
                    f"days up to horizon_days = {self.horizon_days:g}",
                    "Raise horizon_days, or remove what comes after it",
                )

    def _check_overlap(self) -> None:
        given = sorted(
            (time, time + (dose.infusion_min or 0) / 60, k)
            for k, dose in enumerate(self.doses)
            for time in dose.times_h()
            if dose.infusion_min
        )
        for (_, end, one), (start, _, other) in zip(given, given[1:], strict=False):
            if start < end - 1e-9:
                raise Refused(
                    f"doses[{other}]",
                    f"an infusion at {start:g} h while that of doses[{one}] runs to {end:g} h",
                    "infusions that do not overlap",
                    "Move one with days or at_h, or shorten infusion_min",
                )

    def _check_rules(self) -> None:
        for k, rule in enumerate(self.rules):
            unknown = [day for day in rule.visits_days if day not in self.visits_days]
            if unknown:
                raise Refused(
                    f"rules[{k}].visits_days",
                    f"day {unknown[0]:g}",
                    "days that stand in visits_days",
                    "Add the day to visits_days",
                )
        needed = any(dose.as_needed for dose in self.doses)
        redosed = any(isinstance(rule, RedoseIf) for rule in self.rules)
        if needed != redosed:
            raise Refused(
                "rules",
                "as-needed doses without a redose_if" if needed else "redose_if without a dose",
                "as_needed = true on a dose and a redose_if rule, together",
            )

    @property
    def digest(self) -> str:
        """SHA-256 of the protocol as canonical JSON."""
        return digest_of(self)

    def missing(self) -> tuple[str, ...]:
        """Key paths of what is unknown and needed to run."""
        tables: list[tuple[str, Dose | Daily | Sessions]] = []
        tables += [(f"doses[{k}]", dose) for k, dose in enumerate(self.doses)]
        tables += [(f"daily[{k}]", drug) for k, drug in enumerate(self.daily)]
        tables += [(f"sessions[{k}]", part) for k, part in enumerate(self.sessions)]
        paths = []
        for at, table in tables:
            keys = table.missing_schedule() if isinstance(table, Sessions) else table.missing()
            paths += [f"{at}.{key}" for key in keys]
        return tuple(paths)

    def require_runnable(self, where: str = "") -> None:
        """Raise InputError if something needed is unknown or has no model."""
        lacks = [*self.missing(), *(f"a model of {part}" for part in self.no_model)]
        if lacks:
            raise InputError(
                where or f"protocol {self.id}",
                f"no {', no '.join(lacks)}",
                "a protocol in which all of it is known",
                "It can be read but not run; nothing is filled in. State your value in a copy",
            )

    def dose_events(self) -> tuple[DoseEvent, ...]:
        """All doses in order of time, as-needed slots included. Runnable protocols only."""
        self.require_runnable()
        given = sorted((time, k) for k, dose in enumerate(self.doses) for time in dose.times_h())
        return tuple(self._event(slot, time, self.doses[k]) for slot, (time, k) in enumerate(given))

    def _event(self, slot: int, time_h: float, dose: Dose) -> DoseEvent:
        assert dose.amount is not None
        return DoseEvent(
            time_h=time_h,
            drug=dose.drug,
            enantiomer=dose.enantiomer or "",
            route=dose.route,
            amount=dose.amount,
            duration_h=(dose.infusion_min or 0.0) / 60.0,
            devices=dose.devices or 1,
            slot=slot,
            as_needed=dose.as_needed,
        )

    def session_events(self) -> tuple[SessionEvent, ...]:
        """All sessions in order of time."""
        events = (SessionEvent(t, part.kind) for part in self.sessions for t in part.times_h())
        return tuple(sorted(events, key=lambda event: (event.time_h, event.kind)))

    def daily_segments(self) -> tuple[DailySegment, ...]:
        """All stretches of daily drugs in order of start."""
        segments = (segment for drug in self.daily for segment in drug.segments())
        return tuple(sorted(segments, key=lambda segment: (segment.start_h, segment.drug)))
