"""One study put into an evidence base: rows behind rows, sources beside sources."""

from __future__ import annotations

from collections.abc import Iterator

from synaptrial.domain.sources import Source
from synaptrial.evidence.problems import Problem
from synaptrial.evidence.raw import RawBase, RawTable
from synaptrial.evidence.tables import Row


def merge(base: RawBase, study: RawBase) -> RawBase:
    """The base with the rows of the study, unchecked. Lines of its rows are those of its files."""
    tables = {name: _joined(table, study.tables.get(name)) for name, table in base.tables.items()}
    sources = {**(study.sources or {}), **(base.sources or {})}
    return RawBase(
        tables,
        sources if study.sources is not None else None,
        base.release,
        base.protocols | study.protocols,
        (*base.problems, *study.problems, *_clashes(base, study)),
    )


def _joined(base: RawTable, study: RawTable | None) -> RawTable:
    if study is None:
        return base
    header = tuple(dict.fromkeys((*base.header, *study.header)))
    return RawTable(header, (*base.rows, *study.rows), (*base.lines, *study.lines))


def _clashes(base: RawBase, study: RawBase) -> Iterator[Problem]:
    """Sources of one key that differ."""
    for key, source in new_sources(study).items():
        known = (base.sources or {}).get(key)
        if known is not None and known != source:
            advice = "Leave it out of the study's sources, or give it a key of its own"
            found, accepted = "a key that the base has for another text", "a key of its own"
            yield Problem("sources.bib", found, accepted, advice, 0, key)


def new_sources(study: RawBase) -> dict[str, Source]:
    """Sources of the study; none where they could not be read."""
    return dict(study.sources or {})


def rows_added(base: RawBase, merged: RawBase, table: str) -> tuple[Row, ...]:
    """Rows that a merge put behind those of the base."""
    return merged.rows(table)[len(base.rows(table)) :]
