"""How the panels of a figure are laid out, and the sentences that stand in or under them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from synaptrial.reporting.kit.panels import Panel
from synaptrial.reporting.kit.theme import Arm, pair_label, short

KETAMINE = ("conc_s", "conc_r", "conc_s_nk", "conc_r_nk", "conc_venous")
TICK_H = 4.0  # windows of a day end at one of these
COLUMNS, WHOLE = 2, 960  # panels beside each other; the width of one alone
# Why a variable is zero in a study; what stands beyond this list is zero as a result.
ABSENT = {
    "occupancy": "no ketamine",
    "glutamate": "no ketamine",
    "conc_midazolam": "not given",
    "sedation": "not modelled for ketamine, and no midazolam",
    "ssri": "no daily drug",
    "learning": "no session that teaches",
} | {v: "no ketamine" for v in KETAMINE}
DOSE_DAY = (
    "The saw-tooth within a day of each dose is the fast plasticity state. The sign of the drug's"
    " effect is not known: some draws and some patients are made worse, so bands also rise. "
)


def wrapped(cells: Sequence[Panel | str]) -> list[list[Panel | str]]:
    """Panels, or sentences in their place, in rows."""
    return [list(cells[i : i + COLUMNS]) for i in range(0, len(cells), COLUMNS)]


def from_first_dose(a: Arm) -> Arm:
    """The arm with its events in hours after its first dose."""
    first = a.doses_h[0] if a.doses_h else 0.0
    return replace(
        a,
        doses_h=tuple(t - first for t in a.doses_h),
        sessions_h=tuple(t - first for t in a.sessions_h),
    )


def ticks(panels: Sequence[Panel]) -> str:
    """What the marks under the axes are, if there are any."""
    words = [
        f"{mark}: {name}"
        for mark, name, times in (
            ("triangles", "doses", [(p, a.doses_h) for p in panels for a in p.arms]),
            ("diamonds", "therapy sessions", [(p, a.sessions_h) for p in panels for a in p.arms]),
        )
        if any(p.start_h <= t <= p.end_h for p, calendar in times for t in calendar)
    ]
    return f"Under the axis, {', '.join(words)}. " if words else ""


def differences(summary: dict[str, Any], arms: tuple[Arm, ...]) -> tuple[Arm, ...]:
    """Pairs of arms as arms of the difference figure, in the first arm's colour."""
    known = {a.label: a for a in arms}
    pairs = dict.fromkeys((c["arm"], c["comparator"]) for c in summary["contrasts"])
    out = []
    for arm, comparator in pairs:
        a = known[arm]
        words = f"minus {short(comparator, a.study)}"
        label, name = pair_label(arm, comparator), f"{a.name} {words}"
        out.append(replace(a, label=label, name=name, short=f"{a.short} {words}"))
    return tuple(out)
