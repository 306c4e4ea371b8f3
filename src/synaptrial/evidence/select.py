"""Rows of a table by what a person asks for."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

from synaptrial.domain.errors import InputError
from synaptrial.evidence.base import EvidenceBase
from synaptrial.evidence.schema import TABLES
from synaptrial.evidence.tables import Row, parts
from synaptrial.evidence.vocabulary import STUDY_KINDS


def select(
    base: EvidenceBase, table: str, kind: str, study: str, where: Sequence[str]
) -> list[Row]:
    """Rows of a table; of studies of one kind, of one study, with cells that are as stated.

    where: COLUMN=VALUE, each. Raises InputError for a table, kind, study or column that is not.
    """
    _known("--table", table, TABLES)
    rows = list(base.tables[table])
    if kind:
        _known("--kind", kind, STUDY_KINDS)
        rows = [r for r in rows if _kind(base, r) == kind]
    if study:
        _known("--study", study, base.studies)
        rows = [r for r in rows if r.get("study") == study]
    for condition in where:
        column, equals, value = condition.partition("=")
        if not equals:
            raise InputError("--where", repr(condition), "COLUMN=VALUE, such as scale=CAPS5")
        _known("--where", column, TABLES[table].names)
        rows = [r for r in rows if r[column] == value]
    return rows


def values(table: str, row: Row) -> dict[str, Any]:
    """A row for JSON: numbers as numbers, lists as lists, None for a number that is not known."""
    return {c.name: _value(row[c.name], c.kind) for c in TABLES[table].columns}


def _value(text: str, kind: str) -> Any:
    if kind == "number":
        return float(text) if text else None
    if kind == "whole":
        return int(text) if text else None
    if kind in ("words", "rows", "arms"):
        return list(parts(text))
    if kind == "numbers":
        return [float(part) for part in parts(text)]
    return text


def _kind(base: EvidenceBase, row: Row) -> str:
    study = base.studies.get(row.get("study", ""))
    return study.kind if study else ""


def _known(option: str, name: str, names: Iterable[str]) -> None:
    accepted = list(names)
    if name not in accepted:
        near = difflib.get_close_matches(name, accepted, n=1, cutoff=0.5)
        shown = ", ".join(accepted) if len(accepted) < 40 else f"one of {len(accepted)} names"
        advice = f"Did you mean {near[0]}?" if near else ""
        raise InputError(option, repr(name), shown, advice)
