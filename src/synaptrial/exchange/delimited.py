"""CSV in and out: the one place that reads it. Tables of other programs may have semicolons and
decimal commas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from synaptrial.domain.errors import InputError
from synaptrial.evidence.tables import Row
from synaptrial.exchange.file_kind import refuse_other_kinds
from synaptrial.exchange.toml import read_text


class NotCsvError(ValueError):
    """Why a text is not CSV; line: on which it ceases to be."""

    def __init__(self, why: str, line: int) -> None:
        super().__init__(why)
        self.line = line


def records(text: str, delimiter: str = ",") -> list[tuple[int, list[str]]]:
    """(line of the text, cells) of each record, blank ones too. Raises NotCsvError.

    The line is that on which a record ends, where a cell holds a line break.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        raise NotCsvError(str(error), reader.line_num) from None


def read_delimited(path: Path, needed: Sequence[str] = ()) -> tuple[Row, ...]:
    """Rows of a table with a header; cells without blanks around them, ``NA`` as empty.

    Commas or semicolons are told apart by the header. Raises InputError naming line and column.
    """
    refuse_other_kinds(path, "CSV with a header")
    where, text = str(path), read_text(path, "CSV").removeprefix("\ufeff")
    delimiter = _delimiter(text, where)
    try:
        lines = records(text, delimiter)
    except NotCsvError as error:
        found = f"text that is not CSV ({error})"
        raise InputError(f"{where}, line {error.line}", found, "CSV with a header") from None
    header = [name.strip() for name in lines[0][1]]
    _check_header(header, needed, where)
    rows = []
    for number, cells in lines[1:]:
        if not any(c.strip() for c in cells):
            continue
        if len(cells) != len(header):
            found, accepted = f"{len(cells)} cells", f"{len(header)} cells, as in the header"
            advice = "Put a cell that holds the separator in quotes"
            raise InputError(f"{where}, line {number}", found, accepted, advice)
        values = ("" if c.strip() == "NA" else c.strip() for c in cells)
        rows.append(dict(zip(header, values, strict=True)))
    if not rows:
        raise InputError(where, "no rows", "a header and at least one row")
    return tuple(rows)


def csv_text(columns: Sequence[str], rows: Iterable[Row], *, header: bool = True) -> str:
    """Rows as CSV with these columns; a cell that a row lacks is empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    if header:
        writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def decimal(text: str, at: str) -> float | None:
    """A number with a decimal point or comma; None for an empty cell. Raises InputError."""
    if not text:
        return None
    plain = text.replace(",", ".") if text.count(",") == 1 else text
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", plain):
        raise InputError(at, repr(text), "a number such as 1.5 or 1,5")
    return float(plain)


def _delimiter(text: str, where: str) -> str:
    first = text.partition("\n")[0]
    if not first.strip():
        raise InputError(
            where, "no header in the first line", "a header and one row for each entry"
        )
    if "\t" in first:
        raise InputError(where, "cells separated by tabs", "commas or semicolons", "Save it as CSV")
    return ";" if first.count(";") > first.count(",") else ","


def _check_header(header: Sequence[str], needed: Sequence[str], where: str) -> None:
    twice = next((n for n in header if n and header.count(n) > 1), "")
    if twice:
        raise InputError(f"{where}, line 1", f"the column {twice} twice", "each column once")
    missing = [n for n in needed if n not in header]
    if missing:
        found = f"no column {missing[0]}; the header is {', '.join(header)[:80]}"
        raise InputError(f"{where}, line 1", found, f"a table with {', '.join(needed)}")
