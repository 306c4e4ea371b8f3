"""The rows of the base that the review shows, and their sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from synaptrial.domain.sources import Source
from synaptrial.evidence.tables import Row
from synaptrial.evidence.vocabulary import KETAMINE_PTSD
from synaptrial.review.plain import text_or
from synaptrial.review.tables import Tables

EMPTY = "-"  # an empty cell: not read, or it does not apply


def table_documents(tables: Tables) -> dict[str, list[dict[str, str]]]:
    """Tables on the studies of ketamine in PTSD, whole."""
    return {
        "risk_of_bias": _of_ketamine(tables, tables.risk_of_bias),
        "adverse_events": _of_ketamine(tables, tables.adverse_events),
        "studies": _of_ketamine(tables, tables.studies),
        "arms": _of_ketamine(tables, tables.arms),
    }


def rows_document(tables: Tables, used: Iterable[str]) -> dict[str, dict[str, str]]:
    """Rows by id, each with the name of its table."""
    named: Mapping[str, Sequence[Row]] = {
        "outcomes": tables.outcomes,
        "acute": tables.acute,
        "pharmacodynamics": tables.pharmacodynamics,
        "meta_analyses": tables.published,
        "adverse_events": tables.adverse_events,
    }
    wanted = set(used)
    return {
        r["row_id"]: {"table": table} | filled(r)
        for table, rows in named.items()
        for r in rows
        if r["row_id"] in wanted
    }


def sources_document(sources: Mapping[str, Source], keys: Iterable[str]) -> dict[str, Any]:
    """Sources by key, in order; a key that is no source is left out."""
    return {k: _source(sources[k]) for k in sorted(set(keys)) if k in sources}


def filled(row: Row) -> dict[str, str]:
    """A row without empty cells."""
    return {k: text_or(v, EMPTY) for k, v in row.items()}


def _of_ketamine(tables: Tables, rows: Sequence[Row]) -> list[dict[str, str]]:
    studies = {r["study"] for r in tables.studies if r["kind"] == KETAMINE_PTSD}
    return [filled(r) for r in rows if r["study"] in studies]


def _source(source: Source) -> dict[str, str]:
    wanted = ("citation", "doi", "url", "note")
    return {k: text_or(getattr(source, k), "none") for k in wanted}
