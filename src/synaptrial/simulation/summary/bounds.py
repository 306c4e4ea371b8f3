"""Ranges that the quantities of the courses cannot leave, whatever an interval's formula says."""

from __future__ import annotations

import numpy as np

from synaptrial.mechanism.circuits import CIRCUITS
from synaptrial.simulation.run.recording import CONCENTRATIONS

NO_TOP = np.inf
BOUNDS: dict[str, tuple[float, float]] = {
    "caps5_total": (0.0, 80.0),
    "caps5_b": (0.0, 20.0),
    "caps5_c": (0.0, 8.0),
    "caps5_d": (0.0, 28.0),
    "caps5_e": (0.0, 24.0),
    "caps5_difference": (-80.0, 80.0),
    "mood": (0.0, 60.0),
    "cadss": (0.0, 92.0),
    **dict.fromkeys((*CIRCUITS, "emotion_regulation"), (0.0, NO_TOP)),
    **dict.fromkeys(CONCENTRATIONS, (0.0, NO_TOP)),
    **dict.fromkeys(
        ("glutamate", "plasticity_fast", "plasticity_slow", "learning", "ssri", "belief",
         "occupancy", "sedation", "retained"),
        (0.0, 1.0),
    ),
}  # fmt: skip


def within_bounds(name: str, value: np.ndarray) -> np.ndarray:
    """Values of a course cut to the range of its quantity; unchanged where it has none.

    Sampling of a new arm is taken as normal, so its interval may leave the range near an end."""
    return np.clip(value, *BOUNDS[name]) if name in BOUNDS else value
