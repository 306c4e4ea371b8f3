"""A table of the page and its CSV, both from the same rows: rounded there, whole here."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import ReportError
from .numbers import number
from .tables import Cell, Table

Row = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """`fields` are the columns of the CSV that `form` turns into one cell of the page."""

    head: str
    fields: tuple[str, ...]
    form: Callable[[Row], Cell]
    numeric: bool = False


@dataclass(frozen=True)
class Sheet:
    """Rows under columns. name: of the CSV; `anchor`: kind and field that make a row's place."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    anchor: tuple[str, str] | None = None
    kind: str = ""

    def table(self) -> Table:
        """As it stands on the page; raises ReportError where a cell would be empty."""
        kind, name = self.anchor or ("", "")
        return Table(
            self.title,
            tuple(c.head for c in self.columns),
            tuple(tuple(self._cell(c, row) for c in self.columns) for row in self.rows),
            frozenset(i for i, c in enumerate(self.columns) if c.numeric),
            tuple(f"{kind}-{row[name]}" for row in self.rows) if kind else (),
            self.kind,
        )

    def csv(self) -> str:
        """Every field of every row, numbers whole; what is not known is empty."""
        fields = list(dict.fromkeys(name for c in self.columns for name in c.fields))
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(fields)
        writer.writerows([_plain(row[name]) for name in fields] for row in self.rows)
        return out.getvalue()

    def _cell(self, column: Column, row: Row) -> Cell:
        cell = column.form(row)
        if not cell:
            raise ReportError(f"{self.name}: nothing under {column.head!r} in {row}")
        return cell


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return "; ".join(str(v) for v in value)
    return value


def words(head: str, field: str, absent: str = "not read") -> Column:
    """A column of text, with what stands where nothing is known."""
    return Column(head, (field,), lambda row: str(row[field]).strip() or absent)


def figures(head: str, field: str, digits: int = 2, absent: str = "not read") -> Column:
    """A column of numbers of so many decimals."""

    def form(row: Row) -> str:
        return absent if row[field] is None else number(row[field], digits)

    return Column(head, (field,), form, numeric=True)


def interval(
    head: str, names: tuple[str, str, str], digits: int = 2, absent: str = "not computed"
) -> Column:
    """A column of estimates with their interval."""

    def form(row: Row) -> str:
        middle, *ends = (row[name] for name in names)
        if ends[0] is None or ends[1] is None:
            return absent if middle is None else number(middle, digits)
        text = f"{number(ends[0], digits)} to {number(ends[1], digits)}"
        return text if middle is None else f"{number(middle, digits)} ({text})"

    return Column(head, names, form, numeric=True)
