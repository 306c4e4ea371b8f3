"""Studies of ketamine in PTSD whose result on severity could not be read: what lacks, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from synaptrial.evidence.tables import Row, number
from synaptrial.evidence.vocabulary import RANDOMISED
from synaptrial.review.case import Case
from synaptrial.review.claims import Query, Whereabouts
from synaptrial.review.contrasts import of_first_period
from synaptrial.review.effects_of import effects_of
from synaptrial.review.tables import Tables

WHOLE_CROSSOVER = (
    "a number of the whole crossover, not used: a crossover counts by its first period"
)


@dataclass(frozen=True)
class Missing:
    """A study that gives no effect, or no number at all; `known`: what it says all the same."""

    study: str
    design: str
    known: str
    what: str
    where: str


def missing(case: Case) -> tuple[Missing, ...]:
    """Randomised studies without a readable contrast of severity, other studies without any number
    on it, and those of which more is known to exist. Reports on patients of a study that is read
    are left out, and so is what has not reported."""
    tables = case.tables
    query = Query(windows=tuple(case.book.windows_days))
    read = {e.family for e in effects_of(tables, case.book, query, recalled=False)}
    out = []
    for study in tables.ketamine_studies():
        controlled = study["design"] in RANDOMISED
        known = tables.family(study["study"]) in read or (
            not controlled and _has_number(case, study)
        )
        place = next((w for w in case.readings.whereabouts if w.study == study["study"]), None)
        if place or not known:
            out.append(_missing(case, study, place))
    return tuple(out)


def _missing(case: Case, study: Row, place: Whereabouts | None) -> Missing:
    what = place.what if place else "severity by arm and visit, with spread and size"
    return Missing(
        study["study"],
        study["design"],
        _known(case, study),
        what,
        place.where if place else _registered(case.tables, study),
    )


def _registered(tables: Tables, study: Row) -> str:
    source = tables.sources.get(study["source"])
    doi = f"doi {source.doi}" if source and source.doi else "the paper"
    return f"results record of {study['registry']}; {doi}" if study["registry"] else doi


def _known(case: Case, study: Row) -> str:
    """What the base holds of a study on severity: words, numbers not used, or nothing."""
    rows = {r["row_id"]: r for r in case.tables.outcomes if r["study"] == study["study"]}
    severe = {r for r, row in rows.items() if _on_severity(case, row)}
    words = [c.words for c in case.readings.contrast if c.row in severe]
    recalled = [r for r in rows.values() if r["mark"] == "RECALLED" and _on_severity(case, r)]
    read = {c.row for c in case.readings.contrast}
    unread = [r for r in severe - read if rows[r]["statistic"] == "qualitative"]
    said = [f"in words: {'; '.join(words)}"] if words else []
    said += [f"{len(unread)} in words that nobody read for their direction"] if unread else []
    said += ["one number, RECALLED and not used"] if recalled else []
    said += [WHOLE_CROSSOVER] if _whole_crossover(study, [rows[r] for r in severe]) else []
    return "; ".join(said) or "nothing on severity"


def _whole_crossover(study: Row, rows: Iterable[Row]) -> bool:
    """Whether a crossover gives a usable number that is not of its first period."""
    usable = (r for r in rows if r["usable"] == "yes" and number(r, "value") is not None)
    return study["design"] == "crossover" and any(not of_first_period(r) for r in usable)


def _has_number(case: Case, study: Row) -> bool:
    rows = (r for r in case.tables.outcomes if r["study"] == study["study"])
    return any(number(r, "value") is not None and _on_severity(case, r) for r in rows)


def _on_severity(case: Case, row: Row) -> bool:
    return row["scale"] in case.book.scales["ptsd"]
