"""Verdicts that differ between two evidence bases, and the rows that move each of them.

Both bases are judged by the same claims, rules, thresholds and readings, so that nothing but rows
moves a verdict. A row moves it if the verdict on the new base, judged again without the row, is no
longer that of the new base. Where no row does so alone, the least set of rows is told that does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from synaptrial.evidence.base import EvidenceBase
from synaptrial.review.case import Case
from synaptrial.review.claims import Claim, ClaimBook, Readings
from synaptrial.review.judge import judge
from synaptrial.review.result import NOW, REVIEW_YEAR
from synaptrial.review.row_changes import RowChange, reverted, row_changes
from synaptrial.review.tables import Tables
from synaptrial.review.verdicts import Ruling

T = TypeVar("T")
Changes = Sequence[RowChange]
Judge = Callable[[EvidenceBase], Ruling]


@dataclass(frozen=True)
class Moved:
    """A claim that is judged otherwise. as_of: a year, or None for all that is known. rows: each
    moves it alone, or all of them `together`; none where only years of sources differ."""

    claim: Claim
    as_of: int | None
    before: Ruling
    after: Ruling
    rows: tuple[RowChange, ...]
    together: bool

    @property
    def verdict_moved(self) -> bool:
        """Whether the verdict differs, not its reason alone."""
        return self.before.verdict != self.after.verdict


def moved(
    old: EvidenceBase, new: EvidenceBase, book: ClaimBook, readings: Readings
) -> tuple[Moved, ...]:
    """Claims whose verdict or reason differs, as of the year of the starting text and now."""
    # A row that is put back may need a source that the new base no longer has.
    new = replace(new, sources={**old.sources, **new.sources})
    changes = row_changes(old, new)
    out = []
    for claim in book.claim:
        for year in (REVIEW_YEAR, None):
            found = _compare(claim, year, _judge(claim, year, book, readings), old, new, changes)
            out += [found] if found else []
    return tuple(out)


def _judge(claim: Claim, year: int | None, book: ClaimBook, readings: Readings) -> Judge:
    def ruling(base: EvidenceBase) -> Ruling:
        known = base if year is None else base.as_of(year)
        return judge(claim, Case(Tables.of(known), book, readings, recalled=False)).ruling

    return ruling


def _compare(
    claim: Claim,
    year: int | None,
    ruling: Judge,
    old: EvidenceBase,
    new: EvidenceBase,
    changes: Changes,
) -> Moved | None:
    before, after = ruling(old), ruling(new)
    if before == after:
        return None
    verdict = before.verdict != after.verdict

    def taken_back(some: Changes) -> bool:
        """Whether the new base without these changes is judged otherwise than with them."""
        again = ruling(reverted(new, some))
        return again.verdict != after.verdict if verdict else again != after

    rows, together = movers(changes, taken_back)
    return Moved(claim, year, before, after, rows, together)


def movers(
    changes: Changes, taken_back: Callable[[Changes], bool]
) -> tuple[tuple[RowChange, ...], bool]:
    """Changes each of which moves a ruling, or (True) the least set that does together."""
    units: dict[str, list[RowChange]] = {}
    for change in changes:
        units.setdefault(change.unit, []).append(change)
    alone = [unit for unit in units.values() if taken_back(unit)]
    rows = tuple(c for unit in alone for c in unit if taken_back([c]))
    if rows or not taken_back(changes):
        return rows, False
    least = alone[:1] or _least(list(units.values()), lambda some: taken_back(_flat(some)))
    return tuple(_least(_flat(least), taken_back)), True


def _least(items: list[T], enough: Callable[[list[T]], bool]) -> list[T]:
    """Items without those that are not needed, tried in turn."""
    kept = items
    for item in items:
        fewer = [i for i in kept if i is not item]
        kept = fewer if enough(fewer) else kept
    return kept


def _flat(units: Iterable[Changes]) -> list[RowChange]:
    return [change for unit in units for change in unit]


def moved_document(found: Sequence[Moved]) -> list[dict[str, Any]]:
    """For JSON."""
    return [
        {
            "claim": m.claim.id,
            "statement": m.claim.statement,
            "as_of": NOW if m.as_of is None else m.as_of,
            "verdict_moved": m.verdict_moved,
            "before": {"verdict": m.before.verdict.value, "reason": m.before.reason},
            "after": {"verdict": m.after.verdict.value, "reason": m.after.reason},
            "together": m.together,
            "rows": [{"table": c.table, "row": c.row, "change": c.kind} for c in m.rows],
        }
        for m in found
    ]
