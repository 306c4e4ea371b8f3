"""Screening decisions that notes of references hold, alone or within a longer text.

Ours: ``screening: excluded; reason: wrong population``. ASReview writes ASReview_relevant or
ASReview_irrelevant (asreview/io/ris.py, 1.x), Rayyan what each of its reviewers decided and the
reasons; a table of ASReview has a column of 0 and 1. Managers add text and HTML around them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

INCLUDED, EXCLUDED = "included", "excluded"
SCREENING = (INCLUDED, EXCLUDED)
_OURS = re.compile(
    r"(?:^|[;|.\s])\s*screening: (included|excluded)(?:\s*;\s*reason: (.*))?(?=$|[;|.])"
)
_ASREVIEW = re.compile(r"\bASReview_(relevant|irrelevant)\b")
_COLUMN = re.compile(
    r"(?:label_)?included: ([01])(?:\.0)?|asreview_(?:label|included): ([01])(?:\.0)?"
)
_RAYYAN = re.compile(r"RAYYAN-INCLUSION:\s*\{([^}]*)\}")
_REVIEWER = re.compile(r"=>\s*\"(\w+)\"")
_REASONS = re.compile(r"RAYYAN-EXCLUSION-REASONS:\s*([^|]*)")
_HTML = re.compile(r"</?\w+[^<>]*>")


class Decision(NamedTuple):
    """included, excluded or empty, and the reason; `contradicts` where notes say both."""

    screening: str = ""
    reason: str = ""
    contradicts: bool = False


def decision_of(notes: Sequence[str]) -> Decision:
    """What the notes of a reference decide; ours wins over labels of other programs."""
    plain = [_HTML.sub(" ", note).strip() for note in notes]
    for read in (_ours, _others):
        found = list(dict.fromkeys(d for note in plain for d in read(note)))
        words = {d.screening for d in found}
        if len(words) > 1:
            return Decision(contradicts=True)
        if found:
            return Decision(found[0].screening, next((d.reason for d in found if d.reason), ""))
    return Decision()


def is_decision(note: str) -> bool:
    """Whether a note is one of ours and nothing else."""
    found = _OURS.match(note)
    return found is not None and found.end() == len(note)


def note_of(decision: str, reason: str) -> str:
    """A decision as a note."""
    return f"screening: {decision}" + (f"; reason: {reason}" if reason else "")


def _ours(note: str) -> Iterator[Decision]:
    for found in _OURS.finditer(note):
        yield Decision(found[1], (found[2] or "").strip())


def _others(note: str) -> Iterator[Decision]:
    for found in _ASREVIEW.finditer(note):
        yield Decision(INCLUDED if found[1] == "relevant" else EXCLUDED)
    if column := _COLUMN.fullmatch(note):
        yield Decision(INCLUDED if "1" in column.groups() else EXCLUDED)
    reasons = _REASONS.search(note)
    for rayyan in _RAYYAN.finditer(note):
        for word in _REVIEWER.findall(rayyan[1]):
            if word.lower() in SCREENING:
                why = reasons[1].strip() if reasons and word.lower() == EXCLUDED else ""
                yield Decision(word.lower(), why)
