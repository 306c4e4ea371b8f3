"""Imported numbers that no person has confirmed yet, as a study folder.

Beside the tables of the evidence base (format: `evidence/schema.py`) the folder holds

- ``awaiting.csv``: every number as the source gives it, in a row of its own, placed in a table or
  not. A person sets ``confirmed`` to yes, or to left_out, and ``confirmed_by`` to a name;
- ``raw/``: copies of the source files, with their digests in ``raw/SHA256SUMS``.

A row that was placed stands in its table with usable = no, why_not = awaits confirmation. The
person who confirms it corrects the row and sets these two.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synaptrial.domain.errors import InputError
from synaptrial.domain.sources import Source
from synaptrial.evidence.schema import TABLES
from synaptrial.evidence.tables import Row
from synaptrial.evidence.vocabulary import AWAITS
from synaptrial.exchange.bibtex import write_sources
from synaptrial.exchange.delimited import csv_text, read_delimited

FILE, RAW = "awaiting.csv", "raw"
VERBATIM = (
    "study", "module", "group_id", "group", "title", "class", "category", "time_frame",
    "param_type", "dispersion_type", "unit", "value", "spread", "lower", "upper", "n", "comment",
    "locator",
)  # fmt: skip
COLUMNS = ("table", "row_id", "confirmed", "confirmed_by", "flags", *VERBATIM)
DECISIONS = ("yes", "left_out")
OUTCOMES, EVENTS = "outcomes", "adverse_events"


@dataclass(frozen=True)
class Number:
    """One number. told: its verbatim cells; table, row: where it was placed, empty if nowhere.

    flags: what could not be normalised, and what a person should look at.
    """

    row_id: str
    told: Row
    table: str = ""
    row: Row = field(default_factory=dict)
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Imported:
    """All that one import brings. raw: source files by name; unread: columns with numbers that no
    rule reads."""

    studies: tuple[Row, ...]
    arms: tuple[Row, ...]
    numbers: tuple[Number, ...]
    sources: tuple[Source, ...]
    raw: Mapping[str, bytes]
    unread: tuple[str, ...] = ()


def slug(text: str) -> str:
    """A name as the key of a study or an arm: capitals, digits, points and underscores."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    short = re.sub(r"[^A-Za-z0-9.]+", "_", plain).strip("_.")[:40]
    return short.rstrip("_.").upper() or "UNNAMED"


def write_import(folder: Path, imported: Imported) -> None:
    """Write the study folder into an existing folder."""
    tables: dict[str, list[Row]] = {"studies": list(imported.studies), "arms": list(imported.arms)}
    for n in imported.numbers:
        if n.table:
            waiting = {"row_id": n.row_id, "usable": "no", "why_not": AWAITS}
            tables.setdefault(n.table, []).append({**n.row, **waiting})
    for name, rows in tables.items():
        _write(folder / f"{name}.csv", TABLES[name].names, rows)
    _write(folder / FILE, COLUMNS, (_waiting_row(n) for n in imported.numbers))
    (folder / "sources.bib").write_text(write_sources(imported.sources), encoding="utf-8")
    (folder / RAW).mkdir()
    digests = []
    for name, content in imported.raw.items():
        (folder / RAW / name).write_bytes(content)
        digests.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
    (folder / RAW / "SHA256SUMS").write_text("".join(digests), encoding="utf-8")


def import_summary(imported: Imported) -> dict[str, Any]:
    """Rows by table, numbers without a table, and how often each flag was raised."""
    flags = Counter(_kind(flag) for n in imported.numbers for flag in n.flags)
    for table in (imported.studies, imported.arms):
        flags.update(_kind(flag) for row in table for flag in row["flag"].split("; ") if flag)
    placed = Counter(n.table for n in imported.numbers)
    unplaced = placed.pop("", 0)
    return {
        "rows": {"studies": len(imported.studies), "arms": len(imported.arms), **placed},
        "numbers": len(imported.numbers),
        "not_placed": unplaced,
        "flagged": sum(bool(n.flags) for n in imported.numbers),
        "flags": dict(flags.most_common()),
        "columns_not_read": list(imported.unread),
        "raw": {name: hashlib.sha256(c).hexdigest() for name, c in imported.raw.items()},
        "confirmed": 0,
        "notice": "research tool; every row awaits a person's confirmation",
    }


def _kind(flag: str) -> str:
    """What a check asked, without the number."""
    return re.sub(r"^(check[^:]*: \S+) .*", r"\1", flag)


def refuse_overwriting(folder: Path) -> None:
    """Refuse to import into a folder that holds an import: a person may have worked on it."""
    if (folder / FILE).exists():
        found = f"{FILE}, which a person may have confirmed in part"
        raise InputError(f"--out {folder}", found, "a new or empty folder", "Name another folder")


def refuse_unconfirmed(folder: Path) -> None:
    """Refuse a folder with a row that no person has confirmed; InputError names the first."""
    if not (folder / FILE).exists():
        return
    rows = read_delimited(folder / FILE, COLUMNS)
    open_rows = [r for r in rows if r["confirmed"] not in DECISIONS or not r["confirmed_by"]]
    if open_rows:
        first = open_rows[0]
        column = "confirmed" if first["confirmed"] not in DECISIONS else "confirmed_by"
        raise InputError(
            f"{folder / FILE}, row {first['row_id']}, column {column}",
            f"{first[column] or 'nothing'!r} ({len(open_rows)} of {len(rows)} rows are open)",
            "yes or left_out" if column == "confirmed" else "the name of a person",
            "Compare each number with its source, correct it, then say so with a name",
        )
    _refuse_waiting(folder, {r["row_id"] for r in rows if r["confirmed"] == "yes"})


def _refuse_waiting(folder: Path, confirmed: set[str]) -> None:
    """A row that awaits in its table is not decided, whatever the list says."""
    for name in (OUTCOMES, EVENTS):
        path = folder / f"{name}.csv"
        rows = read_delimited(path) if path.exists() else ()
        for row in rows:
            if row.get("why_not") == AWAITS:
                at = f"{path}, row {row.get('row_id', '')}, column why_not"
                told = "confirmed" if row.get("row_id") in confirmed else "left out"
                advice = "Set usable to yes, or give another reason; remove a row that is left out"
                raise InputError(at, repr(AWAITS), f"a decision: the row is {told}", advice)


def _waiting_row(n: Number) -> Row:
    flags = ";".join(n.flags)
    return {**n.told, "table": n.table, "row_id": n.row_id, "confirmed": "no", "flags": flags}


def _write(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    clean = ({k: _clean(v) for k, v in row.items()} for row in rows)
    path.write_text(csv_text(columns, clean), encoding="utf-8")


def _clean(text: str) -> str:
    """One line without blanks around it, as every cell of the evidence base."""
    return " ".join(text.split())
