"""The digest of an evidence base: the same rows and sources give the same one, in any order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from synaptrial.domain.sources import Source
from synaptrial.evidence.schema import TABLES
from synaptrial.evidence.tables import Row


def digest(tables: Mapping[str, Sequence[Row]], sources: Mapping[str, Source]) -> str:
    """SHA-256 over the cells of all tables and the fields of all sources.

    The order of rows and columns, line endings and quotes are no content; `release.toml` is not
    either, as it tells of the content.
    """
    content = {
        "tables": {
            name: sorted([row[c] for c in table.names] for row in tables.get(name, ()))
            for name, table in TABLES.items()
        },
        "sources": {key: source.model_dump(mode="json") for key, source in sources.items()},
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
