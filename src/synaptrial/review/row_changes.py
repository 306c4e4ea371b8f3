"""Rows in which two evidence bases differ, and a base in which some of them are put back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from synaptrial.evidence.base import EvidenceBase
from synaptrial.evidence.earlier import WORDS
from synaptrial.evidence.raw import row_name
from synaptrial.evidence.schema import TABLES
from synaptrial.evidence.tables import Row

# Tables that a claim is judged by; results stand first, as they say most of what moved it.
JUDGED_BY = (
    "outcomes", "meta_analyses", "adverse_events", "acute", "pharmacodynamics", "risk_of_bias",
    "overlaps", "grade", "arms", "studies",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class RowChange:
    """A row that one base has and the other lacks, or that reads otherwise in it."""

    table: str
    row: str
    old: Row | None
    new: Row | None

    @property
    def kind(self) -> Literal["added", "removed", "changed"]:
        if self.old is None:
            return "added"
        return "removed" if self.new is None else "changed"

    @property
    def unit(self) -> str:
        """What it hangs together with: its study, else its source, else itself."""
        row = self.new or self.old or {}
        return row.get("study") or row.get("source") or self.row


def row_changes(old: EvidenceBase, new: EvidenceBase) -> tuple[RowChange, ...]:
    """Rows that differ in more than words: no claim is judged by locators, notes and flags."""
    return tuple(c for table in JUDGED_BY for c in _changes(table, old, new))


def _changes(table: str, old: EvidenceBase, new: EvidenceBase) -> Iterator[RowChange]:
    before, after = _by_name(table, old), _by_name(table, new)
    for name in dict.fromkeys((*after, *before)):
        was, now = before.get(name), after.get(name)
        if was is None or now is None or _without_words(was) != _without_words(now):
            yield RowChange(table, name, was, now)


def _by_name(table: str, base: EvidenceBase) -> Mapping[str, Row]:
    return {row_name(TABLES[table], row): row for row in base.tables[table]}


def _without_words(row: Row) -> Row:
    return {column: cell for column, cell in row.items() if column not in WORDS}


def reverted(new: EvidenceBase, changes: Collection[RowChange]) -> EvidenceBase:
    """The new base without some of its changes."""
    tables = dict(new.tables)
    for table in {c.table for c in changes}:
        of_table = {c.row: c for c in changes if c.table == table}
        kept = [
            row if change is None else change.old
            for row in tables[table]
            if (change := of_table.get(row_name(TABLES[table], row))) is None or change.old
        ]
        gone = [c.old for c in of_table.values() if c.new is None]
        tables[table] = tuple(row for row in (*kept, *gone) if row is not None)
    return replace(new, tables=tables)
