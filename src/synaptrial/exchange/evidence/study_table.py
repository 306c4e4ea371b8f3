"""Read a CSV table of studies, one a row, and tell by the columns' names what is given."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from synaptrial.domain.errors import InputError
from synaptrial.exchange.delimited import NotCsvError, records
from synaptrial.exchange.file_kind import refuse_other_kinds
from synaptrial.exchange.toml import read_text
from synaptrial.synthesis.analysis import CELLS, EVENTS, MEANS, SHAPES, Column

EFFECT, VARIANCES, ERRORS = "yi", ("vi", "var"), ("se",)
# Names that may mean a variance, its root or something else: refused, never guessed.
_DOUBTFUL = {
    "v", "variance", "varyi", "s", "s2", "sd", "sdi", "std", "sigma", "sigma2", "stderr", "sete",
    "standarderror", "sei", "vi", "var", "se", "error",
}  # fmt: skip
_DOUBTFUL_EFFECT = {"y", "yi", "es", "effect", "effectsize", "estimate", "te", "g", "d", "smd"}
NOT_COUNTS = ("m1i", "sd1i", "m2i", "sd2i")
_DISAGREE = 0.01  # relative difference of se squared and the variance
_ACCEPTED = (
    "yi with vi or var (a sampling variance) or se (its square root), or arms: "
    + "; ".join(" ".join(names) for names in SHAPES[1:])
)


@dataclass(frozen=True)
class StudyTable:
    """Cells by column, as text, and the line of the file on which each row ends."""

    name: str
    cells: dict[str, tuple[str, ...]]
    lines: tuple[int, ...]

    def column(self, name: str) -> tuple[str, ...]:
        """A column's cells. Raises InputError where the table has none of that name."""
        if name not in self.cells:
            raise InputError(f"{self.name}: {name}", "no such column", ", ".join(self.cells))
        return self.cells[name]

    def numbers(self, name: str) -> tuple[float, ...]:
        """A column as finite numbers. Raises InputError with the line of what is none."""
        return tuple(
            self._number(name, text, line)
            for text, line in zip(self.column(name), self.lines, strict=True)
        )

    def _number(self, name: str, text: str, line: int) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if math.isfinite(value):
            return value
        raise InputError(
            f"{self.name}: line {line}, {name}", repr(text) if text else "an empty cell",
            "a finite number with a decimal point", "Leave the study out, or mend it",
        )  # fmt: skip

    def labels(self, name: str) -> tuple[str, ...]:
        """A column as labels. Raises InputError with the line of an empty cell."""
        for text, line in zip(self.column(name), self.lines, strict=True):
            if not text:
                where = f"{self.name}: line {line}, {name}"
                raise InputError(where, "an empty cell", "a label", "Fill it")
        return self.column(name)

    def placed(self, error: InputError, study: Sequence[str]) -> InputError:
        """An error of an analysis, told of this file: one that names a value by its place in a
        column (yi[3]), or a study by its label, gets the line."""
        where = error.where
        found = re.fullmatch(r"(?:mods, )?(.+)\[(\d+)\]", where)
        if found and int(found[2]) < len(self.lines):
            where = f"line {self.lines[int(found[2])]}, {self._given(found[1])}"
        elif where in study:
            where = f"line {self.lines[study.index(where)]}, {where}"
        return InputError(f"{self.name}: {where}", error.found, error.accepted, error.advice)

    def _given(self, name: str) -> str:
        """The column that a variance was read from, else the name itself."""
        names = [n for n in (*VARIANCES, *ERRORS) if n in self.cells] if name == "vi" else []
        return names[0] if names else name

    def values(self, name: str) -> Column:
        """Numbers where any cell is one, else labels. Raises InputError with the line of a cell
        that is no number among numbers: a moderator is not made a factor by a slip of the pen."""
        return self.numbers(name) if any(map(_is_number, self.column(name))) else self.labels(name)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def read_study_table(path: Path) -> StudyTable:
    """The table in a CSV file with commas, in UTF-8. Raises InputError."""
    refuse_other_kinds(path, "a CSV file with commas")
    text = read_text(path, "CSV").removeprefix("\ufeff")
    try:
        rows = [(line, [cell.strip() for cell in row]) for line, row in records(text) if any(row)]
    except NotCsvError as error:
        where, found = f"{path.name}: line {error.line}", f"text that is not CSV ({error})"
        raise InputError(where, found, "CSV with commas") from None
    header = _header(path.name, rows[0][1] if rows else [])
    for line, row in rows[1:]:
        if len(row) != len(header):
            where = f"{path.name}: line {line}"
            raise InputError(where, f"{len(row)} cells", f"{len(header)}, as in the header")
    if len(rows) < 2:
        raise InputError(path.name, "no study", "one study a row under the header")
    columns = zip(*(row for _, row in rows[1:]), strict=True)
    return StudyTable(
        path.name, dict(zip(header, columns, strict=True)), tuple(line for line, _ in rows[1:])
    )


def _header(name: str, header: list[str]) -> list[str]:
    if not header:
        raise InputError(name, "an empty file", "a header and one study a row")
    for mark, kind in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and mark in header[0]:
            raise InputError(
                f"{name}: line 1", f"cells separated by {kind}",
                "commas between cells and decimal points", "Save it as CSV with commas",
            )  # fmt: skip
    for column in header:
        if header.count(column) > 1:
            raise InputError(f"{name}: {column}", "a column that stands twice", "each name once")
    return header


def given_columns(table: StudyTable) -> tuple[tuple[str, ...], dict[str, Column]]:
    """What the table gives, one of SHAPES, and its columns; effects win over arms.

    Raises InputError for a name that leaves doubt, and where nothing usable is there."""
    if EFFECT in table.cells:
        columns: dict[str, Column] = {
            "yi": table.numbers(EFFECT), "vi": _variances(table),
        }  # fmt: skip
        return ("yi", "vi"), columns
    for shape in (MEANS, CELLS, EVENTS):
        if set(shape) <= set(table.cells):
            return shape, {name: _counts(table, name) for name in shape}
    doubtful = _named_like(table, _DOUBTFUL_EFFECT)
    if doubtful:
        raise _in_doubt(table, doubtful, "the effect or something else", "yi for the effect")
    raise InputError(table.name, f"columns {', '.join(table.cells)}", _ACCEPTED)


def _counts(table: StudyTable, name: str) -> tuple[float, ...]:
    """A column of arms as numbers, whole ones where it counts people or events."""
    values = table.numbers(name)
    for value, line in zip(values, table.lines, strict=True):
        if name not in NOT_COUNTS and value != math.floor(value):
            where, advice = f"{table.name}: line {line}, {name}", "Round what a design effect made"
            raise InputError(where, f"{value:g}", "a whole number of people", advice)
    return values


def _variances(table: StudyTable) -> tuple[float, ...]:
    found = [_as_variance(table, name) for name in (*VARIANCES, *ERRORS) if name in table.cells]
    if not found:
        doubtful = _named_like(table, _DOUBTFUL)
        if doubtful:
            accepted = "vi or var for a sampling variance, se for its square root"
            raise _in_doubt(table, doubtful, "a variance or its square root", accepted)
        raise InputError(f"{table.name}: vi", "no such column", _ACCEPTED)
    for other in found[1:]:
        for line, one, two in zip(table.lines, found[0], other, strict=True):
            if not math.isclose(one, two, rel_tol=_DISAGREE):
                _refuse_disagreement(table, line, one, two)
    return found[0]


def _refuse_disagreement(table: StudyTable, line: int, one: float, two: float) -> None:
    both = [name for name in (*VARIANCES, *ERRORS) if name in table.cells]
    raise InputError(
        f"{table.name}: line {line}, {' and '.join(both)}",
        f"variances {one:g} and {two:g}, by the one and by the other",
        "columns that agree",
        "Remove the one that is wrong",
    )


def _as_variance(table: StudyTable, name: str) -> tuple[float, ...]:
    values = table.numbers(name)
    for value, line in zip(values, table.lines, strict=True):
        if value <= 0:
            where = f"{table.name}: line {line}, {name}"
            raise InputError(where, f"{value:g}", "a number above 0", "Leave the study out")
    return tuple(v**2 for v in values) if name in ERRORS else values


def _named_like(table: StudyTable, names: set[str]) -> str:
    """The first column whose letters and digits, whatever their case, are one of the names."""
    for column in table.cells:
        if "".join(c for c in column.lower() if c.isalnum()) in names:
            return column
    return ""


def _in_doubt(table: StudyTable, column: str, meanings: str, accepted: str) -> InputError:
    return InputError(
        f"{table.name}: {column}", f"a column that may be {meanings}", accepted, "Rename it"
    )
