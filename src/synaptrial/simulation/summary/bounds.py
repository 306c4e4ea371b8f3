"""Ranges that the quantities of the courses cannot leave, whatever an interval's formula says."""

from __future__ import annotations

import numpy as np

from synaptrial.domain.scales import SCALES
from synaptrial.mechanism.common import NO_TOP
from synaptrial.simulation.run.march import CASCADE
from synaptrial.simulation.run.recording import CONCENTRATIONS, COURSE_TOPS

TOTAL = SCALES["CAPS5"].maximum
BOUNDS: dict[str, tuple[float, float]] = {
    **{s.name: s.bounds for s in CASCADE.stages if s.name in COURSE_TOPS},
    "caps5_difference": (-TOTAL, TOTAL),
    "cadss": (0.0, SCALES["CADSS"].maximum),
    **dict.fromkeys(CONCENTRATIONS, (0.0, NO_TOP)),
    **dict.fromkeys(("belief", "occupancy", "sedation", "retained"), (0.0, 1.0)),
}


def within_bounds(name: str, value: np.ndarray) -> np.ndarray:
    """Values of a course cut to the range of its quantity; unchanged where it has none.

    Sampling of a new arm is taken as normal, so its interval may leave the range near an end."""
    return np.clip(value, *BOUNDS[name]) if name in BOUNDS else value
