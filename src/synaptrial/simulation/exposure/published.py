"""Nasal esketamine by the published venous model, for comparison with venous samples only."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from synaptrial.domain.dose import DoseEvent
from synaptrial.domain.parameters import ParameterSet
from synaptrial.domain.sources import Mark
from synaptrial.pharmacology.exposure import HORIZON_H
from synaptrial.pharmacology.observation import Observation
from synaptrial.pharmacology.predict import predicted_courses

PUBLISHED_FRAME = "venous_perez_ruixo2021"
MODEL = "perez_ruixo2021"
Key = tuple[str, str]


@dataclass(frozen=True)
class Published:
    """Courses (1, T) at `time_h` after the dose and areas (1,), by frame and analyte."""

    time_h: np.ndarray
    course: Mapping[Key, np.ndarray]
    area: Mapping[Key, np.ndarray]


def published_nasal(parameters: ParameterSet, dose: DoseEvent, weight_kg: float) -> Published:
    """Esketamine and noresketamine after one nasal dose; empty for any other dose.

    The area beyond HORIZON_H is the last level over the slope of the last day.
    """
    if (dose.route, dose.enantiomer) != ("intranasal", "s"):
        return Published(np.zeros(0), {}, {})
    asked = _asked(replace(dose, time_h=0.0), weight_kg)
    courses = predicted_courses(MODEL, parameters, [asked])
    t = courses.time_h
    course, area = {}, {}
    for analyte in ("ketamine", "norketamine"):
        values = courses.of(asked.case, ("S",), analyte)
        day = values[int(np.argmin(np.abs(t - (HORIZON_H - 24.0))))]
        slope = math.log(day / values[-1]) / 24.0
        key = (PUBLISHED_FRAME, f"s_{analyte}")
        course[key] = values[None]
        area[key] = np.array([courses.area(values, 0.0, math.inf) + values[-1] / slope])
    return Published(t, course, area)


def _asked(dose: DoseEvent, weight_kg: float) -> Observation:
    """The form in which a published model is asked: an arm with one dose, of unknown outcome."""
    return Observation(
        row_id=f"asked:{dose.route}", study="asked", arm=dose.route, given="s", doses=(dose,),
        weight_kg=weight_kg, age_y=None, race="", site="venous", analyte="ketamine",
        enantiomer="S", quantity="AUC", time_h=None, window_h=(0.0, math.inf),
        observed=math.nan, unit="ng.h/mL", mark=Mark.ASSUMED,
    )  # fmt: skip
