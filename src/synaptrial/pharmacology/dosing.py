"""From dose events to the inputs of the linear blocks.

An input is a bolus into a state, or a zero-order rate over a time common to all patients
(infusion length, dissolution time); between-patient variability sits in shares and rate
constants. So all switch times are part of the mesh.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import jax
import numpy as np

from synaptrial.domain.dose import DoseEvent, PerKg
from synaptrial.engine.mesh import RESOLUTION_H, padded

Array = jax.Array

EVENT_BUCKET = 8
SHARE_OF_S = {"racemic": 0.5, "s": 1.0, "r": 0.0}
DEVICE_INTERVAL_H = 5.0 / 60.0  # between nasal devices, esketamine labelling
DEVICE_MG = 28.0  # of esketamine in one nasal device, two sprays of 0.1 mL; same labelling


@dataclass(frozen=True)
class Input:
    """Share ``share`` of event ``event``, as a bolus (duration 0) or a rate, into ``state``."""

    event: int
    state: str
    share: str
    start_h: float
    duration_h: float
    fraction: float = 1.0  # of the event's amount: 1 / devices for one nasal device


SHARES: Mapping[str, Callable[[Mapping[str, Array]], Array]] = {
    "all": lambda p: p["V1"] * 0 + 1.0,
    "im": lambda p: p["F_im"],
    "sc": lambda p: p["F_sc"],
    "nasal_first": lambda p: p["nasal_fraction"],
    "nasal_first_swallowed": lambda p: 1 - p["nasal_fraction"],
    "nasal_next": lambda p: p["nasal_fraction"] * p["nasal_next_factor"],
    "nasal_next_swallowed": lambda p: 1 - p["nasal_fraction"] * p["nasal_next_factor"],
    "nasal_racemate_first": lambda p: p["nasal_fraction_racemate"],
    "nasal_racemate_first_swallowed": lambda p: 1 - p["nasal_fraction_racemate"],
    "nasal_racemate_next": lambda p: p["nasal_fraction_racemate"] * p["nasal_next_factor"],
    "nasal_racemate_next_swallowed": lambda p: (
        1 - p["nasal_fraction_racemate"] * p["nasal_next_factor"]
    ),
    "film": lambda p: p["sl_fraction"],
    "film_swallowed": lambda p: 1 - p["sl_fraction"],
}


def ketamine_inputs(
    events: Sequence[DoseEvent], durations_h: Mapping[str, float]
) -> tuple[Input, ...]:
    """Inputs of the ketamine block. durations_h: the fixed dissolution times of the set."""
    out: list[Input] = []
    for n, e in enumerate(events):
        if e.drug != "ketamine":
            continue
        t = e.time_h
        if e.route == "iv":
            out.append(Input(n, "central", "all", t, e.duration_h))
        elif e.route == "im":
            out.append(Input(n, "muscle", "im", t, 0.0))
        elif e.route == "sc":
            out.append(Input(n, "subcutis", "sc", t, 0.0))
        elif e.route == "oral":
            out.append(Input(n, "oral_gut", "all", t, durations_h["oral_duration"]))
        elif e.route == "sublingual":
            out.append(Input(n, "mucosa", "film", t, durations_h["sl_duration"]))
            out.append(
                Input(n, "film_gut", "film_swallowed", t, durations_h["sl_swallowed_duration"])
            )
        else:
            out.extend(_nasal(n, e, durations_h["swallowed_duration_nasal"]))
    return tuple(out)


def _nasal(n: int, event: DoseEvent, swallowed_h: float) -> list[Input]:
    out = []
    spray = "" if event.enantiomer == "s" else "racemate_"  # the device of esketamine, or another
    for device in range(event.devices):
        share = f"nasal_{spray}first" if device == 0 else f"nasal_{spray}next"
        t = event.time_h + device * DEVICE_INTERVAL_H
        part = 1.0 / event.devices
        out.append(Input(n, "nose", share, t, 0.0, part))
        out.append(Input(n, "nose_gut", share + "_swallowed", t, swallowed_h, part))
    return out


def infusions(events: Sequence[DoseEvent], drug: str) -> tuple[Input, ...]:
    """Inputs of a drug that is modelled by the intravenous route only (midazolam)."""
    return tuple(
        Input(n, "central", "all", e.time_h, e.duration_h)
        for n, e in enumerate(events)
        if e.drug == drug and e.route == "iv"
    )


def _acts(event: DoseEvent) -> bool:
    """Whether a dose holds something that has a plasma model."""
    return event.drug in ("ketamine", "midazolam") and event.amount.in_mg(1.0) > 0


def bioavailability(route: str, enantiomer: str, devices: int, par: Mapping[str, float]) -> float:
    """Share of a ketamine dose that reaches plasma as ketamine, the swallowed part included.

    It is the share that gives the published area at the clearance of the set. Esketamine by nose
    has 0.50, 0.43 and 0.40 with one, two and three devices; the labelling's 0.48 stands against
    another clearance."""
    if route == "intranasal":
        first = par["nasal_fraction" if enantiomer == "s" else "nasal_fraction_racemate"]
        later = first * par["nasal_next_factor"]
        nose = (first + (devices - 1) * later) / devices
        return nose + (1 - nose) * par["swallowed_systemic"]
    # what is swallowed from under the tongue reaches plasma as norketamine only
    share = {"im": "F_im", "sc": "F_sc", "oral": "oral_systemic", "sublingual": "sl_fraction"}
    return par[share[route]] if route in share else 1.0


def breaks_h(inputs: Sequence[Input]) -> list[float]:
    """All times at which an input starts or stops."""
    return [t for i in inputs for t in (i.start_h, i.start_h + i.duration_h)]


@dataclass(frozen=True)
class Doses:
    """The doses of one arm, compiled once. Arrays hold one number an event, (size,), with zeros
    behind the last."""

    size: int  # events, padded to one of few sizes
    events: tuple[DoseEvent, ...]
    acting: tuple[bool, ...]  # by event: whether it holds something that has a plasma model
    ketamine: tuple[Input, ...]
    midazolam: tuple[Input, ...]
    per_kg: np.ndarray  # mg per kg; 0 where the amount is flat
    flat: np.ndarray  # mg; 0 where the amount is per kg
    share_s: np.ndarray  # the part that is the S enantiomer
    is_ketamine: np.ndarray  # 1 or 0
    switches_h: list[float]  # all times at which an input starts or stops


def compiled(
    events: Sequence[DoseEvent], durations_h: Mapping[str, float], horizon_h: float
) -> Doses:
    """All that a simulation needs of the doses; `durations_h`: dissolution times of the set.

    An input that starts at the horizon or later acts on nothing and is left out: the second and
    third nasal device may fall there."""
    size = padded(len(events), EVENT_BUCKET)
    per_kg, flat, share_s, is_ketamine = np.zeros((4, size))
    for n, e in enumerate(events):
        if isinstance(e.amount, PerKg):
            per_kg[n] = e.amount.mg_per_kg
        else:
            flat[n] = e.amount.mg
        share_s[n] = SHARE_OF_S.get(e.enantiomer or "", 0.0)
        is_ketamine[n] = e.drug == "ketamine"
    ketamine, midazolam = (
        tuple(i for i in inputs if i.start_h < horizon_h - RESOLUTION_H)
        for inputs in (ketamine_inputs(events, durations_h), infusions(events, "midazolam"))
    )
    return Doses(
        size, tuple(events), tuple(_acts(e) for e in events), ketamine, midazolam,
        per_kg, flat, share_s, is_ketamine, breaks_h((*ketamine, *midazolam)),
    )  # fmt: skip
