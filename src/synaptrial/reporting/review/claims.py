"""The claims of the starting text with their verdicts, as tables of the page."""

from __future__ import annotations

from typing import Any

from synaptrial.reporting.kit.cells import Cell, Link, Opened
from synaptrial.reporting.kit.numbers import percent, prose, say
from synaptrial.reporting.kit.sheets import Column, Sheet, words
from synaptrial.reporting.review.words import (
    SIGNS,
    analysis_title,
    listed,
    now_words,
    row_links,
    source_link,
    study_link,
    verdict_chip,
)

REFERENCE = "reference"
Row = dict[str, Any]


def tally_sheet(document: Row) -> Sheet:
    """How many claims have each verdict, then and now."""
    claims, year = document["claims"], document["review_year"]
    rows = [
        {"verdict": v, **{t: sum(c[t]["verdict"] == v for c in claims) for t in ("then", "now")}}
        for v in SIGNS
    ]
    columns = (
        Column("Verdict", ("verdict",), lambda r: verdict_chip(r["verdict"])),
        Column(f"As of {year}", ("then",), lambda r: str(r["then"]), numeric=True),
        Column(now_words(document), ("now",), lambda r: str(r["now"]), numeric=True),
    )
    return Sheet("verdicts", "Number of claims by verdict", columns, rows, kind="small")


def claims_sheet(document: Row) -> Sheet:
    """Every claim with its verdict then and now, its ground and the studies that moved it."""
    year = document["review_year"]
    rows = [_claim_row(c) for c in document["claims"] if c["rule"] != REFERENCE]
    columns = (
        Column("Claim", ("id", "topic", "section", "statement"), lambda r: r["statement"]),
        Column(f"As of {year}", ("then", "reason_then"), lambda r: verdict_chip(r["then"])),
        Column(now_words(document), ("now", "recalled"), _now),
        Column(
            "Ground",
            ("reason_now", "rule", "rule_says", "thresholds", "rows"),
            lambda r: (prose(r["reason_now"]), _more(document, r)),
        ),
        Column("Moved by", ("moved_by",), lambda r: _studies(document, r["moved_by"])),
    )
    return Sheet("claims", "Claims of the starting text, in our words", columns, rows,
                 ("claim", "id"), "claims")  # fmt: skip


def _claim_row(c: Row) -> Row:
    return c | {
        "then": c["then"]["verdict"],
        "now": c["now"]["verdict"],
        "reason_then": c["then"]["reason"],
        "reason_now": c["now"]["reason"],
        "rows": c["now"]["rows"],
        "studies": c["now"]["studies"],
        "recalled": c["now"]["recalled"],
    }


def _now(r: Row) -> Cell:
    chip = verdict_chip(r["now"])
    return (chip, "rests on RECALLED rows") if r["recalled"] else chip


def _studies(document: Row, names: list[str]) -> Cell:
    return listed(tuple(study_link(document, n) for n in names), "no study")


def _more(document: Row, r: Row) -> Opened:
    year = document["review_year"]
    limits = "; ".join(_threshold(document, key) for key in r["thresholds"])
    lines: tuple[Cell, ...] = (
        f"Where it stands: {r['section']}.",
        f"Rule: {r['rule_says']}",
        prose(f"Ground as of {year}: {r['reason_then']}."),
        f"Thresholds: {limits}." if limits else "No threshold.",
        ("Studies now:", *(study_link(document, s) for s in r["studies"] or ("none",))),
        *(("Analysis:", link) for link in _analyses(document, r["rows"])),
        ("Rows:", *(row_links(document, r["rows"]) or ("no row of the base",))),
    )
    return Opened("rule, analyses, rows", lines)


def _threshold(document: Row, key: str) -> str:
    t = next(t for t in document["thresholds"] if t["key"] == key)
    return f"{_limit(t)}: {t['what']}"


def _limit(t: Row) -> str:
    """A threshold with its unit; a share as percent."""
    if t["unit"] == "share":
        return f"{percent(t['value'])} of patients"
    return f"{say(t['value'])} {t['unit']}"


def _analyses(document: Row, rows: list[str]) -> list[Link]:
    """The analyses that share a row with the claim."""
    return [
        Link(analysis_title(document, a), a["id"], "analysis")
        for a in document["analyses"]
        if any(set(e["rows"]) & set(rows) for e in a["effects"])
    ]


def references_sheet(document: Row) -> Sheet:
    """The works that the starting text cites: whether they exist, and what they can support."""
    rows = [
        _claim_row(c) | c["reference"] for c in document["claims"] if c["rule"] == REFERENCE
    ]  # fmt: skip
    columns = (
        words("Reference", "statement"),
        Column("Verdict", ("now", "reason_now"),
               lambda r: (verdict_chip(r["now"]), r["reason_now"])),
        Column("DOI", ("doi_printed", "doi_found"), _doi),
        words("It can support", "can"),
        words("It cannot support", "cannot"),
        Column("Read", ("mark", "locator"), lambda r: f"{r['mark']}: {r['locator']}"),
    )  # fmt: skip
    return Sheet("references", "The five references of the starting text"
                 if len(rows) == 5 else "References of the starting text", columns, rows,
                 ("claim", "id"))  # fmt: skip


def _doi(r: Row) -> str:
    if r["doi_printed"] == r["doi_found"]:
        return f"{r['doi_printed']}, as printed"
    return f"printed {r['doi_printed']}; found {r['doi_found']}"


def thresholds_sheet(document: Row) -> Sheet:
    """Every number that a verdict hangs on."""
    columns = (
        words("What", "what"),
        Column("Value", ("value", "unit"), _limit),
        words("Mark", "mark"),
        words("Why", "note"),
        Column("Source", ("source",), lambda r: source_link(document, r["source"])),
    )
    return Sheet("thresholds", "Thresholds of the verdicts", columns, document["thresholds"])


def missing_sheet(document: Row) -> Sheet:
    """What could not be read, and where it would be found."""
    columns = (
        Column("Study", ("study",), lambda r: study_link(document, r["study"])),
        Column("Design", ("design",), lambda r: r["design"].replace("_", " ")),
        words("What the base has", "known"),
        words("What is missing", "what"),
        words("Where it would be found", "where"),
    )
    return Sheet("missing", "Studies whose result could not be read, or not whole", columns,
                 document["missing"])  # fmt: skip
