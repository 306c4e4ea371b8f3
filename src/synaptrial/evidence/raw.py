"""Tables and sources as read, before anything is checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from synaptrial.domain.sources import Source
from synaptrial.evidence.columns import Table
from synaptrial.evidence.problems import Problem
from synaptrial.evidence.release import Release
from synaptrial.evidence.tables import Row


@dataclass(frozen=True)
class RawTable:
    """header: columns in the order of the file; lines: of the file, one for each row."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    lines: tuple[int, ...]

    def numbered(self) -> Iterator[tuple[int, Row]]:
        """(line of the file, row)."""
        return zip(self.lines, self.rows, strict=True)


@dataclass(frozen=True)
class RawBase:
    """What a folder holds. problems: what kept a file from being read as it should be.

    protocols: names of the protocols that an arm may state; sources that could not be read at all
    are None, so that no row is told that its source is unknown.
    """

    tables: Mapping[str, RawTable]
    sources: Mapping[str, Source] | None
    release: Release | None
    protocols: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = field(default=())

    def rows(self, table: str) -> tuple[Row, ...]:
        """Rows of a table; none where it is absent."""
        return self.tables[table].rows if table in self.tables else ()


def row_name(table: Table, row: Row) -> str:
    """What names a row in messages and in `diff`."""
    return " ".join(row.get(k, "") for k in table.key).strip()
