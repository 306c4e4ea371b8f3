"""Plasma and receptor of one arm: a typical patient, and virtual patients around him.

The same disposition, routes and patients as a simulation, without what follows from them. The
typical patient has the central value of every parameter and a stated body weight.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np

from synaptrial.domain.dose import DoseEvent
from synaptrial.engine.mesh import FastMesh, fast_mesh, interpolation
from synaptrial.pharmacology import dosing, ketamine, midazolam, receptor
from synaptrial.pharmacology.exposure import SUBSTEPS, Courses, Entry, solve
from synaptrial.pharmacology.frames import ArterialConcentration
from synaptrial.pharmacology.published import MOLAR_MASS
from synaptrial.simulation.plan.fast import fast_breaks

WINDOW_H = 24.0
OCCUPANCY_H = 12.0
CHUNK = 128  # patients that are marched together
MODELLED = ("ketamine", "midazolam")
METABOLITE = "norketamine"
SINGLE = {  # analyte and frame of one enantiomer -> readout of the march
    ("venous", "ketamine"): "venous",
    ("arterial", "ketamine"): "ketamine",
    ("arterial", "norketamine"): "norketamine",
}
Key = tuple[str, str]  # frame, analyte
Values = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Layout:
    """The doses of one arm on a mesh that runs FAST_TAIL_H beyond the last of them.

    window: matrix (T, n) from the first n nodes to `time_h`, a minute apart from the first dose on.
    """

    events: tuple[DoseEvent, ...]
    mesh: FastMesh
    time_h: np.ndarray
    window: np.ndarray

    @property
    def start_h(self) -> float:
        """Time of the first dose."""
        return self.events[0].time_h


@dataclass(frozen=True)
class Exposure:
    """Courses (P, T) after a dose and areas (P,) by frame and analyte; ng/mL and ng h/mL."""

    course: Mapping[Key, np.ndarray]
    area: Mapping[Key, np.ndarray]


def modelled(events: Sequence[DoseEvent]) -> tuple[DoseEvent, ...]:
    """Doses that a run gives at the start: those with a plasma model, no as-needed slots."""
    return tuple(
        e for e in events
        if e.drug in MODELLED and not e.as_needed and (e.drug == "ketamine" or e.route == "iv")
    )  # fmt: skip


def lay_out(events: tuple[DoseEvent, ...], durations_h: Mapping[str, float]) -> Layout:
    """events: at least one; durations_h: dissolution times of the ketamine set."""
    breaks = fast_breaks(dosing.compiled(events, durations_h, math.inf).switches_h, math.inf)
    mesh = fast_mesh(breaks, SUBSTEPS, splits=2)
    first = events[0].time_h
    minutes = np.arange(0.0, WINDOW_H * 60 + 0.5) / 60
    switches = [t - first for t in breaks if 0 < t - first < WINDOW_H]
    time_h = np.unique(np.round([*minutes, *switches], 9))
    window = interpolation(mesh, first + time_h)
    n = int(np.flatnonzero(window.any(axis=0)).max()) + 1
    return Layout(events, mesh, time_h, window[:, :n])


def first_dose(layout: Layout, values: Values, routes: tuple[str, ...]) -> Exposure:
    """After the first dose alone, to infinity. values: parameters (P,), weight_kg among them;
    routes: those of the compiled code, the arm's own among them."""
    parts = [
        _march(layout, _rows(values, start), routes, layout.events[:1])
        for start in range(0, _size(values), CHUNK)
    ]
    size = _size(values)
    return Exposure(
        {k: np.concatenate([p.course[k] for p in parts])[:size] for k in parts[0].course},
        {k: np.concatenate([p.area[k] for p in parts])[:size] for k in parts[0].area},
    )


@dataclass(frozen=True)
class Repeated:
    """All doses of an arm in one patient: highest level, its time, area to the end, by key."""

    peak: Mapping[Key, float]
    peak_h: Mapping[Key, float]
    area: Mapping[Key, float]


def all_doses(layout: Layout, values: Values, routes: tuple[str, ...]) -> Repeated:
    """All doses given, in the first patient of `values`. Peaks are read at the nodes; of peaks
    that are alike the first one counts."""
    one = {k: v[:1] for k, v in values.items()}
    courses = _courses(layout, _rows(one, 0), routes, layout.events)
    nodes = {k: v[:1] for k, v in _totals(courses, layout).items()}
    t = layout.mesh.node_h
    areas = {k: courses.area(v[0], -math.inf, math.inf) for k, v in nodes.items()}
    return Repeated(
        {k: float(v.max()) for k, v in nodes.items()},
        {k: float(t[np.argmax(v[0] > 0.9999 * v.max())]) for k, v in nodes.items()},
        areas,
    )


def _size(values: Values) -> int:
    return max(len(v) for v in values.values())


def _rows(values: Values, start: int) -> dict[str, np.ndarray]:
    """CHUNK patients from `start` on, the last one repeated: one shape, compiled once."""
    rows = np.minimum(np.arange(start, start + CHUNK), _size(values) - 1)
    return {k: np.broadcast_to(v, (_size(values),))[rows] for k, v in values.items()}


def _march(
    layout: Layout, values: Values, routes: tuple[str, ...], given: Sequence[DoseEvent]
) -> Exposure:
    courses = _courses(layout, values, routes, given)
    nodes = _totals(courses, layout)
    return Exposure(
        {k: v[:, : layout.window.shape[1]] @ layout.window.T for k, v in nodes.items()},
        {k: np.array([courses.area(x, -math.inf, math.inf) for x in v]) for k, v in nodes.items()},
    )


def _courses(
    layout: Layout, values: Values, routes: tuple[str, ...], given: Sequence[DoseEvent]
) -> Courses:
    drug = given[0].drug
    if drug == "midazolam":
        return _midazolam(layout, values, given)
    return _ketamine(layout, values, routes, given)


def _ketamine(
    layout: Layout, values: Values, routes: tuple[str, ...], given: Sequence[DoseEvent]
) -> Courses:
    """Columns are S of all patients, then R."""
    twice = {k: jnp.asarray(np.concatenate([v, v])) for k, v in values.items()}
    for name in ("CL", "CLN"):
        twice[name] = jnp.asarray(np.concatenate([values[f"{name}_S"], values[f"{name}_R"]]))
    par = ketamine.scaled(twice, twice["weight_kg"])
    system = ketamine.system(par, routes, effects=False)
    inputs = dosing.ketamine_inputs(given, {k: float(v[0]) for k, v in values.items()})
    shares = {x.share: np.asarray(dosing.SHARES[x.share](par)) for x in inputs}
    entries: list[list[Entry]] = [[] for _ in range(2 * CHUNK)]
    for x in inputs:
        event = given[x.event]
        s = dosing.SHARE_OF_S[event.enantiomer]
        for i, own in enumerate(entries):
            mg = event.amount.in_mg(float(values["weight_kg"][i % CHUNK]))
            mg *= (s if i < CHUNK else 1 - s) * x.fraction * shares[x.share][i]
            own.append(Entry(x.state, x.start_h, x.duration_h, mg))
    mass_ratio = MOLAR_MASS[METABOLITE] / MOLAR_MASS["ketamine"]
    readouts = {
        "ketamine": ("central", 1000.0 / np.asarray(par["V1"])),
        METABOLITE: ("nk", 1000.0 * mass_ratio / np.asarray(par["VN1"])),
        "venous": ("venous", np.ones(2 * CHUNK)),
    }
    cases = tuple((str(i), e) for e in "SR" for i in range(CHUNK))
    return solve(system, entries, readouts, cases, layout.mesh)


def _midazolam(layout: Layout, values: Values, given: Sequence[DoseEvent]) -> Courses:
    named = {k.removeprefix("mdz_"): v for k, v in values.items() if k.startswith("mdz_")}
    par = {k: jnp.asarray(v) for k, v in named.items()} | {"sedation_ke0": jnp.ones(CHUNK)}
    system = midazolam.system(par)
    entries = [
        [
            Entry(x.state, x.start_h, x.duration_h, given[x.event].amount.in_mg(float(weight)))
            for x in dosing.infusions(given, "midazolam")
        ]
        for weight in values["weight_kg"]
    ]
    readouts = {"midazolam": ("central", 1000.0 / np.asarray(par["V1"]))}
    cases = tuple((str(i), "") for i in range(CHUNK))
    return solve(system, entries, readouts, cases, layout.mesh)


def _totals(courses: Courses, layout: Layout) -> dict[Key, np.ndarray]:
    """Nodes (CHUNK, nodes) of each enantiomer that is given, and of their sum."""
    if "midazolam" in courses.readouts:
        return {("not_stated", "midazolam"): courses.readouts["midazolam"]}
    share = {dosing.SHARE_OF_S[e.enantiomer] for e in layout.events if e.drug == "ketamine"}
    given = [e for e, none in (("s", {0.0}), ("r", {1.0})) if share != none]
    out: dict[Key, np.ndarray] = {}
    for (frame, analyte), readout in SINGLE.items():
        nodes = courses.readouts[readout]
        rows = {"s": nodes[:CHUNK], "r": nodes[CHUNK:]}
        out[frame, analyte] = sum((rows[e] for e in given), np.zeros(1))
        out |= {(frame, f"{e}_{analyte}"): rows[e] for e in given}
    return out


@dataclass(frozen=True)
class Receptor:
    """NMDA occupancy (P, T) on the grid of a layout: in all, the part that norketamine holds, and
    what S and R would hold if there were no norketamine."""

    occupancy: np.ndarray
    by_norketamine: np.ndarray
    without_norketamine: np.ndarray


def receptor_of(exposure: Exposure, values: Values) -> Receptor | None:
    """Occupancy by arterial S, R and their norketamines; a site is shared in proportion to
    fu C / Ki. None where no ketamine is given."""
    names = {"s": "s_ketamine", "r": "r_ketamine", "s_nk": "s_norketamine", "r_nk": "r_norketamine"}
    conc = {
        k: ArterialConcentration(exposure.course["arterial", name])
        for k, name in names.items()
        if ("arterial", name) in exposure.course
    }
    if not conc:
        return None
    n = len(next(iter(exposure.course.values())))
    par = {
        k: jnp.asarray(np.broadcast_to(v, (n,)))[:, None]
        for k, v in values.items()
        if k.startswith(("fu_", "ki_"))
    }
    ratios = {k: np.asarray(v) for k, v in receptor.bound_ratios(conc, par).items()}
    zero = np.zeros_like(ratios[next(iter(ratios))])
    total = sum(ratios.values(), zero)
    metabolite = sum((v for k, v in ratios.items() if k.endswith("nk")), zero)
    parent = total - metabolite
    return Receptor(total / (1 + total), metabolite / (1 + total), parent / (1 + parent))
