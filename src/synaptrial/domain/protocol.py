"""A protocol: one arm of a study, published or virtual, from dose to visit.

Times are in hours from the start of the protocol (day 0, hour 0). What a protocol does not
say stays unknown: it can be read, compared and listed, but it does not run.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from synaptrial.domain.document import (
    Key,
    MarkedDocument,
    NonNegative,
    Refused,
    digest_of,
    refuse_all,
)
from synaptrial.domain.dose import DailySegment, DoseEvent, SessionEvent
from synaptrial.domain.errors import InputError
from synaptrial.domain.rules import RedoseIf, Rule, Titrate
from synaptrial.domain.schedule import increasing
from synaptrial.domain.treatment import LARGEST_MG_PER_DAY, Daily, Dose, Sessions
from synaptrial.domain.window import Window

MOST_VISITS = 400  # each keeps ten scores of every patient


class Protocol(MarkedDocument):
    """One arm: doses, daily drugs, sessions, rules and visits within a horizon."""

    labels: ClassVar[frozenset[str]] = frozenset({"id", "title", "arm", "kind", "study", "note"})
    recorded: ClassVar[frozenset[str]] = frozenset({"background"})  # no equation reads them

    id: Key
    title: str
    arm: str
    kind: Literal["drug", "control"]
    study: str = ""
    arm_n: Annotated[int, Field(strict=True, ge=1)] | None = None
    horizon_days: Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, le=1100)]
    visits_days: tuple[NonNegative, ...] = Field(min_length=1, max_length=MOST_VISITS)
    doses: tuple[Dose, ...] = ()
    daily: tuple[Daily, ...] = ()
    sessions: tuple[Sessions, ...] = ()
    course_days: NonNegative | None = None  # the last day of treatment, placebo pills included
    rules: tuple[Rule, ...] = ()
    windows: tuple[Window, ...] = ()
    background: Literal["none", "stable_ssri", "as_population"] = "as_population"
    no_model: tuple[str, ...] = ()  # parts of the treatment that the model does not have
    note: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Protocol:
        refusals: list[Refused] = []
        for check in (
            lambda: increasing("visits_days", self.visits_days),
            self._check_arm,
            self._check_horizon,
            self._check_overlap,
            self._check_daily,
            self._check_rules,
            self._check_titration,
            self._check_windows,
            self._check_course,
        ):
            try:
                check()
            except Refused as refused:
                refusals.append(refused)
        refuse_all(refusals)
        return self

    def _check_arm(self) -> None:
        if not self.arm.strip():
            raise Refused("arm", "nothing", "a name", "The arm's name labels its results")

    def _check_course(self) -> None:
        if self.course_days is not None and self.course_days > self.horizon_days:
            raise Refused(
                "course_days",
                f"day {self.course_days:g}",
                f"days up to horizon_days = {self.horizon_days:g}",
                "Raise horizon_days, or end the course within it",
            )

    def _check_windows(self) -> None:
        declared: set[tuple[str, float]] = set()
        for k, window in enumerate(self.windows):
            for day in window.visits_days:
                at = f"windows[{k}].visits_days"
                if day not in (0.0, *self.visits_days):
                    raise Refused(at, f"day {day:g}", "days that stand in visits_days")
                if (window.scale, day) in declared:
                    raise Refused(at, f"day {day:g} of {window.scale} twice", "each day once")
                declared.add((window.scale, day))

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
        for k, dose in enumerate(self.doses):
            if any(t >= 24 * self.horizon_days for t in dose.times_h()):
                raise Refused(
                    f"doses[{k}]",
                    f"a dose on day {self.horizon_days:g}, when the protocol ends",
                    f"doses before horizon_days = {self.horizon_days:g}",
                    "Raise horizon_days, or remove the dose, which could not act",
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

    def _check_daily(self) -> None:
        drugs = sorted({drug.drug for drug in self.daily})
        if len(drugs) > 1:
            raise Refused(
                "daily",
                " and ".join(drugs),
                "one daily drug in an arm",
                "Two together, or one after the other, have no model",
            )
        segments = self.daily_segments()
        for one, two in zip(segments, segments[1:], strict=False):
            if two.start_h < one.end_h:
                raise Refused(
                    "daily",
                    f"{two.drug} from day {two.start_h / 24:g} while a course of it runs to"
                    f" day {one.end_h / 24:g}",
                    "courses that do not overlap",
                    "State one course with its steps, or an earlier end_day",
                )

    def _check_titration(self) -> None:
        """Guards against a slip of unit hold for the largest amount that a rule may reach."""
        for k, rule in enumerate(self.rules):
            if not isinstance(rule, Titrate):
                continue
            stated = [
                (f"doses[{n}].{key}", amount, limit)
                for n, dose in enumerate(self.doses)
                if not dose.as_needed
                for key, amount, limit in dose.stated()
            ]
            if rule.target == "daily":
                stated = [
                    (f"daily[{n}].mg_per_day", step.mg_per_day, LARGEST_MG_PER_DAY)
                    for n, drug in enumerate(self.daily)
                    for step in drug.steps or ()
                ]
            for at, amount, limit in stated:
                if amount * rule.maximum > limit * (1 + 1e-12):
                    raise Refused(
                        f"rules[{k}].maximum",
                        f"{rule.maximum:g}, which takes {at} = {amount:g} to"
                        f" {amount * rule.maximum:g}",
                        f"at most {limit / amount:g}, for {limit:g}",
                        "maximum multiplies the declared amount",
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

    def lacks(self) -> tuple[str, ...]:
        """What is unknown or has no model, so that the protocol does not run."""
        return (*self.missing(), *(f"a model of {part}" for part in self.no_model))

    def require_runnable(self, where: str = "") -> None:
        """Raise InputError if something needed is unknown or has no model."""
        if lacks := self.lacks():
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
