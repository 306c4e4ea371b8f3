"""Each cell by itself: kind, vocabulary, range; and that no row is named twice."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterator
from datetime import date

from synaptrial.evidence.check.reading import NUMBER, error, numbered
from synaptrial.evidence.columns import Column
from synaptrial.evidence.problems import Problem, shown
from synaptrial.evidence.raw import RawBase, row_name
from synaptrial.evidence.schema import NUMBERED, TABLES
from synaptrial.evidence.tables import Row, parts

_ID = re.compile(r"[A-Za-z0-9_.:@+<>=/-]+")
_REGISTRY = re.compile(
    r"NCT\d{8}|ACTRN\d{14}|ISRCTN\d{8}|DRKS\d{8}|EUCTR\d{4}-\d{6}-\d{2}(-\w+)?|jRCT\w{10,12}"
    r"|ChiCTR[-\w]{8,12}|CTRI/\d{4}/\d{2,3}/\d{6}|IRCT\w{10,20}|UMIN\d{9}|PACTR\d{15,16}|NTR\d{4}",
    re.ASCII,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
Found = tuple[str, str, str]  # found, accepted, what to do


def problems(raw: RawBase) -> Iterator[Problem]:
    """All cells and keys of all tables."""
    for name, table in TABLES.items():
        if name not in raw.tables:
            continue
        header = raw.tables[name].header
        columns = [c for c in table.columns if c.name in header]
        for line, row in numbered(raw, name):
            for column in columns:
                wrong = _cell(row[column.name], column)
                if wrong is not None:
                    yield error(name, line, row, column.name, *wrong)
        yield from _twice(raw, name)
        if table.filled and not raw.rows(name):
            yield Problem(name, "a table without rows", "at least one row", "Add the rows")
    yield from _twice_across(raw)


def _cell(text: str, column: Column) -> Found | None:
    if text != text.strip() or _CONTROL.search(text):
        return shown(text), "no blanks around a cell and no line breaks in it", "Remove them"
    if not text:
        needed = _needed(column) if column.needed else ""
        return ("nothing", needed, "Fill the cell in") if needed else None
    return _KINDS[column.kind](text, column) if column.kind in _KINDS else None


def _needed(column: Column) -> str:
    return ", ".join(column.accepted) or column.help or "a value"


def _number(text: str, column: Column) -> Found | None:
    unit = f" {column.unit}" if column.unit else ""
    if not NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        advice = "Write a bare number" + (" with a decimal point" if "," in text else "")
        return shown(text), f"a finite number{unit}", f"{advice}; leave it empty if it is not known"
    value = float(text)
    if column.low is not None and value < column.low:
        return text, f"{column.low:g} or more{unit}", "Check the number and its unit"
    if column.high is not None and value > column.high:
        span = f"{column.low:g} to {column.high:g}{unit}" if column.low is not None else ""
        return text, span or f"at most {column.high:g}{unit}", "Check the number and its unit"
    return None


def _whole(text: str, column: Column) -> Found | None:
    if not re.fullmatch("[0-9]+", text):
        return shown(text), f"a whole number, {column.low or 0:g} or more", "Check the number"
    return _number(text, column)


def _numbers(text: str, column: Column) -> Found | None:
    return next((w for w in (_number(part, column) for part in parts(text)) if w), None)


def _word(text: str, column: Column) -> Found | None:
    if text in column.accepted:
        return None
    near = difflib.get_close_matches(text, column.accepted, n=1, cutoff=0.6)
    advice = f"Did you mean {near[0]}?" if near else "Use a word of the list; keep yours in a note"
    return shown(text), ", ".join(column.accepted), advice


def _words(text: str, column: Column) -> Found | None:
    words = parts(text)
    if len(set(words)) < len(words):
        return shown(text), "each word once", "Remove the second"
    return next((w for w in (_word(part, column) for part in words) if w), None)


def _id(text: str, column: Column) -> Found | None:
    if _ID.fullmatch(text):
        return None
    return shown(text), "letters, digits and . _ : @ + - / < = >", "Remove other characters"


def _date(text: str, column: Column) -> Found | None:
    try:
        date.fromisoformat(text if len(text) == 10 else "")
    except ValueError:
        return shown(text), "a day such as 2026-01-31", "Write year-month-day"
    return None


def _registry(text: str, column: Column) -> Found | None:
    if _REGISTRY.fullmatch(text):
        return None
    accepted = "a registry number such as NCT01234567 or ACTRN12345678901234"
    return shown(text), accepted, "Correct it, or move it to note"


_KINDS: dict[str, Callable[[str, Column], Found | None]] = {
    "number": _number,
    "whole": _whole,
    "numbers": _numbers,
    "word": _word,
    "words": _words,
    "id": _id,
    "date": _date,
    "registry": _registry,
}


def _twice(raw: RawBase, name: str) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    table = TABLES[name]
    for line, row in numbered(raw, name):
        key = row_name(table, row)
        if key and key in seen:
            found = f"{shown(key)} again; it stands on line {seen[key]}"
            yield error(
                name, line, row, table.key[0], found, "each row once", "Rename or remove it"
            )
        seen.setdefault(key, line)


def _twice_across(raw: RawBase) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name in NUMBERED:
        for line, row in numbered(raw, name):
            other = seen.setdefault(_row_id(row), name)
            if other != name and _row_id(row):
                found = f"{shown(_row_id(row))}, which {other}.csv uses too"
                yield error(name, line, row, "row_id", found, "an id of its own", "Rename it")


def _row_id(row: Row) -> str:
    return row.get("row_id", "")
