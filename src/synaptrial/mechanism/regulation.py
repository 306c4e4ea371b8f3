"""Emotion regulation, a read-out: nothing in the model acts on it.

    G = w c_prefrontal + (1 - w) S_d / S_d(0),  w = regulation_prefrontal_share

c_prefrontal: deficit of prefrontal control; S_d: severity of cluster D, whose items ask for
lasting negative emotions and for missing positive ones. Both are 1 before treatment, so G is too;
0 is health. A fall is better regulation, a value above 1 is worse than before treatment.
"""

from __future__ import annotations

from synaptrial.engine.cascade import Readout, Stage
from synaptrial.mechanism.common import NO_TOP, Array, Values
from synaptrial.mechanism.severity import CLUSTER_MAX


def _deficit(s: Values, p: Values) -> Array:
    w = p["regulation_prefrontal_share"]
    return w * s["prefrontal"] + (1 - w) * s["caps5_d"] / (CLUSTER_MAX["d"] * p["base_d"])


STAGES: tuple[Stage, ...] = (
    Readout(
        "emotion_regulation",
        ("prefrontal", "caps5_d"),
        ("regulation_prefrontal_share", "base_d"),
        _deficit,
        unit="1 untreated, 0 health",
        bounds=(0.0, NO_TOP),
        doc="emotion regulation deficit",
    ),
)
