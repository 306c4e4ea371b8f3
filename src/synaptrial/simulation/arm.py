"""An arm to simulate, and what of its parameters and setting the stages need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from synaptrial.domain.parameters import ParameterSet
from synaptrial.domain.protocol import Protocol
from synaptrial.domain.setting import Setting
from synaptrial.simulation.cohort import Cohort, draw_parameters, enrol
from synaptrial.simulation.observation import CLUSTERS
from synaptrial.simulation.plan import ArmPlan, plan_arm
from synaptrial.simulation.plan_slow import treated_stretches_h

DURATIONS = ("oral_duration", "sl_duration", "sl_swallowed_duration", "swallowed_duration_nasal")


@dataclass(frozen=True)
class Models:
    """The parameter documents of a run, loaded."""

    priors: tuple[ParameterSet, ...]
    ketamine: ParameterSet
    midazolam: ParameterSet
    ssri: Mapping[str, ParameterSet]  # sertraline, paroxetine
    population: ParameterSet

    @property
    def sets(self) -> tuple[ParameterSet, ...]:
        """All sets that are drawn from; midazolam's names carry a prefix."""
        renamed = {f"mdz_{k}": v for k, v in self.midazolam.parameter.items() if k != "ke0"}
        midazolam = self.midazolam.model_copy(update={"parameter": renamed, "correlation": ()})
        plasma = {
            f"{drug}_{name}": p for drug, s in self.ssri.items() for name, p in s.parameter.items()
        }
        ssri = ParameterSet(id="ssri_plasma", title="SSRI plasma", parameter=plasma)
        return (*self.priors, self.ketamine, midazolam, ssri, self.population)


@dataclass(frozen=True)
class Arm:
    """What to simulate: a protocol in its setting."""

    protocol: Protocol
    setting: Setting


def build_cohort(models: Models, setting: Setting, patients: int, draws: int, seed: int) -> Cohort:
    """Draws and patients of a setting, the entry rule applied."""
    drawn = draw_parameters(models.sets, draws, seed)
    entry = None
    if setting.entry is not None:
        entry = setting.entry.minimum
        if setting.entry.scale == "CAPS4":
            entry /= drawn.parameters["caps4_per_caps5"].value
    return enrol(drawn, patients, seed, entry)


def plan_for(arm: Arm, cohort: Cohort, **mesh: object) -> ArmPlan:
    """The arm on its meshes; `mesh`: what `plan_arm` takes."""
    fixed = cohort.draws.parameters
    durations = {k: fixed[k].value for k in DURATIONS}
    return plan_arm(arm.protocol, arm.setting, durations, **mesh)  # type: ignore[arg-type]


def chunk_parameters(
    arm: Arm, plan: ArmPlan, values: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Parameters as the stages of the model name them."""
    out = dict(values)
    for k in CLUSTERS:
        out[f"base_{k}"] = values[f"baseline_{k}"]
    out["base_mood"] = values["baseline_mood"]
    drug = plan.ssri or "sertraline"
    out["ssri_ec50"] = values[f"transporter_ec50_{drug}"]
    out["ssri_effect"] = values[f"ssri_effect_{drug}"]
    out["ssri_cl"], out["ssri_v"] = ssri_disposition(arm.protocol, drug, values)
    out["mdz_sedation_ke0"] = values["sedation_ke0"]
    return out


def ssri_disposition(
    protocol: Protocol, drug: str, values: Mapping[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """CL/F (L/h) and V/F (L) with the covariates of Zhang 2024 and Kim 2015."""
    age = values["age_y"]
    if drug == "sertraline":
        factor = np.maximum(1 + values["sertraline_age_effect"] * (age - 22), 0.3)
        return values["sertraline_CL_F"] * factor, values["sertraline_V_F"]
    daily = [s.mg_per_day for s in protocol.daily_segments() if s.mg_per_day > 0]
    dose = max(daily) if daily else 25.0
    by_dose = (dose / 25) ** values["paroxetine_dose_exponent"]
    by_age = (age / 71) ** values["paroxetine_age_exponent"]
    return values["paroxetine_CL_F"] * by_dose * by_age, values["paroxetine_V_F"]


def unblinding_slope(arm: Arm, par: Mapping[str, np.ndarray], unblinding: bool) -> np.ndarray:
    """Slope of belief on what is felt, (P,) or (1,); 0 when open or switched off."""
    active = arm.setting.control == "psychoactive"
    slope = par["unblinding_slope_active" if active else "unblinding_slope_inert"]
    return slope if unblinding and arm.setting.blinding != "open" else np.zeros_like(slope)


def initial_belief(arm: Arm) -> float:
    """What a patient believes at the start: the allocation share. In an open study 1 if anything
    credible is given, any session or any drug, else 0 (waitlist, usual care, saline)."""
    share = arm.setting.allocation_share
    if arm.setting.blinding == "open":
        share = float(bool(treated_stretches_h(arm.protocol)))
    return float(np.clip(share, 1e-6, 1 - 1e-6))
