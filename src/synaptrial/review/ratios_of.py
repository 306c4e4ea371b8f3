"""Risk ratios of an event, drug over control, from the counts of two arms of one trial."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from synaptrial.evidence.tables import Row, number
from synaptrial.review.claims import ClaimBook
from synaptrial.review.effect import Effect
from synaptrial.review.effects_of import (
    dose_count,
    from_usual,
    window_of,
    with_psychotherapy,
    without_shared,
)
from synaptrial.review.tables import Tables, is_drug
from synaptrial.synthesis.effects import effect_from_tables

RESPONSE = ("response_30", "response_50", "response")
DROPOUT = ("dropout",)
ANY_TIME = "any"  # the window of an event that is counted over the whole study


def ratios_of(
    tables: Tables, book: ClaimBook, events: Sequence[str], windows: Sequence[str]
) -> tuple[Effect, ...]:
    """One log risk ratio per trial: the first window with counts of both arms, then the first
    event, then the first scale of PTSD. Without windows the latest count."""
    found = []
    for study in tables.trials():
        pairs = sorted(_pairs(tables, book, study, events, windows), key=lambda p: p[0])
        if pairs:
            found.append(_ratio(tables, book, study, *pairs[0][1], windows))
    return tuple(sorted(without_shared(tables, found), key=lambda e: (e.year or 9999, e.study)))


def _pairs(
    tables: Tables, book: ClaimBook, study: Row, events: Sequence[str], windows: Sequence[str]
) -> Iterator[tuple[tuple[float, ...], tuple[Row, Row]]]:
    rows = [r for r in tables.outcomes if r["study"] == study["study"] and _counted(r, events)]
    scales = (*book.scales["ptsd"], "NONE")
    for a in rows:
        drug = tables.arm(a["study"], a["arm"])
        for b in rows:
            control = tables.arm(b["study"], b["arm"])
            same = all(a[k] == b[k] for k in ("scale", "day", "event"))
            if not same or control is None or not is_drug(drug) or is_drug(control):
                continue
            day = float(a["day"])
            window = window_of(book, day, windows) if windows else ANY_TIME
            if drug and window and a["scale"] in scales:
                when = windows.index(window) if windows else -day
                order = (when, events.index(a["event"]), scales.index(a["scale"]))
                yield (*order, from_usual(drug), day), (a, b)


def _ratio(
    tables: Tables, book: ClaimBook, study: Row, a: Row, b: Row, windows: Sequence[str]
) -> Effect:
    n1, n2 = int(float(a["n"])), int(float(b["n"]))
    found = effect_from_tables(
        "RR", ai=float(a["events"]), n1i=n1, ci=float(b["events"]), n2i=n2
    )  # 1/2 added where a cell is empty
    arm = tables.arm(a["study"], a["arm"])
    assert arm is not None
    key, day = study["study"], float(a["day"])
    return Effect(
        study=key, family=tables.family(key), year=tables.year(key), measure="RR",
        scale=a["event"], part="total", window=window_of(book, day, windows) or ANY_TIME, day=day,
        yi=float(found.yi), vi=float(found.vi), arm=a["arm"], versus=b["arm"], n=(n1, n2),
        control=study.get("control", ""), doses=dose_count(arm), route=arm["route"],
        psychotherapy=with_psychotherapy(arm), high_bias=tables.high_bias(key), mark=a["mark"],
        rows=(a["row_id"], b["row_id"]), trace=found.trace,
    )  # fmt: skip


def _counted(row: Row, events: Sequence[str]) -> bool:
    complete = row["statistic"] == "count" and all(number(row, k) is not None for k in ("n", "day"))
    return complete and row["event"] in events and bool(row["events"]) and row["usable"] == "yes"
