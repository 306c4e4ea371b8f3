"""The report of a simulation: one self-contained page that a script makes live."""

from __future__ import annotations

from collections.abc import Iterable

from synaptrial.reporting.kit.assumptions import assumption_tables
from synaptrial.reporting.kit.curves import Curves
from synaptrial.reporting.kit.pictures import vega_bundle
from synaptrial.reporting.kit.result import ResultLike
from synaptrial.reporting.kit.theme import CONFIG, arms_of
from synaptrial.reporting.kit.writer import Page, draw_figures, fill, script_json
from synaptrial.reporting.simulation import latent, side_effects, tables
from synaptrial.reporting.simulation.answer import answers
from synaptrial.reporting.simulation.figures import Figures
from synaptrial.reporting.simulation.schematic import StageLike, schematic

SECTIONS = {
    "weeks": ("difference", "course_total", "course_patients", "course_clusters", "course_mood"),
    "day": ("first_day",),
    "plasma": ("plasma", "occupancy"),
    "brain": ("glutamate", "plasticity_circuits", "learning_belief"),
    "acute": ("acute",),
}


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
        "simulation/page.html.j2",
        pictures,
        s=summary,
        arms=arms,
        answers=answers(summary),
        figures=shown,
        sections=SECTIONS,
        diagram=pictures["model"].text,
        contrasts=tables.contrast_tables(summary),
        visits=tables.visit_tables(summary),
        latent=latent.latent_tables(summary),
        acute=tables.acute_table(summary),
        adverse=side_effects.adverse_events_table(summary),
        adherence=side_effects.adherence_table(summary),
        nearest=tables.nearest_table(summary),
        observed=tables.observed_table(summary),
        assumptions=assumption_tables(summary),
        recorded=tables.recorded_table(summary),
        config=script_json(CONFIG),
        bundle=script,
    )
