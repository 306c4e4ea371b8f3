"""Counts, percents and ratios."""

from __future__ import annotations

from collections.abc import Iterator

from synaptrial.evidence.check.intervals import RATIO_WORDS
from synaptrial.evidence.check.reading import error, half_unit, number, numbered
from synaptrial.evidence.problems import Problem
from synaptrial.evidence.raw import RawBase
from synaptrial.evidence.tables import Row


def problems(raw: RawBase) -> Iterator[Problem]:
    """All counts and shares."""
    for table in ("outcomes", "adverse_events"):
        for line, row in numbered(raw, table):
            yield from _count(table, line, row)
    for table in ("outcomes", "acute", "meta_analyses"):
        for line, row in numbered(raw, table):
            yield from _share(table, line, row)


def _count(table: str, line: int, row: Row) -> Iterator[Problem]:
    events, n, value = number(row, "events"), number(row, "n"), number(row, "value")
    if events is not None and n is not None and events > n:
        accepted = f"at most n = {row['n']}"
        yield error(table, line, row, "events", row["events"], accepted, "Check both numbers")
    elif events is not None and n and value is not None and row["statistic"] == "percent":
        share = 100 * events / n
        if abs(share - value) > half_unit(row, "value") + 0.5:
            found = f"{row['value']}, while {row['events']} of {row['n']} are {share:.3g}"
            yield error(table, line, row, "value", found, "100 * events / n", "Check all three")


def _share(table: str, line: int, row: Row) -> Iterator[Problem]:
    value, statistic = number(row, "value"), row["statistic"]
    ends = {c: number(row, c) for c in ("value", "low", "high")}
    for column, end in ends.items():
        if end is not None and statistic == "percent" and not 0 <= end <= 100:
            yield error(table, line, row, column, row[column], "a percent, 0 to 100")
        if end is not None and statistic in RATIO_WORDS and end <= 0:
            accepted = "a ratio above 0, not its logarithm"
            yield error(table, line, row, column, row[column], accepted)
    if value is not None and statistic == "percent_change" and value < -100:
        yield error(table, line, row, "value", row["value"], "a fall of at most 100 percent")
    if value is not None and statistic == "risk_difference" and abs(value) > 1:
        yield error(table, line, row, "value", row["value"], "a share, -1 to 1, not percent")
