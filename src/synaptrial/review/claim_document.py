"""A claim as a plain document: verdicts then and now, their grounds, and what moved it."""

from __future__ import annotations

from typing import Any

from synaptrial.review import rules
from synaptrial.review.case import Case, Judged
from synaptrial.review.claims import Claim, ClaimBook
from synaptrial.review.judge import judge

# Thresholds that each rule uses.
LIMITS = {
    "benefit": ("worthwhile", "negligible", "needed"),
    "share": ("resolved_share",),
    "none_seen": ("serious_upper",),
    "ends_within": ("loss_days", "needed"),
    "brief": ("brief_hours", "needed"),
    "gap": ("needed",),
    "same_as": ("alike",),
    "limited": ("worthwhile",),
    "harm": ("stop_difference",),
    "delayed": (),
    "described": ("needed",),
    "reference": (),
}
GAP_LIMITS = {"size": ("worthwhile", "small_power"), "follow_up": ("long_days",), "dose": ()}


def claim_document(claim: Claim, then: Case, now: Case) -> dict[str, Any]:
    """`moved_by`: studies that the judgement now rests on and did not then, where anything of it
    changed."""
    before, after = judge(claim, then), judge(claim, now)
    changed = before.ruling != after.ruling
    new = [s for s in after.studies if s not in before.studies]
    return {
        "id": claim.id,
        "topic": claim.topic,
        "section": claim.section,
        "statement": claim.statement,
        "rule": claim.rule,
        "rule_says": _first_sentence(claim.rule),
        "thresholds": list(LIMITS[claim.rule] + GAP_LIMITS.get(claim.query.gap, ())),
        "then": _judged(before),
        "now": _judged(after),
        "changed": before.ruling.verdict != after.ruling.verdict,
        "moved_by": new if changed else [],
        "reference": claim.reference.model_dump(mode="json") if claim.reference else "no reference",
    }


def thresholds_document(book: ClaimBook) -> list[dict[str, Any]]:
    """Every number that a verdict hangs on, with its mark and source or reason."""
    return [
        t.model_dump() | {"mark": t.mark.value, "source": t.source or "none: chosen"}
        for t in book.threshold
    ]


def _judged(j: Judged) -> dict[str, Any]:
    return {
        "verdict": j.ruling.verdict.value,
        "reason": j.ruling.reason,
        "rows": list(j.rows),
        "studies": list(j.studies),
        "recalled": any(e.mark == "RECALLED" for e in j.effects),
    }


def _first_sentence(rule: str) -> str:
    text = " ".join((getattr(rules, rule).__doc__ or "").split())
    return text.split(". ")[0].rstrip(".") + "."
