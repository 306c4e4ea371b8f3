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

WINDOW_H = 24.0  # after the input of the first dose has ended
MOST_BETWEEN = 500  # times between the first 24 h and the end of a longer input
ALIKE, SAME = 1e-4, 1e-9  # peaks that count as one; a level that stands still
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

    input_h: length of the input of the first dose (infusion, dissolution, last device). time_h:
    from the first dose to WINDOW_H after its input, a minute apart but for the middle of a long
    one; window: matrix (T, n) from the first n nodes to `time_h`.
    """

    events: tuple[DoseEvent, ...]
    mesh: FastMesh
    input_h: float
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
    compiled = dosing.compiled(events, durations_h, math.inf)
    breaks = fast_breaks(compiled.switches_h, math.inf)
    mesh = fast_mesh(breaks, SUBSTEPS, splits=2)
    first = events[0].time_h
    inputs = (*compiled.ketamine, *compiled.midazolam)
    input_h = max(i.start_h + i.duration_h for i in inputs if i.event == 0) - first
    end_h = input_h + WINDOW_H
    switches = [t - first for t in compiled.switches_h if 0 < t - first < end_h]
    time_h = np.unique(np.round([*_minutes(input_h), *switches, end_h], 9))
    window = interpolation(mesh, first + time_h)
    n = int(np.flatnonzero(window.any(axis=0)).max()) + 1
    return Layout(events, mesh, input_h, time_h, window[:, :n])


def _minutes(input_h: float) -> np.ndarray:
    """Minute by minute over WINDOW_H after the start and after the end of the input."""
    minutes = np.arange(0.0, WINDOW_H * 60 + 0.5) / 60
    if input_h <= WINDOW_H:
        return np.arange(0.0, (input_h + WINDOW_H) * 60) / 60
    n = min(MOST_BETWEEN, math.ceil(6 * (input_h - WINDOW_H)))
    return np.concatenate([minutes, np.linspace(WINDOW_H, input_h, n + 1), input_h + minutes])


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
    """All doses given, in the first patient of `values`. Of peaks that are alike the first one
    counts; it is read between the nodes of the mesh."""
    one = {k: v[:1] for k, v in values.items()}
    courses = _courses(layout, _rows(one, 0), routes, layout.events)
    nodes = {k: v[0] for k, v in _totals(courses, layout).items()}
    peaks = {k: _first_peak(layout.mesh, v) for k, v in nodes.items()}
    return Repeated(
        {k: level for k, (level, _) in peaks.items()},
        {k: time_h for k, (_, time_h) in peaks.items()},
        {k: courses.area(v, -math.inf, math.inf) for k, v in nodes.items()},
    )


def _first_peak(mesh: FastMesh, nodes: np.ndarray) -> tuple[float, float]:
    """Level and time of the highest level of a course at the nodes of a mesh, (n,)."""
    high = nodes > (1 - ALIKE) * nodes.max()
    start = int(high.argmax())
    stop = start + int((~high[start:]).argmax())  # it is low at the end of the mesh
    i = start + last_highest(nodes[start:stop])
    t = mesh.node_h
    near = np.linspace(t[max(i - 1, 0)], t[i + 1], 121)
    fine = interpolation(mesh, near)[:, : len(nodes)] @ nodes
    j = last_highest(fine)
    return (
        (float(fine[j]), float(near[j])) if fine[j] > nodes[i] else (float(nodes[i]), float(t[i]))
    )


def last_highest(levels: np.ndarray) -> int:
    """Index of the highest level of a course, (n,); the last one where it stands still, since
    the level of a long infusion rises to its end, by less than a computer can tell."""
    return int(np.flatnonzero(levels >= (1 - SAME) * levels.max())[-1])


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
