"""An interval runs from low to high around its value, and agrees with the standard error."""

from __future__ import annotations

import math
from collections.abc import Iterator

from synaptrial.evidence.check.reading import (
    cell,
    error,
    half_unit,
    number,
    numbered,
    query,
)
from synaptrial.evidence.problems import Problem
from synaptrial.evidence.raw import RawBase
from synaptrial.evidence.tables import Row
from synaptrial.evidence.vocabulary import RATIOS

TABLES = ("outcomes", "acute", "meta_analyses", "pk_observations", "pharmacodynamics", "scales")
RATIO_WORDS = (*RATIOS, "odds ratio", "risk ratio")
# Intervals of these lie evenly about the value, on a log scale where it is a ratio.
EVEN = ("mean", "change", "difference", "smd", "within_arm_d", "Hedges g", "mean difference")
_ADVICE = "Check value, low and high against the source"
SLACK = 0.05  # share of the half-width by which a midpoint may lie off the value
# Half-width over SE of a 95% interval: 1.96 for many people, t with 3 degrees of freedom at most.
WIDTHS = (1.9, 3.25)


def problems(raw: RawBase) -> Iterator[Problem]:
    """All intervals."""
    for table in TABLES:
        for line, row in numbered(raw, table):
            yield from _interval(table, line, row)


def _interval(table: str, line: int, row: Row) -> Iterator[Problem]:
    low, high, value = number(row, "low"), number(row, "high"), number(row, "value")
    if low is None or high is None:
        if row["low"] or row["high"]:
            side = "high" if row["low"] else "low"
            if not row[side]:
                accepted = "both ends of an interval"
                yield query(table, line, row, side, "half-interval", "nothing", accepted)
        return
    if low > high:
        found = f"{row['low']} above high {row['high']}"
        yield error(table, line, row, "low", found, "low at most high", "Swap low and high")
    elif value is not None and not low <= value <= high:
        found = f"{row['value']} outside its interval {row['low']} to {row['high']}"
        yield error(table, line, row, "value", found, "a value between low and high", _ADVICE)
    elif value is not None:
        yield from _uneven(table, line, row, low, value, high)
        yield from _against_se(table, line, row, low, high)


def _uneven(
    table: str, line: int, row: Row, low: float, value: float, high: float
) -> Iterator[Problem]:
    statistic = row.get("statistic", "")
    rounding = max(half_unit(row, c) for c in ("low", "value", "high"))
    if statistic in RATIO_WORDS:
        if low - rounding <= 0:
            return
        rounding /= low
        low, value, high = math.log(low), math.log(value), math.log(high)
    elif statistic not in EVEN:
        return
    off = abs((low + high) / 2 - value)
    if off > SLACK * (high - low) / 2 + 2 * rounding:
        found = f"{row['value']} off the middle of its interval {row['low']} to {row['high']}"
        accepted = "a value in the middle of a 95% interval"
        yield query(table, line, row, "value", "ci-uneven", found, accepted)


def _against_se(table: str, line: int, row: Row, low: float, high: float) -> Iterator[Problem]:
    se = number(row, "se") if row.get("statistic") in EVEN else None
    if not se:
        return
    half, rounding = (high - low) / 2, half_unit(row, "low")
    least, most = (
        w * (se - s * half_unit(row, "se")) for w, s in zip(WIDTHS, (1, -1), strict=True)
    )
    if not least - rounding <= half <= most + rounding:
        found = f"{cell(row, 'se')} with an interval {row['low']} to {row['high']}"
        accepted = f"a standard error near {half / 1.96:.3g}, a quarter of the interval"
        yield error(table, line, row, "se", found, accepted, "Check whether one of them is an SD")
