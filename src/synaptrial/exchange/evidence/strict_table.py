"""Read a CSV table of the evidence base strictly, and list all that is wrong with the file."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

from synaptrial.evidence.columns import Table
from synaptrial.evidence.problems import Problem, shown
from synaptrial.evidence.raw import RawTable
from synaptrial.evidence.tables import Row
from synaptrial.exchange.delimited import NotCsvError, records

_UTF8 = "Save it as UTF-8 without a byte order mark"
_LINKS = ("study", "arm")  # columns without which every row of other tables would be reported


def read_csv(path: Path, table: Table) -> tuple[RawTable | None, list[Problem]]:
    """The table, and what is wrong with its form; None where no row can be read."""
    data, problem = file_text(path)
    if problem is not None:
        return None, [problem]
    problems = []
    if data.startswith("\ufeff"):
        data = data.removeprefix("\ufeff")
        problems.append(_wrong(table, "a byte order mark", "plain UTF-8", _UTF8, line=1))
    if not data.strip():
        accepted = f"a header: {','.join(table.names)}"
        return None, [*problems, _wrong(table, "an empty file", accepted)]
    try:
        lines = records(data)
    except NotCsvError as error:
        advice = "Close the quotes on the line where they open, and double a quote inside a cell"
        found = f"text that is not CSV ({error})"
        return None, [*problems, _wrong(table, found, "CSV", advice, line=error.line)]
    if not any(cell.strip() for cell in lines[0][1]):
        accepted = f"a header: {','.join(table.names)}"
        return None, [*problems, _wrong(table, "a blank line", accepted, "Remove the line", 1)]
    header = lines[0][1]
    wrong = _header_problems(header, table)
    if len(set(header)) < len(header) or not {*table.key, *_LINKS} & set(table.names) <= set(
        header
    ):
        return None, problems + wrong  # no row can be told from another, or linked
    rows, numbers, more = _rows(lines[1:], header, table)
    return RawTable(tuple(header), rows, numbers), problems + wrong + more


def file_text(path: Path) -> tuple[str, Problem | None]:
    """The text of a file as it stands, or why there is none."""
    if path.exists() and not path.is_file():
        found = "a folder" if path.is_dir() else "something that is no file"
        advice = "Put the file in its place"
        return "", Problem(path.name, found, "a file of this name", advice)
    try:
        return path.read_bytes().decode("utf-8"), None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        found = f"a byte that is not UTF-8 ({error.object[error.start]:#04x})"
        return "", Problem(path.name, found, "UTF-8", _UTF8, line)
    except OSError as error:
        if not os.path.lexists(path):
            return "", Problem(path.name, "no such file", "a file of this name", "Add it")
        found = f"a file that cannot be read ({error.strerror or 'an error'})"
        return "", Problem(path.name, found, "a readable file", "Replace it, or change its rights")


def _header_problems(header: list[str], table: Table) -> list[Problem]:
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        kind = "semicolons" if ";" in header[0] else "tabs"
        accepted, advice = "commas between cells", "Save it as CSV with commas and decimal points"
        return [_wrong(table, f"cells separated by {kind}", accepted, advice, line=1)]
    out = []
    for name in sorted({n for n in header if header.count(n) > 1}):
        out.append(_wrong(table, "a column that stands twice", "each once", "Remove one", 1, name))
    for name in dict.fromkeys(header):
        if name not in table.names:
            near = difflib.get_close_matches(name, table.names, n=1, cutoff=0.6)
            advice = f"Did you mean {near[0]}?" if near else "Remove it"
            accepted = ", ".join(table.names)
            out.append(_wrong(table, "an unknown column", accepted, advice, 1, name or "(no name)"))
    for name in table.names:
        if name not in header:
            accepted = "every column of the table"
            out.append(_wrong(table, "no such column", accepted, f"Add {name}", 1, name))
    return out


def _rows(
    below: list[tuple[int, list[str]]], header: list[str], table: Table
) -> tuple[tuple[Row, ...], tuple[int, ...], list[Problem]]:
    """Rows, their lines in the file (the last, where a cell holds a line break), and problems."""
    rows, lines, problems = [], [], []
    for line, cells in below:
        if not any(cell.strip() for cell in cells):
            advice = "Remove the line"
            problems.append(_wrong(table, "a blank line", "a row on every line", advice, line))
            continue
        row = dict(zip(header, cells, strict=False))
        if len(cells) != len(header):
            found, accepted = f"{len(cells)} cells", f"{len(header)} cells, as in the header"
            advice = "Put a cell that holds a comma in quotes"
            name = " ".join(row.get(k, "") for k in table.key)
            problems.append(Problem(table.name, found, accepted, advice, line, name))
        rows.append({name: row.get(name, "") for name in table.names})
        lines.append(line)
    return tuple(rows), tuple(lines), problems


def _wrong(
    table: Table, found: str, accepted: str, advice: str = "", line: int = 0, column: str = ""
) -> Problem:
    plain = column.isprintable() and column == column.strip()
    return Problem(
        table.name, found, accepted, advice, line, column=column if plain else shown(column)
    )
