"""Plainly artificial evidence: studies named MADE1, MADE2, ... that nobody could take for real."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from synaptrial.domain.sources import Source
from synaptrial.evidence.tables import Row
from synaptrial.exchange.bundled import load_table
from synaptrial.exchange.review_claims import load_claims, load_readings
from synaptrial.review.case import Case
from synaptrial.review.tables import Tables


def _empty(table: str) -> Row:
    """A row with every column of a table and nothing in it."""
    return dict.fromkeys(load_table(table)[0], "")


STUDY, ARM, OUTCOME = _empty("studies"), _empty("arms"), _empty("outcomes")
PUBLISHED = _empty("meta_analyses")
NOTHING = Tables((), (), (), (), (), (), {})
BOOK, READINGS = load_claims(), load_readings()


def study(key: str, **cells: str) -> Row:
    given = {"study": key, "source": key, "kind": "ketamine_ptsd", "design": "parallel"}
    usual = {"control": "psychoactive", "year": "2021", "mark": "READ"}
    return STUDY | given | usual | cells


def arm(key: str, name: str, **cells: str) -> Row:
    drug = "midazolam" if name == "MDZ" else "ketamine"
    dose = "0.045" if name == "MDZ" else "0.5"
    given = {"study": key, "arm": name, "drug": drug, "dose": dose, "dose_unit": "mg/kg"}
    usual = {"route": "iv", "n_doses": "1", "psychotherapy": "none", "ptsd": "yes", "n": "20"}
    return ARM | {"arm_id": f"{key}:{name}", "mark": "READ"} | given | usual | cells


def outcome(key: str, row: str, **cells: str) -> Row:
    given = {"row_id": f"{key}:{row}", "study": key, "arm": "KET", "scale": "CAPS5"}
    usual = {"part": "total", "mark": "READ", "usable": "yes", "day": "14", "label": "made up"}
    return OUTCOME | given | usual | {"source": key, "locator": "made up"} | cells


def difference(key: str, value: float, se: float, **cells: str) -> Row:
    given = {"versus": "MDZ", "statistic": "difference", "value": str(value), "se": str(se)}
    return outcome(key, "diff", **(given | cells))


def change(key: str, name: str, value: float, sd: float, n: int, **cells: str) -> Row:
    given = {"arm": name, "statistic": "change", "value": str(value), "sd": str(sd), "n": str(n)}
    row = ":".join((name, *(cells.get(k, "usual") for k in ("scale", "part", "day"))))
    return outcome(key, row, **(given | cells))


def published(key: str, value: float, low: float, high: float, **cells: str) -> Row:
    given = {"row_id": f"{key}:all", "source": key, "outcome": "PTSD symptoms", "time_note": "all"}
    usual = {"versus": "any", "statistic": "Hedges g", "direction": "positive favours ketamine"}
    numbers = {"value": str(value), "low": str(low), "high": str(high)}
    return PUBLISHED | given | usual | numbers | cells


def trial(tables: Tables, key: str, *rows: Row, **cells: str) -> Tables:
    """The tables with a trial of 20 against 20 more."""
    source = Source(key=key, citation="Made up", year=int(cells.get("year") or "2021"))
    return replace(
        tables,
        studies=(*tables.studies, study(key, **cells)),
        arms=(*tables.arms, arm(key, "KET"), arm(key, "MDZ")),
        outcomes=(*tables.outcomes, *rows),
        sources={**tables.sources, key: source},
    )


def until(tables: Tables, year: int) -> Tables:
    """The tables without the trials of later years."""
    later = {r["study"] for r in tables.studies if int(r["year"]) > year}
    parts = {name: getattr(tables, name) for name in ("studies", "arms", "outcomes")}
    kept = {n: tuple(r for r in rows if r["study"] not in later) for n, rows in parts.items()}
    return replace(tables, **kept)


def case(tables: Tables, *, recalled: bool = False) -> Case:
    return Case(tables, BOOK, READINGS, recalled)


def with_arm(tables: Tables, key: str, name: str, cells: Mapping[str, str]) -> Tables:
    """The tables with cells of one arm changed."""
    changed = (r | cells if (r["study"], r["arm"]) == (key, name) else r for r in tables.arms)
    return replace(tables, arms=tuple(changed))
