"""One arm's exposure, on its way to a document and to tidy courses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from synaptrial.domain.arm import Arm
from synaptrial.domain.dose import DoseEvent, PerKg
from synaptrial.domain.errors import InputError
from synaptrial.domain.parameters import ParameterSet
from synaptrial.evidence.tables import Row
from synaptrial.simulation.cohort.build import build_cohort
from synaptrial.simulation.cohort.enrol import Cohort
from synaptrial.simulation.cohort.models import Models
from synaptrial.simulation.exposure.profile import (
    OCCUPANCY_H,
    SAME,
    Exposure,
    Layout,
    Receptor,
    Repeated,
    all_doses,
    first_dose,
    last_highest,
    lay_out,
    receptor_of,
)
from synaptrial.simulation.exposure.published import PUBLISHED_FRAME, published_nasal
from synaptrial.simulation.options import check_seed, within
from synaptrial.simulation.plan.arm_plan import DURATIONS
from synaptrial.simulation.summary.intervals import QUANTILES
from synaptrial.simulation.summary.nearness import beyond, treatment_of

WEIGHT_KG = 75.0
LIGHTEST_KG, HEAVIEST_KG = 30.0, 250.0
MOST_PATIENTS = 1000
TINY = 1e-300  # ng/mL; the logarithm of a level of 0


@dataclass(frozen=True)
class Wanted:
    """weight_kg of the typical patient; virtual patients, each from a draw of his own."""

    weight_kg: float = WEIGHT_KG
    patients: int = 200
    seed: int = 1

    def check(self) -> None:
        """Raise InputError for a number that cannot be used."""
        if not LIGHTEST_KG <= self.weight_kg <= HEAVIEST_KG:
            raise InputError(
                "--weight", f"{self.weight_kg:g}", f"{LIGHTEST_KG:g} to {HEAVIEST_KG:g} kg"
            )
        within("--patients", self.patients, 20, MOST_PATIENTS)
        check_seed(self.seed)


def _one_patient_a_draw(models: Models, arm: Arm, n: int, seed: int) -> Cohort:
    """Patient i of draw i: no two share a person or a draw, so that their spread is that of
    single patients in whom nothing is known."""
    cohort = build_cohort(models, arm.setting, n, n, seed)
    own = np.arange(n)
    return replace(cohort, n_patients=1, candidate=cohort.candidate[own, own][:, None])


class ArmExposure:
    """One arm on its way to a row of the document."""

    def __init__(
        self, label: str, arm: Arm, events: tuple[DoseEvent, ...], models: Models,
        nasal: ParameterSet, wanted: Wanted, routes: tuple[str, ...], controlled: Sequence[Row],
    ) -> None:  # fmt: skip
        self.label, self.arm, self.events, self.weight_kg = label, arm, events, wanted.weight_kg
        cohort = _one_patient_a_draw(models, arm, wanted.patients, wanted.seed)
        _, drawn = cohort.chunk(0, cohort.size)
        typical = {k: p.value for k, p in cohort.draws.parameters.items()}
        typical["weight_kg"] = wanted.weight_kg
        size = (wanted.patients,)
        values = {k: np.append(v, np.broadcast_to(drawn[k], size)) for k, v in typical.items()}
        self.layout: Layout = lay_out(events, {k: typical[k] for k in DURATIONS})
        self.first: Exposure = first_dose(self.layout, values, routes)
        self.receptor: Receptor | None = receptor_of(self.first, values)
        self.repeated: Repeated | None = (
            all_doses(self.layout, values, routes) if len(events) > 1 else None
        )
        treatment = treatment_of(arm.protocol, models.ketamine, wanted.weight_kg)
        self.extrapolation = beyond(treatment, controlled)
        self.published = published_nasal(nasal, events[0], wanted.weight_kg)

    def row(self) -> dict[str, Any]:
        """The arm in the document."""
        p = self.arm.protocol
        return {
            "label": self.label,
            "protocol_id": p.id,
            "study": p.study or "no study",
            "kind": p.kind,
            "weight_kg": self.weight_kg,
            "events": {"doses_h": [e.time_h for e in self.events], "sessions_h": []},
            "first_dose": _dose(self.events[0], self.weight_kg),
            "plasma": self._plasma(),
            "all_doses": self._all_doses(),
            "occupancy": self._occupancy(),
            "extrapolation": self.extrapolation,
        }

    def _plasma(self) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for (frame, analyte), course in self.first.course.items():
            area = self.first.area[frame, analyte]
            values = _statistics(self.layout.time_h, course, area, self.layout.input_h)
            out.setdefault(frame, {})[analyte] = {
                "typical": {k: _finite(v[0]) for k, v in values.items()},
                "patients": {k: _quantiles(v[1:]) for k, v in values.items()},
            }
        for key, course in self.published.course.items():
            area = self.published.area[key]
            values = _statistics(self.published.time_h, course, area, self.layout.input_h)
            out.setdefault(PUBLISHED_FRAME, {})[key[1]] = {
                "typical": {k: _finite(v[0]) for k, v in values.items()}
            }
        return out

    def _all_doses(self) -> dict[str, Any] | None:
        r = self.repeated
        if r is None:
            return None
        out: dict[str, Any] = {"doses": len(self.events), "typical": {}}
        for frame, analyte in r.peak:
            out["typical"].setdefault(frame, {})[analyte] = {
                "cmax_ng_per_ml": r.peak[frame, analyte],
                "tmax_h": round(r.peak_h[frame, analyte] - self.layout.start_h, 4),
                "auc_0_inf_ng_h_per_ml": r.area[frame, analyte],
            }
        return out

    def _occupancy(self) -> dict[str, Any] | None:
        if self.receptor is None:
            return None
        values = _receptor_statistics(self.layout.time_h, self.receptor)
        return {
            "typical": {k: float(v[0]) for k, v in values.items()},
            "patients": {k: _quantiles(v[1:]) for k, v in values.items()},
        }

    def courses(self) -> list[pd.DataFrame]:
        """Tidy courses after the first dose: the typical patient, quantiles of patients."""
        t = self.layout.time_h
        shown = np.isin(t, _grid(t, self.layout.input_h))
        named: dict[str, np.ndarray] = {f"{f}_{a}": v for (f, a), v in self.first.course.items()}
        if self.receptor is not None:
            named["occupancy"] = self.receptor.occupancy
            named["occupancy_norketamine"] = self.receptor.by_norketamine
        out = []
        for variable, values in named.items():
            v = values[:, shown]
            out.append(_tidy(self.label, variable, t[shown], "typical", v[0]))
            for name, q in QUANTILES.items():
                at = np.quantile(v[1:], q, axis=0)
                out.append(_tidy(self.label, variable, t[shown], f"patient_{name}", at))
        early = self.published.time_h <= t[-1]
        for (frame, analyte), values in self.published.course.items():
            at = self.published.time_h[early]
            out.append(_tidy(self.label, f"{frame}_{analyte}", at, "typical", values[0, early]))
        return out


def _dose(e: DoseEvent, weight_kg: float) -> dict[str, Any]:
    return {
        "drug": e.drug,
        "enantiomer": e.enantiomer or "none",
        "route": e.route,
        "mg": e.amount.in_mg(weight_kg),
        "by_weight": isinstance(e.amount, PerKg),
        "infusion_min": 60 * e.duration_h,
        "devices": e.devices,
    }


def _statistics(
    time_h: np.ndarray, course: np.ndarray, area: np.ndarray, input_h: float
) -> dict[str, np.ndarray]:
    """Peak, its time, area to infinity, and the half-life between 12 and 24 h after the input of
    the dose has ended, each (P,); infinite where the level does not fall then."""
    peak = np.array([last_highest(x) for x in course])
    late = input_h + np.array([12.0, 24.0])
    at_12, at_24 = np.array([np.exp(np.interp(late, time_h, np.log(x + TINY))) for x in course]).T
    falls = at_24 < at_12 * (1 - SAME)
    slope = np.log(at_12 / at_24, where=falls, out=np.ones_like(at_12))
    return {
        "cmax_ng_per_ml": course.max(axis=1),
        "tmax_min": np.round(60 * time_h[peak], 4),
        "auc_0_inf_ng_h_per_ml": area,
        "half_life_12_to_24_h": np.where(falls, 12 * math.log(2) / slope, math.inf),
    }


def _receptor_statistics(time_h: np.ndarray, r: Receptor) -> dict[str, np.ndarray]:
    """Peak, its time, occupancy times hours, and what norketamine makes of them, each (P,)."""
    early = time_h <= OCCUPANCY_H + 1e-9
    total, metabolite, alone = (
        np.trapezoid(y[:, early], time_h[early], axis=1)
        for y in (r.occupancy, r.by_norketamine, r.without_norketamine)
    )
    rows = np.arange(len(r.occupancy))
    top = r.occupancy.argmax(axis=1)
    return {
        "peak": r.occupancy.max(axis=1),
        "peak_min": np.round(60 * time_h[top], 4),
        "occupancy_time_12h": total,
        "norketamine_share_12h": metabolite / total,
        "fall_without_norketamine_12h": 1 - alone / total,
        "norketamine_share_at_peak": r.by_norketamine[rows, top] / r.occupancy[rows, top],
    }


def _quantiles(values: np.ndarray) -> dict[str, float | None]:
    """None at an edge beyond which values are infinite."""
    rows = np.sort(values)
    with np.errstate(invalid="ignore"):  # between two infinite values
        return {k: _finite(np.quantile(rows, q)) for k, q in QUANTILES.items()}


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _grid(time_h: np.ndarray, input_h: float) -> np.ndarray:
    """Every second minute for four hours after the start and after the end of the input, then
    every tenth; switches of input always."""
    minute = np.round(60 * time_h, 6)
    since = np.where(time_h >= input_h, time_h - input_h, time_h)
    step = np.where(since <= 4.0, 2.0, 10.0)
    kept: np.ndarray = time_h[(minute % step == 0) | (minute % 1 != 0)]
    return kept


def _tidy(
    label: str, variable: str, time_h: np.ndarray, statistic: str, values: np.ndarray
) -> pd.DataFrame:
    unit = "fraction" if variable.startswith("occupancy") else "ng/mL"
    return pd.DataFrame(
        {"arm": label, "variable": variable, "unit": unit, "time_h": time_h,
         "statistic": statistic, "value": values}
    )  # fmt: skip
