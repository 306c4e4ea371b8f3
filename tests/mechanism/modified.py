"""Models with some parameters changed, and arms simulated side by side with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from synaptrial.domain.arm import Arm
from synaptrial.domain.parameters import Parameter, ParameterSet
from synaptrial.domain.protocol import Protocol
from synaptrial.domain.setting import Setting
from synaptrial.engine.backend import keep_compiled_code
from synaptrial.facade import load_arm, load_models
from synaptrial.simulation.cohort.build import build_cohort
from synaptrial.simulation.cohort.models import Models
from synaptrial.simulation.run.arm import ArmResult, simulate_arm

TINY = 1e-30  # lost in rounding, but keeps one value for each patient: no code compiles anew


def fixed(value: float) -> dict[str, Any]:
    """One value for all draws, studies and patients."""
    return {
        "value": value, "distribution": "normal",
        "uncertainty": 0.0, "study_sd": 0.0, "patient_sd": TINY,
    }  # fmt: skip


WEEKLY = [{"kind": "exposure", "every_days": 7, "count": 10}]
QUIET = {
    k: fixed(0.0) for k in ("nonspecific_change", "nonspecific_late_change", "expectancy")
}  # nonspecific path off


def parameter(name: str) -> Parameter:
    """A prior, as it ships."""
    models = load_models("adult_ptsd_trial")
    return next(s.parameter[name] for s in models.priors if name in s.parameter)


def positive(name: str) -> dict[str, Any]:
    """An effect conditional on benefit: at its mean + 1 SD, patients still differ."""
    p = parameter(name)
    return {"value": p.value + p.uncertainty, "uncertainty": 0.0, "study_sd": 0.0}


def changed(models: Models, **changes: dict[str, Any]) -> Models:
    """The models with fields of some priors replaced."""
    known = {n for s in models.priors for n in s.parameter}
    assert set(changes) <= known, set(changes) - known

    def one(s: ParameterSet) -> ParameterSet:
        own = {n: p.model_copy(update=changes[n]) for n, p in s.parameter.items() if n in changes}
        return s.model_copy(update={"parameter": {**s.parameter, **own}})

    return replace(models, priors=tuple(one(s) for s in models.priors))


def simulated(
    arms: Sequence[str | Arm],
    *,
    patients: int = 16,
    draws: int = 60,
    unblinding: bool = False,
    setting: Setting | None = None,
    breaks_h: Sequence[float] = (),
    **changes: dict[str, Any],
) -> list[ArmResult]:
    """Arms in one setting (that of the first unless given), with the same patients."""
    keep_compiled_code()
    loaded = [a if isinstance(a, Arm) else load_arm(a) for a in arms]
    setting = setting or loaded[0].setting
    models = changed(load_models(setting.population), **changes)
    cohort = build_cohort(models, setting, patients, draws, 1)
    return [
        simulate_arm(
            Arm(a.protocol, setting), cohort, cores=2, unblinding=unblinding,
            extra_breaks_h=breaks_h,
        )
        for a in loaded
    ]  # fmt: skip


def made(setting: Setting, kind: str, days: float, **parts: Any) -> Arm:
    """An arm written here, with visits each week."""
    visits = [7 * k for k in range(1, int(days // 7) + 1)]
    protocol = Protocol(
        id="MADE", title="made", arm="made", kind=kind, horizon_days=days,
        visits_days=visits, **parts,
    )  # fmt: skip
    return Arm(protocol, setting)


def course(r: ArmResult, hours: Sequence[float], name: str = "caps5_total") -> np.ndarray:
    """Mean over patients at some times, linear between mesh edges, (S, len(hours))."""
    mean = r.moments[name].mean()
    return np.array([np.interp(hours, r.time_h, row) for row in mean])


def difference(
    a: ArmResult, b: ArmResult, hours: Sequence[float], name: str = "caps5_total"
) -> np.ndarray:
    """Arm a minus arm b, (S, len(hours))."""
    return course(a, hours, name) - course(b, hours, name)


def score_change(r: ArmResult, scale: str, day: float) -> np.ndarray:
    """Recorded change from day 0, (S, N)."""
    scores = r.scores[scale].astype(float)
    change = scores[:, r.visit_days.index(day)] - scores[:, 0]
    return change.reshape(r.moments["mood"].n_draws, -1)


def smd(a: ArmResult, b: ArmResult, scale: str, day: float) -> float:
    """Difference of mean recorded change over the SD of change within draws."""
    x, y = (score_change(r, scale, day) for r in (a, b))
    sd = np.sqrt((x.var(axis=1, ddof=1).mean() + y.var(axis=1, ddof=1).mean()) / 2)
    return float((x - y).mean() / sd)
