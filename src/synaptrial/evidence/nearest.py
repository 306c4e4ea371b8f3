"""How far an arm lies from controlled evidence in PTSD. Computed, not felt."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from synaptrial.domain.dose import route_words
from synaptrial.evidence.tables import Row, number
from synaptrial.evidence.vocabulary import KETAMINE_PTSD, RANDOMISED

# Beyond these no controlled PTSD trial of ketamine gives evidence (arms and studies tables).
LARGEST_IV_MG_PER_KG, MOST_DOSES, LONGEST_DAYS = 1.0, 8, 84.0
TYPICAL_WEIGHT_KG = 80.0
SESSION_KINDS = ("exposure", "reactivation", "supportive")
ENANTIOMERS = {"racemic": "racemic ketamine", "s": "S-ketamine", "r": "R-ketamine"}
OTHER_FORM = 3.0  # distance of another route or enantiomer; e-fold of dose, number, days: 1


@dataclass(frozen=True)
class KetamineGiven:
    """The ketamine of an arm, at the most that its rules allow."""

    routes: tuple[str, ...]  # that of the largest dose first
    enantiomers: tuple[str, ...]
    mg_per_kg: float  # the largest dose as given, flat doses over a body weight
    iv_mg_per_kg: float  # the largest dose as what reaches plasma
    n_doses: int  # as-needed doses included
    days: float  # from first to last dose
    horizon_days: float
    sessions: frozenset[str]  # kinds of psychotherapy session


def controlled_arms(
    studies: Sequence[Row], arms: Sequence[Row], outcomes: Sequence[Row]
) -> tuple[Row, ...]:
    """Ketamine arms of patients with PTSD in randomised trials with a control and a result, be it
    one in words only. A trial under way has none."""
    reported = {row["study"] for row in outcomes}
    controlled = {
        s["study"]
        for s in studies
        if s["kind"] == KETAMINE_PTSD
        and s["design"] in RANDOMISED
        and s["control"]
        and s["study"] in reported
    }
    return tuple(
        a
        for a in arms
        if a["study"] in controlled and a["drug"] == "ketamine" and a["dose"] and a["ptsd"] == "yes"
    )


def _sessions(arm: Row) -> frozenset[str]:
    """Kinds of session by the words of the table; `other` for therapy that is none of them."""
    text = arm["psychotherapy"]
    kinds = frozenset(kind for kind in SESSION_KINDS if kind in text)
    return kinds or (frozenset() if text in ("", "none") else frozenset({"other"}))


def _days(arm: Row) -> float | None:
    """From first to last dose."""
    days = [float(d) for d in arm["days"].split(";") if d]
    return days[-1] - days[0] if days else None


def _distance(t: KetamineGiven, arm: Row, bioavailability: Mapping[str, float]) -> float:
    dose = (number(arm, "dose") or 0.0) * bioavailability[arm["route"]]
    if arm["dose_unit"] != "mg/kg":
        dose /= TYPICAL_WEIGHT_KG
    far = abs(math.log(max(t.iv_mg_per_kg, 0.01) / max(dose, 0.01)))
    far += abs(math.log(max(t.n_doses, 1) / (number(arm, "n_doses") or 1.0)))
    days = _days(arm)
    if days is not None:
        far += abs(math.log((1 + t.days) / (1 + days)))
    far += OTHER_FORM * (arm["route"] != t.routes[0])
    far += OTHER_FORM * (arm["enantiomer"] not in t.enantiomers)
    either, both = t.sessions | _sessions(arm), t.sessions & _sessions(arm)
    return far + (len(either) - len(both)) / max(len(either), 1)


def nearest(
    t: KetamineGiven, arms: Sequence[Row], bioavailability: Mapping[str, float]
) -> Row | None:
    """The controlled arm that is nearest in route and enantiomer, then in dose, number of doses,
    days from first to last, and kinds of session. bioavailability: by route of the arms."""
    return min(arms, key=lambda a: _distance(t, a, bioavailability), default=None)


def extrapolation(t: KetamineGiven, arms: Sequence[Row]) -> list[str]:
    """One clause for each way in which a treatment goes beyond controlled arms; empty if none."""
    routes, enantiomers = ({a[key] for a in arms} for key in ("route", "enantiomer"))
    out = [
        f"no randomised trial in PTSD gave ketamine by the {route_words(route)} route; what it"
        " does there is carried over from plasma concentrations"
        for route in t.routes
        if route not in routes
    ]
    out += [
        f"no randomised trial in PTSD gave {ENANTIOMERS[e]}"
        for e in t.enantiomers
        if e not in enantiomers
    ]
    if t.iv_mg_per_kg > LARGEST_IV_MG_PER_KG + 1e-9:
        out.append(f"{_dose(t)}, beyond {LARGEST_IV_MG_PER_KG:g} mg/kg IV equivalent")
    if t.n_doses > MOST_DOSES:
        out.append(f"{t.n_doses} doses, beyond {MOST_DOSES}")
    if t.horizon_days > LONGEST_DAYS:
        out.append(f"{t.horizon_days:g} days, beyond {LONGEST_DAYS:g}")
    for kind in sorted(t.sessions):
        joined = [number(a, "n_doses") or 1.0 for a in arms if kind in _sessions(a)]
        if not joined:
            out.append(f"no controlled trial in PTSD joined ketamine and {kind} sessions")
        elif t.n_doses > max(joined):
            out.append(
                f"{t.n_doses} doses joined with {kind} sessions, beyond {max(joined):g} in"
                " controlled PTSD trials"
            )
    return out


def _dose(t: KetamineGiven) -> str:
    if t.routes[0] == "iv":
        return f"{t.mg_per_kg:.2g} mg/kg IV"
    return (
        f"{t.iv_mg_per_kg:.2g} mg/kg IV equivalent ({t.mg_per_kg:.2g} mg/kg"
        f" {route_words(t.routes[0])}, of which {100 * t.iv_mg_per_kg / t.mg_per_kg:.0f}% reaches"
        " plasma)"
    )
