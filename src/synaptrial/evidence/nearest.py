"""How far an arm lies from controlled evidence in PTSD. Computed, not felt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from synaptrial.domain.dose import route_words
from synaptrial.evidence.tables import Row, number

# Beyond these no controlled PTSD trial of ketamine gives evidence (arms and studies tables).
LARGEST_MG_PER_KG, MOST_DOSES, LONGEST_DAYS = 1.0, 8, 84.0
CONTROLLED_ROUTES = ("iv", "im")
TYPICAL_WEIGHT_KG = 80.0


@dataclass(frozen=True)
class Treatment:
    """The ketamine of an arm. mg_per_kg: largest dose (flat doses at 80 kg)."""

    route: str
    mg_per_kg: float
    n_doses: int
    days: float  # from first to last dose
    horizon_days: float


def controlled_arms(studies: Sequence[Row], arms: Sequence[Row]) -> tuple[Row, ...]:
    """Ketamine arms of randomised trials with a control, in PTSD."""
    controlled = {
        s["study"]
        for s in studies
        if s["kind"] == "ketamine_ptsd"
        and s["design"] in ("parallel", "crossover")
        and s["control"]
    }
    return tuple(
        a for a in arms if a["study"] in controlled and a["drug"] == "ketamine" and a["dose"]
    )


def _distance(t: Treatment, arm: Row) -> float:
    dose = number(arm, "dose") or 0.0
    if arm["dose_unit"] != "mg/kg":
        dose /= TYPICAL_WEIGHT_KG
    n = number(arm, "n_doses") or 1.0
    far = abs(math.log(max(t.mg_per_kg, 0.01) / max(dose, 0.01)))
    far += abs(math.log(max(t.n_doses, 1) / n))
    return far + (0.0 if arm["route"] == t.route else 3.0)


def nearest(t: Treatment, arms: Sequence[Row]) -> Row | None:
    """The controlled arm that is nearest in route, then in dose and number of doses."""
    return min(arms, key=lambda a: _distance(t, a), default=None)


def extrapolation(t: Treatment) -> list[str]:
    """One clause for each way in which the arm goes beyond controlled evidence; empty if none."""
    out = []
    if t.route not in CONTROLLED_ROUTES:
        out.append(
            f"no randomised trial in PTSD gave ketamine by the {route_words(t.route)} route; what"
            " it does there is carried over from plasma concentrations"
        )
    if t.mg_per_kg > LARGEST_MG_PER_KG + 1e-9:
        out.append(f"{t.mg_per_kg:.2g} mg/kg, beyond {LARGEST_MG_PER_KG:g} mg/kg")
    if t.n_doses > MOST_DOSES:
        out.append(f"{t.n_doses} doses, beyond {MOST_DOSES}")
    if t.horizon_days > LONGEST_DAYS:
        out.append(f"{t.horizon_days:g} days, beyond {LONGEST_DAYS:g}")
    return out
