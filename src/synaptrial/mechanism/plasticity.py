"""Synaptic plasticity: a fast state that starts the effect and a slow state that keeps it.

    dG/dt = ln2 / glutamate_half_life (d - G)
    dF/dt = fast_on G (1 - F) - ln2 / fast_half_life F
    dP/dt = slow_on F (1 - P) - ln2 / slow_half_life P
    pi    = fast_weight F + P

d: plasticity drive from receptor occupancy, 0 to 1. G: glutamate surge that follows it.
F, P: shares of what can be reached, 0 to 1. Rodent work suggests that new spines maintain the
effect and do not start it (Moda-Sava 2019).
"""

from __future__ import annotations

from synaptrial.engine.cascade import Affine, Readout, Stage
from synaptrial.mechanism.common import NO_TOP, Array, Values, zero


def _surge(s: Values, p: Values) -> tuple[Array, Array]:
    k = p["rate_glutamate"]
    return k * s["drive"], k


def _fast(s: Values, p: Values) -> tuple[Array, Array]:
    on = p["fast_on"] * s["glutamate"]
    return on, on + p["rate_fast"]


def _slow(s: Values, p: Values) -> tuple[Array, Array]:
    on = p["slow_on"] * s["plasticity_fast"]
    return on, on + p["rate_slow"]


STAGES: tuple[Stage, ...] = (
    Affine(
        "glutamate",
        ("drive",),
        ("rate_glutamate",),
        _surge,
        zero,
        unit="share",
        bounds=(0.0, 1.0),
        doc="glutamate surge",
    ),
    Affine(
        "plasticity_fast",
        ("glutamate",),
        ("fast_on", "rate_fast"),
        _fast,
        zero,
        unit="share",
        bounds=(0.0, 1.0),
        doc="fast plasticity, hours",
    ),
    Affine(
        "plasticity_slow",
        ("plasticity_fast",),
        ("slow_on", "rate_slow"),
        _slow,
        zero,
        unit="share",
        bounds=(0.0, 1.0),
        doc="slow plasticity, days",
    ),
    Readout(
        "plasticity",
        ("plasticity_fast", "plasticity_slow"),
        ("fast_weight",),
        lambda s, p: p["fast_weight"] * s["plasticity_fast"] + s["plasticity_slow"],
        unit="share",
        bounds=(0.0, NO_TOP),  # 1 + fast_weight
        doc="plasticity signal",
    ),
)
