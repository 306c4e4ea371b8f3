"""The certainty of an outcome as a plain document."""

from __future__ import annotations

from typing import Any

from synaptrial.evidence.grade import DOMAINS, Domain
from synaptrial.evidence.vocabulary import NOT_RATED
from synaptrial.review.grade_of import Graded
from synaptrial.review.plain import interval, number_or

NOBODY, COMPUTED = "nobody", "computed"
UNITS = {"SMD": "standard deviations", "RR": "log risk ratio", "share": "share of patients"}


def grade_document(g: Graded) -> dict[str, Any]:
    """Five domains, each with a rating or why there is none, and the certainty if there is one."""
    none = "not analysed here"
    level, missing = g.certainty.level, g.certainty.missing
    return {
        "id": g.key,
        "outcome": g.outcome,
        "comparison": g.comparison,
        "controls": list(g.controls),
        "measure": g.measure,
        "unit": UNITS.get(g.measure, none),
        "k": g.k,
        "people": number_or(g.people or None, "not read"),
        **interval(g.interval, none),
        "starts_at": g.starts_at,
        "domains": [_domain(g, d) for d in DOMAINS],
        "certainty": level or NOT_RATED,
        "certainty_says": _says(g, missing),
    }


def _domain(g: Graded, domain: Domain) -> dict[str, str]:
    """A person's rating before a computed one, which is then told in the reason."""
    finding = next(f for f in g.findings if f.domain == domain)
    person = next((j for j in g.judgements if j.domain == domain), None)
    if person:
        computed = f"{finding.rating or NOT_RATED}: {finding.reason}"
        reason = f"{person.reason} (computed: {computed})"
        by = f"{person.rated_by}, {person.rated_on}"
        return {"domain": domain, "rating": person.rating, "reason": reason, "by": by}
    by = COMPUTED if finding.rating else NOBODY
    rating = finding.rating or NOT_RATED
    return {"domain": domain, "rating": rating, "reason": finding.reason, "by": by}


def _says(g: Graded, missing: tuple[Domain, ...]) -> str:
    said = f" A person states: {g.said}." if g.said else ""
    if missing:
        names = ", ".join(d.replace("_", " ") for d in missing)
        return f"No certainty before all five domains are rated; without a rating: {names}.{said}"
    return f"From {g.starts_at}, a step down for serious and two for very serious.{said}"
