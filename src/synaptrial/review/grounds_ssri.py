"""Claims on SSRIs: onset, size of the effect, stopping for side effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from synaptrial.review import rules
from synaptrial.review.case import Case, Judged, named, unique
from synaptrial.review.claims import Claim
from synaptrial.review.ssri import (
    Printed,
    ssri_effects,
    ssri_stopping,
    ssri_studies,
    without_interval,
)
from synaptrial.review.verdicts import Ruling


def delayed(claim: Claim, case: Case) -> Judged:
    """The effect in the first days against that at the end of a usual trial."""
    scales, known = case.book.scales["ptsd"], len(ssri_studies(case.tables))
    early = ssri_effects(case.tables, scales, claim.query.early_days)
    late = ssri_effects(case.tables, scales, claim.query.late_days)
    ruling = rules.delayed([e.interval for e in early], [e.interval for e in late], known=known)
    return _of_printed(ruling, (*early, *late) if early else ())


def limited(claim: Claim, case: Case) -> Judged:
    """The effect at the end of a usual trial against one worth caring about."""
    scales = case.book.scales["ptsd"]
    found = ssri_effects(case.tables, scales, claim.query.late_days)
    limit, known = case.book.limit("worthwhile"), len(ssri_studies(case.tables))
    ruling = rules.limited([e.interval for e in found], worthwhile=limit, known=known)
    judged = named(_of_printed(ruling, found))
    others = without_interval(case.tables, scales, claim.query.late_days)
    if not found or not others:
        return judged
    said = f"; printed without an interval, hence not judged: {', '.join(others)}"
    return replace(judged, ruling=replace(judged.ruling, reason=judged.ruling.reason + said))


def harm(claim: Claim, case: Case) -> Judged:
    """How many more stop for side effects than under placebo."""
    found = ssri_stopping(case.tables)
    limit, known = case.book.limit("stop_difference"), len(ssri_studies(case.tables))
    if found is None:
        return Judged(rules.harm(None, None, margin=limit, known=known))
    ruling = rules.harm(found.ratio, found.difference, margin=limit, known=known)
    return Judged(ruling, found.rows, (found.study,))


def _of_printed(ruling: Ruling, found: Sequence[Printed]) -> Judged:
    return Judged(ruling, tuple(e.row for e in found), unique(e.study for e in found))
