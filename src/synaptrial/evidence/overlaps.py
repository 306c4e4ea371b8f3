"""Which records share people, so that no sample is pooled twice."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import combinations

from synaptrial.evidence.records import Overlap
from synaptrial.evidence.vocabulary import SAME_PEOPLE


def groups(overlaps: Iterable[Overlap]) -> tuple[frozenset[str], ...]:
    """Sets of studies connected by a shared sample, probable ones included, sorted.

    A pool and the trials in it, or a trial and its extension, are no set: two trials of one pool
    have nobody in common.
    """
    return connected((o.study, o.overlaps_with) for o in overlaps if o.kind in SAME_PEOPLE)


def connected(pairs: Iterable[tuple[str, str]]) -> tuple[frozenset[str], ...]:
    """Sets of names that pairs join, directly or through others, sorted by their first."""
    sets: list[set[str]] = []
    for pair in pairs:
        touched = [s for s in sets if s & set(pair)]
        sets = [s for s in sets if s not in touched] + [set(pair).union(*touched)]
    return tuple(sorted((frozenset(s) for s in sets), key=min))


def clashes(studies: Collection[str], overlaps: Collection[Overlap]) -> tuple[tuple[str, str], ...]:
    """Pairs among the studies that may not enter one analysis together, sorted."""
    sets = groups(overlaps)
    stated = {frozenset((o.study, o.overlaps_with)) for o in overlaps}
    return tuple(
        (a, b)
        for a, b in combinations(sorted(studies), 2)
        if frozenset((a, b)) in stated or any({a, b} <= s for s in sets)
    )
