"""Figures of exposure: plasma on linear and logarithmic scales, enantiomers, occupancy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from synaptrial.reporting.exposure.tables import PUBLISHED
from synaptrial.reporting.kit.curves import Curves
from synaptrial.reporting.kit.figure import Figure
from synaptrial.reporting.kit.panels import Drawn, Panel, draw
from synaptrial.reporting.kit.theme import Arm, arms_of, time_unit

NAMES = {
    "venous_ketamine": "Ketamine, venous",
    "arterial_ketamine": "Ketamine, arterial",
    "arterial_norketamine": "Norketamine, arterial",
    "not_stated_midazolam": "Midazolam",
    "arterial_s_ketamine": "S-ketamine, arterial",
    "arterial_r_ketamine": "R-ketamine, arterial",
    "arterial_s_norketamine": "S-norketamine, arterial",
    "arterial_r_norketamine": "R-norketamine, arterial",
    "occupancy": "NMDA occupancy, all analytes",
    "occupancy_norketamine": "Held by norketamine",
}
TOTALS = tuple(NAMES)[:4]
ENANTIOMERS = tuple(NAMES)[4:8]
OCCUPANCY = tuple(NAMES)[8:]
PUBLISHED_VARIABLE, PUBLISHED_WORDS = f"{PUBLISHED}_s_ketamine", "Perez-Ruixo 2021, as published"
DECADES = 3.5  # below the highest level; less is beyond assays and of no effect
EARLY_H, OCCUPANCY_H, DAY_H = 8.0, 12.0, 24.0  # and the length of a long infusion
LONG_H = 2.0
Row = dict[str, Any]


def exposure_figures(summary: Row, courses: pd.DataFrame) -> tuple[Figure, ...]:
    """The figures of one exposure result; those without anything to draw are left out."""
    arms, table = _arms(summary, courses)
    made = _Made(summary, arms, table)
    longest_h = max(a["first_dose"]["infusion_min"] for a in summary["arms"]) / 60
    early, half, day = (
        h + (longest_h if longest_h > LONG_H else 0.0) for h in (EARLY_H, OCCUPANCY_H, DAY_H)
    )
    log = f"The same over {day:.3g} hours, on a logarithmic scale"
    figures = (
        made.figure("plasma", "Plasma after the first dose", TOTALS, early),
        made.figure("plasma_log", log, TOTALS, day),
        made.figure("enantiomers", "By enantiomer", ENANTIOMERS, early),
        made.figure("occupancy", "NMDA occupancy after the first dose", OCCUPANCY, half),
    )
    return tuple(f for f in figures if f is not None)


def _arms(summary: Row, courses: pd.DataFrame) -> tuple[tuple[Arm, ...], pd.DataFrame]:
    """Arms in their full names; the published nasal course as an arm beside its own, dashed."""
    arms: list[Arm] = []
    table = courses.copy()
    for arm in arms_of(summary):
        # courses start at the first dose
        arm = replace(arm, short=arm.name, doses_h=(0.0,))
        arms.append(arm)
        own = (table["arm"] == arm.label) & (table["variable"] == PUBLISHED_VARIABLE)
        if own.any():
            name = f"{arm.label} ({PUBLISHED_WORDS})"
            table.loc[own, ["arm", "variable"]] = [name, "venous_ketamine"]
            arms.append(replace(arm, label=name, name=name, short=name, control=True, doses_h=()))
    return tuple(arms), table


class _Made:
    def __init__(self, summary: Row, arms: tuple[Arm, ...], table: pd.DataFrame) -> None:
        self.arms, self.table, self.curves = arms, table, Curves(table)
        run = summary["run"]
        self.status = summary["status"]
        self.basis = (
            f"Lines: the typical patient of {run['weight_kg']:g} kg. Bands: 50% and 95% of"
            f" {run['patients']:,} single virtual patients, who differ in weight and kinetics."
        )

    def figure(
        self, name: str, title: str, variables: tuple[str, ...], hours: float
    ) -> Figure | None:
        log = name.endswith("_log")
        wide = len([v for v in variables if self._given(v)]) > 1
        cells = [self._panel(v, hours, log, wide) for v in variables if self._given(v)]
        if not cells:
            return None
        rows = tuple(tuple(cells[i : i + 2]) for i in range(0, len(cells), 2))
        shown = {a.label for v in variables for a in self._given(v)}
        keys = tuple(a for a in self.arms if a.label in shown) if len(shown) > 1 else ()
        dashed = any(a.label.endswith(f"({PUBLISHED_WORDS})") for a in keys)
        extra = f" Dashed: {PUBLISHED_WORDS}, which serves venous levels only." if dashed else ""
        if log:
            extra += (
                " Late levels are too low: the model's terminal half-life of ketamine is 3 h,"
                " studies with long follow-up report 5 to 10 h (synaptrial pk --check)."
            )
        if "not_stated_midazolam" in variables and self._given("not_stated_midazolam"):
            extra += " Patients on midazolam differ in weight only: no other spread was obtained."
        if name == "occupancy":
            extra = " A relative scale: no scan in man anchors it."
        foot = f"{self.basis} Status: {self.status}."
        return Figure(name, title, f"{self.basis}{extra}", rows, keys, foot)

    def _given(self, variable: str) -> tuple[Arm, ...]:
        return tuple(a for a in self.arms if self.curves.has(a.label, variable, "typical"))

    def _panel(self, variable: str, hours: float, log: bool, wide: bool) -> Drawn:
        part = self.table[(self.table["variable"] == variable) & (self.table["time_h"] <= hours)]
        top = 1.06 * float(part["value"].max())
        domain = (top / 10**DECADES, 2 * top) if log else (0.0, top)
        curves = self.curves
        if log:
            above = part[part["time_h"] > 0]
            curves = Curves(above.assign(value=above["value"].clip(lower=1e-9 * top)))
        panel = Panel(
            title=NAMES[variable],
            axis="fraction" if variable in OCCUPANCY else "ng/mL",
            variable=variable,
            arms=self._given(variable),
            start_h=0.0,
            end_h=hours,
            unit=time_unit(hours),
            domain=domain,
            interval=("patient",),
            width=470 if wide else 940,
            centre="typical",
        )
        drawn = draw(curves, panel, direct_labels=False)
        return replace(drawn, spec=_logarithmic(drawn.spec, domain)) if log else drawn


def _logarithmic(spec: Row, domain: tuple[float, float]) -> Row:
    """The same panel with a logarithmic y axis, labelled at powers of ten; lines end at it."""
    low, high = np.ceil(np.log10(domain[0])), np.floor(np.log10(domain[1]))
    ticks = [float(f"{10.0**k:g}") for k in np.arange(low, high + 1)]
    for layer in spec["layer"]:
        y = layer["encoding"]["y"]
        if "scale" in y:
            y["scale"] = {"type": "log", "domain": list(domain), "nice": False}
            layer["mark"] |= {"clip": True}
        if y.get("axis"):
            y["axis"] = y["axis"] | {"values": ticks, "format": "~g"}
    return spec
