"""One study as a small TOML file, turned into rows of the evidence tables.

[study] with the columns of studies; [[arms]], [[outcomes]], [[adverse_events]], [[risk_of_bias]],
[[overlaps]] and [[acknowledged]] with theirs; [[sources]] with the fields of a source. `study` and,
where it is not stated, `source` of [study] go into each row, and `arm_id` is made of both names.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from synaptrial.domain.errors import InputError
from synaptrial.domain.sources import Source
from synaptrial.evidence.columns import Table
from synaptrial.evidence.raw import RawBase, RawTable
from synaptrial.evidence.schema import TABLES
from synaptrial.evidence.tables import Row
from synaptrial.exchange import toml
from synaptrial.exchange.bibtex import read_sources, write_sources

LISTS = ("arms", "outcomes", "adverse_events", "risk_of_bias", "overlaps", "acknowledged")


def read_study(path: Path) -> RawBase:
    """The rows of a study file, unchecked. Raises InputError for what is no such file."""
    where = str(path)
    document = toml.parse_toml(toml.read_text(path), where)
    accepted = ("study", *LISTS, "sources")
    unknown = [key for key in document if key not in accepted]
    if unknown:
        raise InputError(f"{where}: {unknown[0]}", "an unknown table", ", ".join(accepted))
    study = document.get("study")
    if not isinstance(study, dict):
        raise InputError(f"{where}: study", "no table [study]", "a table [study]", "Add it")
    tables = {"studies": [_row(study, TABLES["studies"], f"{where}: study")]}
    shared = {key: study[key] for key in ("study", "source") if key in study}
    for name in LISTS:
        entries = _list(document, name, where)
        tables[name] = [
            _row(_with(shared, entry, name), TABLES[name], f"{where}: {name}[{k}]")
            for k, entry in enumerate(entries)
        ]
    raw = {
        name: RawTable(TABLES[name].names, tuple(rows), (0,) * len(rows))
        for name, rows in tables.items()
    }
    sources = _sources(document, where)
    _, problems = read_sources(write_sources(sources.values()), "sources.bib")
    return RawBase(raw, sources, None, problems=tuple(replace(p, line=0) for p in problems))


def _list(document: dict[str, Any], name: str, where: str) -> list[dict[str, Any]]:
    entries = document.get(name, [])
    if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
        return entries
    raise InputError(f"{where}: {name}", "something else than tables", f"tables [[{name}]]")


def _with(shared: dict[str, Any], entry: dict[str, Any], name: str) -> dict[str, Any]:
    columns = TABLES[name].names
    filled = {key: value for key, value in shared.items() if key in columns} | entry
    if name == "arms" and "arm_id" not in entry:
        filled["arm_id"] = f"{filled.get('study', '')}:{filled.get('arm', '')}"
    return filled


def _row(entry: dict[str, Any], table: Table, where: str) -> Row:
    unknown = [key for key in entry if key not in table.names]
    if unknown:
        raise InputError(f"{where}.{unknown[0]}", "an unknown key", ", ".join(table.names))
    return {name: _cell(entry.get(name, ""), f"{where}.{name}") for name in table.names}


def _cell(value: Any, where: str) -> str:
    """A value as the text of a cell."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ";".join(_cell(part, where) for part in value)
    if isinstance(value, str | int | float):
        return str(value)
    raise InputError(where, repr(value), "text, a number, true or false, or a list of them")


def _sources(document: dict[str, Any], where: str) -> dict[str, Source]:
    sources: dict[str, Source] = {}
    for k, entry in enumerate(_list(document, "sources", where)):
        source = toml.validate(Source, entry, where, f"sources[{k}]")
        if source.key in sources:
            raise InputError(f"{where}: sources[{k}]", f"{source.key} twice", "each key once")
        sources[source.key] = source
    return sources
