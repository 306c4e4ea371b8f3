"""Signs: change is after minus before, a contrast is arm minus comparator, within-arm d is a gain.

A row can be told only by what other rows say of the same arm, scale and day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from synaptrial.evidence.check.reading import error, number, numbered, query
from synaptrial.evidence.problems import Problem
from synaptrial.evidence.raw import RawBase
from synaptrial.evidence.tables import Row

Key = tuple[str, ...]
_ADVICE = "Turn the sign of value, low and high, or correct the other row"


def problems(raw: RawBase) -> Iterator[Problem]:
    """All signed scores of outcomes."""
    known = _known(raw)
    for line, row in numbered(raw, "outcomes"):
        value = number(row, "value")
        if value is None or row["event"]:
            continue
        if row["statistic"] == "change":
            yield from _change(line, row, value, known)
        elif row["statistic"] in ("difference", "smd"):
            yield from _contrast(line, row, value, known)
        elif row["statistic"] == "within_arm_d":
            yield from _gain(line, row, value, known)


def _key(row: Row, statistic: str, arm: str, versus: str = "", day: str | None = None) -> Key:
    at = row["day"] if day is None else day
    return row["study"], row["scale"], row["part"], statistic, arm, versus, at


def _known(raw: RawBase) -> Mapping[Key, Row]:
    """Rows by what they are of; a row in doubt (usable = no) does not speak against another."""
    return {
        _key(row, row["statistic"], row["arm"], row["versus"]): row
        for row in raw.rows("outcomes")
        if number(row, "value") is not None and not row["event"] and row["usable"] == "yes"
    }


def _change(line: int, row: Row, value: float, known: Mapping[Key, Row]) -> Iterator[Problem]:
    if row["scale"] == "NONE":
        return
    baseline = known.get(_key(row, "mean", row["arm"], day="0"))
    end = known.get(_key(row, "mean", row["arm"]))
    if baseline is not None and -value > float(baseline["value"]):
        found = f"{row['value']}, a fall beyond the baseline of {baseline['value']}"
        accepted = "a fall of at most the mean at day 0"
        yield error("outcomes", line, row, "value", found, accepted, f"See {baseline['row_id']}")
    elif baseline is not None and end is not None:
        moved = float(end["value"]) - float(baseline["value"])
        if moved * value < 0 and min(abs(moved), abs(value)) > 1:
            found = f"{row['value']}, while the means go from {baseline['value']} to {end['value']}"
            accepted = "after minus before: negative for a fall"
            yield error("outcomes", line, row, "value", found, accepted, _ADVICE)
    if value > 0:
        found = f"{row['value']}, a rise of symptoms"
        accepted = "after minus before: negative for improvement"
        yield query("outcomes", line, row, "value", "change-positive", found, accepted)


def _contrast(line: int, row: Row, value: float, known: Mapping[Key, Row]) -> Iterator[Problem]:
    other = "smd" if row["statistic"] == "difference" else "difference"
    twin = known.get(_key(row, other, row["arm"], row["versus"]))
    if twin is not None and float(twin["value"]) * value < 0:
        found = f"{row['value']}, while {twin['row_id']} has {twin['value']}"
        accepted = "arm minus comparator in both, negative in favour of the arm"
        yield error("outcomes", line, row, "value", found, accepted, _ADVICE)
    if value > 0 and row["scale"] != "NONE":
        found, accepted = f"{row['value']}, in favour of the comparator", "negative for the arm"
        yield query("outcomes", line, row, "value", "contrast-positive", found, accepted)
    for statistic in ("change", "mean"):
        sides = [known.get(_key(row, statistic, row[a])) for a in ("arm", "versus")]
        if None in sides or row["day"] == "0":
            continue
        arm, versus = (float(side["value"]) for side in sides if side)
        gap = arm - versus
        if gap * value < 0 and abs(gap) > 0.25 * abs(value):
            found = f"{row['value']}, while the arms have {arm:g} and {versus:g}"
            accepted = f"a sign like that of {gap:.3g}: arm minus comparator"
            if statistic == "change":
                yield error("outcomes", line, row, "value", found, accepted, _ADVICE)
            else:
                yield query("outcomes", line, row, "value", "difference-sign", found, accepted)


def _gain(line: int, row: Row, value: float, known: Mapping[Key, Row]) -> Iterator[Problem]:
    change = known.get(_key(row, "change", row["arm"]))
    if change is not None and float(change["value"]) * value > 0:
        found = f"{row['value']}, while {change['row_id']} has a change of {change['value']}"
        yield error("outcomes", line, row, "value", found, "positive for improvement", _ADVICE)
    elif value < 0:
        found, accepted = f"{row['value']}, a worsening", "positive for improvement"
        yield query("outcomes", line, row, "value", "gain-negative", found, accepted)
