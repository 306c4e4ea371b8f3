"""How a number is known decides what may be done with it; what is not usable says why."""

from __future__ import annotations

from collections.abc import Iterator

from synaptrial.domain.sources import Mark
from synaptrial.evidence.check.reading import cell, error, numbered
from synaptrial.evidence.problems import Problem
from synaptrial.evidence.raw import RawBase
from synaptrial.evidence.tables import Row
from synaptrial.evidence.vocabulary import NEVER_USABLE

# A cell that is filled needs the other one.
_TOGETHER = {
    "arms": (("infusion_min", "infusion_mark"), ("dose", "dose_unit")),
    "meta_analyses": (("value", "statistic"), ("value", "direction")),
    "pk_observations": (("age_y", "age_mark"),),
    "acute": (("value", "unit"),),
}


def problems(raw: RawBase) -> Iterator[Problem]:
    """Marks and `usable` of results; cells that go together."""
    for table in ("outcomes", "adverse_events"):
        for line, row in numbered(raw, table):
            yield from _usable(table, line, row)
    for table, pairs in _TOGETHER.items():
        for line, row in numbered(raw, table):
            for one, other in pairs:
                if row[one] and not row[other]:
                    yield error(table, line, row, other, "nothing", f"a value, as {one} has one")


def _usable(table: str, line: int, row: Row) -> Iterator[Problem]:
    usable = row["usable"] == "yes"
    if usable and row["mark"] in NEVER_USABLE:
        accepted = f"usable = no where the mark is {row['mark']}"
        advice = "Find the number in a text, or set usable to no and say why in why_not"
        yield error(table, line, row, "mark", f"{row['mark']} with usable = yes", accepted, advice)
    if usable and row["why_not"]:
        yield error(table, line, row, "why_not", cell(row, "why_not"), "nothing where usable = yes")
    if row["usable"] == "no" and not row["why_not"]:
        yield error(table, line, row, "why_not", "nothing", "the reason, where usable = no")
    if row["mark"] == Mark.DERIVED and not row.get("derivation", "-"):
        accepted = "what was computed, and how, where the mark is DERIVED"
        yield error(table, line, row, "derivation", "nothing", accepted, "Say how it was computed")
    if usable and not (row["value"] or row["events"]):
        advice = "Give the number, or set usable to no"
        yield error(table, line, row, "value", "no number", "value or events", advice)
    if usable and row["statistic"] == "qualitative":
        found = "qualitative with usable = yes"
        yield error(table, line, row, "statistic", found, "usable = no for a result in words")
    if row["statistic"] == "count" and not row["events"]:
        yield error(table, line, row, "events", "nothing", "the number of people of a count")
