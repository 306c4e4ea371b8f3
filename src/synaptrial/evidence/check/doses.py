"""Doses of the arms: how much, how often, and on which days."""

from __future__ import annotations

from collections.abc import Iterator

from synaptrial.evidence.check.reading import NUMBER, cell, error, number, numbered, query
from synaptrial.evidence.problems import Problem
from synaptrial.evidence.raw import RawBase
from synaptrial.evidence.tables import Row, parts

# Anaesthesia takes 1 to 4.5 mg/kg: more than this is a slip of the unit or of the point. RECALLED,
# to question an entry and for nothing else.
LARGE_KETAMINE = {"mg/kg": 5.0, "mg": 500.0}


def problems(raw: RawBase) -> Iterator[Problem]:
    """All arms."""
    for line, row in numbered(raw, "arms"):
        yield from _large(line, row)
        yield from _days(line, row)


def _large(line: int, row: Row) -> Iterator[Problem]:
    dose, most = number(row, "dose"), LARGE_KETAMINE.get(row["dose_unit"])
    if dose and most and dose > most and parts(row["drug"])[:1] == ("ketamine",):
        found = f"{row['dose']} {row['dose_unit']} of ketamine"
        accepted = f"at most {most:g} {row['dose_unit']}"
        yield query("arms", line, row, "dose", "dose-large", found, accepted)


def _days(line: int, row: Row) -> Iterator[Problem]:
    stated, n_doses = parts(row["days"]), number(row, "n_doses")
    if not all(NUMBER.fullmatch(day) for day in stated):
        return
    days = [float(day) for day in stated]
    if days != sorted(days):
        yield error("arms", line, row, "days", cell(row, "days"), "days in order of time")
    if n_doses is not None and len(set(days)) > n_doses:
        found = f"{len(set(days))} days for {row['n_doses']} doses"
        yield error("arms", line, row, "days", found, "no more days than doses", "Check both")
