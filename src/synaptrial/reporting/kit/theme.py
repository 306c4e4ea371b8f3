"""One look for every picture: colours, line styles, names of variables, units of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Okabe and Ito's palette, those with most contrast on white first; yellow is too pale for lines.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
VEGA_LITE = "https://vega.github.io/schema/vega-lite/v6.json"
INK, MUTED, GRID = "#1f2328", "#5b636d", "#e6e8eb"
FONT = "Arial, Liberation Sans, Helvetica, sans-serif"
SOLID, DASHED, LONG = (1, 0), (6, 3), (14, 3)
DOT = (2, 3)

CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": "white",
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "titleFontWeight": "normal",
        "labelFontSize": 11.5,
        "titleFontSize": 11.5,
        "gridColor": GRID,
        "domainColor": "#b9bec5",
        "tickColor": "#b9bec5",
    },
    "title": {"anchor": "start", "fontSize": 13, "color": INK, "offset": 8, "frame": "group"},
    "text": {"font": FONT},
}

NAMES = {
    "caps5_total": "CAPS-5 total",
    "caps5_difference": "CAPS-5 difference",
    "caps5_b": "B intrusion",
    "caps5_c": "C avoidance",
    "caps5_d": "D cognition and mood",
    "caps5_e": "E arousal",
    "mood": "Depressed mood (MADRS)",
    "glutamate": "Glutamate surge",
    "plasticity_fast": "Fast plasticity",
    "plasticity_slow": "Slow plasticity",
    "amygdala": "Amygdala reactivity",
    "prefrontal": "Prefrontal deficit",
    "default_mode": "Default-mode coupling",
    "emotion_regulation": "Emotion regulation, deficit",
    "learning": "Extinction learning",
    "ssri": "SSRI effect",
    "belief": "Belief in active treatment",
    "retained": "Still in the study",
    "conc_s": "S-ketamine, arterial",
    "conc_r": "R-ketamine, arterial",
    "conc_s_nk": "S-norketamine, arterial",
    "conc_r_nk": "R-norketamine, arterial",
    "conc_venous": "Ketamine, venous",
    "conc_midazolam": "Midazolam",
    "occupancy": "NMDA occupancy",
    "cadss": "Dissociation (CADSS)",
    "sbp_change_mmhg": "Systolic pressure, change",
    "dbp_change_mmhg": "Diastolic pressure, change",
    "hr_change_bpm": "Heart rate, change",
    "sedation": "Sedation",
}
SCALE_NAMES = {
    "CAPS5": "CAPS-5 total",
    "CAPS5_B": "CAPS-5 B",
    "CAPS5_C": "CAPS-5 C",
    "CAPS5_D": "CAPS-5 D",
    "CAPS5_E": "CAPS-5 E",
    "PCL5": "PCL-5",
    "IESR": "IES-R",
    "CAPS4": "CAPS for DSM-IV",
    "PHQ9": "PHQ-9",
}
SCALE_VARIABLES = {
    "CAPS5": "caps5_total",
    "CAPS5_B": "caps5_b",
    "CAPS5_C": "caps5_c",
    "CAPS5_D": "caps5_d",
    "CAPS5_E": "caps5_e",
    "MADRS": "mood",
    "CADSS": "cadss",
}


ACUTE_UNITS = {
    "cadss": "points",
    "sbp_change_mmhg": "mmHg",
    "dbp_change_mmhg": "mmHg",
    "hr_change_bpm": "beats/min",
    "sedation": "midazolam only",
}


def scale_name(key: str) -> str:
    return SCALE_NAMES.get(key.upper(), key)


def scale_variable(key: str) -> str:
    """The course that a scale's score may be drawn over, or ''."""
    return SCALE_VARIABLES.get(key.upper(), "")


def pair_label(arm: str, comparator: str) -> str:
    """The label of a difference between two arms, as in the courses."""
    return f"{arm} minus {comparator}"


@dataclass(frozen=True)
class Arm:
    """How one arm looks in every figure of a page."""

    label: str  # as in the courses
    name: str  # as in keys
    study: str
    short: str  # as in a study's own panels
    colour: str
    control: bool
    doses_h: tuple[float, ...]
    sessions_h: tuple[float, ...]
    turn: int = 0  # how often its colour has been given away before
    dot: bool = False  # drawn as points, not as a line

    @property
    def dash(self) -> tuple[int, ...]:
        """Strokes and gaps: controls are dashed; a colour's second arm has a dot, the third two."""
        if self.turn:
            return (DASHED if self.control else LONG) + self.turn * DOT
        return DASHED if self.control else SOLID

    @property
    def ink(self) -> str:
        """The arm's colour, darkened until text of 12 px is legible on white."""
        parts = [int(self.colour[i : i + 2], 16) for i in (1, 3, 5)]
        return "#" + "".join(f"{int(0.72 * p):02x}" for p in parts)


def arms_of(summary: dict[str, Any]) -> tuple[Arm, ...]:
    """The page's arms, in the order of the summary."""
    return tuple(
        Arm(
            label=a["label"],
            name=a["label"],
            study=a["study"],
            short=short(a["label"], a["study"]),
            colour=PALETTE[a["colour_index"] % len(PALETTE)],
            control=a["kind"] == "control",
            doses_h=tuple(a["events"]["doses_h"]),
            sessions_h=tuple(a["events"]["sessions_h"]),
            turn=a["colour_index"] // len(PALETTE),
        )
        for a in summary["arms"]
    )


def short(label: str, study: str) -> str:
    """The label without its study, where the panel's title names the study already."""
    rest = label.removeprefix(study).strip(" :,-·") if study else label
    return rest or label


NO_STUDY = "no study"  # what a summary says of an arm of one's own


def by_study(arms: tuple[Arm, ...]) -> dict[str, tuple[Arm, ...]]:
    """Arms by study, in order; of none under ""."""
    named = {a: "" if a.study == NO_STUDY else a.study for a in arms}
    return {s: tuple(a for a in arms if named[a] == s) for s in dict.fromkeys(named.values())}


@dataclass(frozen=True)
class TimeUnit:
    """A unit of the time axis; `steps` are the spacings of ticks that people expect."""

    hours: float
    title: str
    word: str
    steps: tuple[float, ...]

    def ticks(self, span: float, most: int) -> list[float]:
        """At most `most` even ticks from 0 to `span`, both in this unit."""
        fitting = [s for s in self.steps if span / s <= most]
        step = fitting[0] if fitting else -(-span // most)
        return [i * step for i in range(int(span / step + 1e-6) + 1)]


MINUTES = TimeUnit(1 / 60, "Time (min)", "min", (5, 10, 15, 30, 60, 120))
HOURS = TimeUnit(1.0, "Time (h)", "h", (1, 2, 4, 6, 12, 24))
DAYS = TimeUnit(24.0, "Time (days)", "days", (1, 2, 7, 14))
WEEKS = TimeUnit(168.0, "Time (weeks)", "weeks", (1, 2, 4, 8, 13, 26, 52))


def time_unit(span_h: float) -> TimeUnit:
    """Minutes, hours, days or weeks, by the span that is drawn."""
    for limit, unit in ((4.0, MINUTES), (72.0, HOURS), (21 * 24.0, DAYS)):
        if span_h <= limit:
            return unit
    return WEEKS
