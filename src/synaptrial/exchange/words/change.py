"""Titles that speak of change, and what they leave open: its sign, or whether it is one at all.

Ours is after minus before, negative for a fall. "Change from baseline" says so; a "reduction" may
be written either way, and "CAPS-5 from baseline to week 4" may be scores at two visits.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Names of scales that hold a word of change.
_NAMES = re.compile(
    r"\bglobal impressions?\b\W{0,4}(?:scale\W{0,3})?(?:of |- ?)?(?:improvement|change)|\b[cp]gi\b"
    r"\W{0,3}(?:improvement|change)|\b(?:stress|harm) reduction",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"\b(?:chang(?:e|es|ed)|increas(?:e|es|ed)|worsening|delta|cfb|chg)\b|[Δ∆]", re.I
)
_FALL = re.compile(
    r"\b(?:reductions?|reduced|decreas(?:e|es|ed)|improv(?:ements?|ed)|declin(?:e|es|ed)|gains?"
    r"|lowering|fall in|drops?(?![ -]?out)|drop(?:ped)?(?= (?:in|of|from)\b))\b",
    re.IGNORECASE,
)
_DIFFERENCE = re.compile(r"\bdifferences?\b|\bminus\b|\bsubtract", re.IGNORECASE)
_BEFORE = r"(?:baseline|pre|before|day 0|screening|enrol+ment|admission)"
_AGAINST = re.compile(
    rf"\b(?:from|versus|vs\.?|relative to|compared (?:to|with)|over|since|against|minus)"
    rf"(?: the)? {_BEFORE}\b",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"\bpercent|(?<![\d ])%|(?<!\d) %", re.IGNORECASE)


class Change(NamedTuple):
    """kind: change (after minus before), fall (its sign is open), doubt (perhaps scores), or empty.

    word: what says so, as the text has it.
    """

    kind: str = ""
    word: str = ""


def change_in(text: str) -> Change:
    """What a title, class or unit says of change."""
    plain = _NAMES.sub(" ", text)
    for kind, pattern in (("fall", _FALL), ("change", _CHANGE)):
        if found := pattern.search(plain):
            return Change(kind, found[0])
    difference, against = _DIFFERENCE.search(plain), _AGAINST.search(plain)
    if difference:
        before = re.search(rf"\b{_BEFORE}\b", plain, re.IGNORECASE)
        return Change("fall" if before else "doubt", difference[0])
    return Change("doubt", against[0]) if against else Change()


def speaks_of_percent(text: str) -> bool:
    """Whether a text gives its numbers in percent; "a 50% fall" and "95% CI" are no such words."""
    return _PERCENT.search(text) is not None
