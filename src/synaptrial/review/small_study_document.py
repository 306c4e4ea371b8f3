"""Funnel and tests of small-study effects: refused below ten studies, and marked where forced."""

from __future__ import annotations

from typing import Any

from synaptrial.review.pooling import Pool
from synaptrial.synthesis.cautions import FEW, FEWEST
from synaptrial.synthesis.small_study import Coefficient, SmallStudy, egger, rank_test

FORCED = "asked for against the rule"


def small_study_document(found: Pool, measure: str, *, force: bool) -> dict[str, Any]:
    """`shown`: whether a funnel may be drawn; `forced`: only because it was asked for."""
    forced = found.k < FEW
    if found.k < FEWEST:
        return _refused(f"{_studies(found.k)}; no test can be computed below {FEWEST}")
    if forced and not force:
        return _refused(f"{found.k} studies; a funnel plot and its tests need {FEW}")
    yi, vi = [e.yi for e in found.effects], [e.vi for e in found.effects]
    if len(set(vi)) == 1:
        return _refused("all studies have one precision; nothing can depend on it")
    test, rank = egger(yi, vi, measure=measure), rank_test(yi, vi, measure=measure)
    return {
        "shown": True,
        "forced": forced,
        "reason": f"{FORCED}: {found.k} studies, below {FEW}" if forced else f"{found.k} studies",
        "egger": _egger(test),
        "rank": {"tau": rank.tau, "p": rank.p, "exact": rank.exact},
        "caution": test.caution or "none",
    }


def egger_p(found: Pool, measure: str) -> float | None:
    """p of Egger's test; None where all studies have one precision."""
    yi, vi = [e.yi for e in found.effects], [e.vi for e in found.effects]
    return egger(yi, vi, measure=measure).slope.p if len(set(vi)) > 1 else None


def _studies(k: int) -> str:
    return "one study" if k == 1 else f"{k} studies"


def _refused(reason: str) -> dict[str, Any]:
    return {
        "shown": False, "forced": False, "reason": reason, "egger": "refused", "rank": "refused",
        "caution": "none",
    }  # fmt: skip


def _egger(test: SmallStudy) -> dict[str, Any]:
    return {"slope": _coefficient(test.slope), "limit": _coefficient(test.limit), "df": test.df}


def _coefficient(c: Coefficient) -> dict[str, float]:
    return {"estimate": c.estimate, "ci_low": c.ci_low, "ci_high": c.ci_high, "p": c.p}
