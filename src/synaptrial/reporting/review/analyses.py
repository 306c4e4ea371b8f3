"""Tables of the analyses of the review, from the same part of its document as their plots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from synaptrial.reporting.kit.cells import Opened
from synaptrial.reporting.kit.numbers import number
from synaptrial.reporting.kit.sheets import Column, Sheet, figures, interval, words
from synaptrial.reporting.review.words import (
    INTERVAL,
    analysis_title,
    mark_chip,
    measured,
    on_page,
    row_links,
    source_link,
    study_link,
)

TESTS = {"z": "Normal", "t": "t", "knha": "Hartung-Knapp", "adhoc": "Hartung-Knapp, not narrower"}
Row = dict[str, Any]


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
