"""The page of `synaptrial pk --check`: predicted against published exposure, row by row."""

from __future__ import annotations

from typing import Any

from .check_figures import check_figures
from .numbers import aligned, number
from .pk_tables import level
from .tables import Cell, Link, Table
from .writer import Page, draw_figures, fill

USES = {
    "held_out": "Held out: no part in making the model",
    "self_consistency": "Self-consistency: a model against its own paper",
    "calibrated": "Calibrated: used to set the model",
}
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
        "pk_check.html.j2",
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
    """One sentence for each use, held-out rows first; they are never added up."""
    out = []
    for use, words in USES.items():
        u = document["uses"][use]
        inside = u["asserted"] - u["missed"]
        parts = ", ".join(
            f"{a} {x['asserted'] - x['missed']} of {x['asserted']}"
            for a, x in u["by_analyte"].items()
            if x["asserted"]
        )
        out.append(
            f"{words}. {inside} of {u['asserted']} asserted rows lie inside their band,"
            f" {u['missed']} miss it ({parts})."
        )
    return out


def _of(use: str, rows: list[Row]) -> list[Row]:
    return [r for r in rows if r["use"] == use]


def study_table(use: str, studies: list[Row]) -> Table:
    """Summaries per study and model in one use."""
    own = _of(use, studies)
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
    """Misses by name, the farthest first, each with its explanation."""
    own = sorted((r for r in _of(use, rows) if r["missed"]), key=_distance, reverse=True)
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
