"""The page of `synaptrial pk --check`: predicted against published exposure, row by row."""

from __future__ import annotations

from typing import Any

from synaptrial.reporting.exposure.check_figures import check_figures
from synaptrial.reporting.exposure.tables import level
from synaptrial.reporting.kit.cells import Cell, Link, Table
from synaptrial.reporting.kit.numbers import aligned, number
from synaptrial.reporting.kit.writer import Page, draw_figures, fill

USES = {
    "held_out": "Held out: no part in making the model",
    "self_consistency": "Self-consistency: a model against its own paper",
    "calibrated": "Calibrated: used to set the model",
}
RECOMMENDED = "rec_ptsd_v0"
MODELS = {
    "rec_ptsd_v0": "recommended",
    "kamp2020": "Kamp 2020",
    "domino1982": "Domino 1982",
    "fanta2015_otto2021": "Fanta 2015, Otto 2021",
    "simons2022": "Simons 2022",
    "perez_ruixo2021": "Perez-Ruixo 2021",
}
Row = dict[str, Any]


def build_check_page(document: Row) -> Page:
    """The page of a check; see `pharmacology.check_document`."""
    rows = document["rows"]
    shown, pictures = draw_figures(check_figures(document, MODELS))
    return fill(
        "check",
        "exposure/check_page.html.j2",
        pictures,
        figures=shown,
        s=document,
        answers=answers(document),
        misses=[miss_table(use, rows) for use in USES if any(r["missed"] for r in _of(use, rows))],
        biases=biases(document),
        studies=[study_table(use, document["studies"]) for use in USES],
        tables=[(USES[use], row_table(use, rows)) for use in USES],
        unclaimed=unclaimed_table(document["unclaimed"]),
    )


def answers(document: Row) -> list[str]:
    """The recommended model, held-out rows first, each use by itself; then the other models."""
    own, others = [], []
    for use, words in USES.items():
        by_model = document["uses"][use]["by_model"]
        if RECOMMENDED in by_model:
            own.append(_recommended(words, by_model[RECOMMENDED]))
        rest = [m for m in MODELS if m in by_model and m != RECOMMENDED]
        counts = ", ".join(f"{MODELS[m]} {_inside(by_model[m])}" for m in rest)
        if rest:
            others.append(f"{words.partition(':')[0].lower()}: {counts}")
    every = document["uses"]["held_out"]
    return [
        *own,
        f"Other models, inside their band, {'; '.join(others)}. A published number may stand with"
        f" several models: the {every['asserted']} asserted comparisons of held-out rows rest on"
        f" {every['published']} distinct numbers.",
    ]


def _recommended(words: str, counts: Row) -> str:
    parts = [f"{a} {_inside(x)}" for a, x in counts["by_analyte"].items() if x["asserted"]]
    return (
        f"The recommended model, which simulations use. {words}. {_inside(counts)} published"
        f" numbers lie inside their band, {counts['missed']} miss it ({', '.join(parts)})."
    )


def _inside(counts: Row) -> str:
    return f"{counts['asserted'] - counts['missed']} of {counts['asserted']}"


def _of(use: str, rows: list[Row]) -> list[Row]:
    return [r for r in rows if r["use"] == use]


def study_table(use: str, studies: list[Row]) -> Table:
    """Summaries per study and model in one use."""
    own = sorted(_of(use, studies), key=lambda x: list(MODELS).index(x["model"]))
    columns = [
        aligned([str(x["n"]) for x in own]),
        aligned([str(x["n_asserted"]) for x in own]),
        aligned([str(x["n_missed"]) for x in own]),
        *(aligned([number(x[k], 2) for x in own])
          for k in ("geometric_mean_ratio", "lowest_ratio", "highest_ratio")),
    ]  # fmt: skip
    names = [(MODELS[x["model"]], x["study"], x["analyte"]) for x in own]
    return Table(
        title=USES[use],
        heads=(
            "Model", "Study", "Analyte", "Rows", "Asserted", "Missed", "Ratio, geometric mean",
            "lowest", "highest",
        ),
        rows=tuple((*n, *c) for n, c in zip(names, zip(*columns, strict=True), strict=True)),
        numeric=frozenset(range(3, 9)),
    )  # fmt: skip


def biases(document: Row) -> list[str]:
    """What is off on average by more than a quarter, in words, with or without a miss."""
    return [
        f"{USES[x['use']].partition(':')[0]}: {MODELS[x['model']]}, {x['analyte']}"
        f" {x['quantity'].replace('_', ' ')} of {x['study']}, {x['n']} rows:"
        f" {number(x['geometric_mean_ratio'], 2)} times the observed"
        for x in document["biases"]
    ]


def what(r: Row) -> str:
    """Analyte, enantiomer, quantity and time of a row in words."""
    enantiomer = {"S": "S-", "R": "R-", "each": "S- or R-"}.get(r["enantiomer"], "")
    quantity = r["quantity"].replace("_", " ")
    at = f" at {r['time_h']:.3g} h" if r["time_h"] is not None else ""
    return f"{enantiomer}{r['analyte']}, {quantity}{at}, {r['unit'].replace('.', '·')}"


def miss_table(use: str, rows: list[Row]) -> Table:
    """Misses by name, those of the recommended model first, then the farthest first."""
    missed = sorted((r for r in _of(use, rows) if r["missed"]), key=_distance, reverse=True)
    own = sorted(missed, key=lambda r: str(r["model"]) != RECOMMENDED)
    cells = tuple(
        (r["row_id"], MODELS[r["model"]], what(r), level(r["predicted"]), level(r["observed"]),
         number(r["ratio"], 2), r["explanation"])
        for r in own
    )  # fmt: skip
    return Table(
        title=f"{USES[use]}: {len(cells)} misses",
        heads=("Row", "Model", "What", "Predicted", "Observed", "Ratio", "Why"),
        rows=cells,
        numeric=frozenset({3, 4, 5}),
    )


def _distance(r: Row) -> float:
    ratio = float(r["ratio"])
    return max(ratio, 1 / ratio)


def row_table(use: str, rows: list[Row]) -> Table:
    """Every row of one use, with site, weight, mark and source."""
    cells: list[tuple[Cell, ...]] = [
        (r["row_id"], MODELS[r["model"]], f"{r['given']}; {r['weight']}; {r['site']}", what(r),
         level(r["predicted"]), level(r["observed"]), number(r["ratio"], 2), _verdict(r),
         r["mark"], Link(f"{r['source']}, {r['locator']}", r["source"]))
        for r in _of(use, rows)
    ]  # fmt: skip
    return Table(
        title=f"{len(cells)} rows",
        heads=("Row", "Model", "Given; weight; site", "What", "Predicted", "Observed", "Ratio",
               "Band", "Mark", "Source"),
        rows=tuple(cells),
        numeric=frozenset({4, 5, 6}),
    )  # fmt: skip


def _verdict(r: Row) -> str:
    place = "inside" if r["inside"] else "outside"
    return place if r["asserted"] else f"{place}, not asserted"


def unclaimed_table(rows: list[Row]) -> Table:
    """Rows that no model answers for, with the reason."""
    return Table(
        title=f"{len(rows)} rows",
        heads=("Row", "Given", "Why no model answers", "Mark", "Source"),
        rows=tuple(
            (r["row_id"], r["given"], r["reason"], r["mark"],
             Link(f"{r['source']}, {r['locator']}", r["source"]))
            for r in rows
        ),
    )  # fmt: skip
