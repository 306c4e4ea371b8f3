"""Rows of the evidence tables, as read from CSV: dictionaries of text, empty text for unknown."""

from __future__ import annotations

Row = dict[str, str]


def parts(text: str) -> tuple[str, ...]:
    """Parts of a cell that holds a list; none of an empty one."""
    return tuple(text.split(";")) if text else ()


def number(row: Row, key: str) -> float | None:
    """A number, or None where the cell is empty."""
    return float(row[key]) if row.get(key) else None
