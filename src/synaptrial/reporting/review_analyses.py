"""Figures and tables of one analysis of the review, both from the same part of its document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .cells import Opened
from .figures import Figure
from .forest import Axis, Line, forest
from .funnel import funnel
from .numbers import number
from .review_words import (
    DOMAIN_WORDS,
    DOMAINS,
    analysis_title,
    label_of,
    mark_chip,
    measured,
    on_page,
    row_links,
    source_link,
    study_link,
)
from .sheets import Column, Sheet, figures, interval, words
from .theme import scale_name

INTERVAL = ("estimate", "ci_low", "ci_high")
TESTS = {"z": "Normal", "t": "t", "knha": "Hartung-Knapp", "adhoc": "Hartung-Knapp, not narrower"}
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


def effects_sheet(document: Row, found: Sequence[Row], name: str, title: str) -> Sheet:
    """The effects of some analyses, each with its rows, its conversion and its source."""
    rows = [_effect_row(document, a, e) for a in found for e in a["effects"]]
    several = (words("Question", "question"),) if len(found) > 1 else ()
    columns = (
        Column("Study", ("study",), lambda r: study_link(document, r["study"])),
        *several,
        Column("Measured", ("scale", "day"), measured),
        Column("Arms", ("arm", "n_drug", "versus", "n_control"), _arms),
        interval("Effect, 95%", "estimate", "ci_low", "ci_high"),
        *(() if len(found) > 1 else (figures("Weight, %", "weight_pct", 1),)),
        Column("Mark", ("mark",), lambda r: mark_chip(r["mark"])),
        Column("Rows and conversion", ("rows", "trace"), lambda r: _origin(document, r)),
        Column("Source", ("source", "locator"), lambda r: source_link(document, r["source"])),
    )  # fmt: skip
    return Sheet(name, title, columns, rows)


def _effect_row(document: Row, a: Row, effect: Row) -> Row:
    first = document["rows"][effect["rows"][0]]
    shown = {k: on_page(a, effect[k]) for k in INTERVAL}
    origin = {"source": first["source"], "locator": first["locator"]}
    named = {"question": analysis_title(document, a), "measure": a["measure"]}
    return effect | shown | origin | named


def _arms(r: Row) -> str:
    return f"{r['arm']}, n\u00a0{r['n_drug']}; {r['versus']}, n\u00a0{r['n_control']}"


def _origin(document: Row, r: Row) -> tuple[Any, ...]:
    lines = (*r["trace"], f"Where: {r['locator']}")
    return (*row_links(document, r["rows"]), Opened("how", lines))


def again_sheets(document: Row, a: Row) -> tuple[Sheet, ...]:
    """The pool by other methods, without each study, and study by study."""
    title = analysis_title(document, a)
    kinds = (
        ("leave_one_out", "Each study left out", "Without"),
        ("cumulative", "Study by study", "With"),
    )
    return (
        _grid(a, f"By other estimators of heterogeneity and other tests: {title}"),
        *(
            Sheet(f"{kind}_{a['id']}", f"{what}: {title}", _again_columns(head), _again(a, kind))
            for kind, what, head in kinds
        ),
    )


def _again_columns(head: str) -> tuple[Column, ...]:
    return (
        words(head, "label"),
        Column("Studies", ("k",), lambda r: str(r["k"]), numeric=True),
        interval("Pooled, 95%", "estimate", "ci_low", "ci_high"),
        figures("\u03c4\u00b2", "tau2", 3),
    )


def _again(a: Row, kind: str) -> list[Row]:
    return [
        g | {k: on_page(a, g[k]) for k in INTERVAL} | {"measure": a["measure"]} for g in a[kind]
    ]


def _grid(a: Row, title: str) -> Sheet:
    """Estimators down, tests across."""
    rows: dict[str, Row] = {}
    tests: dict[str, str] = {}
    for g in _again(a, "sensitivity"):
        method, test = g["label"].split(" ")
        tests[test] = TESTS.get(test, test)
        row = rows.setdefault(
            method, {"method": method, "tau2": g["tau2"], "measure": g["measure"]}
        )
        row |= {f"{test}_{k}": g[k] for k in INTERVAL}
    columns = (
        words("Estimator", "method"),
        figures("\u03c4\u00b2", "tau2", 3),
        *(interval(name, *(f"{test}_{k}" for k in INTERVAL)) for test, name in tests.items()),
    )
    return Sheet(f"sensitivity_{a['id']}", title, columns, list(rows.values()))


def points_of_funnel(a: Row) -> str:
    """Why there is no funnel, or what its tests say."""
    s = a["small_study"]
    if not s["shown"]:
        return f"No funnel plot and no test of small-study effects: {s['reason']}."
    slope = s["egger"]["slope"]
    return (
        f"Egger's test: slope {number(slope['estimate'], 2)}"
        f" ({number(slope['ci_low'], 2)} to {number(slope['ci_high'], 2)}),"
        f" p {number(slope['p'], 3)}; rank test p {number(s['rank']['p'], 3)}."
        f" Caution: {s['caution']}."
    )
