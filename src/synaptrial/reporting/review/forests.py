"""Forest plots of the review: pooled, by year, and of single trials; funnels where allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from synaptrial.reporting.kit.figure import Figure
from synaptrial.reporting.kit.forest import Axis, Line, forest
from synaptrial.reporting.kit.funnel import funnel
from synaptrial.reporting.kit.theme import scale_name
from synaptrial.reporting.review.words import (
    DOMAIN_WORDS,
    DOMAINS,
    INTERVAL,
    analysis_title,
    label_of,
    on_page,
)

Row = dict[str, Any]


def axis_of(a: Row) -> Axis:
    """The axis of the measure; drug and control as the words on either side of no effect."""
    if a["measure"] == "RR":
        return Axis("Risk ratio, ketamine over control", "fewer with ketamine",
                    "more with ketamine", 1.0, log=True)  # fmt: skip
    unit = "SD" if a["measure"] == "SMD" else f"points of {scale_name(a['outcome'])}"
    return Axis(f"Difference, {unit}", "favours control", "favours ketamine")


def line_of(document: Row, a: Row, effect: Row, label: str, weight: float = 0.0) -> Line:
    middle, low, high = (on_page(a, effect[k]) for k in INTERVAL)
    return Line(label, low, high, middle, weight, risk=_risk(document, effect))


def _risk(document: Row, effect: Row) -> tuple[str, ...]:
    judged = {
        r["domain"]: r["judgement"]
        for r in document["risk_of_bias"]
        if r["study"] == effect["study"]
    }
    return tuple(judged[d] for d in DOMAINS if d in judged)


def _heads(lines: Sequence[Line]) -> tuple[str, ...]:
    """The heads of as many domains as any line has."""
    return tuple(DOMAINS.values())[: max(len(line.risk) for line in lines)]


def pooled_figures(document: Row, a: Row) -> tuple[Figure, ...]:
    """The forest plot, the growth of the pool by year, and the funnel where one may be drawn."""
    title, figures = analysis_title(document, a), [_forest(document, a), _cumulative(document, a)]
    if a["small_study"]["shown"]:
        figures.append(_funnel(a, title))
    return tuple(figures)


def _forest(document: Row, a: Row) -> Figure:
    title = analysis_title(document, a)
    lines = [line_of(document, a, e, label_of(e), e["weight_pct"]) for e in a["effects"]]
    drawn = forest([*lines, *_summaries(a)], axis_of(a), title, domains=_heads(lines))
    return Figure(f"forest_{a['id']}", title, _caption(a), ((drawn,),), (), DOMAIN_WORDS)


def _summaries(a: Row) -> list[Line]:
    """The pooled result, the Bayesian one beside it, and where a next study's effect would lie."""
    r, b = a["result"], a["bayes"]
    middle, low, high = (on_page(a, r[k]) for k in INTERVAL)
    out = [Line("Pooled, Hartung-Knapp", low, high, middle, kind="pooled", divider=True)]
    if not isinstance(r["pi_low"], str):
        ends = on_page(a, r["pi_low"]), on_page(a, r["pi_high"])
        out.append(Line("Prediction interval", *ends, kind="prediction"))
    if not isinstance(b, str):
        middle, low, high = (on_page(a, b[k]) for k in ("median", "ci_low", "ci_high"))
        out.append(Line("Pooled, Bayesian", low, high, middle, kind="pooled"))
        ends = on_page(a, b["predictive_low"]), on_page(a, b["predictive_high"])
        out.append(Line("Prediction interval, Bayesian", *ends, kind="prediction"))
    return out


def _caption(a: Row) -> str:
    marks = ", ".join(dict.fromkeys(e["mark"] for e in a["effects"]))
    prediction = (
        f" No prediction interval by Hartung-Knapp: {a['result']['pi_low']}."
        if isinstance(a["result"]["pi_low"], str)
        else ""
    )
    bayes = f" No Bayesian result: {a['bayes']}." if isinstance(a["bayes"], str) else ""
    return (
        f"Ketamine against control, from {a['k']} studies, pooled by {a['result']['method']};"
        f" rests on rows marked {marks}. Squares by weight, diamonds pooled, dashed where the true"
        f" effect of a next study would lie, arrows where an interval leaves the axis."
        f"{prediction}{bayes} {DOMAIN_WORDS}"
    )


def _cumulative(document: Row, a: Row) -> Figure:
    """The pool after each further study, with the year of the review as a line across."""
    title = f"By year, one more study each time: {analysis_title(document, a)}"
    year, lines, marked = document["review_year"], [], False
    review = Line(f"Year of the review, {year}", kind="mark")
    for g in a["cumulative"]:
        if g["after_the_review"] and not marked:
            lines.append(review)
            marked = True
        lines.append(_grown(a, g, first=g is a["cumulative"][0]))
    if not marked:
        lines.append(review)
    before = sum(not g["after_the_review"] for g in a["cumulative"])
    caption = (
        f"What the pool said after each study, from {a['k']} studies, {before} of them up to"
        f" {year}; rests on the same effects as the forest plot. The first is one study's own"
        " interval, the others by Hartung-Knapp."
    )
    drawn = forest(lines, axis_of(a), title)
    return Figure(f"cumulative_{a['id']}", title, caption, ((drawn,),), ())


def _grown(a: Row, g: Row, *, first: bool) -> Line:
    middle, low, high = (on_page(a, g[k]) for k in INTERVAL)
    label = f"{'' if first else '+ '}{g['label']} ({g['year']})"
    return Line(label, low, high, middle, kind="study" if first else "pooled")


def _funnel(a: Row, title: str) -> Figure:
    effects = a["effects"]
    yi, se, names = ([e[k] for e in effects] for k in ("estimate", "se", "study"))
    drawn = funnel(yi, se, names, a["result"]["estimate"], a["unit"], title)
    reason, forced = a["small_study"]["reason"], a["small_study"]["forced"]
    caption = (
        f"Each effect against its standard error, from {a['k']} studies; rests on the effects of"
        f" the forest plot. {reason[:1].upper()}{reason[1:]}."
    )
    head = f"Funnel{', against the rule' if forced else ''}: {title}"
    return Figure(f"funnel_{a['id']}", head, caption, ((drawn,),), ())


def singles_figures(document: Row, found: Sequence[Row]) -> tuple[Figure, ...]:
    """What single trials give, one picture a measure and unit; nothing is pooled."""
    groups: dict[str, list[Row]] = {}
    for a in found:
        groups.setdefault(a["outcome"] if a["measure"] == "MD" else a["measure"], []).append(a)
    return tuple(_singles(document, name, own) for name, own in groups.items())


def _singles(document: Row, name: str, found: list[Row]) -> Figure:
    lines = [line_of(document, a, a["effects"][0], _single_label(a)) for a in found]
    studies = list(dict.fromkeys(a["effects"][0]["study"] for a in found))
    what = axis_of(found[0]).title
    title = f"Single trials, not pooled: {what[:1].lower()}{what[1:]}"
    caption = (
        f"One line for each question that one trial alone answers, from {len(studies)}"
        f" {'study' if len(studies) == 1 else 'studies'} ({', '.join(studies)}); rests on the rows"
        f" in the table. Lines of one trial are not independent. {DOMAIN_WORDS}"
    )
    drawn = forest(lines, axis_of(found[0]), title, domains=_heads(lines))
    return Figure(f"single_{name}", title, caption, ((drawn,),), (), DOMAIN_WORDS)


def _single_label(a: Row) -> str:
    part = "" if a["part"] == "total" else f" {a['part']}"
    return f"{label_of(a['effects'][0])}{part}"
