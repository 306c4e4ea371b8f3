"""Sources as BibTeX, in one normalised form: one field a line, no macros, no LaTeX.

A small reader of our own, which names the line of each fault; pybtex reads far more than is written
here, for two packages more and 70 ms of import.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple, get_args

from synaptrial.domain.sources import Source
from synaptrial.evidence.problems import Problem, shown

_OPEN = re.compile(r"@(\w+)\{([^\s,{}]+),\s*$")
_FIELD = re.compile(r"\s+(\w+)\s*=\s*\{(.*)\},?\s*$")
_DOI = re.compile(r"10\.\d{4,9}/\S+")
KINDS = get_args(Source.model_fields["kind"].annotation)
FIELDS = tuple(f for f in Source.model_fields if f not in ("key", "kind"))
_FORM = "@article{KEY, then one field a line as  name = {value},  then } alone on a line"


class _Line(NamedTuple):
    number: int
    text: str


def read_sources(text: str, where: str) -> tuple[dict[str, Source], list[Problem]]:
    """Sources by key, and what is wrong with the text. A faulty entry is left out."""
    sources: dict[str, Source] = {}
    problems: list[Problem] = []
    for entry in _entries(text):
        found, wrong = _source(entry, where)
        if found is not None and found.key in sources:
            wrong.append(_wrong(where, entry[0].number, "a key that stands twice", "each key once"))
        elif found is not None:
            sources[found.key] = found
        problems += [
            p if p.row_id or found is None else Problem(**(vars(p) | {"row_id": found.key}))
            for p in wrong
        ]
    return sources, problems


def write_sources(sources: Iterable[Source]) -> str:
    """The text of a file of sources, sorted by key."""
    return "\n".join(_entry(s) for s in sorted(sources, key=lambda s: s.key))


def _entry(source: Source) -> str:
    stated = source.model_dump()
    lines = [f"  {f} = {{{stated[f]}}}," for f in FIELDS if stated[f] not in ("", None)]
    return "\n".join([f"@{source.kind}{{{source.key},", *lines, "}", ""])


def _entries(text: str) -> Iterator[list[_Line]]:
    """Lines from one that begins with @ to the one before the next."""
    entry: list[_Line] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("%"):
            continue
        if line.startswith("@") and entry:
            yield entry
            entry = []
        entry.append(_Line(number, line))
    if entry:
        yield entry


def _source(entry: list[_Line], where: str) -> tuple[Source | None, list[Problem]]:
    """One entry as a source; None where it can't be one."""
    head = _OPEN.match(entry[0].text)
    if head is None or entry[-1].text.strip() != "}":
        number = entry[0].number if head is None else entry[-1].number
        return None, [_wrong(where, number, shown(entry[-1 if head else 0].text), _FORM)]
    kind, key = head[1], head[2]
    problems = []
    if kind not in KINDS:
        problems.append(_wrong(where, entry[0].number, shown(kind), ", ".join(KINDS), key))
    values: dict[str, str] = {}
    for number, text in entry[1:-1]:
        field = _FIELD.match(text)
        if field is None:
            problems.append(_wrong(where, number, shown(text), _FORM, key))
            continue
        name, value = field[1], field[2].strip()
        problems += _field_problems(where, number, key, name, value, name in values)
        values[name] = value
    if not values.get("citation"):
        problems.append(
            _wrong(where, entry[0].number, "no citation", "a citation", key, "citation")
        )
    if problems:
        return None, problems
    year = values.pop("year", "")
    return Source(key=key, kind=kind, year=int(year) if year else None, **values), []


def _field_problems(
    where: str, line: int, key: str, name: str, value: str, twice: bool
) -> Iterator[Problem]:
    if name not in FIELDS:
        yield _wrong(where, line, "an unknown field", ", ".join(FIELDS), key, name)
    if twice:
        yield _wrong(where, line, "a field that stands twice", "each field once", key, name)
    if value.count("{") != value.count("}"):
        yield _wrong(where, line, shown(value), "as many { as }", key, name)
    if name == "doi" and not _DOI.fullmatch(value):
        yield _wrong(where, line, shown(value), "a DOI such as 10.1234/abc, no address", key, name)
    if name == "url" and not re.match(r"https?://\S+$", value):
        yield _wrong(where, line, shown(value), "an address that begins with http", key, name)
    if name == "year" and not re.fullmatch(r"(1[89]|20)\d\d", value):
        yield _wrong(where, line, shown(value), "a year", key, name)


def _wrong(
    where: str, line: int, found: str, accepted: str, key: str = "", field: str = ""
) -> Problem:
    advice = "Correct the entry" if key else ""
    return Problem(where, found, accepted, advice, line, key, field)
