"""What a protocol declares, worked out once, in hours: doses, sessions, daily drugs, decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from synaptrial.domain.dose import DailySegment, DoseEvent, SessionEvent
from synaptrial.domain.errors import InputError
from synaptrial.domain.protocol import Protocol
from synaptrial.pharmacology.dosing import Doses, compiled


@dataclass(frozen=True)
class Calendar:
    """One protocol from its start to its horizon. Parts are in order of time."""

    horizon_h: float
    course_h: tuple[float, float]  # from the first declared treatment to the last
    decisions_h: tuple[float, ...]  # days on which rules act
    doses: Doses
    sessions: tuple[SessionEvent, ...]
    daily: tuple[DailySegment, ...]


def calendar_of(protocol: Protocol, durations_h: Mapping[str, float]) -> Calendar:
    """`durations_h`: dissolution times of the ketamine set. Raises InputError for what is unknown
    or has no model."""
    require_model(protocol)
    horizon_h = 24.0 * protocol.horizon_days
    return Calendar(
        horizon_h,
        course_h(protocol),
        tuple(sorted({24.0 * d for rule in protocol.rules for d in rule.visits_days})),
        compiled(protocol.dose_events(), durations_h, horizon_h),
        protocol.session_events(),
        protocol.daily_segments(),
    )


def require_model(protocol: Protocol) -> None:
    """Raise InputError for what is unknown, and for a dose that would silently be left out."""
    protocol.require_runnable()
    for e in protocol.dose_events():
        if e.drug == "midazolam" and e.route != "iv":
            raise InputError(
                f"{protocol.id}: doses",
                f"midazolam by route {e.route}",
                "midazolam by route iv",
                "There is no model of another route: state the infusion that it stands for",
            )


Stretches = list[tuple[float, float]]


def given_stretches_h(
    doses: Sequence[DoseEvent], sessions: Sequence[SessionEvent], daily: Sequence[DailySegment]
) -> Stretches:
    """Start and end of all that is declared, placebo included; as-needed doses do not count."""
    out = [(s.time_h, s.time_h) for s in sessions]
    out += [(e.time_h, e.time_h) for e in doses if not e.as_needed]
    return out + [(s.start_h, s.end_h) for s in daily]


def treated_stretches_h(
    doses: Sequence[DoseEvent], sessions: Sequence[SessionEvent], daily: Sequence[DailySegment]
) -> Stretches:
    """The same without placebo: a session, a dose of a drug, a daily drug."""
    drugs = [e for e in doses if e.amount.in_mg(1.0) > 0]
    return given_stretches_h(drugs, sessions, [s for s in daily if s.mg_per_day > 0])


def course_h(protocol: Protocol) -> tuple[float, float]:
    """Start of the first declared treatment and end of the last, or the declared end of the course
    where that is later. Where nothing is given the course starts at 0."""
    given = given_stretches_h(
        protocol.dose_events(), protocol.session_events(), protocol.daily_segments()
    )
    start_h = min((start for start, _ in given), default=0.0)
    ends = [start_h, 24.0 * (protocol.course_days or 0.0), *(end for _, end in given)]
    return start_h, max(ends)
