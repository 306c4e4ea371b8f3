"""Patients with an event, and times to an event, in the arms that were given the drug."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from synaptrial.evidence.tables import Row, number
from synaptrial.evidence.vocabulary import KETAMINE_PTSD, RANDOMISED
from synaptrial.review.claims import ClaimBook, Query
from synaptrial.review.effects_of import window_of
from synaptrial.review.rules import Count
from synaptrial.review.tables import Tables, is_drug

# How adverse_events.csv calls what outcomes.csv calls an event.
TERMS = {"serious_ae": "any_serious"}
OF_MOOD = "depression"


@dataclass(frozen=True)
class ArmCount:
    """A count of one arm with its row."""

    study: str
    arm: str
    day: float | None
    count: Count
    row: str


@dataclass(frozen=True)
class ArmTime:
    """A typical time to an event, days, of one study."""

    study: str
    family: str
    days: float
    row: str


def counts_of(tables: Tables, book: ClaimBook, query: Query) -> tuple[ArmCount, ...]:
    """One count per arm of people with PTSD who were given the drug: the first window, then the
    first event of the query, then the first scale. Arms of studies that share patients: of one."""
    best: dict[str, tuple[tuple[float, ...], ArmCount]] = {}
    for order, found in _counts(tables, book, query):
        key = f"{tables.family(found.study)}:{found.arm}"
        if key not in best or order < best[key][0]:
            best[key] = (order, found)
    return tuple(found for _, found in best.values())


def left_out(tables: Tables, query: Query) -> tuple[str, ...]:
    """Counts of the query in arms of the drug whose diagnosis of PTSD was not read: in words."""
    found = []
    for row, _ in _event_rows(tables, query):
        arm = tables.arm(row["study"], row["arm"])
        if arm and is_drug(arm) and arm["ptsd"] == "unknown":
            if _kind(tables, row["study"]) == KETAMINE_PTSD and row["n"]:
                found.append(f"{row['study']}, {row['events']} of {row['n']}")
    return tuple(found)


def times_of(tables: Tables, query: Query) -> tuple[ArmTime, ...]:
    """One typical time per group of studies that share patients: median, else mean, of the events
    of the query in their order; the latest study of a group."""
    best: dict[str, tuple[tuple[float, ...], ArmTime]] = {}
    for row in tables.outcomes:
        value = number(row, "value")
        typical = row["statistic"] in ("median", "mean") and row["event"] in query.events
        if not typical or value is None or not _of_patients(tables, row):
            continue
        if OF_MOOD in row["label"].lower() or row["usable"] != "yes":
            continue
        study = row["study"]
        found = ArmTime(study, tables.family(study), value, row["row_id"])
        order = (
            -(tables.year(study) or 0),
            query.events.index(row["event"]),
            ("median", "mean").index(row["statistic"]),
        )
        if found.family not in best or order < best[found.family][0]:
            best[found.family] = (order, found)
    return tuple(found for _, found in best.values())


def drug_studies(tables: Tables) -> set[str]:
    """Groups of studies in which people with PTSD were given the drug."""
    given = {a["study"] for a in tables.arms if is_drug(a) and a["ptsd"] == "yes"}
    return {tables.family(r["study"]) for r in tables.ketamine_studies() if r["study"] in given}


def _counts(
    tables: Tables, book: ClaimBook, query: Query
) -> Iterator[tuple[tuple[float, ...], ArmCount]]:
    for row, event in _event_rows(tables, query):
        scale = row.get("scale", "NONE")
        scales: Sequence[str] = (*book.scales.get(query.event_scale, (scale,)), "NONE")
        day = number(row, "day")
        window = window_of(book, day, query.windows) if day is not None else ""
        events, n = number(row, "events"), number(row, "n")
        if events is None or n is None or scale not in scales or not _of_patients(tables, row):
            continue
        if query.windows and not window:
            continue
        randomised = tables.study(row["study"])["design"] in RANDOMISED
        order = (
            query.windows.index(window) if window else 0,
            query.events.index(event),
            scales.index(scale),
        )
        count = Count(int(events), int(n), randomised)
        yield order, ArmCount(row["study"], row["arm"], day, count, row["row_id"])


def _event_rows(tables: Tables, query: Query) -> Iterator[tuple[Row, str]]:
    for row in tables.outcomes:
        if row["event"] in query.events and row["statistic"] == "count" and not row["versus"]:
            if row["mark"] != "RECALLED":
                yield row, row["event"]
    terms = {TERMS[e]: e for e in query.events if e in TERMS}
    for row in tables.adverse_events:
        if row["term"] in terms and row["statistic"] == "count" and row["mark"] != "RECALLED":
            yield row, terms[row["term"]]


def _of_patients(tables: Tables, row: Row) -> bool:
    arm = tables.arm(row["study"], row["arm"])
    patients = arm is not None and arm["ptsd"] == "yes" and is_drug(arm)
    return patients and _kind(tables, row["study"]) == KETAMINE_PTSD


def _kind(tables: Tables, study: str) -> str:
    return tables.study(study).get("kind", "")
