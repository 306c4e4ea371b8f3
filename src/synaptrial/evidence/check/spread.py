"""Standard deviation and standard error, which are easily entered one for the other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from statistics import median

from synaptrial.evidence.check.impossible import score_range
from synaptrial.evidence.check.reading import (
    error,
    half_unit,
    number,
    numbered,
    positive,
    query,
)
from synaptrial.evidence.problems import Problem
from synaptrial.evidence.raw import RawBase
from synaptrial.evidence.tables import Row

SPREAD_OF = ("mean", "change")  # statistics of one arm, whose SD is between people
TOLERANCE = 0.05  # sd and se * sqrt(n) agree within this share, beside rounding
FAR = 2.0  # times the median SD of other rows: then it is asked
LEAST = 0.05  # of the range or the mean of a score: people differ by more than that
MOST = 0.35  # of the range: people seldom differ by more


def problems(raw: RawBase) -> Iterator[Problem]:
    """All spreads of outcomes."""
    others = _known(raw)
    arms = {(row["study"], row["arm"]): positive(row, "n") for row in raw.rows("arms")}
    starts = _starts(raw)
    for line, row in numbered(raw, "outcomes"):
        for column in ("sd", "se"):
            if number(row, column) == 0:
                advice = "Leave it empty if it is not known"
                yield error("outcomes", line, row, column, row[column], "more than 0", advice)
        n = positive(row, "n") or _allocated(row, arms)
        if row["statistic"] in SPREAD_OF:
            yield from _agree(line, row)
            yield from _tiny(line, row, starts.get(_series(row)))
        if row["statistic"] in (*SPREAD_OF, "difference"):
            yield from _swapped(line, row, n, _others(row, others))


def _allocated(row: Row, arms: Mapping[tuple[str, str], float | None]) -> float | None:
    """People in the arm of a row, or in the two that it compares."""
    names = [row["arm"], row["versus"]] if row["versus"] else [row["arm"]]
    sizes = [arms.get((row["study"], name)) for name in names]
    return None if None in sizes else sum(size for size in sizes if size)


def _series(row: Row) -> tuple[str, ...]:
    return row["study"], row["arm"], row["scale"], row["part"], row["label"]


def _starts(raw: RawBase) -> dict[tuple[str, ...], float]:
    """Means before the first dose."""
    return {
        _series(row): value
        for row in raw.rows("outcomes")
        if row["statistic"] == "mean" and row["day"] == "0" and (value := positive(row, "value"))
    }


def _tiny(line: int, row: Row, start: float | None) -> Iterator[Problem]:
    """An SD that is small beside the range of its scale, or beside the mean of the same score."""
    sd, span = positive(row, "sd"), score_range(row["scale"], row["part"])
    if not sd or row["scale"] == "NONE" or row["event"]:
        return
    mean = number(row, "value") if row["statistic"] == "mean" else start
    width = span[1] - span[0] if span else 0.0
    least = LEAST * max(mean or 0.0, width)
    if sd < least:
        beside = f" beside a mean of {mean:g}" if mean else ""
        found = f"{row['sd']}{beside}; it may be a standard error"
        accepted = f"above {least:.3g}, {LEAST:.0%} of the mean and of the range of the scale"
        yield query("outcomes", line, row, "sd", "sd-tiny", found, accepted)


def _agree(line: int, row: Row) -> Iterator[Problem]:
    sd, se, n = positive(row, "sd"), positive(row, "se"), positive(row, "n")
    if not (sd and se and n):
        return
    implied = se * math.sqrt(n)
    rounding = half_unit(row, "sd") + half_unit(row, "se") * math.sqrt(n)
    if abs(sd - implied) > TOLERANCE * sd + rounding:
        found = f"{row['sd']}, while se {row['se']} and n {row['n']} give {implied:.3g}"
        accepted = "sd = se * sqrt(n)"
        advice = "Check which of the two the source prints: SD or standard error"
        yield error("outcomes", line, row, "sd", found, accepted, advice)


def _like(row: Row, statistic: str) -> tuple[str, ...]:
    """Rows with the same have comparable SDs."""
    label = row["label"] if row["scale"] == "NONE" else ""
    return row["scale"], row["part"], statistic, label


def _known(raw: RawBase) -> dict[tuple[str, ...], list[tuple[str, float]]]:
    """(row_id, SD) of rows that state an SD, by what they are of."""
    out: dict[tuple[str, ...], list[tuple[str, float]]] = {}
    for row in raw.rows("outcomes"):
        sd = positive(row, "sd")
        if sd:
            out.setdefault(_like(row, row["statistic"]), []).append((row["row_id"], sd))
    return out


def _others(row: Row, known: Mapping[tuple[str, ...], list[tuple[str, float]]]) -> list[float]:
    """SDs of comparable rows: for a difference, those of the arms of all studies."""
    of = SPREAD_OF if row["statistic"] == "difference" else (row["statistic"],)
    rows = [r for statistic in of for r in known.get(_like(row, statistic), [])]
    return [sd for row_id, sd in rows if row_id != row["row_id"]]


def _swapped(line: int, row: Row, n: float | None, sds: list[float]) -> Iterator[Problem]:
    """An SD that would fit the SDs of other rows if it were a standard error, and the reverse."""
    sd, se, span = positive(row, "sd"), positive(row, "se"), score_range(row["scale"], row["part"])
    # The standard error of a difference of two halves is that of one arm of n / 4.
    people = n / 4 if n and row["statistic"] == "difference" else n
    implied = se * math.sqrt(people) if se and people else 0.0
    scale = (row["scale"] if row["scale"] != "NONE" else row["label"]) or "this table"
    large = f"{row['se']}, large for a standard error of {n or 0:g}; it may be an SD"
    if not sds:
        most = MOST * (span[1] - span[0]) if span and not row["event"] else math.inf
        if implied > most and not sd:
            accepted = f"an SD of at most {most:.3g}, {MOST:.0%} of the range of {scale}"
            yield query("outcomes", line, row, "se", "se-large", large, accepted)
        return
    usual = median(sds)
    accepted = f"about {usual:.3g}, as other rows of {scale} have it"
    if sd and sd * FAR < usual and (not people or _nearer(sd * math.sqrt(people), sd, usual)):
        found = f"{row['sd']}, small for a standard deviation; it may be a standard error"
        yield query("outcomes", line, row, "sd", "sd-small", found, accepted)
    if se and not sd and implied > FAR * usual and _nearer(se, implied, usual):
        yield query("outcomes", line, row, "se", "se-large", large, f"an SD {accepted}")


def _nearer(one: float, other: float, usual: float) -> bool:
    return abs(math.log(one / usual)) < abs(math.log(other / usual))
