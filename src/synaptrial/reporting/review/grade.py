"""Certainty of the evidence (GRADE) on the page: what is rated, by whom, and why."""

from __future__ import annotations

from typing import Any

from synaptrial.reporting.kit.numbers import prose
from synaptrial.reporting.kit.sheets import Column, Sheet, figures, interval, words
from synaptrial.reporting.review.words import on_page

DOMAINS = {
    "risk_of_bias": "Risk of bias",
    "inconsistency": "Inconsistency",
    "indirectness": "Indirectness",
    "imprecision": "Imprecision",
    "publication_bias": "Publication bias",
}
SCALE = ("estimate", "ci_low", "ci_high")
Row = dict[str, Any]


def grade_sheet(document: Row) -> Sheet:
    """One row an outcome: its result, the rating of each domain, the certainty."""
    columns = (
        words("Outcome", "outcome"),
        words("Comparison", "comparison"),
        figures("Studies", "k", 0),
        figures("People", "people", 0),
        interval("Effect, 95%", *SCALE),
        words("Unit", "unit"),
        *(words(name, domain) for domain, name in DOMAINS.items()),
        words("Certainty", "certainty"),
    )
    return Sheet("grade", "Main outcomes", columns, [_flat(o) for o in document["grade"]])


def grade_reasons_sheet(document: Row) -> Sheet:
    """One row an outcome and domain: the reason of its rating, and whose it is."""
    columns = (
        words("Outcome", "outcome"),
        Column("Domain", ("domain",), lambda r: DOMAINS[r["domain"]]),
        words("Rating", "rating"),
        Column("Reason", ("reason",), lambda r: prose(r["reason"])),
        words("Rated by", "by"),
    )
    rows = [{"outcome": o["outcome"], **d} for o in document["grade"] for d in o["domains"]]
    return Sheet("grade_reasons", "Why, domain by domain", columns, rows)


def _flat(outcome: Row) -> Row:
    """Ratings as fields of the outcome; ratios, not their logarithms."""
    numbers = {name: on_page(outcome, outcome[name]) for name in SCALE}
    unit = {"unit": outcome["unit"].removeprefix("log ")}
    return outcome | numbers | unit | {d["domain"]: d["rating"] for d in outcome["domains"]}
