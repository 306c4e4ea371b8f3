"""Claims that rest on statements in words."""

from __future__ import annotations

from collections.abc import Sequence

from synaptrial.review import rules
from synaptrial.review.case import Case, Judged, unique
from synaptrial.review.claims import Claim, Statement
from synaptrial.review.counts_of import drug_studies
from synaptrial.review.verdicts import Ruling, Signal

SIGNAL_OF = {"for": Signal.LEANS, "none": Signal.NONE, "against": Signal.AGAINST}


def brief(claim: Claim, case: Case) -> Judged:
    """How long an acute effect lasts."""
    found = _statements(claim, case)
    ruling = rules.brief(
        [s.direction == "for" for s in found if s.direct],
        [s.hours for s in found if not s.direct and s.hours is not None],
        limit=case.book.limit("brief_hours"),
        known=len(drug_studies(case.tables)),
        needed=case.needed,
    )
    return _of_statements(ruling, found)


def described(claim: Claim, case: Case) -> Judged:
    """What studies state on a topic."""
    found = _statements(claim, case)
    ruling = rules.described(
        [SIGNAL_OF[s.direction] for s in found],
        direct=any(s.direct for s in found),
        known=0,
        needed=case.needed,
    )
    return _of_statements(ruling, found)


def _statements(claim: Claim, case: Case) -> list[Statement]:
    tables = (case.tables.studies, case.tables.acute, case.tables.pharmacodynamics)
    known = {r["study"] for rows in tables for r in rows}
    on_topic = (s for s in case.readings.statement if s.topic == claim.query.topic)
    return [s for s in on_topic if s.study in known]


def _of_statements(ruling: Ruling, found: Sequence[Statement]) -> Judged:
    rows = tuple(s.rests_on for s in found if ":" in s.rests_on)
    return Judged(ruling, rows, unique(s.study for s in found))
