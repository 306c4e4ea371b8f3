"""What a run rests on, least certain first, and cells that lead to their source."""

from __future__ import annotations

from typing import Any

from synaptrial.domain.sources import LEAST_CERTAIN_FIRST
from synaptrial.reporting.kit.cells import Cell, Link, Table
from synaptrial.reporting.kit.numbers import say

Row = dict[str, Any]


def cited(value: Any, known: set[str]) -> Cell:
    """The value as text; a link where it is the key of a source on the page."""
    text = say(value)
    return Link(text, text) if text in known else text


def assumption_tables(summary: Row) -> list[tuple[str, Table]]:
    """What the run rests on, a table for each mark, least certain first."""
    known = {s["key"] for s in summary["sources"]}
    out: list[tuple[str, Table]] = []
    for mark in LEAST_CERTAIN_FIRST:
        rows = tuple(
            (a["text"], cited(a["source"], known))
            for a in summary["assumptions"]
            if str(a["mark"]) == mark
        )
        if rows:
            out.append((mark, Table(mark, ("What is assumed", "Source"), rows)))
    return out
