"""What of an arm's parameters and setting the stages need."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from synaptrial.domain.arm import Arm
from synaptrial.domain.protocol import Protocol
from synaptrial.mechanism import ssri
from synaptrial.simulation.observation.scores import CLUSTERS
from synaptrial.simulation.plan.arm_plan import ArmPlan
from synaptrial.simulation.plan.calendar import treated_stretches_h


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
    before = sum(s.mg_per_day for s in arm.protocol.daily_segments() if s.taken_before) / 24.0
    out["ssri_amount_start"], out["ssri_start"] = map(np.asarray, ssri.steady(before, out))
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
        p = arm.protocol
        treated = treated_stretches_h(p.dose_events(), p.session_events(), p.daily_segments())
        share = float(bool(treated))
    return float(np.clip(share, 1e-6, 1 - 1e-6))
