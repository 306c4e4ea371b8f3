"""Claims on how many patients, and on how long: counts and times in the arms of the drug."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from synaptrial.review import rules
from synaptrial.review.case import Case, Judged, named, unique
from synaptrial.review.claims import Claim
from synaptrial.review.counts_of import ArmCount, counts_of, drug_studies, left_out, times_of
from synaptrial.review.verdicts import Ruling

STATES = {"response_50": "a fall of half or more", "response_30": "a fall of 30% or more"}


def share(claim: Claim, case: Case) -> Judged:
    """Patients who reach a state; of randomised arms where there are any."""
    found: Sequence[ArmCount] = counts_of(case.tables, case.book, claim.query)
    found = [c for c in found if c.count.randomised] or found
    limit, known = case.book.limit("resolved_share"), len(drug_studies(case.tables))
    ruling = rules.share([c.count for c in found], at_least=limit, known=known)
    states = " or ".join(STATES.get(e, e.replace("_", " ")) for e in claim.query.events)
    if found:
        ruling = replace(ruling, reason=f"{states}, {ruling.reason}")
    return _of_counts(ruling, found)


def none_seen(claim: Claim, case: Case) -> Judged:
    """Patients with an event that is claimed not to occur."""
    found = counts_of(case.tables, case.book, claim.query)
    limit, known = case.book.limit("serious_upper"), len(drug_studies(case.tables))
    ruling = rules.none_seen([c.count for c in found], upper=limit, known=known)
    judged = named(_of_counts(ruling, found))
    others = left_out(case.tables, claim.query)
    if not others:
        return judged
    said = f"; not counted, since their diagnosis was not read: {', '.join(others)}"
    ruling = replace(judged.ruling, reason=judged.ruling.reason + said)
    return replace(judged, ruling=ruling)


def ends_within(claim: Claim, case: Case) -> Judged:
    """Typical times to the loss of a benefit."""
    found = times_of(case.tables, claim.query)
    ruling = rules.ends_within(
        [t.days for t in found],
        limit=case.book.limit("loss_days"),
        known=len(drug_studies(case.tables)),
        needed=case.needed,
    )
    return Judged(ruling, tuple(t.row for t in found), unique(t.study for t in found))


def _of_counts(ruling: Ruling, found: Sequence[ArmCount]) -> Judged:
    return Judged(ruling, tuple(c.row for c in found), unique(c.study for c in found))
