"""One published number about exposure, and which model answers for it.

Rows come from the evidence tables ``pk_observations.csv`` and ``pk_claims.csv``; they are read
elsewhere and handed in as mappings of strings.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from synaptrial.domain.dose import DoseEvent, Flat, PerKg
from synaptrial.domain.sources import Mark
from synaptrial.pharmacology.published import MOLAR_MASS

Use = Literal["held_out", "calibrated", "self_consistency", "unclaimed"]

# factor to h, ng/mL, ng h/mL, ng h/mL per mg, or a plain fraction
_TO_CANONICAL = {
    "h": 1.0,
    "min": 1 / 60,
    "ng/mL": 1.0,
    "ug/L": 1.0,
    "ng.h/mL": 1.0,
    "ug.h/L": 1.0,
    "ng.min/mL": 1 / 60,
    "ug.h/L per mg": 1.0,
    "ratio": 1.0,
    "%": 0.01,
    "% of dose": 0.01,
}
_CANONICAL_UNIT = {
    "Cmax": "ng/mL",
    "concentration": "ng/mL",
    "range": "ng/mL",
    "Tmax": "h",
    "half_life": "h",
    "AUC": "ng.h/mL",
    "AUC_per_dose": "ng.h/mL per mg",
}


@dataclass(frozen=True)
class Observation:
    """A reported number with the doses before it. ``observed`` is the value, or the middle of a
    reported range, in ``unit``.
    """

    row_id: str
    study: str
    arm: str
    given: str
    doses: tuple[DoseEvent, ...]
    weight_kg: float
    age_y: float | None
    race: str
    site: str
    analyte: str
    enantiomer: str
    quantity: str
    time_h: float | None
    window_h: tuple[float, float] | None
    observed: float
    unit: str
    mark: Mark

    @property
    def case(self) -> str:
        """Study and arm: rows with the same case share one simulation."""
        return f"{self.study}:{self.arm}"

    @property
    def dose_mg(self) -> float:
        """Total amount given."""
        return sum(d.amount.in_mg(self.weight_kg) for d in self.doses)


@dataclass(frozen=True)
class Claim:
    """A model that answers for a row, and whether the row had a part in making the model."""

    row_id: str
    model: str
    use: Use
    note: str


def observation(row: Mapping[str, str]) -> Observation:
    """One row of ``pk_observations.csv``."""
    analyte, quantity = row["analyte"], row["quantity"]
    if row["value"]:
        value = float(row["value"])
    else:
        value = (float(row["low"]) + float(row["high"])) / 2
    return Observation(
        row_id=row["row_id"],
        study=row["study"],
        arm=row["row_id"].split(":")[1],
        given=row["given"],
        doses=_doses(row),
        weight_kg=float(row["weight_kg"]),
        age_y=float(row["age_y"]) if row["age_y"] else None,
        race=row["race"],
        site=row["site"],
        analyte=analyte,
        enantiomer=row["enantiomer"],
        quantity=quantity,
        time_h=float(row["time_h"]) if row["time_h"] else None,
        window_h=_window(row["window_h"]),
        observed=value * _factor(row["unit"], analyte),
        unit=_CANONICAL_UNIT.get(quantity, "fraction"),
        mark=Mark(row["mark"]),
    )


def claim(row: Mapping[str, str]) -> Claim:
    """One row of ``pk_claims.csv``."""
    uses: dict[str, Use] = {use: use for use in get_args(Use)}
    if row["use"] not in uses:
        raise ValueError(f"{row['row_id']}: unknown use {row['use']!r}")
    return Claim(row["row_id"], row["model"], uses[row["use"]], row["note"])


def _factor(unit: str, analyte: str) -> float:
    return MOLAR_MASS[analyte] if unit == "nmol/mL" else _TO_CANONICAL[unit]


def _window(text: str) -> tuple[float, float] | None:
    if not text:
        return None
    low, high = text.split(";")
    return float(low), math.inf if high == "inf" else float(high)


def _doses(row: Mapping[str, str]) -> tuple[DoseEvent, ...]:
    """Doses of a row; lists are separated by semicolons. No doses if what was given is unknown."""
    if row["given"] == "unknown":
        return ()
    columns = ("route", "dose", "dose_unit", "start_h", "duration_h", "devices")
    parts = zip(*(row[c].split(";") for c in columns), strict=True)
    return tuple(_dose(n, row["given"], *(p.strip() for p in part)) for n, part in enumerate(parts))


def _dose(
    slot: int, given: str, route: str, dose: str, unit: str, start: str, length: str, devices: str
) -> DoseEvent:
    duration = float(length)
    amount = float(dose) * (duration if unit == "mg/kg/h" else 1.0)
    return DoseEvent(
        time_h=float(start),
        drug="ketamine",
        enantiomer=given,
        route=route,
        amount=Flat(amount) if unit == "mg" else PerKg(amount),
        duration_h=duration,
        devices=int(devices),
        slot=slot,
        as_needed=False,
    )
