"""Differences between an SSRI and placebo in PTSD, as others printed them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from synaptrial.evidence.tables import Row, number
from synaptrial.review.claims import Days
from synaptrial.review.published import printed
from synaptrial.review.rules import Interval
from synaptrial.review.tables import Tables

SSRI = {"ssri", "sertraline", "paroxetine", "fluoxetine", "citalopram"}
PLACEBO = {"placebo", "saline"}
MEDICATION = ("medication_ptsd", "review_ptsd")


@dataclass(frozen=True)
class Printed:
    """One printed number: its study, interval (positive favours the drug) and row."""

    study: str
    interval: Interval
    row: str


@dataclass(frozen=True)
class Stopping:
    """Stopping for side effects: ratio of the risks of staying, placebo over drug, and how much
    larger the share of those who stop is with the drug."""

    study: str
    ratio: Interval
    difference: float
    rows: tuple[str, ...]


def ssri_effects(tables: Tables, scales: Sequence[str], days: Days) -> tuple[Printed, ...]:
    """Standardised differences on PTSD with an interval, day in (from, to]."""
    found = []
    for row in _against_placebo(tables, "smd"):
        interval = printed(row)
        if interval and row["usable"] == "yes" and _asked(row, scales, days):
            found.append(Printed(row["study"], interval.turned(), row["row_id"]))
    return tuple(found)


def without_interval(tables: Tables, scales: Sequence[str], days: Days) -> tuple[str, ...]:
    """Differences that have no interval, which no rule can use: study and value in words."""
    rows = [
        row
        for row in _against_placebo(tables, "smd")
        if row["value"] and not printed(row) and _asked(row, scales, days)
    ]
    return tuple(f"{r['study']} {r['arm']} {-float(r['value']):.2f}" for r in rows)


def ssri_stopping(tables: Tables) -> Stopping | None:
    """The latest review that gives the ratio of staying and both shares of those who stop."""
    found = []
    for row in _against_placebo(tables, "risk_ratio"):
        staying = printed(row)
        shares = [_stopped(tables, row["study"], arm) for arm in (row["arm"], row["versus"])]
        if row["event"] == "no_ae_stop" and staying and all(shares):
            ratio = Interval(1 / staying.estimate, 1 / staying.high, 1 / staying.low)
            (drug, row_drug), (placebo, row_placebo) = (s for s in shares if s)
            rows = (row["row_id"], row_drug, row_placebo)
            found.append(Stopping(row["study"], ratio, drug - placebo, rows))
    return max(found, key=lambda s: tables.year(s.study) or 0, default=None)


def ssri_studies(tables: Tables) -> set[str]:
    """Studies and reviews of medication for PTSD that report on an SSRI."""
    return {
        r["study"] for r in tables.arms if _medication(tables, r["study"]) and _drugs(r) <= SSRI
    }


def _against_placebo(tables: Tables, statistic: str) -> Iterator[Row]:
    for row in tables.outcomes:
        if row["statistic"] != statistic or not _medication(tables, row["study"]):
            continue
        arm, versus = (tables.arm(row["study"], row[k]) for k in ("arm", "versus"))
        if arm and versus and _drugs(arm) <= SSRI and _drugs(versus) <= PLACEBO:
            yield row


def _asked(row: Row, scales: Sequence[str], days: Days) -> bool:
    day = number(row, "day")
    inside = day is not None and days[0] < day <= days[1]
    return inside and row["part"] == "total" and row["scale"] in scales


def _stopped(tables: Tables, study: str, arm: str) -> tuple[float, str] | None:
    for row in tables.outcomes:
        here = (row["study"], row["arm"], row["event"]) == (study, arm, "ae_stop")
        if here and row["statistic"] == "percent" and row["value"]:
            return float(row["value"]) / 100, row["row_id"]
    return None


def _drugs(arm: Row) -> set[str]:
    return set(arm["drug"].split(";"))


def _medication(tables: Tables, study: str) -> bool:
    return tables.study(study).get("kind") in MEDICATION
