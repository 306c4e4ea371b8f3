"""Two by two tables: reading them, and what is added to tables with an empty cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synaptrial.synthesis.effects.given import Given, Numbers, missing, read, refuse
from synaptrial.synthesis.effects.size import Array, Flags
from synaptrial.synthesis.options import choose

TO = ("only0", "all", "if0all", "none")


@dataclass(frozen=True)
class Cells:
    """Events a, c and non-events b, d of groups 1 and 2, each of shape () or (k,)."""

    a: Array
    b: Array
    c: Array
    d: Array

    @property
    def n1(self) -> Array:
        return self.a + self.b

    @property
    def n2(self) -> Array:
        return self.c + self.d

    @property
    def n(self) -> Array:
        return self.n1 + self.n2

    def plus(self, number: Array | float) -> Cells:
        return Cells(self.a + number, self.b + number, self.c + number, self.d + number)

    def empty(self) -> Flags:
        """Which tables have a cell of 0."""
        return (self.a == 0) | (self.b == 0) | (self.c == 0) | (self.d == 0)

    def one_sided(self) -> Flags:
        """Which tables have no event at all, or nothing but events."""
        return ((self.a == 0) & (self.c == 0)) | ((self.b == 0) & (self.d == 0))


def read_cells(
    ai: Numbers,
    bi: Numbers | None,
    ci: Numbers,
    di: Numbers | None,
    n1i: Numbers | None,
    n2i: Numbers | None,
) -> tuple[Given, Cells]:
    """Tables from cells, or from events and group sizes. Raises InputError."""
    given = read(ai=ai, bi=bi, ci=ci, di=di, n1i=n1i, n2i=n2i)
    given.at_least(0, "ai", "bi", "ci", "di").above(0, "n1i", "n2i")
    b, d = _others(given, "ai", "bi", "n1i"), _others(given, "ci", "di", "n2i")
    cells = Cells(given["ai"], b, given["ci"], d)
    refuse(cells.n1 <= 0, "ai", cells.a, "a group with people in it")
    refuse(cells.n2 <= 0, "ci", cells.c, "a group with people in it")
    return given, cells


def with_added(cells: Cells, add: float, to: str, drop00: bool) -> Cells:
    """Tables with `add` in every cell: of those with a cell of 0 (only0), of all tables (all), of
    all where any has one (if0all), or of none; drop00 turns one-sided tables into NaN."""
    choose("to", to, TO)
    refuse(np.asarray(not add >= 0), "add", np.asarray(add), "0 or more")
    lost = np.where(cells.one_sided() & drop00, np.nan, 0.0)
    empty = cells.empty() & np.isfinite(lost)
    everywhere = to == "all" or (to == "if0all" and bool(empty.any()))
    where = empty if to == "only0" else np.full(empty.shape, everywhere)
    return cells.plus(lost + np.where(where, add, 0.0))


def added_in_words(cells: Cells, add: float, to: str, drop00: bool) -> tuple[str, ...]:
    """Sentences of the trace: what was added and dropped, nothing where nothing was."""
    empty, dropped = int(cells.empty().sum()), int(cells.one_sided().sum())
    said = []
    if drop00 and dropped:
        said.append(f"{dropped} of {cells.a.size} tables without contrast in events left out")
    if to == "all" and add:
        said.append(f"{add:g} added to every cell of every table")
    elif empty and add and to != "none":
        which = "that have a cell of 0" if to == "only0" else "since one has a cell of 0"
        said.append(f"{add:g} added to every cell of the tables {which}")
    return tuple(said)


def _others(given: Given, events: str, others: str, size: str) -> Array:
    if others in given:
        if size in given:
            wrong = given[events] + given[others] != given[size]
            refuse(wrong, size, given[size], f"{events} + {others}")
        return given[others]
    missing(given, "tables", size)
    too_many = given[events] > given[size]
    refuse(too_many, events, given[events], f"at most {size}", "Are they swapped?")
    return given[size] - given[events]
