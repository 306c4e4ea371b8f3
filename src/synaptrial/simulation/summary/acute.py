"""What follows the first dose: peaks of the mean curve and of persons."""

from __future__ import annotations

from typing import Any

import numpy as np

from synaptrial.simulation.plan.readings import acute_window_h
from synaptrial.simulation.run.arm import ArmResult
from synaptrial.simulation.summary.shared import tidy_number


def acute(result: ArmResult) -> dict[str, Any]:
    """Peaks after the first dose: of the mean curve, and of persons, which are not the same."""
    out: dict[str, Any] = {}
    for key, curve in (
        ("cadss_peak", "cadss"), ("sbp_rise", "sbp_change_mmhg"), ("dbp_rise", "dbp_change_mmhg"),
        ("hr_rise", "hr_change_bpm"),
    ):  # fmt: skip
        personal = result.maxima[key]
        low, high = np.quantile(personal, [0.025, 0.975])
        entry = {
            "mean_curve_max": 0.0,
            "mean_of_personal_maxima": tidy_number(personal.mean()),
            "personal_maxima_q025": tidy_number(low),
            "personal_maxima_q975": tidy_number(high),
        }
        if curve in result.acute_moments:
            mean = result.acute_moments[curve].mean().mean(axis=0)
            entry["mean_curve_max"] = tidy_number(mean.max())
            entry["mean_curve_time_min"] = tidy_number(60 * result.plan.acute_h[mean.argmax()])
        out[curve if key != "cadss_peak" else key] = entry
    if result.plan.structure.ketamine_routes:
        out["glutamate"] = _surge(result)
    if "sedation" in result.acute_moments:  # of midazolam; personal maxima are not kept
        mean = result.acute_moments["sedation"].mean().mean(axis=0)
        out["sedation"] = {
            "mean_curve_max": tidy_number(mean.max()),
            "mean_curve_time_min": tidy_number(60 * result.plan.acute_h[mean.argmax()]),
        }
    return out


def _surge(result: ArmResult) -> dict[str, float]:
    """Of what follows the first dose of a drug that acts, at the times that are kept."""
    first_h, end_h = acute_window_h(result.plan.events)
    inside = (result.time_h >= first_h) & (result.time_h <= end_h)
    mean = result.moments["glutamate"].mean().mean(axis=0)[inside]
    return {
        "mean_curve_max": tidy_number(mean.max()),
        "mean_curve_time_min": tidy_number(60 * (result.time_h[inside][mean.argmax()] - first_h)),
    }
