"""Published pooled results beside ours: reproduced where their inputs are at hand, else compared;
and what is wrong with them as printed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synaptrial.evidence.tables import Row, number
from synaptrial.review.case import Case
from synaptrial.review.claims import Query
from synaptrial.review.effect import Effect
from synaptrial.review.effects_of import effects_of, window_of
from synaptrial.review.pooling import Pool, interval_of, pool
from synaptrial.review.published import STANDARDISED, contained, printed
from synaptrial.review.rules import Interval
from synaptrial.synthesis import rma

ANY_TIME = ("2-4w", "1w", "24h", "longer")  # as the claim on the effect over all times has it
POINTS, RATIOS = "mean difference", ("odds ratio", "risk ratio")
SCALES = {"CAPS": ("CAPS5", "CAPS4"), "PCL": ("PCL5", "PCL4"), "MADRS": ("MADRS",)}


@dataclass(frozen=True)
class Compared:
    """One published number beside ours. printed: as the source signs it; None where it prints no
    number or no interval. `faults`: what is wrong with it as printed, found here or by a reader.
    """

    row: Row
    year: int | None
    printed: Interval | None
    ours: Pool | None
    reproduced: Interval | None
    outcome: str  # reproduced, compatible, differs, not comparable
    reason: str
    faults: tuple[str, ...]


def compared(case: Case) -> tuple[Compared, ...]:
    """Every published pooled result, in the order of the table."""
    return tuple(_compare(case, row) for row in case.tables.published)


def _compare(case: Case, row: Row) -> Compared:
    own = printed(row)
    ours = _ours(case, row)
    again = _again(row, ours.effects if ours else ())
    outcome, reason = _outcome(row, own, ours, again)
    year = case.tables.year(row["source"])
    return Compared(row, year, own, ours, again, outcome, reason, faults(row))


def faults(row: Row) -> tuple[str, ...]:
    """What a reader found wrong; where nobody said, what the printed numbers alone show."""
    if row["fault"]:
        return (row["fault"],)
    value, low, high = (number(row, k) for k in ("value", "low", "high"))
    found = []
    if low is not None and high is not None and value is None:
        found.append("an interval is printed without an estimate on its scale")
    if value is not None and low is not None and high is not None:
        if row["statistic"] in RATIOS and min(value, low, high) <= 0:
            found.append("a ratio is zero or negative, which no ratio can be")
        elif not _centred(row["statistic"], value, low, high):
            middle = _middle(row["statistic"], low, high)
            found.append(f"the estimate {value:g} is not the middle {middle:.4g} of its interval")
    return tuple(found)


def _centred(statistic: str, value: float, low: float, high: float) -> bool:
    """Whether the estimate lies in the middle, within what rounding to two decimals allows; an
    odds ratio with a wide interval is rounded at its small end."""
    middle, slack = _middle(statistic, low, high), 0.011
    if statistic in RATIOS:
        return abs(math.log(value / middle)) < slack + 0.006 / low
    return abs(value - middle) < slack


def _middle(statistic: str, low: float, high: float) -> float:
    return math.sqrt(low * high) if statistic in RATIOS else (low + high) / 2


def _ours(case: Case, row: Row) -> Pool | None:
    """Our effects on what the row is about: standardised, or in points of the same scale."""
    day = number(row, "day")
    windows = tuple(case.book.windows_days)
    at = ANY_TIME if day is None else (window_of(case.book, day, windows),)
    if row["statistic"] == STANDARDISED:
        return pool(effects_of(case.tables, case.book, Query(windows=at), recalled=case.recalled))
    wanted = next((v for k, v in SCALES.items() if row["outcome"].startswith(k)), ())
    if row["statistic"] != POINTS or not wanted:
        return None
    mood = wanted == SCALES["MADRS"]
    query = Query(outcome="mood" if mood else "ptsd", windows=at)
    found = effects_of(case.tables, case.book, query, recalled=case.recalled, points=True)
    return pool([e for e in found if e.scale in wanted])


def _again(row: Row, effects: Sequence[Effect]) -> Interval | None:
    """The printed pool from its own inputs, DerSimonian and Laird with a normal interval, where
    the trials it contains are known and each gives an effect; in the direction as printed."""
    contains = contained(row)
    used = [e for e in effects if e.study in contains]
    if not contains or len(used) < len(contains):
        return None
    sign = -1 if row["direction"].startswith("negative") else 1
    yi, vi = np.array([sign * e.yi for e in used]), np.array([e.vi for e in used])
    fit = rma(yi, vi, method="DL", test="z")
    return interval_of(fit)


def _outcome(
    row: Row, printed: Interval | None, ours: Pool | None, again: Interval | None
) -> tuple[str, str]:
    if printed is None:
        return "not comparable", "no estimate with an interval is printed"
    if again is not None:
        same = abs(again.estimate - printed.estimate) < 0.02 * max(1.0, abs(printed.estimate))
        text = f"from its own trials {again.estimate:.2f} ({again.low:.2f} to {again.high:.2f})"
        return ("reproduced" if same else "differs"), text
    if ours is None:
        return (
            "not comparable",
            "no effect of any trial on this outcome at this time is pooled here",
        )
    inputs = "the effects that it pools are not at hand, so it is compared and not reproduced"
    sign = -1 if row["direction"].startswith("negative") else 1
    inside = ours.safe.low <= sign * printed.estimate <= ours.safe.high
    names = ", ".join(e.study for e in ours.effects)
    text = f"{inputs}; ours rests on {names}"
    if ours.safe.low < 0 < ours.safe.high:
        text += ", and its interval holds benefit and harm, so that agreement says little"
    return ("compatible" if inside else "differs"), text
