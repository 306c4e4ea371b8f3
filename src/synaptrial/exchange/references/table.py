"""References in and out, as RIS or CSV: labels and screening decisions kept, duplicates flagged."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from synaptrial.domain.errors import InputError
from synaptrial.evidence.tables import Row
from synaptrial.exchange.delimited import csv_text, read_delimited
from synaptrial.exchange.references.decisions import SCREENING, decision_of, is_decision, note_of
from synaptrial.exchange.references.ris import Tags, read_ris, write_ris
from synaptrial.exchange.toml import read_text

COLUMNS = (
    "key", "type", "title", "authors", "year", "journal", "doi", "url", "labels", "screening",
    "reason", "abstract", "duplicate_of", "other",
)  # fmt: skip
_MANY = {"authors": "AU", "labels": "KW"}
# Column -> tags of RIS that mean it; the first is the one written for a CSV row.
_TAGS: Mapping[str, tuple[str, ...]] = {
    "key": ("ID",),
    "type": ("TY",),
    "title": ("TI", "T1"),
    "authors": ("AU", "A1"),
    "year": ("PY", "Y1"),
    "journal": ("T2", "JO", "JF", "JA"),
    "doi": ("DO",),
    "url": ("UR",),
    "labels": ("KW",),
    "abstract": ("AB", "N2"),
}
_YEAR = re.compile(r"(?<!\d)(1[5-9]|20)\d\d(?!\d)")
_DUPLICATE = "duplicate of: "


@dataclass(frozen=True)
class Reference:
    """One reference. tags: everything as in RIS; key: names it in its file.

    screening: included, excluded or empty; contradicts: notes say both; duplicate_of: the key of
    an earlier reference with the same DOI, or the same title and year.
    """

    key: str
    tags: Tags
    screening: str = ""
    reason: str = ""
    duplicate_of: str = ""
    contradicts: bool = False

    def values(self, column: str) -> tuple[str, ...]:
        """What the reference says under a column, in the order of the file; years alone of dates
        such as 2021/02/01."""
        values = tuple(v for tag, v in self.tags if tag in _TAGS[column] and v)
        return tuple(filter(None, map(_year, values))) if column == "year" else values

    def first(self, column: str) -> str:
        """The first of them, or empty."""
        return next(iter(self.values(column)), "")


class Found(NamedTuple):
    """The references of a file; left_out: lines of a RIS file between them that were not read."""

    references: tuple[Reference, ...]
    left_out: int = 0


def read_references(path: Path) -> Found:
    """References of a file, by its ending ``.ris`` or ``.csv``. Raises InputError."""
    _ending(path)
    if path.suffix.lower() == ".ris":
        text = read_ris(read_text(path, "RIS"), str(path))
        return Found(flag_duplicates(_named(text.references)), text.left_out)
    rows = read_delimited(path, needed=("title",))
    tagged = [_tags_of(row, f"{path}, row {k + 1}") for k, row in enumerate(rows)]
    return Found(flag_duplicates(_named(tagged)))


def references_text(references: Sequence[Reference], path: Path) -> str:
    """References as the text of a file with that ending."""
    _ending(path)
    if path.suffix.lower() == ".ris":
        return write_ris([_ris_tags(r) for r in references])
    return csv_text(COLUMNS, (_csv_row(r) for r in references))


def flag_duplicates(references: Sequence[Reference]) -> tuple[Reference, ...]:
    """The same references, those that repeat an earlier one naming it."""
    seen: dict[tuple[str, ...], str] = {}
    out = []
    for r in references:
        marks = _marks(r)
        first = next((seen[m] for m in marks if m in seen), "")
        for mark in marks:
            seen.setdefault(mark, first or r.key)
        out.append(replace(r, duplicate_of=first))
    return tuple(out)


def summary(found: Found) -> dict[str, int]:
    """Counts that a command prints."""
    references = found.references
    return {
        "references": len(references),
        "duplicates": sum(r.duplicate_of != "" for r in references),
        "labelled": sum(bool(r.values("labels")) for r in references),
        **{word: sum(r.screening == word for r in references) for word in SCREENING},
        "contradictory": sum(r.contradicts for r in references),
        "lines_not_read": found.left_out,
    }


def _year(date: str) -> str:
    found = _YEAR.search(date)
    return found[0] if found else ""


def _ending(path: Path) -> None:
    if path.suffix.lower() not in (".ris", ".csv"):
        raise InputError(str(path), f"the ending {path.suffix or 'none'}", ".ris or .csv")


def _marks(reference: Reference) -> list[tuple[str, ...]]:
    """What two references that are one have in common."""
    doi = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:\s*)", "", reference.first("doi").lower())
    title = re.sub(r"\W+", " ", reference.first("title").lower()).strip()
    year = reference.first("year")
    return ([("doi", doi)] if doi else []) + ([("title", title, year)] if title else [])


def _named(tagged: Sequence[Tags]) -> list[Reference]:
    """References with keys of their own; a key that stands twice gets a number."""
    out: list[Reference] = []
    used: set[str] = set()
    for number, tags in enumerate(tagged, start=1):
        given = next((v for tag, v in tags if tag == "ID" and v), f"r{number}")
        key = given if given not in used else f"{given}-{number}"
        used.add(key)
        notes = [v for tag, v in tags if tag == "N1"]
        kept = tuple((t, v) for t, v in tags if not (t == "N1" and v.startswith(_DUPLICATE)))
        told = decision_of(notes)
        out.append(Reference(key, kept, told.screening, told.reason, contradicts=told.contradicts))
    return out


def _ris_tags(r: Reference) -> Tags:
    """Tags to write: as they came, the duplicate flag as a note."""
    return (*r.tags, ("N1", f"{_DUPLICATE}{r.duplicate_of}")) if r.duplicate_of else r.tags


def _csv_row(r: Reference) -> Row:
    row = {c: "; ".join(r.values(c)) if c in _MANY else r.first(c) for c in _TAGS}
    told = {("N1", v) for tag, v in r.tags if tag == "N1" and is_decision(v)}
    told |= {(tag, v) for c in _MANY for tag, v in r.tags if tag in _TAGS[c]}
    told |= {(tag, v) for c in _TAGS for tag, v in r.tags if tag in _TAGS[c] and v == r.first(c)}
    other = [pair for pair in r.tags if pair not in told and pair[1]]
    more = {"screening": r.screening, "reason": r.reason, "duplicate_of": r.duplicate_of}
    listed = json.dumps(other, ensure_ascii=False) if other else ""
    return {**row, "key": r.key, **more, "other": listed}


def _tags_of(row: Row, at: str) -> Tags:
    """A CSV row as tags; columns that we do not know become notes, so that nothing is lost."""
    tags = [("TY", row.get("type") or "GEN")]
    for column, (tag, *_) in _TAGS.items():
        text = row.get(column, "")
        parts = text.split(";") if column in _MANY else [text]
        tags += [(tag, p.strip()) for p in parts if p.strip() and column != "type"]
    tags += [("N1", f"{c}: {v}") for c, v in row.items() if c not in COLUMNS and v]
    other = _other(row.get("other", ""), f"{at}, column other")
    dates = [v for tag, v in other if tag in _TAGS["year"]]
    if any(_year(date) == row.get("year") for date in dates):
        tags = [pair for pair in tags if pair[0] != "PY"]  # the date says it
    tags += other
    decision, reason = row.get("screening", ""), row.get("reason", "")
    if decision not in ("", *SCREENING):
        raise InputError(f"{at}, column screening", repr(decision), "included, excluded or nothing")
    if decision:
        tags.append(("N1", note_of(decision, reason)))
    return tuple(tags)


def _other(text: str, at: str) -> list[tuple[str, str]]:
    try:
        pairs = json.loads(text) if text else []
        return [(str(tag), str(value)) for tag, value in pairs]
    except (ValueError, TypeError):
        accepted = 'a list of pairs such as [["SN", "1234-5678"]]'
        raise InputError(at, repr(text[:60]), accepted) from None
