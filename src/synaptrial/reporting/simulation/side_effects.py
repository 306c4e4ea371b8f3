"""Tables of what published trials counted as adverse events, and of adherence."""

from __future__ import annotations

from typing import Any

from synaptrial.reporting.kit.cells import Cell, Link, Table
from synaptrial.reporting.kit.numbers import label, percent, say

Row = dict[str, Any]
PEOPLE = {"yes": "with PTSD", "no": "without PTSD", "unknown": "whether with PTSD unknown"}


def adverse_events_table(summary: Row) -> Table | None:
    """One row a drug and term, since arms with one drug share their trials; trials in one cell."""
    arms: dict[tuple[str, str], list[str]] = {}
    found: dict[tuple[str, str], Row] = {}
    for arm in summary["arms"]:
        for event in arm["adverse_events"]:
            key = event["drug"], event["term"]
            found[key] = event
            arms.setdefault(key, []).append(arm["label"])
    rows = tuple(
        (e["drug"], label(e["term"]), _shares(e), _trials(e), "; ".join(arms[key]))
        for key, e in found.items()
    )
    heads = ("Drug, route", "Event", "Share, exact 95%", "Trials", "Arms here")
    return Table("Adverse events as published", heads, rows) if rows else None


def adherence_table(summary: Row) -> Table | None:
    """Of the arms with a daily drug."""
    rows = tuple(
        (
            arm["label"],
            a["drug"],
            percent(a["mean"]),
            f"{percent(a['patient']['q025'])} to {percent(a['patient']['q975'])}",
        )
        for arm in summary["arms"]
        if (a := arm["adherence"]) is not None
    )
    heads = ("Arm", "Daily drug", "Doses taken, mean", "Patients, 95%")
    return Table("Adherence (assumed)", heads, rows, frozenset({2, 3})) if rows else None


def _shares(event: Row) -> str:
    return "; ".join(_share(t) for t in event["trials"]) or "unknown"


def _share(trial: Row) -> str:
    if trial["n"] is None:
        return f"{percent(trial['share'])} (interval unknown: of how many was not read)"
    counts = f"{trial['events']} of {say(trial['n'])}"
    if trial["events"] == 0:
        return f"{counts}, so at most {percent(trial['high'], 1)}"
    low, high = percent(trial["low"]), percent(trial["high"])
    return f"{percent(trial['share'])} ({low} to {high}; {counts})"


def _trials(event: Row) -> Cell:
    if not event["trials"]:
        return str(event["unknown"])
    return tuple(part for t in event["trials"] for part in _trial(t))


def _trial(trial: Row) -> list[str | Link]:
    about = [trial["what"], f"dose {trial['dose']}", PEOPLE[trial["ptsd"]], trial["note"]]
    return [*(Link(s, s) for s in trial["sources"]), f"({'; '.join(x for x in about if x)})"]
