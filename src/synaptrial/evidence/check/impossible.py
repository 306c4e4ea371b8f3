"""Scores that a scale cannot give: means beyond its range, changes and SDs larger than it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from types import MappingProxyType

from synaptrial.domain.scales import SCALES
from synaptrial.evidence.check.reading import error, number, numbered, positive, query
from synaptrial.evidence.problems import Problem
from synaptrial.evidence.raw import RawBase
from synaptrial.evidence.tables import Row

# Ranges of totals of scales that are not simulated, to question an entry and for nothing else.
# PCL4 is READ (SHINER2018, PMC6217812, Table 5: 17-85). The others are RECALLED.
OTHER_RANGES = MappingProxyType(
    {
        "PCL4": (17.0, 85.0),
        "PSSI": (0.0, 51.0),
        "IES": (0.0, 75.0),
        "HAMD": (0.0, 78.0),  # the longest form in use: a 17-item total lies within
        "HAMD6": (0.0, 22.0),
        "CGIS": (1.0, 7.0),
        "CGII": (1.0, 7.0),
    }
)
# Clusters of CAPS4 by their words, as `domain.scales` keys them.
_CLUSTER = {"reexperiencing": "b", "avoidance_numbing": "c", "hyperarousal": "d"}
LARGE_SMD = 3.0
_LEVELS = ("mean", "median", "mean_of_personal_maxima")
_MOVES = ("change", "difference", "mean difference")


def problems(raw: RawBase) -> Iterator[Problem]:
    """All scores of outcomes, of the hours after a dose and of pooled results."""
    for line, row in numbered(raw, "acute"):
        span = score_range("CADSS", "total") if row["quantity"] == "cadss" else None
        if span is not None:
            yield from _value("acute", line, row, "CADSS total", *span)
    for line, row in numbered(raw, "meta_analyses"):
        span = score_range(row["scale"], "total")
        if span is not None and row["statistic"] == "mean difference":
            yield from _value("meta_analyses", line, row, f"{row['scale']} total", *span)
    for line, row in numbered(raw, "outcomes"):
        span = score_range(row["scale"], row["part"])
        if span is not None and not row["event"]:
            yield from _score(line, row, *span)
        value = number(row, "value")
        standardised = row["statistic"] in ("smd", "within_arm_d")
        if standardised and value is not None and abs(value) > LARGE_SMD:
            found = f"{row['value']}, large for a standardised effect; a standard error may have"
            found += " been taken for an SD"
            accepted = f"-{LARGE_SMD:g} to {LARGE_SMD:g}"
            yield query("outcomes", line, row, "value", "smd-large", found, accepted)


def score_range(scale: str, part: str) -> tuple[float, float] | None:
    """Least and largest score of a scale or of a cluster; None where it is not known."""
    known = SCALES.get(scale)
    if part == "total":
        return (known.minimum, known.maximum) if known else OTHER_RANGES.get(scale)
    cluster = _CLUSTER.get(part, part)
    return (0.0, known.clusters[cluster]) if known and cluster in known.clusters else None


def _score(line: int, row: Row, least: float, most: float) -> Iterator[Problem]:
    sd, width = positive(row, "sd"), most - least
    name = f"{row['scale']} {row['part']}"
    yield from _value("outcomes", line, row, name, least, most)
    n = number(row, "n") or 2.0
    widest = {"mean": width / 2, "change": width}.get(row["statistic"])
    if sd and widest is not None and sd > widest * math.sqrt(max(n, 2.0) / (max(n, 2.0) - 1)):
        accepted = f"at most {widest:g}, the largest that {name} allows"
        yield error("outcomes", line, row, "sd", row["sd"], accepted, "Check whether it is an SD")


def _value(
    table: str, line: int, row: Row, name: str, least: float, most: float
) -> Iterator[Problem]:
    """A level beyond the range of a scale, or a move beyond its width."""
    value, width = number(row, "value"), most - least
    if value is None:
        return
    advice = "Check the scale and the number"
    if row["statistic"] in _LEVELS and not least <= value <= most:
        accepted = f"{least:g} to {most:g}, the range of {name}"
        yield error(table, line, row, "value", row["value"], accepted, advice)
    if row["statistic"] in _MOVES and abs(value) > width:
        accepted = f"-{width:g} to {width:g}, as the range of {name} is {width:g} wide"
        yield error(table, line, row, "value", row["value"], accepted, advice)
