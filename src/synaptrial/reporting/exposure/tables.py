"""Tables of an exposure page: concentrations, occupancy, repeated doses."""

from __future__ import annotations

import math
from typing import Any

from synaptrial.domain.dose import route_words
from synaptrial.reporting.kit.cells import Table
from synaptrial.reporting.kit.numbers import aligned, number, percent, say

PUBLISHED = "venous_perez_ruixo2021"  # the frame of the published nasal model
FRAMES = {
    "venous": "venous",
    "arterial": "arterial",
    "not_stated": "site not stated",
    PUBLISHED: "venous, Perez-Ruixo 2021 as published",
}
ANALYTES = {
    "ketamine": "Ketamine, all given",
    "s_ketamine": "S-ketamine",
    "r_ketamine": "R-ketamine",
    "norketamine": "Norketamine, all",
    "s_norketamine": "S-norketamine",
    "r_norketamine": "R-norketamine",
    "midazolam": "Midazolam",
}
MOST_PLACES = 6  # of numbers that are written with six digits
Row = dict[str, Any]


def level(value: float) -> str:
    """A concentration or an area with three significant figures."""
    return _figures(value, 3)


def rough(value: float) -> str:
    """Two significant figures: no more is known of the edges of a few hundred patients."""
    return _figures(float(f"{value:.2g}"), 2)


def _figures(value: float, n: int) -> str:
    """n significant figures, whole numbers above them; a small dose is not written as 0.00."""
    places = n - 1 - math.floor(math.log10(abs(value))) if value else n - 1
    return number(value, min(max(places, 0), MOST_PLACES))


def plasma_table(arm: Row) -> Table:
    """One line for each frame and analyte; typical patient and 95% of single patients."""
    found = [
        (FRAMES[frame], ANALYTES[analyte], x)
        for frame, analytes in arm["plasma"].items()
        for analyte, x in analytes.items()
        if not _repeats(analyte, analytes)
    ]
    columns: list[list[str]] = []
    for key in ("cmax_ng_per_ml", "tmax_min", "auc_0_inf_ng_h_per_ml"):
        words = (lambda v: number(v, 0)) if key == "tmax_min" else level
        columns.append(aligned([words(x["typical"][key]) for _, _, x in found]))
        columns.append(aligned([_patients(x, key) for _, _, x in found]))
    columns.append(aligned([_half_life(x["typical"]["half_life_12_to_24_h"]) for _, _, x in found]))
    return Table(
        title=f"{arm['label']}: {dose_words(arm)}",
        heads=(
            "Plasma", "Analyte", "Cmax, ng/mL", "patients, 95%", "Tmax, min", "patients, 95%",
            "AUC to infinity, ng·h/mL", "patients, 95%", "Half-life 12 to 24 h after the input, h",
        ),
        rows=tuple(
            (frame, analyte, *cells)
            for (frame, analyte, _), cells in zip(found, zip(*columns, strict=True), strict=True)
        ),
        numeric=frozenset(range(2, 9)),
    )  # fmt: skip


def _half_life(value: float | None) -> str:
    return "none: it does not fall" if value is None else number(value)


def _repeats(analyte: str, analytes: Row) -> bool:
    """Whether a total is that of a single enantiomer, which has a line of its own."""
    parts = [k for k in analytes if k in (f"s_{analyte}", f"r_{analyte}")]
    return len(parts) == 1


def _patients(x: Row, key: str) -> str:
    if "patients" not in x:
        return "typical only"
    words = (lambda v: number(v, 0)) if key == "tmax_min" else rough
    return f"{words(x['patients'][key]['q025'])} to {words(x['patients'][key]['q975'])}"


def dose_words(arm: Row) -> str:
    """The first dose in words."""
    d = arm["first_dose"]
    kind = {"racemic": "racemic ", "s": "S-", "r": "R-", "none": ""}[d["enantiomer"]]
    words = f"{d['mg']:.4g} mg {kind}{d['drug']}, {route_words(d['route'])}"
    if d["infusion_min"]:
        words += f" over {d['infusion_min']:.0f} min"
    if d["devices"] > 1:
        words += f", {d['devices']} devices 5 min apart"
    return words + (f" ({arm['weight_kg']:g} kg)" if d["by_weight"] else "")


def occupancy_table(summary: Row) -> Table | None:
    """Occupancy of the arms side by side, with what norketamine makes of it."""
    arms = [a for a in summary["arms"] if a["occupancy"]]
    if not arms:
        return None
    cells = []
    for a in arms:
        t, p = a["occupancy"]["typical"], a["occupancy"]["patients"]
        wide = lambda key, words, p=p: f"{words(p[key]['q025'])} to {words(p[key]['q975'])}"  # noqa: E731
        cells.append(
            [
                percent(t["peak"]), wide("peak", percent), number(t["peak_min"], 0),
                number(t["occupancy_time_12h"], 2),
                percent(t["norketamine_share_12h"]), wide("norketamine_share_12h", percent),
                percent(t["fall_without_norketamine_12h"]),
                percent(t["norketamine_share_at_peak"]),
            ]
        )  # fmt: skip
    columns = [aligned(list(c)) for c in zip(*cells, strict=True)]
    return Table(
        title="NMDA occupancy after the first dose",
        heads=(
            "Arm", "Peak", "patients, 95%", "at, min", "Occupancy × time, 12 h, h",
            "held by norketamine", "patients, 95%", "lost without norketamine",
            "held by norketamine at the peak",
        ),
        rows=tuple((a["label"], *c) for a, c in zip(arms, zip(*columns, strict=True), strict=True)),
        numeric=frozenset(range(1, 9)),
    )  # fmt: skip


def repeated_table(summary: Row) -> Table | None:
    """All declared doses in the typical patient: highest level, its time, area of all doses."""
    rows, cells = [], []
    for a in summary["arms"]:
        every = a["all_doses"]
        for frame, analytes in (every or {"typical": {}})["typical"].items():
            for analyte in ("ketamine", "norketamine", "midazolam"):
                if analyte in analytes:
                    x = analytes[analyte]
                    name = f"{ANALYTES[analyte]}, {FRAMES[frame]}"
                    rows.append((a["label"], say(every["doses"]), name))
                    peak, area = level(x["cmax_ng_per_ml"]), level(x["auc_0_inf_ng_h_per_ml"])
                    cells.append([peak, number(x["tmax_h"] / 24, 1), area])
    if not rows:
        return None
    columns = [aligned(list(c)) for c in zip(*cells, strict=True)]
    return Table(
        title="All declared doses, typical patient",
        heads=(
            "Arm", "Doses", "Analyte", "Highest level, ng/mL", "days after the first dose",
            "AUC of all doses, ng·h/mL",
        ),
        rows=tuple((*r, *c) for r, c in zip(rows, zip(*columns, strict=True), strict=True)),
        numeric=frozenset({1, 3, 4, 5}),
    )  # fmt: skip
