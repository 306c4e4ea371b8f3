"""The cohort of a setting."""

from __future__ import annotations

from synaptrial.domain.setting import Setting
from synaptrial.simulation.cohort.baseline import aligned, at_baseline
from synaptrial.simulation.cohort.draws import draw_parameters
from synaptrial.simulation.cohort.enrol import Cohort, enrol
from synaptrial.simulation.cohort.models import Models


def build_cohort(models: Models, setting: Setting, patients: int, draws: int, seed: int) -> Cohort:
    """Draws and patients of a setting: at its published baseline, the entry rule applied."""
    drawn = draw_parameters(at_baseline(models, setting).sets, draws, seed)
    return enrol(aligned(drawn, setting), patients, seed, setting.entry)
