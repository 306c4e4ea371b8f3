"""The figures of a report: which panels, on which scales, with which line under them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from synaptrial.reporting.kit.curves import EDGES, INTERVALS, Curves
from synaptrial.reporting.kit.figure import Figure
from synaptrial.reporting.kit.panels import Drawn, Panel, draw
from synaptrial.reporting.kit.theme import (
    NAMES,
    Arm,
    by_study,
    pair_label,
    scale_variable,
    time_unit,
)
from synaptrial.reporting.simulation.layout import (
    ABSENT,
    DOSE_DAY,
    TICK_H,
    WHOLE,
    differences,
    from_first_dose,
    ticks,
    wrapped,
)

CLUSTERS = ("caps5_b", "caps5_c", "caps5_d", "caps5_e")
PLASMA = ("conc_s", "conc_r", "conc_s_nk", "conc_r_nk", "conc_venous", "conc_midazolam")
BRAIN = (
    "plasticity_fast", "plasticity_slow", "amygdala", "prefrontal", "default_mode",
    "emotion_regulation",
)  # fmt: skip
MIND = ("learning", "ssri", "belief", "retained")
ACUTE = ("cadss", "sbp_change_mmhg", "dbp_change_mmhg", "hr_change_bpm", "sedation")
DAY_H, ACUTE_H = 24.0, 4.0
INTERVAL_WORDS = {
    "new_trial": "the mean in a new trial",
    "mean": "the mean itself",
    "patient": "single patients",
}


class Figures:
    """Builds the figures of one result; a figure without anything to draw is None."""

    def __init__(self, summary: dict[str, Any], arms: tuple[Arm, ...], curves: Curves) -> None:
        self.arms, self.curves = arms, curves
        run = summary["run"]
        self.status = summary["status"]
        self.basis = (
            f"{run['patients']:,} virtual patients an arm and {run['draws']:,} draws of the"
            f" parameters; {summary['status']}."
        )
        self.observed = [_drawable(o) for o in summary["observed"]]
        self.differences = differences(summary, arms)

    def all(self) -> tuple[Figure, ...]:
        made = (
            self.difference(), self.total(), self.patients(), self.clusters(), self.mood(),
            self.first_day(), self.plasma(), self.occupancy(), self.glutamate(), self.brain(),
            self.mind(), self.acute(),
        )  # fmt: skip
        return tuple(f for f in made if f is not None)

    def difference(self) -> Figure | None:
        return self._by_study(
            "difference", "Difference between arms over weeks", ("caps5_difference",),
            INTERVALS, "Lines: mean difference in latent severity, first arm minus second; below"
            f" zero the first has fewer symptoms. {self._dose_day()}".strip(), observed=True,
            arms=self.differences,
        )  # fmt: skip

    def total(self) -> Figure | None:
        return self._by_study(
            "course_total", "CAPS-5 total over weeks", ("caps5_total",), INTERVALS,
            f"Lines: mean latent severity. {self._dose_day()}".strip(), observed=True,
        )  # fmt: skip

    def patients(self) -> Figure | None:
        """One panel an arm: single patients of several arms would cover each other."""
        variable, kind = "caps5_total", ("patient",)
        domain = self._domain(variable, self.arms, kind, 0.0, None)
        panels = [
            self._panel(a.label, variable, (a,), kind, 0.0, None, domain, size=(330, 150),
                        axis=NAMES[variable], centre="patient_q50", courses=True)
            for a in self.arms
            if self.curves.interval(a.label, variable, kind)
        ]  # fmt: skip
        shows = (
            f"Thick lines: the median patient; thin lines: {len(self.curves.sampled)} virtual"
            f" patients an arm. {self._dose_day()}"
        )
        rows = [panels[i : i + 3] for i in range(0, len(panels), 3)]
        return self._figure("course_patients", "CAPS-5 total, single patients", shows, kind, rows,
                            direct=False)  # fmt: skip

    def clusters(self) -> Figure | None:
        return self._by_study(
            "course_clusters", "The four symptom clusters over weeks", CLUSTERS, INTERVALS,
            f"Lines: mean latent severity. {self._dose_day()}".strip(), observed=True,
        )  # fmt: skip

    def mood(self) -> Figure | None:
        return self._by_study(
            "course_mood", "Depressed mood over weeks", ("mood",), INTERVALS,
            "Lines: mean latent severity in MADRS points.", observed=True,
        )  # fmt: skip

    def first_day(self) -> Figure | None:
        return self._by_study(
            "first_day", "The first 24 hours", ("caps5_total",), INTERVALS,
            "Lines: mean latent severity after the first dose, not a CAPS-5 score, which looks"
            " back over a week or a month.", hours=DAY_H,
        )  # fmt: skip

    def plasma(self) -> Figure | None:
        return self._by_study(
            "plasma", "Plasma concentration after the first dose", PLASMA, ("patient",),
            "Lines: mean concentration.", hours=DAY_H, from_dose=True,
        )  # fmt: skip

    def occupancy(self) -> Figure | None:
        return self._by_study(
            "occupancy", "NMDA receptor occupancy after the first dose", ("occupancy",),
            ("patient",),
            "Lines: mean occupancy by S, R, S-nor and R-norketamine, a relative scale without a"
            " human anchor.", hours=DAY_H, from_dose=True,
        )  # fmt: skip

    def glutamate(self) -> Figure | None:
        return self._by_study(
            "glutamate", "Glutamate surge on the day of the first dose", ("glutamate",),
            INTERVALS[1:], "Lines: mean surge as a share of the largest, which fast plasticity"
            " follows.", hours=DAY_H,
        )  # fmt: skip

    def brain(self) -> Figure | None:
        return self._by_study(
            "plasticity_circuits", "Plasticity and circuits", BRAIN, INTERVALS[1:],
            "Lines: means. Each circuit is a deviation: 1 is untreated PTSD, 0 is health, so a"
            " fall is an improvement in all three. Emotion regulation is read from prefrontal"
            " control and cluster D, in parts that are assumed.",
        )  # fmt: skip

    def mind(self) -> Figure | None:
        return self._by_study(
            "learning_belief", "Learning, belief and staying in the study", MIND, INTERVALS[1:],
            "Lines: means.",
        )  # fmt: skip

    def acute(self) -> Figure | None:
        return self._by_study(
            "acute", "Acute effects, minute by minute", ACUTE, ("patient",),
            "Lines: mean curves after the first dose; a person's maximum is higher than that of"
            " the mean curve, see the table. Sedation is modelled for midazolam only, not for"
            " ketamine.", hours=ACUTE_H, from_dose=True,
        )  # fmt: skip

    def _by_study(
        self, name: str, title: str, variables: Sequence[str], interval: tuple[str, ...],
        shows: str, hours: float | None = None, observed: bool = False,
        arms: tuple[Arm, ...] = (), from_dose: bool = False,
    ) -> Figure | None:  # fmt: skip
        """A row of panels for each variable, the studies side by side on one scale.

        from_dose: these courses count their hours from the first dose, not from day 0."""
        drawn = arms or self.arms
        if from_dose and hours is not None:
            drawn = tuple(from_first_dose(a) for a in drawn)
            hours = self._window(drawn, variables, hours)
            shows += f" Shown: {hours:.3g} h from the start of the first dose."
        studies = by_study(drawn)
        height = 210 if len(variables) == 1 else 130
        rows: list[list[Panel | str]] = []
        for variable in variables:
            row: list[Panel | str] = []
            for study, members in studies.items():
                given = tuple(a for a in members if self.curves.nonzero(a.label, variable))
                if not given:
                    why = ABSENT.get(variable, "zero throughout")
                    row.append(f"{NAMES[variable]}: {why} in {study or 'these arms'}.")
                    continue
                start = 0.0
                if hours is not None:
                    start = min((a.doses_h[0] for a in members if a.doses_h), default=0.0)
                domain = self._domain(variable, drawn, interval, start, hours)
                head = f"{study} · {NAMES[variable]}" if study else NAMES[variable]
                published = self._published(variable, given) if observed else []
                row.append(self._panel(head, variable, given, interval, start, hours, domain,
                                       size=(470, height), observed=published))  # fmt: skip
            if any(isinstance(cell, Panel) for cell in row):
                rows += wrapped(row)
        if len(studies) == 1:
            rows = wrapped([cell for row in rows for cell in row])
        if len(rows) == 1 and len(rows[0]) == 1:
            rows = [[replace(c, width=WHOLE) for c in rows[0] if isinstance(c, Panel)]]
        return self._figure(name, title, shows + " ", interval, rows, direct=True)

    def _window(self, arms: Iterable[Arm], variables: Sequence[str], hours: float) -> float:
        """Hours that every curve reaches; a shorter window than asked ends at a tick."""
        given = [(a.label, v) for a in arms for v in variables if self.curves.nonzero(a.label, v)]
        reach = min((float(self.curves.get(a, v, "mean")[0][-1]) for a, v in given), default=hours)
        if reach >= hours - 1e-6:
            return hours
        return TICK_H * (reach // TICK_H) or reach

    def _dose_day(self) -> str:
        """What a course that moves after each dose needs beside it."""
        moves = any(self.curves.nonzero(a.label, "plasticity_fast") for a in self.arms)
        return DOSE_DAY if moves else ""

    def _panel(
        self, title: str, variable: str, arms: tuple[Arm, ...], interval: tuple[str, ...],
        start: float, hours: float | None, domain: tuple[float, float], size: tuple[int, int],
        observed: Sequence[dict[str, Any]] = (), centre: str = "mean", courses: bool = False,
        axis: str = "",
    ) -> Panel:  # fmt: skip
        last = max(float(self.curves.get(a.label, variable, "mean")[0][-1]) for a in arms)
        end = last if hours is None else min(last, start + hours)
        unit = self.curves.unit(variable)
        return Panel(
            title=title,
            axis=f"{axis}, {unit}" if axis else unit,
            variable=variable,
            arms=arms,
            start_h=start,
            end_h=end,
            unit=time_unit(end - start),
            domain=domain,
            interval=interval,
            width=size[0],
            height=size[1],
            centre=centre,
            courses=courses,
            observed=observed,
        )

    def _published(self, variable: str, arms: Iterable[Arm]) -> list[dict[str, Any]]:
        labels = {a.label for a in arms}
        return [o for o in self.observed if o["arm"] in labels and o["variable"] == variable]

    def _domain(
        self, variable: str, arms: Iterable[Arm], interval: tuple[str, ...], start: float,
        hours: float | None,
    ) -> tuple[float, float]:  # fmt: skip
        """One y range for a variable on all panels of a figure, with zero and all published."""
        low, high = 0.0, 0.0
        for arm in arms:
            if not self.curves.has(arm.label, variable):
                continue
            kind = self.curves.interval(arm.label, variable, interval)
            edges = [f"{kind}_{EDGES[0]}", f"{kind}_{EDGES[-1]}"] if kind else []
            courses = self.curves.courses(arm.label, variable) if kind == "patient" else []
            for statistic in ("mean", *edges, *courses):
                time_h, value = self.curves.get(arm.label, variable, statistic)
                inside = value if hours is None else value[(time_h - start) <= hours]
                low, high = min(low, float(inside.min())), max(high, float(inside.max()))
        for o in self._published(variable, arms) if hours is None else []:
            ends = [o["value"], *(e for e in (o["low"], o["high"]) if e is not None)]
            low, high = min(low, *ends), max(high, *ends)
        span = high - low or 1.0
        return (low - 0.05 * span if low < 0.0 else 0.0, high + 0.12 * span)

    def _figure(
        self, name: str, title: str, shows: str, interval: tuple[str, ...],
        rows: Sequence[Sequence[Panel | str]], direct: bool,
    ) -> Figure | None:  # fmt: skip
        panels = [cell for row in rows for cell in row if isinstance(cell, Panel)]
        if not panels:
            return None
        drawn = tuple(
            tuple(draw(self.curves, c, direct) if isinstance(c, Panel) else c for c in row)
            for row in rows
        )
        kinds = {
            INTERVAL_WORDS[kind]: None
            for p in panels
            for a in p.arms
            if (kind := self.curves.interval(a.label, p.variable, interval))
        }
        bands = f"Bands: 50% and 95% of {' or '.join(kinds)}. " if kinds else ""
        points = (
            "Circles: published, with their 95% intervals where reported. "
            if any(p.observed for p in panels)
            else ""
        )
        shown = {a.label for p in panels for a in p.arms}
        bare = any(isinstance(c, Drawn) and not c.labelled for row in drawn for c in row)
        one_each = all(len(p.arms) == 1 and p.title == p.arms[0].label for p in panels)
        keys = (
            tuple(a for a in (*self.arms, *self.differences) if a.label in shown)
            if bare and not one_each
            else ()
        )
        caption = f"{shows}{bands}{points}{ticks(panels)}From {self.basis}"
        return Figure(name, title, caption, drawn, keys, f"{bands}Status: {self.status}.")


def _drawable(o: dict[str, Any]) -> dict[str, Any]:
    """A published row with the label and the variable of the course that it is drawn over; what is
    only recalled, and what made a prior, stands in the table alone."""
    if o["mark"] == "RECALLED" or o["made_a_prior"]:
        return o | {"variable": ""}
    if o["statistic"] == "mean":
        return o | {"variable": scale_variable(o["scale"])}
    if o["statistic"] == "difference" and o["scale"] == "CAPS5":
        label = pair_label(o["arm"], o["comparator"])
        return o | {"arm": label, "variable": "caps5_difference"}
    return o | {"variable": ""}
