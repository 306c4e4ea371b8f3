"""What is wrong with an evidence folder, or asks for an answer: all of it, not the first."""

from __future__ import annotations

from synaptrial.evidence.check import (
    acknowledged,
    cells,
    doses,
    events,
    impossible,
    intervals,
    judgements,
    links,
    marks,
    signs,
    sizes,
    spread,
    years,
)
from synaptrial.evidence.problems import Problem
from synaptrial.evidence.raw import RawBase
from synaptrial.evidence.schema import TABLES

_CHECKS = (
    cells, doses, links, years, marks, intervals, spread, impossible, signs, sizes, events,
    judgements,
)  # fmt: skip


def check(raw: RawBase) -> tuple[Problem, ...]:
    """Errors, and queries that `acknowledged` does not answer, in order of table and line."""
    found = [*raw.problems, *(p for module in _CHECKS for p in module.problems(raw))]
    left = acknowledged.unanswered(raw, found)
    return tuple(sorted(left, key=_place))


def _place(problem: Problem) -> tuple[int, str, int]:
    """Tables in their order, then other files; a file that can't be read stands with its table."""
    name, names = problem.table.removesuffix(".csv"), tuple(TABLES)
    return names.index(name) if name in names else len(names), name, problem.line
