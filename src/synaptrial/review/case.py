"""What a claim is judged on, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from synaptrial.review.claims import ClaimBook, Readings
from synaptrial.review.effect import Effect
from synaptrial.review.rules import Interval
from synaptrial.review.tables import Tables
from synaptrial.review.verdicts import Ruling


@dataclass(frozen=True)
class Case:
    """All that a claim is judged on, as it was known at one time."""

    tables: Tables
    book: ClaimBook
    readings: Readings
    recalled: bool

    @property
    def needed(self) -> int:
        """Independent trials that a supported claim takes."""
        return int(self.book.limit("needed"))


@dataclass(frozen=True)
class Judged:
    """A ruling, the rows it rests on, the studies behind them, and the effects among them."""

    ruling: Ruling
    rows: tuple[str, ...] = ()
    studies: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()


def shown(x: Interval) -> str:
    """A standardised estimate with its interval, for a reason."""
    return f"{x.estimate:.2f} SD ({x.low:.2f} to {x.high:.2f})"


def unique(*names: Iterable[str]) -> tuple[str, ...]:
    """Each name once, in the order of its first."""
    return tuple(dict.fromkeys(name for some in names for name in some))


def named(judged: Judged) -> Judged:
    """With the studies in the reason, where it names none: a rule knows no study by its name."""
    reason = judged.ruling.reason
    if not judged.studies or any(study in reason for study in judged.studies):
        return judged
    said = f"{reason} ({', '.join(judged.studies)})"
    return replace(judged, ruling=replace(judged.ruling, reason=said))
