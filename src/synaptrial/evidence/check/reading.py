"""How the checks read rows: numbers where a cell holds one, problems that name a cell."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from synaptrial.evidence.problems import QUERY_ADVICE, Problem, shown
from synaptrial.evidence.raw import RawBase, row_name
from synaptrial.evidence.schema import TABLES
from synaptrial.evidence.tables import Row
from synaptrial.evidence.vocabulary import Query

NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,2})?")


def number(row: Row, column: str) -> float | None:
    """The number in a cell; None where it is empty or no number, which `cells` reports."""
    text = row.get(column, "")
    value = float(text) if NUMBER.fullmatch(text) else math.nan
    return value if math.isfinite(value) else None


def positive(row: Row, column: str) -> float | None:
    """A number above 0: a spread or a count; one that is not above 0 is reported by itself."""
    value = number(row, column)
    return value if value is not None and value > 0 else None


def half_unit(row: Row, column: str) -> float:
    """Half a unit of the last digit printed: how far rounding may have moved a number."""
    mantissa = row[column].lower().partition("e")[0]
    return 0.5 * 10.0 ** -len(mantissa.partition(".")[2])


def numbered(raw: RawBase, table: str) -> Iterator[tuple[int, Row]]:
    """(line, row) of a table; nothing where it is absent."""
    return iter(raw.tables[table].numbered()) if table in raw.tables else iter(())


def error(
    table: str, line: int, row: Row, column: str, found: str, accepted: str, advice: str = ""
) -> Problem:
    """An error in a cell."""
    return Problem(table, found, accepted, advice, line, row_name(TABLES[table], row), column)


def query(
    table: str, line: int, row: Row, column: str, code: Query, found: str, accepted: str
) -> Problem:
    """A value that is implausible but possible."""
    name = row_name(TABLES[table], row)
    return Problem(table, found, accepted, QUERY_ADVICE, line, name, column, code)


def cell(row: Row, column: str) -> str:
    """A cell as a message shows it."""
    return shown(row.get(column, ""))
