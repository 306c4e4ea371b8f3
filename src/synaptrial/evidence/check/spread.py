"""Standard deviation and standard error, which are easily entered one for the other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import median

from synaptrial.evidence.check.reading import error, half_unit, number, numbered, query
from synaptrial.evidence.problems import Problem
from synaptrial.evidence.raw import RawBase
from synaptrial.evidence.tables import Row

SPREAD_OF = ("mean", "change")  # statistics of one arm, whose SD is between people
TOLERANCE = 0.05  # sd and se * sqrt(n) agree within this share, beside rounding
FAR = 2.0  # times the median SD of other rows: then it is asked
LEAST = 0.05  # of the mean of a score: people differ by more than that


def problems(raw: RawBase) -> Iterator[Problem]:
    """All spreads of outcomes."""
    others = _known(raw)
    for line, row in numbered(raw, "outcomes"):
        for column in ("sd", "se"):
            if number(row, column) == 0:
                advice = "Leave it empty if it is not known"
                yield error("outcomes", line, row, column, row[column], "more than 0", advice)
        if row["statistic"] in SPREAD_OF:
            yield from _agree(line, row)
            yield from _swapped(line, row, others.get(_like(row), []))
        if row["statistic"] == "mean" and row["scale"] != "NONE":
            yield from _tiny(line, row)


def _tiny(line: int, row: Row) -> Iterator[Problem]:
    """An SD that is small beside the mean of the same score."""
    sd, value = number(row, "sd"), number(row, "value")
    if sd and value and sd < LEAST * value:
        found = f"{row['sd']} beside a mean of {row['value']}; it may be a standard error"
        accepted = f"above {LEAST * value:.3g}, {LEAST:.0%} of the mean"
        yield query("outcomes", line, row, "sd", "sd-tiny", found, accepted)


def _agree(line: int, row: Row) -> Iterator[Problem]:
    sd, se, n = number(row, "sd"), number(row, "se"), number(row, "n")
    if not (sd and se and n):
        return
    implied = se * math.sqrt(n)
    rounding = half_unit(row, "sd") + half_unit(row, "se") * math.sqrt(n)
    if abs(sd - implied) > TOLERANCE * sd + rounding:
        found = f"{row['sd']}, while se {row['se']} and n {row['n']} give {implied:.3g}"
        accepted = "sd = se * sqrt(n)"
        advice = "Check which of the two the source prints: SD or standard error"
        yield error("outcomes", line, row, "sd", found, accepted, advice)


def _like(row: Row) -> tuple[str, ...]:
    """Rows with the same have comparable SDs."""
    label = row["label"] if row["scale"] == "NONE" else ""
    return row["scale"], row["part"], row["statistic"], label


def _known(raw: RawBase) -> dict[tuple[str, ...], list[tuple[str, float]]]:
    """(row_id, SD) of rows that state an SD, by what they are of."""
    out: dict[tuple[str, ...], list[tuple[str, float]]] = {}
    for row in raw.rows("outcomes"):
        sd = number(row, "sd")
        if sd:
            out.setdefault(_like(row), []).append((row["row_id"], sd))
    return out


def _swapped(line: int, row: Row, known: list[tuple[str, float]]) -> Iterator[Problem]:
    """An SD that would fit the SDs of other rows if it were a standard error, and the reverse."""
    sds = [sd for row_id, sd in known if row_id != row["row_id"]]
    sd, se, n = number(row, "sd"), number(row, "se"), number(row, "n")
    if not sds:
        return
    usual = median(sds)
    scale = row["scale"] if row["scale"] != "NONE" else row["label"]
    accepted = f"about {usual:.3g}, as other rows of {scale} have it"
    if sd and sd * FAR < usual and (not n or _nearer(sd * math.sqrt(n), sd, usual)):
        found = f"{row['sd']}, small for a standard deviation; it may be a standard error"
        yield query("outcomes", line, row, "sd", "sd-small", found, accepted)
    if se and n and not sd:
        implied = se * math.sqrt(n)
        if implied > FAR * usual and _nearer(se, implied, usual):
            found = f"{row['se']}, large for a standard error of {row['n']}; it may be an SD"
            yield query("outcomes", line, row, "se", "se-large", found, f"an SD {accepted}")


def _nearer(one: float, other: float, usual: float) -> bool:
    return abs(math.log(one / usual)) < abs(math.log(other / usual))
