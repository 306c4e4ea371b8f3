"""What two evidence bases differ in: rows added, removed and changed, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synaptrial.evidence.raw import RawBase, row_name
from synaptrial.evidence.schema import TABLES
from synaptrial.evidence.tables import Row


@dataclass(frozen=True)
class TableDiff:
    """One table, or the sources. changed: row -> column -> (old text, new text)."""

    table: str
    added: Mapping[str, Row]
    removed: Mapping[str, Row]
    changed: Mapping[str, Mapping[str, tuple[str, str]]]


def diff(old: RawBase, new: RawBase) -> tuple[TableDiff, ...]:
    """Tables that differ, and sources if they do. The order of rows is no difference."""
    pairs = [(n, _keyed(n, old.rows(n)), _keyed(n, new.rows(n))) for n in TABLES]
    pairs.append(("sources", _sources(old), _sources(new)))
    found = (_table(name, before, after) for name, before, after in pairs)
    return tuple(d for d in found if d.added or d.removed or d.changed)


def as_document(diffs: Sequence[TableDiff]) -> list[dict[str, Any]]:
    """For JSON: changes as lists of {row, column, old, new}."""
    return [
        {
            "table": d.table,
            "added": list(d.added.values()),
            "removed": list(d.removed.values()),
            "changed": [
                {"row": row, "column": column, "old": old, "new": new}
                for row, cells in d.changed.items()
                for column, (old, new) in cells.items()
            ],
        }
        for d in diffs
    ]


def _keyed(table: str, rows: Sequence[Row]) -> dict[str, Row]:
    return {row_name(TABLES[table], row): row for row in rows}


def _sources(base: RawBase) -> dict[str, Row]:
    return {
        key: {field: "" if v is None else str(v) for field, v in source.model_dump().items()}
        for key, source in (base.sources or {}).items()
    }


def _table(name: str, old: Mapping[str, Row], new: Mapping[str, Row]) -> TableDiff:
    changed = {
        key: {c: (old[key].get(c, ""), v) for c, v in new[key].items() if old[key].get(c, "") != v}
        for key in new
        if key in old and new[key] != old[key]
    }
    return TableDiff(
        name,
        added={key: row for key, row in new.items() if key not in old},
        removed={key: row for key, row in old.items() if key not in new},
        changed=changed,
    )
