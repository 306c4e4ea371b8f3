"""The model as a list of parts with inputs and outputs.

The cascade describes itself. The fast layer and the observation are functions: their parts are
listed here by the names of the signals that they give, and a test holds the lists to the code.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from synaptrial.engine.cascade import Affine
from synaptrial.simulation.run.march import CASCADE

PLASMA = ("conc_s", "conc_r", "conc_s_nk", "conc_r_nk")
FAST = (
    ("ketamine plasma (S, R)", ("doses", "weight"), ("conc_s", "conc_r", "venous")),
    ("norketamine plasma", ("conc_s", "conc_r"), ("conc_s_nk", "conc_r_nk")),
    ("midazolam plasma", ("doses",), ("conc_midazolam",)),
    (
        "ketamine effect sites",
        ("conc_s", "conc_r"),
        ("effect_s", "effect_r", "pressure_s", "pressure_r"),
    ),
    ("midazolam effect site", ("conc_midazolam",), ("midazolam_effect",)),
    ("NMDA occupancy", PLASMA, ("occupancy", "drive")),
    ("dissociation", ("effect_s", "effect_r"), ("dissociation",)),
    ("pressure and pulse", ("pressure_s", "pressure_r"), ("pressure",)),
    ("sedation", ("midazolam_effect",), ("sedation",)),
    ("what is felt", ("dissociation", "sedation"), ("felt",)),
    ("belief", ("felt", "study conduct"), ("belief",)),
)
SEVERITIES = ("caps5_b", "caps5_c", "caps5_d", "caps5_e")
SCORES = (
    ("CAPS-5 score", SEVERITIES, ("CAPS5",)),
    ("PCL-5 score", (*SEVERITIES, "expectancy_state"), ("PCL5",)),
    ("MADRS score", ("mood",), ("MADRS",)),
    ("IES-R score", ("PCL5",), ("IESR",)),
    ("CAPS-IV score", ("CAPS5",), ("CAPS4",)),
    ("PHQ-9 score", ("MADRS",), ("PHQ9",)),
)
READINGS = (
    ("CADSS", ("dissociation",), ("cadss_peak",)),
    ("vital signs", ("pressure",), ("sbp_rise", "dbp_rise", "hr_rise")),
)
WORDS = {
    "treated_h": "course of treatment", "contact": "study conduct",
    "ssri_mg_per_h": "daily drug", "on_ssri": "daily drug",
    "session_exposure": "sessions", "session_reactivation": "sessions",
    "session_supportive": "sessions", "near_ketamine": "doses", "near_midazolam": "doses",
    "conc_s": "ketamine", "conc_r": "ketamine", "venous": "venous ketamine",
    "conc_s_nk": "norketamine", "conc_r_nk": "norketamine", "conc_midazolam": "midazolam",
    "effect_s": "ketamine effect", "effect_r": "ketamine effect",
    "pressure_s": "ketamine pressure", "pressure_r": "ketamine pressure",
    "midazolam_effect": "midazolam effect",
    "CAPS5": "CAPS-5", "PCL5": "PCL-5", "IESR": "IES-R", "CAPS4": "CAPS-IV", "PHQ9": "PHQ-9",
    "cadss_peak": "CADSS peak", "sbp_rise": "SBP rise", "dbp_rise": "DBP rise",
    "hr_rise": "HR rise", "in_therapy": "sessions",
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One box of the diagram."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def model_stages() -> tuple[Part, ...]:
    """All parts in order of the cascade, signals in words."""
    parts = [_part(*row) for row in FAST]
    for s in CASCADE.stages:
        if s.name.startswith("area_"):
            continue  # bookkeeping for recall windows
        inputs = s.inputs + (s.impulse_inputs if isinstance(s, Affine) else ())
        parts.append(_part(s.doc, inputs, (s.name,)))
    return (*parts, *(_part(*row) for row in (*SCORES, *READINGS)))


def _part(name: str, inputs: Iterable[str], outputs: Iterable[str]) -> Part:
    words = [tuple(dict.fromkeys(WORDS.get(n, n) for n in names)) for names in (inputs, outputs)]
    return Part(name, *words)
