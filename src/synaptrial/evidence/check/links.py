"""What a row points at must exist: study, arm, comparator, source, protocol, row, parent."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator

from synaptrial.evidence.check.reading import cell, error, numbered
from synaptrial.evidence.columns import Column
from synaptrial.evidence.problems import Problem, shown
from synaptrial.evidence.raw import RawBase
from synaptrial.evidence.schema import TABLES
from synaptrial.evidence.tables import Row, parts
from synaptrial.evidence.vocabulary import CONTRASTS, SAME_PEOPLE


def problems(raw: RawBase) -> Iterator[Problem]:
    """All references of all tables."""
    yield from _references(raw)
    yield from _comparators(raw)
    yield from _arms(raw)
    yield from _loops(raw)
    yield from _parts_overlap(raw)


def _references(raw: RawBase) -> Iterator[Problem]:
    targets = _targets(raw)
    for name, table in TABLES.items():
        for column in table.columns:
            for line, row in numbered(raw, name):
                for part in _stated(row, column):
                    known = targets(column, row)
                    if known is not None and part not in known:
                        yield _dangling(name, line, row, column, part, known)


def _stated(row: Row, column: Column) -> tuple[str, ...]:
    if column.kind in ("rows", "arms"):
        return parts(row[column.name])
    return (row[column.name],) if row[column.name] else ()


class _targets:
    """What a column may point at, by row; None where nothing can be said."""

    def __init__(self, raw: RawBase) -> None:
        self.sources = None if raw.sources is None else set(raw.sources)
        self.rows = {name: {_key(name, r) for r in raw.rows(name)} for name in raw.tables}
        self.arms: dict[str, set[str]] = {}
        for row in raw.rows("arms"):
            self.arms.setdefault(row["study"], set()).add(row["arm"])
        self.has_arms = "arms" in raw.tables

    def __call__(self, column: Column, row: Row) -> Collection[str] | None:
        if column.kind == "source":
            return self.sources
        if column.kind in ("arm", "arms"):
            return self.arms.get(row["study"], set()) if self.has_arms else None
        if column.kind not in ("row", "rows"):
            return None
        if column.refers == "studies or sources":
            studies = self.rows.get("studies")
            return None if studies is None or self.sources is None else studies | self.sources
        return self.rows.get(column.refers)


def _key(table: str, row: Row) -> str:
    return row.get(TABLES[table].key[0], "")


def _dangling(
    table: str, line: int, row: Row, column: Column, part: str, known: Collection[str]
) -> Problem:
    if column.kind == "source":
        accepted, home = "a key of sources.bib", "sources.bib"
    elif column.kind in ("arm", "arms"):
        accepted, home = f"an arm of {row['study']}: {', '.join(sorted(known)) or 'none'}", "arms"
    else:
        accepted, home = f"a row of {column.refers}", column.refers
    near = difflib.get_close_matches(part, sorted(known), n=1, cutoff=0.7)
    advice = f"Did you mean {near[0]}?" if near else f"Correct it, or add it to {home}"
    return error(table, line, row, column.name, shown(part), accepted, advice)


def _comparators(raw: RawBase) -> Iterator[Problem]:
    for line, row in numbered(raw, "outcomes"):
        contrast = row["statistic"] in CONTRASTS
        if contrast and not row["versus"]:
            accepted = f"the comparator of a {row['statistic']}"
            yield error("outcomes", line, row, "versus", "nothing", accepted, "Name the arm")
        if row["versus"] and row["versus"] == row["arm"]:
            yield error("outcomes", line, row, "versus", cell(row, "versus"), "another arm")


def _arms(raw: RawBase) -> Iterator[Problem]:
    for line, row in numbered(raw, "arms"):
        expected = f"{row['study']}:{row['arm']}"
        if row["arm_id"] and row["arm_id"] != expected:
            yield error("arms", line, row, "arm_id", cell(row, "arm_id"), expected, "STUDY:ARM")
        if row["protocol"] and row["protocol"] not in raw.protocols:
            near = difflib.get_close_matches(row["protocol"], raw.protocols, n=1, cutoff=0.6)
            advice = f"Did you mean {near[0]}?" if near else "Add it to the folder `protocols`"
            accepted = "a bundled protocol, or one of the folder `protocols`"
            yield error("arms", line, row, "protocol", cell(row, "protocol"), accepted, advice)
        if not row["protocol"] and not row["unknown"]:
            accepted = "a protocol, or what is unknown or has no model"
            advice = "Say what is not known of the treatment; nothing is filled in"
            yield error("arms", line, row, "unknown", "nothing", accepted, advice)
        if row["arm"] in parts(row["subgroup_of"]):
            yield error("arms", line, row, "subgroup_of", cell(row, "subgroup_of"), "other arms")


def _loops(raw: RawBase) -> Iterator[Problem]:
    parent = {row["study"]: row["part_of"] for row in raw.rows("studies")}
    for line, row in numbered(raw, "studies"):
        seen, at = [row["study"]], row["part_of"]
        while at and at not in seen:
            seen.append(at)
            at = parent.get(at, "")
        if at and at == row["study"]:
            found = f"a loop: {' -> '.join([*seen, at])}"
            advice = "The whole trial has no part_of"
            yield error("studies", line, row, "part_of", found, "a parent outside itself", advice)


def _parts_overlap(raw: RawBase) -> Iterator[Problem]:
    stated = {
        (row["study"], row["overlaps_with"])
        for row in raw.rows("overlaps")
        if row["kind"] in SAME_PEOPLE
    }
    for line, row in numbered(raw, "studies"):
        if row["part_of"] and (row["study"], row["part_of"]) not in stated:
            accepted = f"a row of overlaps.csv with overlaps_with = {row['part_of']}"
            advice = "Add it, with its source, so that no sample is pooled twice"
            yield error("studies", line, row, "part_of", cell(row, "part_of"), accepted, advice)
    for line, row in numbered(raw, "overlaps"):
        if row["study"] and row["study"] == row["overlaps_with"]:
            yield error("overlaps", line, row, "overlaps_with", "the study itself", "another study")
