"""The model as a list of parts with inputs and outputs, taken from the stages that run."""

from __future__ import annotations

from dataclasses import dataclass

from synaptrial.engine.cascade import Affine
from synaptrial.simulation.model import CASCADE

# Parts of the fast layer and of the observation, which are functions, not stages of the cascade.
FAST = (
    ("ketamine plasma (S, R)", ("doses", "weight"), ("ketamine",)),
    ("norketamine plasma", ("ketamine",), ("norketamine",)),
    ("midazolam plasma", ("doses",), ("midazolam",)),
    ("NMDA occupancy", ("ketamine", "norketamine"), ("drive",)),
    ("dissociation", ("ketamine",), ("felt", "CADSS")),
    ("pressure and pulse", ("ketamine",), ("SBP, DBP, HR",)),
    ("sedation", ("midazolam",), ("felt",)),
    ("belief", ("felt", "in_study"), ("belief",)),
)
SEVERITIES = ("caps5_b", "caps5_c", "caps5_d", "caps5_e")
SCALES = (
    ("CAPS-5 score", (*SEVERITIES,), ("CAPS-5",)),
    ("PCL-5 score", (*SEVERITIES, "expectancy_state"), ("PCL-5",)),
    ("MADRS score", ("mood",), ("MADRS",)),
)
WORDS = {
    "in_study": "study conduct", "contact": "study conduct", "ssri_mg_per_h": "daily drug",
    "session_exposure": "sessions", "session_reactivation": "sessions",
    "session_supportive": "sessions", "near_ketamine": "doses", "near_midazolam": "doses",
    "on_ssri": "daily drug", "in_therapy": "sessions",
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One box of the diagram."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def model_stages() -> tuple[Part, ...]:
    """All parts in order of the cascade."""
    words = lambda names: tuple(dict.fromkeys(WORDS.get(n, n) for n in names))  # noqa: E731
    parts = [Part(name, words(i), o) for name, i, o in FAST]
    for s in CASCADE.stages:
        if s.name.startswith("area_"):
            continue  # bookkeeping for recall windows
        inputs = s.inputs + (s.impulse_inputs if isinstance(s, Affine) else ())
        parts.append(Part(s.doc, words(inputs), (s.name,)))
    return (*parts, *(Part(name, i, o) for name, i, o in SCALES))
