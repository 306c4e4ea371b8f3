"""An earlier release of the evidence: the rows that came after it, and cells that read otherwise.

It is put back as far as a verdict or an analysis can hang on it. Locators, notes and flags stay as
they are now: they say where a number stands, and no rule reads them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from synaptrial.domain.document import Document
from synaptrial.domain.errors import InputError
from synaptrial.domain.sources import Source
from synaptrial.evidence.base import EvidenceBase
from synaptrial.evidence.digest import digest
from synaptrial.evidence.raw import row_name
from synaptrial.evidence.release import Version
from synaptrial.evidence.schema import TABLES
from synaptrial.evidence.tables import Row

WORDS = ("locator", "note", "flag")


class Changed(Document):
    """A row that read otherwise. cells: by column, as they were."""

    table: str
    row: str
    cells: Mapping[str, str]


class Earlier(Document):
    """What leads from a release back to the one before it.

    restored: `content_digest` of the release that is put back. later: names of rows that came
    after it, by table; `sources` counts as one. removed: rows that it had, by table.
    """

    version: Version
    restored: str
    later: Mapping[str, tuple[str, ...]]
    removed: Mapping[str, tuple[Mapping[str, str], ...]]
    changed: tuple[Changed, ...]


def content_digest(tables: Mapping[str, Sequence[Row]], sources: Mapping[str, Source]) -> str:
    """SHA-256 over what a verdict can hang on: cells other than words, years of sources."""
    rows = {
        name: [row | {c: "" for c in WORDS if c in row} for row in of_table]
        for name, of_table in tables.items()
    }
    years = {k: Source(key=k, citation=k, year=s.year) for k, s in sources.items()}
    return digest(rows, years)


def put_back(base: EvidenceBase, earlier: Earlier) -> EvidenceBase:
    """The release before that of the base. Raises InputError if it is not what was released."""
    tables = {name: _rows(name, rows, earlier) for name, rows in base.tables.items()}
    later = set(earlier.later.get("sources", ()))
    sources = {key: source for key, source in base.sources.items() if key not in later}
    if content_digest(tables, sources) != earlier.restored:
        found = f"rows that do not lead back to release {earlier.version}"
        raise InputError("evidence", found, "the evidence that comes with the package", "Reinstall")
    before = next(p for p in base.release.preceding if p.version == earlier.version)
    at = base.release.preceding.index(before)
    release = base.release.model_copy(
        update={
            "version": before.version,
            "date": before.date,
            "changes": before.changes,
            "preceding": base.release.preceding[at + 1 :],
        }
    )
    return replace(base, tables=tables, sources=sources, release=release)


def _rows(name: str, rows: Sequence[Row], earlier: Earlier) -> tuple[Row, ...]:
    later = set(earlier.later.get(name, ()))
    cells = {c.row: dict(c.cells) for c in earlier.changed if c.table == name}
    kept = [row for row in rows if row_name(TABLES[name], row) not in later]
    old = [row | cells.get(row_name(TABLES[name], row), {}) for row in kept]
    empty = dict.fromkeys(TABLES[name].names, "")
    return (*old, *(empty | dict(row) for row in earlier.removed.get(name, ())))
