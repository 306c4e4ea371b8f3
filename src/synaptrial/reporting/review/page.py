"""The page of `synaptrial review`: claims, analyses, and all that they rest on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from synaptrial.reporting.kit.sheets import Sheet
from synaptrial.reporting.kit.writer import Page, draw_figures, fill
from synaptrial.reporting.review import (
    analyses,
    base,
    claims,
    forests,
    grade,
    tables,
)
from synaptrial.reporting.review.figures import power_figure, published_figures
from synaptrial.reporting.review.flow import flow_picture
from synaptrial.reporting.review.words import analysis_title

# What PRISMA-LSR asks a living review to say of itself.
LIVING = (
    "identification_counts", "changes", "changes_since_preceding", "status", "update_triggers",
    "update_schedule", "retirement_plan",
)  # fmt: skip
Row = dict[str, Any]


def build_review_page(document: Row) -> Page:
    """The page of a review; see `review.result.Review.document`.

    Every table and figure is drawn from the document alone. Raises ReportError rather than print
    an empty field.
    """
    pooled = [a for a in document["analyses"] if a["pooled"]]
    single = [a for a in document["analyses"] if not a["pooled"]]
    own = {a["id"]: forests.pooled_figures(document, a) for a in pooled}
    singles = forests.singles_figures(document, single)
    published, power = published_figures(document), power_figure(document)
    every = [f for figures in own.values() for f in figures]
    every += [*singles, *published, *([power] if power else [])]
    shown, pictures = draw_figures(every)
    flow = flow_picture(document["flow"]) if not isinstance(document["flow"], str) else None
    if flow:
        pictures["flow"] = flow
    sheets = {s.name: s for s in _sheets(document, pooled, single)}
    page = fill(
        "review",
        "review/page.html.j2",
        pictures,
        s=_head(document),
        d=document,
        t={name: s.table() for name, s in sheets.items()},
        figures=shown,
        pooled=[(a, analysis_title(document, a), own[a["id"]], analyses.points_of_funnel(a))
                for a in pooled],
        single=single,
        single_names=[f.name for f in singles],
        published_names=[f.name for f in published],
        power=power,
        flow=flow.text if flow else "",
    )  # fmt: skip
    return replace(page, tables={name: s.csv() for name, s in sheets.items()})


def _sheets(document: Row, pooled: list[Row], single: list[Row]) -> list[Sheet]:
    out = [
        claims.tally_sheet(document),
        claims.claims_sheet(document),
        claims.references_sheet(document),
        claims.thresholds_sheet(document),
        claims.missing_sheet(document),
        tables.analyses_sheet(document),
        tables.published_sheet(document),
        tables.power_sheet(document),
        tables.information_sheet(document),
        tables.risk_sheet(document),
        base.studies_sheet(document),
        base.arms_sheet(document),
        base.adverse_sheet(document),
        grade.grade_sheet(document),
        grade.grade_reasons_sheet(document),
        base.rows_sheet(document),
    ]
    for a in pooled:
        title = f"Effects: {analysis_title(document, a)}"
        out.append(analyses.effects_sheet(document, [a], f"effects_{a['id']}", title))
        out += analyses.again_sheets(document, a)
    if single:
        title = "Effects of single trials, not pooled"
        out.append(analyses.effects_sheet(document, single, "effects_single", title))
    return out


def _head(document: Row) -> Row:
    """What the base of every page takes: title, sources, how it was made, the statement."""
    release = document["release"]
    run = {
        "release_of_the_evidence": release["version"],
        "digest": release["digest"],
        "date_of_the_release": release["date"],
        "search": release["search"],
        **{k: _joined(release[k]) for k in LIVING},
        "year_of_the_review": str(document["review_year"]),
        "from_memory": "RECALLED rows are used, and marked"
        if document["include_recalled"]
        else "RECALLED rows are not used",
        "synaptrial": document["version"],
    }
    sources = [
        {"key": key, "citation": x["citation"], "doi": "" if x["doi"] == "none" else x["doi"],
         "used_for": ""}
        for key, x in document["sources"].items()
    ]  # fmt: skip
    return {
        "title": document["title"],
        "statement": document["statement"],
        "sources": sources,
        "run": run,
    }


def _joined(value: str | list[str]) -> str:
    """A text, or several in one line."""
    if isinstance(value, str):
        return value
    return "; ".join(text.rstrip(".") for text in value) or "not stated"
