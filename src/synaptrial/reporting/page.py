"""The report of a simulation: one self-contained page that a script makes live."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import pandas as pd

from . import tables
from .answer import answers
from .curves import Curves
from .figures import Figures
from .pictures import vega_bundle
from .schematic import StageLike, schematic
from .theme import CONFIG, arms_of
from .writer import Page, draw_figures, fill, script_json

SECTIONS = {
    "weeks": ("difference", "course_total", "course_patients", "course_clusters", "course_mood"),
    "day": ("first_day",),
    "plasma": ("plasma", "occupancy"),
    "brain": ("plasticity_circuits", "learning_belief"),
    "acute": ("acute",),
}


class ResultLike(Protocol):
    """What the report needs of a result; see `simulation.result.Result`."""

    @property
    def summary(self) -> dict[str, Any]: ...
    @property
    def courses(self) -> pd.DataFrame: ...


def build_report(result: ResultLike, stages: Iterable[StageLike]) -> Page:
    """Draw the figures and write the page of one run.

    `stages` are the model's stages, for its diagram. Raises ReportError where a field of the
    result is missing or empty, rather than print a hole.
    """
    summary = result.summary
    arms = arms_of(summary)
    with vega_bundle() as bundle:
        figures = Figures(summary, arms, Curves(result.courses)).all()
        shown, pictures = draw_figures(figures, alive=True)
        script = bundle()
    pictures["model"] = schematic(stages)
    return fill(
        "report",
        "report.html.j2",
        pictures,
        s=summary,
        arms=arms,
        answers=answers(summary),
        figures=shown,
        sections=SECTIONS,
        diagram=pictures["model"].text,
        contrasts=tables.contrast_tables(summary),
        visits=tables.visit_tables(summary),
        acute=tables.acute_table(summary),
        nearest=tables.nearest_table(summary),
        observed=tables.observed_table(summary),
        assumptions=tables.assumption_tables(summary),
        recorded=tables.recorded_table(summary),
        config=script_json(CONFIG),
        bundle=script,
    )
