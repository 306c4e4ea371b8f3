"""Rows of the outcomes from one comparison of a Metapsy data set."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from synaptrial.evidence.tables import Row
from synaptrial.exchange.evidence.awaiting import OUTCOMES, Number
from synaptrial.exchange.metapsy.columns import ARM_KINDS, KEPT, LOG_RR
from synaptrial.exchange.metapsy.comparison import Comparison
from synaptrial.exchange.metapsy.sign import (
    FAVOURS,
    TOLERANCE,
    Again,
    Votes,
    disagree,
    recomputed,
    shows,
)
from synaptrial.exchange.words.events import event_of

_FROM = {"mean": "means", "change": "mean changes"}


def numbers(c: Comparison, file: str, counted: Votes, repeated: bool) -> Iterator[Number]:
    """The effect, and every mean, change, baseline and count of both arms.

    file: as locators name it; counted: what the rows of the file show of the sign of g; repeated:
    whether the same comparison stands in another row.
    """
    yield from _effect(c, file, counted, repeated)
    for column, spread in LOG_RR:
        if c.cells.get(column):
            told = _told(c, column, file, 1)
            told |= {"value": c.cells[column], "spread": c.cells.get(spread, "")}
            flags = ("log risk ratio: no table of ours, the counts are imported",)
            yield Number(f"{c.row_id}.{column.strip('.')}", told, flags=flags)
            break
    for kind in ARM_KINDS:
        for side in (1, 2):
            if c.numbers_of(kind, side)[0] is not None:
                yield _of_arm(c, kind, side, file)


def _effect(c: Comparison, file: str, counted: Votes, repeated: bool) -> Iterator[Number]:
    """g as arm 1 minus arm 2; where none is given, computed from means or changes."""
    again, given = recomputed(c), c.effect()
    if given is None and again is None:
        return
    common, flags = _placed(c, 1)
    if repeated:
        flags.append("the same comparison stands in another row: other arms, or counted twice?")
    if disagree(c):
        flags.append("means and changes of the row point in opposite directions")
    told = _told(c, given[0] if given else f"{again.kind if again else ''}_arm1", file, 1)
    told |= {"group": f"{told['group']} | {c.cells['condition_arm2']}"}
    note = f"rob {c.cells['rob']}" if c.cells.get("rob") else ""
    row = {**common, "versus": c.arm(2), "statistic": "smd", "event": "", "note": note}
    row["locator"] = told["locator"]
    if given:
        cells, verbatim = _given(c, given, again, counted, flags)
        row, told = row | cells, told | verbatim
    elif again:
        derivation = f"Hedges g from {_FROM[again.kind]}, SDs and sizes (SMD, exact J)"
        row |= {"value": shown(again.g), "se": shown(again.se), "mark": "DERIVED"}
        row |= {"derivation": derivation}
    yield _if_known(f"{c.row_id}.g", told, row, flags)


def _given(
    c: Comparison,
    columns: tuple[str, str, str],
    again: Again | None,
    counted: Votes,
    flags: list[str],
) -> tuple[Row, Row]:
    """Cells of a row, and verbatim ones, for the g of the file."""
    column, spread, kind = columns
    g = c.number_of(column) or 0.0
    way, more = counted.way(shows(c))
    ours = 0.0 - g if way == FAVOURS else g
    flags += [*more, *_compared(g, ours, again), *_two_effects(c)]
    row = {"value": shown(ours), "se": shown(_se(c.number_of(spread), kind)), "mark": "READ"}
    if way == FAVOURS:
        row["derivation"] = f"sign turned: g of the data set is {way}"
    told = {"value": c.cells[column], "spread": c.cells.get(spread, ""), "dispersion_type": kind}
    return row if way else row | {"scale": ""}, told


def _se(by: float | None, kind: str) -> float | None:
    if by is None or by <= 0:
        return None
    return math.sqrt(by) if kind == "variance" else by


def _compared(g: float, ours: float, again: Again | None) -> list[str]:
    """Where g of the file is not what its own numbers give."""
    if again is None or abs(again.g - ours) <= TOLERANCE:
        return []
    return [f"g is {g:.3f}, from the {_FROM[again.kind]} arm 1 minus arm 2 is {again.g:.3f}"]


def _two_effects(c: Comparison) -> list[str]:
    one, other = c.number_of(".g"), c.number_of("precalc_g")
    opposite = one is not None and other is not None and one * other < 0
    return ["columns .g and precalc_g have opposite signs"] if opposite else []


def _of_arm(c: Comparison, kind: str, side: int, file: str) -> Number:
    value, sd, n = (name.format(side) for name in ARM_KINDS[kind])
    number, spread, people = c.numbers_of(kind, side)
    row, flags = _placed(c, side)
    told = _told(c, value, file, side)
    told |= {"value": c.cells[value], "spread": c.cells.get(sd, ""), "n": c.cells.get(n, "")}
    row |= {"mark": "READ", "locator": told["locator"],
            "n": str(int(people)) if people and people == int(people) else ""}  # fmt: skip
    if kind == "count":
        count = number or 0.0
        event = event_of(c.cells.get("outcome_type", ""))
        flags += event.flags
        row |= {"statistic": "count", "event": event.value, "events": str(int(count))}
        sure = event.value and count == int(count) and count >= 0 and c.arm(1) != c.arm(2)
        row["scale"] = (row["scale"] or "NONE") if sure else ""
    else:
        row |= {"statistic": "change" if kind == "change" else "mean", "event": "",
                "value": shown(number), "sd": shown(spread)}  # fmt: skip
    if kind == "baseline":
        row |= {"day": "0", "time_note": "baseline"}
        flags = [flag for flag in flags if flag != _NO_TIME]
    return _if_known(f"{c.row_id}.{kind}{side}", told, row, flags)


_NO_TIME = "time since the start not given"


def _placed(c: Comparison, side: int) -> tuple[Row, list[str]]:
    """Cells that every row of the outcomes has, and what is not known of them."""
    weeks, flags = c.number_of("time_weeks"), list(c.scale.flags)
    if weeks is None or weeks < 0:
        flags.append(_NO_TIME)
    if c.arm(1) == c.arm(2):
        flags.append("both arms have one name: which is which?")
    label = [c.cells.get(k, "") for k in ("instrument", "outcome_type", "rating")]
    row = {
        "study": c.study, "arm": c.arm(side), "part": "total",
        "scale": c.scale.value if c.arm(1) != c.arm(2) else "",
        "label": " | ".join(filter(None, label)), "source": c.key,
        "day": "" if weeks is None or weeks < 0 else f"{7 * weeks:.6g}",
        "time_note": c.cells.get("time", ""),
    }  # fmt: skip
    return row, flags


def _told(c: Comparison, column: str, file: str, side: int) -> Row:
    kept = [f"{k} {c.cells[k]}" for k in KEPT if c.cells.get(k)]
    weeks = c.cells.get("time_weeks", "")
    frame = [c.cells.get("time", ""), f"{weeks} weeks" if weeks else ""]
    return {
        "study": c.cells["study"], "module": "metapsy", "group_id": f"arm{side}",
        "group": c.cells[f"condition_arm{side}"], "title": c.cells["instrument"],
        "time_frame": ", ".join(filter(None, frame)), "param_type": column,
        "comment": ", ".join(kept),
        "locator": f"{file}: row {c.number}, column {c.written.get(column, column)}",
    }  # fmt: skip


def _if_known(row_id: str, told: Row, row: Row, flags: Sequence[str]) -> Number:
    named = tuple(dict.fromkeys(f.replace(";", ",") for f in flags))
    placed = row["scale"] and row["label"]
    return Number(row_id, told, OUTCOMES if placed else "", row if placed else {}, named)


def shown(value: float | None) -> str:
    """A number as a cell, empty for None."""
    return "" if value is None else f"{value:.15g}"
