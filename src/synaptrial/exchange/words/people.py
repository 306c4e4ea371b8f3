"""Words that say that a number is of fewer people than were randomised."""

from __future__ import annotations

import re

_PART = (
    r"per[- ]?protocol|as[- ]treated|\bcompleters?\b|\bevaluable\b|observed cases"
    r"|modified intent\w*|modified itt|\bm-?itt\b|sub-?(?:set|group|sample|stud)|subpopulation"
    r"|\b(?:non-?)?responders? only|only (?:non-?)?responders"
)
# Those who were randomised or treated are the people of a trial; those with a certain finding are
# some of them.
_SOME = (
    r"(?:participants|patients|subjects|those|people) (?:with|who|whose|without)\b"
    r"(?! (?:were |was |had been )?(?:randomi[sz]ed|treated|enrolled|assigned|received))[^.;,]*"
)
_TITLE = re.compile(_PART, re.IGNORECASE)
_POPULATION = re.compile(f"{_PART}|{_SOME}", re.IGNORECASE)
_GROUP = re.compile(
    r"\b(?:fe)?males?\b|\b(?:wo)?men\b|\bsites?\b|\bcohorts?\b|\bcent(?:er|re)s?\b|\bstrat(?:a|um)\b"
    r"|\baged?\b|\bonly\b|\busers?\b|\b(?:non-?)?veterans?\b",
    re.IGNORECASE,
)
_WITH = re.compile(r"\b(?:with|without|who)\b", re.IGNORECASE)  # of an event: those who have it


def part_in(title: str, population: str = "") -> str:
    """What a title, or the words on the people analysed, say of a part of them; or empty."""
    found = _TITLE.search(title) or _POPULATION.search(population)
    return " ".join(found[0].split()) if found else ""


def is_subgroup(label: str, of_event: bool = False) -> bool:
    """Whether the label of a class or category names some of the people."""
    some = _GROUP.search(label) or part_in(label) or (not of_event and _WITH.search(label))
    return bool(some)
