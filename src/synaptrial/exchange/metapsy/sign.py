"""Which way g counts in a Metapsy data set, by the means and changes of its own rows.

The standard says that g counts in favour of the first arm; published sets have arm 1 minus arm 2 as
well. A row tells by its means, or by its mean changes (after minus before, negative for a fall),
on a scale where higher is worse. A row without them follows the others, with a flag, where nearly
all of them agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from synaptrial.exchange.metapsy.comparison import Comparison
from synaptrial.synthesis.effects import effect_from_means

TOLERANCE = 0.01  # data sets print g with two or three decimals
_NO_SIGN = 0.05  # a g or a difference nearer to 0 tells no sign
_ALIKE = 0.25  # share by which g and what the row gives may differ in size, and yet be one number
_NEARLY_ALL = 0.9
FAVOURS, MINUS = "in favour of arm 1", "arm 1 minus arm 2"


class Again(NamedTuple):
    """Hedges g of arm 1 minus arm 2 from numbers of the row, its standard error, and which."""

    g: float
    se: float
    kind: str  # mean or change, of ARM_KINDS


class Votes(NamedTuple):
    """Rows of a file that show each way of counting."""

    favours: int
    minus: int

    @property
    def told(self) -> str:
        """The count in words."""
        return f"{FAVOURS} by {self.favours} rows of the file, {MINUS} by {self.minus}"

    def way(self, own: str) -> tuple[str, tuple[str, ...]]:
        """The way of counting of a row that shows `own`, empty if it is not sure; and flags."""
        if own:
            both = self.favours and self.minus
            return own, (f"rows contradict each other on the sign of g: {self.told}",) * bool(both)
        if not self.favours and not self.minus:
            return FAVOURS, ("sign of g as the standard says: no row of the file shows it",)
        most = FAVOURS if self.favours > self.minus else MINUS
        if max(self) < _NEARLY_ALL * sum(self):
            return "", (f"sign of g: {self.told}",)
        return most, (f"sign of g as other rows of the file show it: {self.told}",)


def votes(comparisons: Sequence[Comparison]) -> Votes:
    """What the rows of a file show."""
    shown = [shows(c) for c in comparisons]
    return Votes(shown.count(FAVOURS), shown.count(MINUS))


def shows(c: Comparison) -> str:
    """The way of counting that a row shows by its own numbers, or empty."""
    found, again = c.effect(), recomputed(c)
    g = c.number_of(found[0]) if found else None
    if g is None or again is None or not c.scale.value or c.arm(1) == c.arm(2):
        return ""
    gap = abs(abs(g) - abs(again.g))
    if min(abs(g), abs(again.g)) < _NO_SIGN or gap > _ALIKE * max(abs(g), abs(again.g)):
        return ""
    return MINUS if g * again.g > 0 else FAVOURS


def recomputed(c: Comparison) -> Again | None:
    """g from the means or the changes: of both, the one that the g of the row is nearer to."""
    found = c.effect()
    g = c.number_of(found[0]) if found else None
    both = [a for a in (_from(c, "mean"), _from(c, "change")) if a is not None]
    if not both:
        return None
    if g is None:
        return both[0]
    return min(both, key=lambda a: abs(abs(a.g) - abs(g)))


def disagree(c: Comparison) -> bool:
    """Whether means and changes of a row point in opposite directions."""
    means, changes = _from(c, "mean"), _from(c, "change")
    return means is not None and changes is not None and means.g * changes.g < 0


def _from(c: Comparison, kind: str) -> Again | None:
    """None without numbers, and where both arms rise: these changes may be improvements."""
    (m1, s1, n1), (m2, s2, n2) = c.numbers_of(kind, 1), c.numbers_of(kind, 2)
    if m1 is None or m2 is None or not s1 or not s2 or n1 is None or n2 is None:
        return None
    if min(s1, s2) <= 0 or min(n1, n2) < 2 or n1 % 1 or n2 % 1:
        return None
    if kind == "change" and m1 > 0 and m2 > 0:
        return None
    e = effect_from_means("SMD", m1i=m1, sd1i=s1, n1i=n1, m2i=m2, sd2i=s2, n2i=n2)
    return Again(float(e.yi), float(e.sei), kind)
