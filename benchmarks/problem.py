"""The problem that every engine solves: eight infusions, plasticity and a symptom, eight weeks.

Units: hours, mg, mg/L, points. For one virtual patient::

    A1' = r(t) - (CL + Q) A1/V1 + Q A2/V2       central amount
    A2' = Q A1/V1 - Q A2/V2                     peripheral amount
    CE' = KE0 (A1/V1 - CE)                      effect site
    P'  = KON e (1 - P) - KOUT P                plasticity, e = CE^2 / (EC50^2 + CE^2)
    S'  = KS (S0 (1 - SMAX P) - S)              symptom

All start at 0 but S, which starts at S0. CL, V1, EC50 and KOUT differ between patients. The
values were chosen to make a hard and fair test (rates from 8 per hour to 1 in 10 days); they
describe no drug and rest on no evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

NAME = "eight 40 min infusions, effect site, plasticity, symptom; 60 observations in 8 weeks"
OUTPUTS = ("concentration", "plasticity", "symptom")
TOLERANCE = 1e-4  # what counts as solved, on the scale of `errors`
CHECKED = 200  # patients whose error is measured
SEED = 20190

DOSE_TIMES = (0.0, 72.0, 168.0, 240.0, 336.0, 408.0, 504.0, 576.0)
INFUSION = 40.0 / 60.0
RATE = 35.0 / INFUSION  # mg/h: 0.5 mg/kg at 70 kg
HORIZON = 8 * 7 * 24.0


def _rate_of_half_life(hours: float) -> float:
    return float(np.log(2.0)) / hours


@dataclass(frozen=True)
class Typical:
    """The typical patient."""

    CL: float = 80.0  # L/h, varies
    V1: float = 60.0  # L, varies
    Q: float = 100.0  # L/h
    V2: float = 150.0  # L
    KE0: float = _rate_of_half_life(5.0 / 60.0)  # 1/h
    EC50: float = 0.10  # mg/L, varies
    KON: float = _rate_of_half_life(6.0)  # 1/h
    KOUT: float = _rate_of_half_life(168.0)  # 1/h, varies
    KS: float = _rate_of_half_life(24.0)  # 1/h
    S0: float = 80.0  # points
    SMAX: float = 0.6


TYPICAL = Typical()
VARYING = ("CL", "V1", "EC50", "KOUT")
LOG_SD = 0.30


class Segment(NamedTuple):
    """A stretch with constant infusion; ``first:last`` are its observations, start < t <= stop."""

    start: float
    stop: float
    rate: float
    first: int
    last: int


def observation_times() -> Array:
    """(60,) hours: end of infusion, 2 h and 24 h after each dose; every 1/36 of the horizon."""
    doses = np.array(DOSE_TIMES)
    after_dose = np.add.outer((INFUSION, 2.0, 24.0), doses).ravel()
    regular = HORIZON / 36 * np.arange(1, 37)
    return np.sort(np.concatenate([after_dose, regular]))


def segments() -> tuple[Segment, ...]:
    """The 16 stretches between switches of the infusion."""
    edges = sorted([*DOSE_TIMES, *(t + INFUSION for t in DOSE_TIMES), HORIZON])
    counts = np.searchsorted(observation_times(), edges, side="right")
    return tuple(
        Segment(edges[i], edges[i + 1], RATE * (i % 2 == 0), int(counts[i]), int(counts[i + 1]))
        for i in range(len(edges) - 1)
    )


def patients(n: int) -> Array:
    """(n, 4) CL, V1, EC50, KOUT; the first rows are the same for every n."""
    normal = np.random.default_rng(SEED).standard_normal((n, len(VARYING)))
    return np.exp(LOG_SD * normal) * [getattr(TYPICAL, name) for name in VARYING]


def initial_state() -> Array:
    """(5,) A1, A2, CE, P, S at time 0."""
    return np.array([0.0, 0.0, 0.0, 0.0, TYPICAL.S0])


def derivatives(state: ArrayLike, rate: float, patient: ArrayLike) -> Array:
    """Right-hand side; ``state`` (5, ...), ``patient`` (4, ...), the same trailing shape."""
    a1, a2, ce, p, s = np.asarray(state)
    cl, v1, ec50, kout = np.asarray(patient)
    y = TYPICAL
    conc, back = a1 / v1, y.Q / y.V2 * a2
    drive = ce**2 / (ec50**2 + ce**2)
    return np.array(
        [
            rate - (cl + y.Q) * conc + back,
            y.Q * conc - back,
            y.KE0 * (conc - ce),
            y.KON * drive * (1 - p) - kout * p,
            y.KS * (y.S0 * (1 - y.SMAX * p) - s),
        ]
    )


def outputs(state: Array, patient: Array) -> Array:
    """Concentration, plasticity, symptom on a new last axis."""
    return np.stack([state[0] / patient[1], state[3], state[4]], axis=-1)


def errors(result: Array, reference: Array) -> Array:
    """(3,) largest relative error per output, over patients and times.

    Relative to the true value, but to no less than 1% of the patient's own largest one.
    """
    size = np.abs(reference)
    scale = np.maximum(size, 0.01 * size.max(axis=1, keepdims=True))
    return np.asarray((np.abs(result - reference) / scale).max(axis=(0, 1)))
