"""The page of `synaptrial pk`: what concentrations and occupancy an arm gives."""

from __future__ import annotations

from typing import Any

from synaptrial.reporting.exposure.figures import exposure_figures
from synaptrial.reporting.exposure.tables import (
    FRAMES,
    PUBLISHED,
    dose_words,
    level,
    occupancy_table,
    plasma_table,
    repeated_table,
    rough,
)
from synaptrial.reporting.kit.assumptions import assumption_tables
from synaptrial.reporting.kit.numbers import number, percent
from synaptrial.reporting.kit.result import ResultLike
from synaptrial.reporting.kit.writer import Page, draw_figures, fill

Row = dict[str, Any]


def build_pk_page(result: ResultLike) -> Page:
    """The page of an exposure result. Raises ReportError where a field is missing."""
    s = result.summary
    shown, pictures = draw_figures(exposure_figures(s, result.courses))
    return fill(
        "pk",
        "exposure/page.html.j2",
        pictures,
        figures=shown,
        s=s,
        answers=[answer(a) for a in s["arms"]],
        routes=_routes(s),
        plasma=[plasma_table(a) for a in s["arms"]],
        occupancy=occupancy_table(s),
        repeated=repeated_table(s),
        frames=[
            (FRAMES[f], meaning)
            for f, meaning in s["frames"].items()
            if any(f in a["plasma"] for a in s["arms"])
        ],
        assumptions=assumption_tables(s),
    )


def answer(arm: Row) -> str:
    """Peak, time of peak and area of one arm in a sentence, each with its frame."""
    parts = [f"{arm['label']}: {dose_words(arm)}."]
    plasma = arm["plasma"]
    if "midazolam" in plasma.get("not_stated", {}):
        t = plasma["not_stated"]["midazolam"]["typical"]
        area = level(t["auc_0_inf_ng_h_per_ml"])
        return f"{parts[0]} Midazolam peaks at {_peak(t)}; AUC {area} ng·h/mL."
    venous = plasma["venous"]["ketamine"]
    arterial = plasma["arterial"]["ketamine"]["typical"]
    t, p = venous["typical"], venous["patients"]["cmax_ng_per_ml"]
    parts.append(
        f"Venous ketamine peaks at {_peak(t)} (95% of patients {rough(p['q025'])} to"
        f" {rough(p['q975'])} ng/mL), arterial at {_peak(arterial)};"
        f" AUC {level(t['auc_0_inf_ng_h_per_ml'])} ng·h/mL."
    )
    if PUBLISHED in plasma:
        t = plasma[PUBLISHED]["s_ketamine"]["typical"]
        parts.append(f"By Perez-Ruixo 2021 as published, venous esketamine peaks at {_peak(t)}.")
    share = arm["occupancy"]["typical"]["norketamine_share_12h"]
    parts.append(f"Norketamine would hold {percent(share)} of the occupancy over 12 h.")
    return " ".join(parts)


def _peak(typical: Row) -> str:
    return f"{level(typical['cmax_ng_per_ml'])} ng/mL after {number(typical['tmax_min'], 0)} min"


def _routes(summary: Row) -> bool:
    """Whether ketamine by more than one route is compared."""
    found = {a["first_dose"]["route"] for a in summary["arms"] if a["occupancy"]}
    return len(found) > 1
