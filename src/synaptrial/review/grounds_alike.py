"""Whether the benefit in PTSD is like that in depression: published pools at one day, control by
control."""

from __future__ import annotations

from collections.abc import Iterator

from synaptrial.evidence.tables import Row, number
from synaptrial.review import rules
from synaptrial.review.case import Case, Judged, unique
from synaptrial.review.claims import Claim
from synaptrial.review.grounds_benefit import known_trials
from synaptrial.review.published import ACTIVE, PASSIVE, PublishedPool, printed, published_pools
from synaptrial.review.rules import Z95, Interval
from synaptrial.review.tables import Tables, is_drug

REVIEW_DEPRESSION = "review_depression"
CONTROL_OF = {"midazolam": ACTIVE, "placebo": PASSIVE, "saline": PASSIVE}


def same_as(claim: Claim, case: Case) -> Judged:
    """Differences between PTSD and depression, positive where PTSD benefits more."""
    found = list(_pairs(claim, case))
    ruling = rules.same_as(
        [_difference(p.interval, theirs.turned()) for p, row in found if (theirs := printed(row))],
        margin=case.book.limit("alike"),
        known=known_trials(claim, case),
    )
    rows = unique([p.row for p, _ in found], [row["row_id"] for _, row in found])
    return Judged(ruling, rows, unique(p.source for p, _ in found))


def _pairs(claim: Claim, case: Case) -> Iterator[tuple[PublishedPool, Row]]:
    """A published pool in PTSD and, under the same kind of control, the largest in depression."""
    days = case.book.windows_days[claim.query.windows[0]]
    mood = [r for r in _depression(case.tables) if r["scale"] in case.book.scales["mood"]]
    for ours in published_pools(case.tables, claim.query.published):
        theirs = [
            r
            for r in mood
            if _control(case.tables, r) == ours.control and days[0] < float(r["day"]) <= days[1]
        ]
        if theirs:
            yield ours, max(theirs, key=lambda r: number(r, "n") or 0)


def _depression(tables: Tables) -> Iterator[Row]:
    for row in tables.outcomes:
        review = tables.study(row["study"]).get("kind") == REVIEW_DEPRESSION
        if review and row["statistic"] == "smd" and row["day"] and row["low"] and row["high"]:
            if row["usable"] == "yes" and is_drug(tables.arm(row["study"], row["arm"])):
                yield row


def _control(tables: Tables, row: Row) -> str:
    arm = tables.arm(row["study"], row["versus"])
    return CONTROL_OF.get(arm["drug"], "") if arm else ""


def _difference(a: Interval, b: Interval) -> Interval:
    """a - b of independent estimates, normal."""
    se = ((_se(a)) ** 2 + (_se(b)) ** 2) ** 0.5
    return Interval.normal(a.estimate - b.estimate, se)


def _se(x: Interval) -> float:
    return (x.high - x.low) / (2 * Z95)
