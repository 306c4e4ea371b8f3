"""What a protocol hands to the model: amounts and events, in hours from its start."""

from __future__ import annotations

import re
from dataclasses import dataclass


def route_words(route: str) -> str:
    """A route, or several in a text, for people: IV, IM and SC in capitals."""
    return re.sub(r"\b(iv|im|sc)\b", lambda found: found[0].upper(), route)


@dataclass(frozen=True)
class PerKg:
    """A dose per kilogram of body weight."""

    mg_per_kg: float

    def in_mg(self, weight_kg: float) -> float:
        """Milligrams for one body weight."""
        return self.mg_per_kg * weight_kg


@dataclass(frozen=True)
class Flat:
    """A dose that is the same for every body weight."""

    mg: float

    def in_mg(self, weight_kg: float) -> float:
        """Milligrams, whatever the body weight."""
        return self.mg


@dataclass(frozen=True)
class DoseEvent:
    """One dose. ``amount`` is the total over all nasal devices, which are 5 min apart.

    ``duration_h`` is the length of an infusion, 0 for a bolus and for other routes.
    ``as_needed`` slots have multiplier 0 until a rule gives them.
    """

    time_h: float
    drug: str
    enantiomer: str
    route: str
    amount: PerKg | Flat
    duration_h: float
    devices: int
    slot: int
    as_needed: bool


@dataclass(frozen=True)
class SessionEvent:
    """One psychotherapy session: exposure, reactivation or supportive."""

    time_h: float
    kind: str


@dataclass(frozen=True)
class DailySegment:
    """A stretch of one daily dose."""

    drug: str
    start_h: float
    end_h: float
    mg_per_day: float
    taken_before: bool  # at this dose since long when the protocol starts
