"""Which period of a participant flow is the one that people were randomised into."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from synaptrial.exchange.json_node import Node

_BEFORE = re.compile(
    r"lead[- ]?in|run[- ]?in|screen|wash[- ]?out|optimi[sz]ation|stabili[sz]ation|qualif|enrol"
    r"|consent|^baseline(?: (?:period|phase|visits?|assessments?))?$"
    r"|pre[- ]?(?:treatment|randomi[sz]|dos)|observation|prospective",
    re.IGNORECASE,
)
# Before the randomised period only where a later one says that it is randomised.
_PERHAPS = re.compile(r"open[- ]label|induction|titration|single[- ]blind|acute", re.IGNORECASE)
_AFTER = re.compile(r"follow[- ]?up|extension|long[- ]term|taper|post[- ]?treatment", re.IGNORECASE)
_RANDOMISED = re.compile(r"(?<!pre[- ])(?<!pre)randomi[sz]|double[- ]?blind", re.IGNORECASE)
_SECOND = re.compile(
    r"second|2nd|(?:period|phase|intervention|treatment) (?:2|ii|two)\b", re.IGNORECASE
)


class Periods(NamedTuple):
    """Numbers of the randomised period and of the second one of a crossover; None: none is sure.

    why: says so for all periods; flags: for the rows of the randomised one.
    """

    first: int | None
    second: int | None
    why: str = ""
    flags: tuple[str, ...] = ()

    def why_not(self, number: int, title: str) -> str:
        """Why a period gives no events."""
        if self.first is not None and number < self.first:
            return f"a period before the randomised one: {title}"
        return self.why


def periods_of(flow: Node, crossover: bool) -> Periods:
    """The randomised period: the first that is neither a lead-in nor a follow-up by its title."""
    titles = [period.text("title") for period in flow.each("periods")]
    said = [k for k, title in enumerate(titles) if _is_randomised(title)]
    left = [k for k, title in enumerate(titles) if not _is_before(title, k, said)]
    first = next(iter(left), None)
    if first is None or _AFTER.search(titles[first]) and not _is_randomised(titles[first]):
        return Periods(None, None, "no period is the randomised one for sure")
    later = [titles[k] for k in said if k > first]
    if later and first not in said and not crossover:
        return Periods(None, None, f"randomised in {titles[first]} or in {later[0]}?")
    flags = (f"randomised period taken to be {titles[first]}",) if first else ()
    return Periods(first, _second(titles, left, first) if crossover else None, "", flags)


def _second(titles: Sequence[str], left: Sequence[int], first: int) -> int | None:
    return next((k for k in left if k > first and _SECOND.search(titles[k])), None)


def _is_randomised(title: str) -> bool:
    return _RANDOMISED.search(title) is not None and _BEFORE.search(title) is None


def _is_before(title: str, number: int, said: Sequence[int]) -> bool:
    if _BEFORE.search(title):
        return True
    later = any(k > number for k in said) and number not in said
    return later and _PERHAPS.search(title) is not None
