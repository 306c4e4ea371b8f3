"""What `evidence check` says of imported rows, as flags on them, so that a person sees it first.

The rows are checked as if they were usable: as they wait, a row would not speak against another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from synaptrial.evidence.check import check
from synaptrial.evidence.problems import Problem
from synaptrial.evidence.raw import RawBase, RawTable
from synaptrial.evidence.schema import TABLES
from synaptrial.evidence.tables import Row
from synaptrial.exchange.bundled import bundled, load_table
from synaptrial.exchange.evidence.awaiting import Imported, Number

Found = Mapping[str, list[str]]  # flags by name of the row


def with_checks(imported: Imported) -> Imported:
    """The same with flags: faults and queries of `check`, and studies that the base has already."""
    numbers = [n for n in imported.numbers if n.table]
    tables: dict[str, list[Row]] = {"studies": list(imported.studies), "arms": list(imported.arms)}
    for n in numbers:
        tables.setdefault(n.table, []).append({**n.row, "row_id": n.row_id, "usable": "yes"})
    raw = RawBase(
        {name: _table(name, rows) for name, rows in tables.items()},
        {source.key: source for source in imported.sources},
        None,
        frozenset(bundled("protocols")),
    )
    found: dict[str, list[str]] = {}
    for problem in check(raw):
        found.setdefault(problem.row_id, []).append(_flag(problem))
    known = {row["registry"]: row["study"] for row in load_table("studies") if row["registry"]}
    return replace(
        imported,
        studies=tuple(_told(row, "study", found, known) for row in imported.studies),
        arms=tuple(_told(row, "arm_id", found, {}) for row in imported.arms),
        numbers=tuple(_number(n, found) for n in imported.numbers),
    )


def _table(name: str, rows: Sequence[Row]) -> RawTable:
    names = TABLES[name].names
    whole = tuple({c: " ".join(row.get(c, "").split()) for c in names} for row in rows)
    return RawTable(names, whole, tuple(range(2, len(rows) + 2)))


def _flag(problem: Problem) -> str:
    code = f" {problem.query}" if problem.query else ""
    text = f"check{code}: {problem.column} {problem.found}, accepted {problem.accepted}"
    return text.replace(";", ",")


def _number(n: Number, found: Found) -> Number:
    return replace(n, flags=(*n.flags, *found.get(n.row_id, []))) if n.table else n


def _told(row: Row, key: str, found: Found, known: Mapping[str, str]) -> Row:
    """A row of studies or arms with its flags in the cell of that name."""
    flags: Iterable[str] = found.get(row[key], [])
    here = known.get(row.get("registry", ""))
    twice = [f"{row['registry']} is {here} in the evidence of the package"] if here else []
    return {**row, "flag": "; ".join(filter(None, (row["flag"], *twice, *flags)))}
