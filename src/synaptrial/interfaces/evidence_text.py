"""What the evidence commands print for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from synaptrial.evidence.diff import TableDiff
from synaptrial.evidence.digest import digest
from synaptrial.evidence.problems import Problem
from synaptrial.evidence.raw import RawBase, row_name
from synaptrial.evidence.schema import TABLES
from synaptrial.evidence.tables import Row
from synaptrial.interfaces.terminal import NOTICE

# What a line of `list` shows beside the name of the row.
_SHOWN = {
    "studies": ("year", "kind", "design", "control", "n_randomised", "population"),
    "arms": ("protocol", "drug", "dose", "dose_unit", "route", "n_doses", "psychotherapy", "n"),
    "outcomes": ("statistic", "value", "sd", "se", "low", "high", "events", "n", "mark", "usable"),
    "adverse_events": ("term", "serious", "statistic", "value", "events", "n", "mark", "usable"),
    "meta_analyses": ("outcome", "statistic", "value", "low", "high", "n_studies", "mark"),
    "risk_of_bias": ("tool", "domain", "judgement", "reason"),
    "overlaps": ("study", "overlaps_with", "kind", "certain"),
}


def rows(table: str, found: Sequence[Row]) -> str:
    """One line a row: its name, then its cells as column=value."""
    columns = _SHOWN.get(table, tuple(c for c in TABLES[table].names if c not in _LONG))
    lines = [
        f"{row_name(TABLES[table], row)}  {_cells(row, columns)}{_words(row)}".rstrip()
        for row in found
    ]
    return "\n".join([*lines, f"{len(found)} rows of {table}. {NOTICE}"])


_LONG = ("row_id", "locator", "note", "source")


def _cells(row: Row, columns: Sequence[str]) -> str:
    return "  ".join(f"{c}={row[c]}" for c in columns if row.get(c))


def study(card: dict[str, Any]) -> str:
    """A study with all that hangs on it."""
    row = card["study"]
    lines = [row["study"]]
    lines += [f"  {column}: {text}" for column, text in row.items() if text and column != "study"]
    lines += ["arms:", *(_arm(arm) for arm in card["arms"])]
    for table in ("outcomes", "adverse_events", "risk_of_bias", "acute"):
        if card[table]:
            columns = _SHOWN.get(table, ("quantity", "statistic", "value", "unit", "mark"))
            lines.append(f"{table}:")
            lines += [f"  {r['row_id']}  {_cells(r, columns)}{_words(r)}" for r in card[table]]
    lines += ["overlaps:"] if card["overlaps"] else []
    lines += [
        f"  {r['study']} with {r['overlaps_with']}: {r['kind']}, certain: {r['certain']}"
        for r in card["overlaps"]
    ]
    lines += ["sources:", *(f"  {_source(s)}" for s in card["sources"])]
    return "\n".join([*lines, NOTICE])


def _words(row: Row) -> str:
    """A result that has no number, in the words of its row."""
    if row.get("statistic") != "qualitative":
        return ""
    return f"  {': '.join(text for text in (row.get('label', ''), row['note']) if text)}"


def _arm(arm: dict[str, Any]) -> str:
    given = arm["treatment"]
    size = f", n {arm['n']}" if arm["n"] else ""
    runs = (
        f"runs as {given['protocol']}" if given["runnable"] else "described only; it does not run"
    )
    lacks = f" (unknown: {'; '.join(given['unknown'])})" if given["unknown"] else ""
    return f"  {arm['arm']}{size}: {given['words']}; {runs}{lacks}"


def _source(source: dict[str, Any]) -> str:
    where = f"doi:{source['doi']}" if source["doi"] else source["url"]
    return ". ".join(part for part in (source["key"], source["citation"], where) if part)


def problem(p: Problem) -> dict[str, Any]:
    """For JSON."""
    return {
        "severity": p.severity,
        "query": p.query,
        "table": p.table,
        "line": p.line or None,
        "row": p.row_id,
        "column": p.column,
        "found": p.found,
        "accepted": p.accepted,
        "advice": p.advice,
        "message": str(p),
    }


def passed(raw: RawBase) -> str:
    """What was checked, where nothing is wrong."""
    tables = {name: table.rows for name, table in raw.tables.items()}
    counts = ", ".join(f"{name} {len(found)}" for name, found in tables.items())
    version = f"version {raw.release.version} of {raw.release.date}" if raw.release else ""
    searched = f"search date {raw.release.search_date}" if raw.release else ""
    return (
        f"No problem. {version}, {searched}, digest {digest(tables, raw.sources or {})}\n"
        f"{counts}, sources {len(raw.sources or {})}\n"
        f"{len(raw.rows('acknowledged'))} queries are answered in acknowledged.csv. {NOTICE}"
    )


def differences(found: Sequence[TableDiff]) -> str:
    """+ added, - removed, ~ changed, a line each."""
    lines = []
    for d in found:
        lines.append(f"{d.table}: {len(d.added)} added, {len(d.removed)} removed, "
                     f"{len(d.changed)} changed")  # fmt: skip
        lines += [f"+ {key}" for key in d.added]
        lines += [f"- {key}" for key in d.removed]
        lines += [
            f"~ {key}  {column}: {old or '(empty)'} -> {new or '(empty)'}"
            for key, cells in d.changed.items()
            for column, (old, new) in cells.items()
        ]
    return "\n".join([*(lines or ["No difference."]), NOTICE])
