"""One arm made ready for `simulation.run.march.run`, the call itself, and the same arm for the
reference solver."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from tests.support.reference import Case

from synaptrial.domain.arm import Arm
from synaptrial.domain.protocol import Protocol
from synaptrial.domain.setting import Setting
from synaptrial.facade import load_arm, load_models
from synaptrial.simulation.cohort.build import build_cohort
from synaptrial.simulation.plan.arm_plan import DURATIONS, ArmPlan, plan_arm
from synaptrial.simulation.run import march, parameters, rules
from synaptrial.simulation.run.inputs import Given

PATIENTS = 8  # one number of patients for all, so that code compiled once serves many tests
SEED = 3


@dataclass(frozen=True)
class Prepared:
    """An arm, its plan, and the parameters of `PATIENTS` patients, each from a draw of his own."""

    arm: Arm
    plan: ArmPlan
    par: dict[str, np.ndarray]
    given: Given
    share: float
    slope: np.ndarray
    durations_h: dict[str, float]

    def run(self, par: Any = None, given: Given | None = None, slope: Any = None) -> Any:
        """Courses, acute signals and felt, as `march.run` returns them."""
        return march.run(
            self.plan.structure, self.plan.arrays, self.plan.tables,
            self.par if par is None else par, self.given if given is None else given,
            np.float64(self.share), self.slope if slope is None else slope,
        )  # fmt: skip

    @property
    def edges_h(self) -> np.ndarray:
        return self.plan.slow.edges_h

    def courses(self, **changed: Any) -> dict[str, np.ndarray]:
        """Latent courses at the edges of the slow mesh after the first, (T, P)."""
        real = len(self.edges_h) - 1
        return {k: np.asarray(v)[:real] for k, v in self.run(**changed)[0].items()}

    def case(self) -> Case:
        """The same arm for the reference solver."""
        contact = self.arm.setting.contact_hours_per_week or 0.0
        return Case(
            self.arm.protocol, contact, self.par, self.share, self.slope, self.durations_h,
            PATIENTS, open_label=self.arm.setting.blinding == "open",
        )  # fmt: skip

    def with_mesh(self, **mesh: Any) -> Prepared:
        return prepared(self.arm, **mesh)


def prepared(arm: Arm, **mesh: Any) -> Prepared:
    """Make an arm ready. Constants of the population get the length of the patients, so that
    arms share compiled code whatever varies."""
    cohort = build_cohort(
        load_models(arm.setting.population), replace_entry(arm.setting), 1, PATIENTS, SEED
    )
    fixed = cohort.draws.parameters
    durations = {k: fixed[k].value for k in DURATIONS}
    plan = plan_arm(arm.protocol, arm.setting, durations, **mesh)
    _, values = cohort.chunk(0, PATIENTS)
    par = parameters.chunk_parameters(arm, plan, values)
    par = {k: np.broadcast_to(v, (PATIENTS,)).copy() for k, v in par.items()}
    return Prepared(
        arm, plan, par, rules.as_declared(plan, PATIENTS), parameters.initial_belief(arm),
        np.broadcast_to(parameters.unblinding_slope(arm, par, True), (PATIENTS,)).copy(), durations,
    )  # fmt: skip


def replace_entry(setting: Setting) -> Setting:
    """The setting without its entry rule, which needs many candidates per patient."""
    return setting.model_copy(update={"entry": None})


def bundled_arm(name: str, horizon_days: float | None = None) -> Arm:
    """A bundled arm, its entry rule kept, cut at a horizon if one is given."""
    arm = load_arm(name)
    if horizon_days is None:
        return arm
    visits = tuple(d for d in arm.protocol.visits_days if d <= horizon_days)
    short = {"horizon_days": horizon_days, "visits_days": visits}
    return replace(arm, protocol=arm.protocol.model_copy(update=short))


def made_arm(horizon_days: float, visits_days: tuple[float, ...], **content: Any) -> Arm:
    """A blinded arm of a protocol made for a test."""
    protocol = Protocol(
        id="TEST", title="made for a test", arm="test", kind="drug", horizon_days=horizon_days,
        visits_days=visits_days, **content,
    )  # fmt: skip
    setting = Setting(
        blinding="double", control="inert", allocation_share=0.5, contact_hours_per_week=1.0
    )
    return Arm(protocol, setting)


ORAL_AND_NASAL = {
    "doses": (
        {
            "drug": "ketamine", "enantiomer": "racemic", "route": "oral", "amount_mg": 100.0,
            "days": (0.0, 4.0),
        },
        {
            "drug": "ketamine", "enantiomer": "s", "route": "intranasal", "amount_mg": 84.0,
            "devices": 3, "days": (2.0,),
        },
    ),
}  # fmt: skip


def relative_errors(found: np.ndarray, truth: np.ndarray) -> float:
    """Largest error over times (first axis) and patients, relative to the true value but to no
    less than 1% of the patient's own largest one."""
    size = np.abs(truth)
    scale = np.maximum(size, 0.01 * size.max(axis=0))
    return float((np.abs(found - truth) / np.where(scale > 0, scale, 1.0)).max())
