"""Time frames of registry records and their titles, in days since the start, where they say so."""

from __future__ import annotations

import re
from typing import NamedTuple

_DAYS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 365.25 / 12,
         "year": 365.25}  # fmt: skip
_SHORT = {"min": "minute", "mins": "minute", "h": "hour", "hr": "hour", "hrs": "hour", "d": "day",
          "wk": "week", "wks": "week", "mo": "month", "mos": "month", "yr": "year"}  # fmt: skip
_WORDS = {w: n for n, w in enumerate(
    "zero one two three four five six seven eight nine ten eleven twelve".split())}  # fmt: skip
_UNIT = "|".join([*(f"{u}s?" for u in _DAYS), *_SHORT])
_NUMBER = rf"\d+(?:\.\d+)?|{'|'.join(_WORDS)}"
# A count from the first dose, or from "the" dose where there may be one only.
_ANCHOR = (
    r"(?P<anchor>[ -]*(?:after|post|following|from|since)[ -]*(?:the |a )?"
    r"(?:first |initial |single |study |start of |drug )*(?:ketamine |midazolam |placebo |study )?"
    r"(?:infusion|dose|dosing|injection|administration|baseline|randomi[sz]ation|enrol+ment"
    r"|treatment (?:initiation|start)|initiation of treatment|(?<=first )treatment))?"
)
_COUNTED = re.compile(rf"(?:at )?(?P<n>{_NUMBER})[ -]*(?P<unit>{_UNIT}){_ANCHOR}")
_NUMBERED = re.compile(
    rf"(?:at )?(?:study )?(?P<unit>{_UNIT})[ -]*(?P<n>{_NUMBER})(?: visit)?{_ANCHOR}"
)
_BASELINE = re.compile(
    r"(?:at )?(?:baseline|pre[ -]?(?:infusion|dose|treatment))(?: visit)?"
    r"(?:\s*\(?(?:day|week) 0\)?)?"
)
_MEASURED = re.compile(r"^(?:measured|assessed|evaluated|collected) (?=at )")
_OPENING = re.compile(
    r"^(?:change |score )?(?:from |between )?(?=baseline (?:to|and) )"
    r"|^(?:(?:changes?|reductions?|decreases?|improvements?|increases?|scores?) )"
    r"(?:from baseline )?(?:at|to|on|by) "
)
_NAMED = re.compile(
    rf"\b(?P<unit>{_UNIT})[ -]*(?P<n>\d+(?:\.\d+)?)\b"
    rf"|\b(?P<m>{_NUMBER})[ -]*(?P<of>{_UNIT})\b"
)
_BETWEEN = re.compile(r"\s*[,;&]\s*(?:and )?|\s+and\s+|(?<=baseline)\s+to\s+")
# "Day -7" lies before the start; "Days 1-7" is a span.
_BEFORE = re.compile(rf"(?:^|\b(?:{_UNIT})\s+|[,;(]\s*)-\s?\d")
BEFORE_START = "a time before the first dose"
DAY_NUMBER = "day number as written: it may count from 0 or from 1"
LONG_UNITS = "months and years taken as 365.25 days a year"


class Times(NamedTuple):
    """Days since the start that a text names, in its order; `flags` say what to look at."""

    days: tuple[float, ...]
    flags: tuple[str, ...] = ()


class _Point(NamedTuple):
    number: float
    unit: str  # empty for a bare number
    unit_first: bool = False
    anchored: bool = False


def parse_times(text: str) -> Times:
    """Days of points in time; none where any part of the text is no point or not understood.

    Understood: ``24 hours``, ``Week 2``, ``Day 1, Day 7``, ``Baseline, 1 week post infusion``,
    ``1, 2 and 4 weeks``, ``baseline to week 12``. A span ("up to 4 weeks") is no point, and a time
    counted from the last dose or the end of treatment has no day since the start: both stay
    unparsed.
    """
    plain = re.sub(r"\s+", " ", re.sub("[–−]", "-", text.lower())).strip(" .;")
    if not plain:
        return Times((), ("time frame missing",))
    if _BEFORE.search(plain):
        return Times((), (BEFORE_START,))
    pieces = [p for p in _BETWEEN.split(_OPENING.sub("", _MEASURED.sub("", plain))) if p]
    read = [_point(piece) for piece in pieces]
    points = [_with_unit(read, k) for k in range(len(read))]
    known = [p for p in points if p is not None]
    if len(known) < len(pieces):
        return Times((), ("time frame not parsed",))
    flags = dict.fromkeys(flag for p in known for flag in _flags(p))
    return Times(tuple(p.number * _DAYS[p.unit] for p in known), tuple(flags))


def named_times(text: str) -> tuple[float, ...]:
    """Days of all times that a text names somewhere, such as "CAPS-5 at week 4", in its order."""
    out = []
    for found in _NAMED.finditer(text.lower()):
        unit, number = found["unit"] or found["of"], found["n"] or found["m"]
        out.append(_number(number) * _DAYS[_SHORT.get(unit, unit.rstrip("s"))])
    return tuple(out)


def _point(piece: str) -> _Point | None:
    if _BASELINE.fullmatch(piece):
        return _Point(0.0, "day", anchored=True)
    if re.fullmatch(_NUMBER, piece):
        return _Point(_number(piece), "")
    counted, numbered = _COUNTED.fullmatch(piece), _NUMBERED.fullmatch(piece)
    found = counted or numbered
    if found is None:
        return None
    unit = _SHORT.get(found["unit"], found["unit"].rstrip("s"))
    return _Point(_number(found["n"]), unit, counted is None, found["anchor"] is not None)


def _number(text: str) -> float:
    return float(_WORDS.get(text, text))


def _with_unit(points: list[_Point | None], k: int) -> _Point | None:
    """A bare number takes the unit before it (days 1, 7) or after it (1, 7 days), never both."""
    point = points[k]
    if point is None or point.unit:
        return point
    before = next((p for p in reversed(points[:k]) if p is None or p.unit), None)
    after = next((p for p in points[k:] if p is None or p.unit), None)
    of_before = before if before and before.unit_first else None
    of_after = after if after and not after.unit_first and not after.anchored else None
    only = of_before or of_after
    if only is None or (of_before and of_after):
        return None
    return point._replace(unit=only.unit, unit_first=only.unit_first)


def _flags(point: _Point) -> tuple[str, ...]:
    if point.unit in ("month", "year"):
        return (LONG_UNITS,)
    numbered_day = point.unit == "day" and point.unit_first and not point.anchored
    return (DAY_NUMBER,) if numbered_day else ()
