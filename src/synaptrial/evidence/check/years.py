"""No study of a later year than the release after the one that holds it."""

from __future__ import annotations

from collections.abc import Iterator

from synaptrial.evidence.check.reading import error, number, numbered
from synaptrial.evidence.problems import Problem
from synaptrial.evidence.raw import RawBase


def problems(raw: RawBase) -> Iterator[Problem]:
    """Years of studies and of sources."""
    if raw.release is None:
        return
    latest = int(raw.release.date[:4]) + 1
    accepted = f"a year up to {latest}; the release is of {raw.release.date}"
    for line, row in numbered(raw, "studies"):
        year = number(row, "year")
        if year is not None and year > latest:
            yield error("studies", line, row, "year", row["year"], accepted, "Check the year")
    for key, source in (raw.sources or {}).items():
        if source.year is not None and source.year > latest:
            found = str(source.year)
            yield Problem("sources.bib", found, accepted, "Check the year", 0, key, "year")
