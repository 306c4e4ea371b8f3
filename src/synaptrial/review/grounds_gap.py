"""Claims that something is missing: large trials, long follow-up, comparisons of doses."""

from __future__ import annotations

from collections.abc import Iterator

from synaptrial.evidence.tables import Row, number
from synaptrial.evidence.vocabulary import KETAMINE_PTSD
from synaptrial.review import rules
from synaptrial.review.case import Case, Judged, unique
from synaptrial.review.claims import Claim, Query
from synaptrial.review.effects_of import effects_of
from synaptrial.review.power import needed_total
from synaptrial.review.rules import Interval
from synaptrial.review.sizes import trial_pairs
from synaptrial.review.tables import Tables, is_drug


def gap(claim: Claim, case: Case) -> Judged:
    """How many trials fill the gap that is claimed."""
    return {"size": _size, "follow_up": _follow_up, "dose": _dose}[claim.query.gap](case)


def _size(case: Case) -> Judged:
    pairs, _ = trial_pairs(case.tables)
    needed = needed_total(case.book.limit("worthwhile"), case.book.limit("small_power"))
    large = [p for p in pairs if p.n_drug + p.n_control >= needed]
    ruling = rules.gap(
        len(large), looked_at=len(pairs), needed=case.needed,
        what=f"trials whose sizes were read compare {needed} patients or more",
    )  # fmt: skip
    return Judged(ruling, (), unique(p.study for p in pairs))


def _follow_up(case: Case) -> Judged:
    """Controlled effects on PTSD, read, half a year or more after the first dose."""
    long = case.book.limit("long_days")
    query = Query(windows=("late",))
    book = case.book.model_copy(update={"windows_days": {"late": (long - 1, 1e6)}})
    late = effects_of(case.tables, book, query, recalled=case.recalled)
    trials = {case.tables.family(r["study"]) for r in case.tables.trials()}
    ruling = rules.gap(
        len(late), looked_at=len(trials), needed=case.needed,
        what=f"randomised trials give a readable effect at {long:g} d or later (most were read as"
        " abstracts, and may hold more)",
    )  # fmt: skip
    return Judged(ruling, tuple(r for e in late for r in e.rows), unique(e.study for e in late))


def _dose(case: Case) -> Judged:
    """Trials that compare doses of ketamine in PTSD, and those whose interval decides."""
    studies = [r["study"] for r in case.tables.trials() if _doses(case.tables, r["study"]) > 1]
    found = list(_decided(case.tables))
    decided = {case.tables.family(r["study"]) for r in found}
    ruling = rules.gap(
        len(decided), looked_at=len(studies), needed=case.needed,
        what="randomised trials that give several doses tell them apart by a readable interval",
    )  # fmt: skip
    return Judged(ruling, tuple(r["row_id"] for r in found), unique(studies))


def _doses(tables: Tables, study: str) -> int:
    arms = [a for a in tables.arms_of(study) if is_drug(a) and a["ptsd"] == "yes"]
    return len({(a["dose"], a["dose_unit"], a["n_doses"]) for a in arms})


def _decided(tables: Tables) -> Iterator[Row]:
    for row in tables.outcomes:
        arm, versus = (tables.arm(row["study"], row[k]) for k in ("arm", "versus"))
        both = is_drug(arm) and is_drug(versus) and row["usable"] == "yes"
        if both and tables.study(row["study"]).get("kind") == KETAMINE_PTSD and _excludes_zero(row):
            yield row


def _excludes_zero(row: Row) -> bool:
    value, se, low, high = (number(row, k) for k in ("value", "se", "low", "high"))
    if value is not None and se is not None and low is None:
        normal = Interval.normal(value, se)
        low, high = normal.low, normal.high
    return low is not None and high is not None and low * high > 0
