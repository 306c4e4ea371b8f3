"""An arm against the controlled evidence: what stands nearest, and where it goes beyond."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from synaptrial.domain.dose import DoseEvent
from synaptrial.domain.parameters import ParameterSet
from synaptrial.domain.protocol import Protocol
from synaptrial.domain.rules import Titrate
from synaptrial.evidence.nearest import TYPICAL_WEIGHT_KG, KetamineGiven, extrapolation, nearest
from synaptrial.evidence.tables import Row
from synaptrial.pharmacology.dosing import bioavailability

ROUTES = ("iv", "im", "sc", "oral", "sublingual", "intranasal")


def treatment_of(
    protocol: Protocol, ketamine: ParameterSet, weight_kg: float = TYPICAL_WEIGHT_KG
) -> KetamineGiven | None:
    """The ketamine of a protocol at the most that its rules allow; None without ketamine.

    ketamine: central values give what of a dose reaches plasma; weight_kg: for flat doses.
    """
    events = [e for e in protocol.dose_events() if e.drug == "ketamine"]
    if not events:
        return None
    values = {name: p.value for name, p in ketamine.parameter.items()}
    given = {e: _most(protocol, e) * e.amount.in_mg(weight_kg) / weight_kg for e in events}
    reached = {
        e: mg * bioavailability(e.route, e.enantiomer, e.devices, values) for e, mg in given.items()
    }
    by_size = sorted(events, key=lambda e: -reached[e])
    return KetamineGiven(
        routes=tuple(dict.fromkeys(e.route for e in by_size)),
        enantiomers=tuple(dict.fromkeys(e.enantiomer for e in by_size)),
        mg_per_kg=given[by_size[0]],
        iv_mg_per_kg=reached[by_size[0]],
        n_doses=len(events),
        days=(events[-1].time_h - events[0].time_h) / 24,
        horizon_days=protocol.horizon_days,
        sessions=frozenset(s.kind for s in protocol.session_events()),
    )


def _most(protocol: Protocol, event: DoseEvent) -> float:
    """The largest multiplier that titration can give a dose; as-needed doses have none."""
    if event.as_needed:
        return 1.0
    reach = [
        rule.maximum
        for rule in protocol.rules
        if isinstance(rule, Titrate)
        and rule.target == "doses"
        and rule.step > 0
        and event.time_h >= 24 * rule.visits_days[0]
    ]
    return max(reach, default=1.0)


def beyond(treatment: KetamineGiven | None, controlled: Sequence[Row]) -> list[str]:
    """One clause for each way in which an arm goes beyond controlled evidence; empty if none."""
    return extrapolation(treatment, controlled) if treatment else []


def nearest_row(
    treatment: KetamineGiven | None, controlled: Sequence[Row], ketamine: ParameterSet
) -> dict[str, Any]:
    """The nearest controlled arm as a result states it."""
    if treatment is None:
        return {"study": "none needed: no ketamine in this arm"}
    values = {name: p.value for name, p in ketamine.parameter.items()}
    row = nearest(
        treatment, controlled, {r: bioavailability(r, "racemic", 1, values) for r in ROUTES}
    )
    if row is None:
        return {"study": "none: the tables hold no controlled arm"}
    return {
        "study": row["study"],
        "arm": row["arm"],
        "dose": f"{row['dose']} {row['dose_unit']}",
        "route": row["route"],
        "doses": row["n_doses"] or "unknown",
        "days": row["days"] or "unknown",
        "psychotherapy": row.get("psychotherapy_note") or row["psychotherapy"] or "unknown",
        "patients": row["n"] or "unknown",
    }
