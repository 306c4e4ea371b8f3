"""The words of a verdict, and what a single piece of evidence can say of a claim."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What the evidence makes of a claim.

    SUPPORTED       shown at the size and certainty that the claim needs, in two trials or more
    WEAKENED        the same way, but smaller, less certain, rarer or in other patients than
                    claimed; or looked for and not shown, without being excluded
    CONTESTED       shown by some, missed or reversed by others
    CONTRADICTED    what was claimed is excluded, or the opposite is shown
    UNTESTED        no study of the base asks the question
    NOT_OBTAINED    studies ask it, but their numbers could not be read
    """

    SUPPORTED = "supported"
    WEAKENED = "weakened"
    CONTESTED = "contested"
    CONTRADICTED = "contradicted"
    UNTESTED = "untested"
    NOT_OBTAINED = "evidence not obtained"


class Signal(StrEnum):
    """What one estimate, or one statement in words, says of a claimed benefit."""

    FOR = "for"  # of the claimed size, and certainly more than negligible
    LEANS = "leans"  # certainly in the claimed direction, its size short of the claim or unknown
    UNCLEAR = "unclear"  # no benefit and the claimed benefit are both possible
    NONE = "none"  # the claimed size is excluded, or no difference is stated
    AGAINST = "against"  # certainly the other way


@dataclass(frozen=True)
class Ground:
    """One piece of evidence: its signal, the independent trials behind it, and it in one line.

    `sized`: it rests on a number with an interval, not on words.
    """

    signal: Signal
    trials: int
    text: str
    sized: bool = True


@dataclass(frozen=True)
class Ruling:
    """A verdict and the one sentence that it rests on."""

    verdict: Verdict
    reason: str
