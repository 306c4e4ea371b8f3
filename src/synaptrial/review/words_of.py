"""Contrasts that studies state in words, for a query: a direction each, and no size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from synaptrial.evidence.tables import Row
from synaptrial.review.claims import ClaimBook, Contrast, Query, Readings
from synaptrial.review.effects_of import arm_fits, asked, from_usual, window_of
from synaptrial.review.tables import Tables, is_drug


@dataclass(frozen=True)
class Words:
    """What a study says without a number, of drug against control."""

    study: str
    family: str
    year: int | None
    day: float
    direction: str
    words: str
    row: str


def words_of(
    tables: Tables, book: ClaimBook, readings: Readings, query: Query
) -> tuple[Words, ...]:
    """One statement per group of studies that share patients: the first window of the query, then
    the dose nearest the usual one, then the earliest day."""
    rows = {r["row_id"]: r for r in tables.outcomes}
    studies = {r["study"] for r in asked(tables, query)}
    found: dict[str, tuple[tuple[float, ...], Words]] = {}
    for reading in readings.contrast:
        row = rows.get(reading.row)
        if row is None or row["study"] not in studies:
            continue
        for order, words in _fitting(tables, book, query, reading, row):
            best = found.get(words.family)
            if best is None or order < best[0]:
                found[words.family] = (order, words)
    return tuple(words for _, words in found.values())


def _fitting(
    tables: Tables, book: ClaimBook, query: Query, reading: Contrast, row: Row
) -> Iterator[tuple[tuple[float, ...], Words]]:
    arm = tables.arm(row["study"], row["arm"])
    day = float(row["day"]) if reading.day is None else reading.day
    window = window_of(book, day, query.windows)
    asked_for = (reading.part or row["part"]) == query.part
    on_scale = row["scale"] in book.scales[query.outcome]
    if arm and is_drug(arm) and arm_fits(arm, query) and window and asked_for and on_scale:
        study = row["study"]
        yield (
            (query.windows.index(window), from_usual(arm), day),
            Words(
                study, tables.family(study), tables.year(study), day, reading.direction,
                reading.words, row["row_id"],
            ),
        )  # fmt: skip
