"""Leaving the study: a hazard that follows score, effects of the last dose, SSRI and therapy.

    hazard = leave_hazard / 168 * exp(leave_per_10_points (S - S(0)) / 10
             + leave_side_effects felt)
             + (ssri_ae_hazard on_ssri + therapy_hazard in_therapy) / 168      (1/h)
    dH/dt = hazard; the patient leaves when H passes a unit exponential draw of his own.

S: latent CAPS-5 total; felt: what was felt at the last dose. A patient who gets worse, or does
not get better than others do, leaves sooner. in_therapy: 1 from the first exposure session to
the last. By the week and not by the session, since daily sessions lose few.
"""

from __future__ import annotations

import jax.numpy as jnp

from synaptrial.engine.cascade import Affine, Stage
from synaptrial.mechanism.common import HOURS_PER_WEEK, NO_TOP, Array, Values, zero
from synaptrial.mechanism.severity import CLUSTER_MAX


def _hazard(s: Values, p: Values) -> tuple[Array, None]:
    base = sum(CLUSTER_MAX[k] * p[f"base_{k}"] for k in CLUSTER_MAX)
    log_ratio = (
        p["leave_per_10_points"] * (s["caps5_total"] - base) / 10
        + p["leave_side_effects"] * s["felt"]
    )
    hazard = p["leave_hazard"] * jnp.exp(log_ratio) + p["ssri_ae_hazard"] * s["on_ssri"]
    return (hazard + p["therapy_hazard"] * s["in_therapy"]) / HOURS_PER_WEEK, None


STAGES: tuple[Stage, ...] = (
    Affine(
        "leaving",
        ("caps5_total", "felt", "on_ssri", "in_therapy"),
        (
            "leave_hazard",
            "leave_per_10_points",
            "leave_side_effects",
            "ssri_ae_hazard",
            "therapy_hazard",
        ),
        _hazard,
        zero,
        unit="cumulative hazard",
        bounds=(0.0, NO_TOP),
        doc="leaving",
    ),
)
