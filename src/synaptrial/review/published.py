"""Pooled results of others: what they bear on, and whether ours agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synaptrial.evidence.tables import Row, number
from synaptrial.review.claims import PublishedQuery
from synaptrial.review.rules import Interval
from synaptrial.review.tables import Tables

STANDARDISED = "Hedges g"
PASSIVE, ACTIVE = "passive", "active"


@dataclass(frozen=True)
class PublishedPool:
    """A published pooled standardised difference, positive in favour of the drug.

    control: any, passive or active. studies: how many it pools, 0 where not said. contains: the
    trials known to be in it, empty where they are not.
    """

    source: str
    year: int | None
    interval: Interval
    control: str
    studies: int
    outcome: str
    row: str
    contains: tuple[str, ...]

    def covers(self, study: str, year: int | None) -> bool:
        """Whether it pools a trial: if it is known to, else if that is of an earlier year."""
        if self.contains:
            return study in self.contains
        return year is not None and self.year is not None and year < self.year


def printed(row: Row) -> Interval | None:
    """The interval of a row as its source signs it; None where the estimate or a limit lacks."""
    value, low, high = (number(row, k) for k in ("value", "low", "high"))
    if value is None or low is None or high is None:
        return None
    return Interval(value, low, high)


def published_pools(tables: Tables, queries: Sequence[PublishedQuery]) -> tuple[PublishedPool, ...]:
    """The published pools that any of the queries asks for, in the order of the table."""
    fitting = [r for r in tables.published if any(_fits(r, q) for q in queries)]
    return tuple(_pool(tables, r) for r in fitting)


def contained(row: Row) -> tuple[str, ...]:
    """The trials that a published pool is known to contain."""
    return tuple(s for s in row["contains"].split(";") if s)


def _fits(row: Row, query: PublishedQuery) -> bool:
    """Whether a query asks for a row; without an estimate and an interval it says nothing."""
    numbers = all(row[k] for k in ("value", "low", "high"))
    if row["statistic"] != STANDARDISED or not numbers or query.outcome not in row["outcome"]:
        return False
    if query.day is not None and number(row, "day") != query.day:
        return False
    return query.time_note is None or row["time_note"] == query.time_note


def _pool(tables: Tables, row: Row) -> PublishedPool:
    interval = Interval(*(float(row[k]) for k in ("value", "low", "high")))
    if row["direction"].startswith("negative"):
        interval = interval.turned()
    control = row["versus"].split(" ")[0] or "any"
    studies = int(number(row, "n_studies") or 0)
    return PublishedPool(
        row["source"], tables.year(row["source"]), interval, control, studies, row["outcome"],
        row["row_id"], contained(row),
    )  # fmt: skip
