"""A table of the page and its CSV, both from the same rows: rounded there, whole here."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from synaptrial.domain.digits import rounded
from synaptrial.reporting.kit.cells import Cell, Table
from synaptrial.reporting.kit.errors import ReportError
from synaptrial.reporting.kit.numbers import number, percent, ratio

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
        """Every field of every row, numbers to 12 digits; what is not known is empty."""
        fields = list(dict.fromkeys(name for c in self.columns for name in c.fields))
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(fields)
        writer.writerows([_plain(row[name]) for name in fields] for row in self.rows)
        return out.getvalue()

    def _cell(self, column: Column, row: Row) -> Cell:
        cell = column.form(row)
        if not cell or (isinstance(cell, str) and not cell.strip()):
            raise ReportError(f"{self.name}: nothing under {column.head!r} in {row}")
        return cell


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return "; ".join(str(_plain(v)) for v in value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ReportError(f"a table would hold {value}")
    return rounded(value)


def two_decimals(value: Any) -> str:
    return number(value, 2)


def said(value: Any, digits: int = 2) -> str:
    """A number of so many decimals, or the words that stand where there is none."""
    return value if isinstance(value, str) else number(value, digits)


def with_interval(
    middle: Any, low: Any, high: Any, form: Callable[[Any], str] = two_decimals
) -> str:
    """'estimate (low to high)', or the words that stand where there is none."""
    if isinstance(low, str):
        return low if isinstance(middle, str) else form(middle)
    ends = f"{form(low)} to {form(high)}"
    return ends if middle == "" else f"{form(middle)} ({ends})"


def words(head: str, field: str) -> Column:
    """A column of text."""
    return Column(head, (field,), lambda row: str(row[field]))


def figures(head: str, field: str, digits: int = 2) -> Column:
    """A column of numbers, or of words where there is none."""
    return Column(head, (field,), lambda row: said(row[field], digits), numeric=True)


def percents(head: str, field: str) -> Column:
    """A column of shares of 0 to 1, as percent."""
    return Column(head, (field,), lambda row: percent(row[field]), numeric=True)


def interval(head: str, *fields: str) -> Column:
    """A column of an estimate with its interval, of rows that name their measure."""

    def form(row: Row) -> str:
        text = ratio if row["measure"] == "RR" else two_decimals
        middle, low, high = (row[name] for name in fields)
        return with_interval(middle, low, high, text)

    return Column(head, fields, form, numeric=True)
