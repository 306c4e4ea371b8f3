"""Each claim to the function that gathers its grounds."""

from __future__ import annotations

from collections.abc import Callable

from synaptrial.review import rules
from synaptrial.review.case import Case, Judged, named
from synaptrial.review.claims import Claim, RuleName
from synaptrial.review.grounds_alike import same_as
from synaptrial.review.grounds_benefit import benefit
from synaptrial.review.grounds_counts import ends_within, none_seen, share
from synaptrial.review.grounds_gap import gap
from synaptrial.review.grounds_ssri import delayed, harm, limited
from synaptrial.review.grounds_words import brief, described


def judge(claim: Claim, case: Case) -> Judged:
    """The verdict on a claim, as known at the time of the case."""
    return named(_GATHER[claim.rule](claim, case))


def _reference(claim: Claim, case: Case) -> Judged:
    cited = claim.reference
    assert cited is not None  # a test holds claims.toml to it
    as_printed = cited.doi_printed == cited.doi_found
    ruling = rules.reference(
        found=cited.found, as_printed=as_printed, obtained=cited.obtained, direct=cited.direct
    )
    return Judged(ruling)


_GATHER: dict[RuleName, Callable[[Claim, Case], Judged]] = {
    "benefit": benefit,
    "share": share,
    "none_seen": none_seen,
    "ends_within": ends_within,
    "brief": brief,
    "gap": gap,
    "same_as": same_as,
    "limited": limited,
    "harm": harm,
    "delayed": delayed,
    "described": described,
    "reference": _reference,
}
