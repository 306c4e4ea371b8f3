"""RIS: references as lines ``TY  - JOUR``, every tag and its order kept.

A small reader of our own: rispy 0.10, which we tried, drops a reference without its ER line, a
second value of a tag, and whole files with a byte order mark, without a word. Format: RIS as
exported by reference managers; a line without a tag goes on with the line before, below KW it is
one more keyword. Hosts write lines of their own between references (numbers, links, "Record #1 of
2"): these are counted, not read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from synaptrial.domain.errors import InputError

Tags = tuple[tuple[str, str], ...]  # (tag, value) in the order of the file, without ER

_LINE = re.compile(r"([A-Z][A-Z0-9])  -(?: (.*))?$")
_FORM = "lines such as  TY  - JOUR , each reference from TY to ER"


class RisText(NamedTuple):
    """references: their tags; left_out: lines between references that were not read."""

    references: tuple[Tags, ...]
    left_out: int


def read_ris(text: str, where: str) -> RisText:
    """References of a RIS text. Raises InputError naming the line."""
    references: list[Tags] = []
    tags: list[tuple[str, str]] = []
    between: list[tuple[int, str]] = []
    opened = 0
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if not line.strip():
            continue
        found = _LINE.match(line.rstrip())
        tag, value = (found[1], (found[2] or "").strip()) if found else ("", line.strip())
        if tag == "TY" and opened or tag == "ER" and not opened:
            raise _unclosed(where, opened, number, tag)
        if not opened and tag != "TY":
            between.append((number, line.strip()))
        elif tag == "ER":
            references.append(tuple(tags))
            tags, opened = [], 0
        elif tag:
            opened = opened or number
            tags.append((tag, value))
        else:
            last, before = tags[-1]
            if last == "KW" and before:
                tags.append((last, value))
            else:
                tags[-1] = (last, f"{before} {value}".strip())
    if opened:
        raise _unclosed(where, opened, 0, "")
    if not references:
        at, found_text = between[0] if between else (0, "")
        raise InputError(
            f"{where}, line {at}" if at else where,
            f"no reference, but {found_text[:60]!r}" if at else "no reference",
            _FORM,
        )
    return RisText(tuple(references), len(between))


def write_ris(references: Sequence[Tags]) -> str:
    """The text of a RIS file."""
    blocks = ["".join(f"{tag}  - {value}\n" for tag, value in tags) for tags in references]
    return "\n".join(f"{block}ER  - \n" for block in blocks)


def _unclosed(where: str, opened: int, number: int, tag: str) -> InputError:
    if tag == "ER":
        return InputError(f"{where}, line {number}", "ER without a TY before it", _FORM)
    end = f"the next TY in line {number}" if number else "the end of the file"
    found = f"a reference without ER before {end}"
    return InputError(f"{where}, line {opened}", found, _FORM, "Close it with a line  ER  - ")
