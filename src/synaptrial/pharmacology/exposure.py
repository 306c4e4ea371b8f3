"""Predicted exposure of published arms, by any model, through the exact linear engine.

A course is a concentration over time at the nodes of one mesh. Nodes lie 75 seconds
apart in the first eight hours; areas under the curve use the five-point (Boole) rule on the
panels of the mesh.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from synaptrial.engine.linear import LinearMarch, LinearSystem, march, propagators
from synaptrial.engine.mesh import LEVELS, FastMesh
from synaptrial.pharmacology.observation import Observation

HORIZON_H = 72.0
EARLY_H = 8.0
EARLY_STEP_H = 1 / 12
BOOLE = np.array([7.0, 32.0, 12.0, 32.0, 7.0]) / 90.0
SUBSTEPS = len(BOOLE) - 1
ENANTIOMERS = {"racemic": ("S", "R"), "s": ("S",), "r": ("R",)}


@dataclass(frozen=True)
class Entry:
    """``mg`` into ``state`` from ``start_h``: at once (duration 0) or at a constant rate."""

    state: str
    start_h: float
    duration_h: float
    mg: float


@dataclass(frozen=True)
class Courses:
    """Concentrations by readout, each (case, node), in ng/mL."""

    mesh: FastMesh
    cases: tuple[tuple[str, str], ...]  # (study:arm, enantiomer)
    readouts: Mapping[str, np.ndarray]

    @property
    def time_h(self) -> np.ndarray:
        """Time of each node, h."""
        return self.mesh.node_h

    def of(self, case: str, enantiomers: Sequence[str], readout: str) -> np.ndarray:
        """Sum over enantiomers of one readout in one case, (node,)."""
        rows = [self.cases.index((case, e)) for e in enantiomers]
        total: np.ndarray = self.readouts[readout][rows].sum(axis=0)
        return total

    def area(self, values: np.ndarray, start_h: float, end_h: float) -> float:
        """Integral between two breaks of the mesh, ng h/mL. An end at infinity is the horizon."""
        left, right = self.mesh.edges_h.T
        inside = (left > start_h - 1e-6) & (right < end_h + 1e-6)
        pieces = (values.reshape(-1, len(BOOLE)) @ BOOLE) * (right - left)
        return float(pieces[inside].sum())


def breaks_h(observations: Sequence[Observation], entries: Sequence[Sequence[Entry]]) -> np.ndarray:
    """Times the mesh must hit: changes of input, reading times, ends of windows."""
    times = [*np.arange(0.0, EARLY_H, EARLY_STEP_H), EARLY_H, 12.0, 24.0, 48.0, HORIZON_H]
    for case in entries:
        times += [t for e in case for t in (e.start_h, e.start_h + e.duration_h)]
    for o in observations:
        times += [o.time_h] if o.time_h is not None else []
        times += [t for t in o.window_h or () if math.isfinite(t)]
    return np.array(sorted(times))


def solve(
    system: LinearSystem,
    entries: Sequence[Sequence[Entry]],
    readouts: Mapping[str, tuple[str, np.ndarray]],
    cases: tuple[tuple[str, str], ...],
    mesh: FastMesh,
) -> Courses:
    """March one block through all cases side by side.

    entries: inputs of each case; readouts: name -> (state, factor to ng/mL of each case).
    """
    outputs = tuple(dict.fromkeys(state for state, _ in readouts.values()))
    rates, boluses = _forcing(system, entries, mesh)
    columns = (mesh.family, mesh.level, mesh.segment, mesh.starts)
    path = _advance(
        (system.states, system.channels, tuple(system.entries)),
        (mesh.substeps, mesh.squarings, outputs),
        tuple(system.entries.values()),
        jnp.asarray(mesh.step_h),
        LinearMarch(*(jnp.asarray(x) for x in columns)),
        jnp.asarray(rates),
        jnp.asarray(boluses),
    )
    n_nodes = len(mesh.node_h)
    courses = {
        name: np.asarray(path[state])[:n_nodes].T * factor[:, None]
        for name, (state, factor) in readouts.items()
    }
    return Courses(mesh, cases, courses)


@partial(jax.jit, static_argnums=(0, 1))
def _advance(
    block: tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, str], ...]],
    how: tuple[int, int, tuple[str, ...]],
    values: tuple[jax.Array, ...],
    step_h: jax.Array,
    panels: LinearMarch,
    rates: jax.Array,
    boluses: jax.Array,
) -> dict[str, jax.Array]:
    """The whole march as one piece of compiled code. block: states, channels, keys of `values`;
    how: substeps, squarings, states wanted."""
    states, channels, keys = block
    substeps, squarings, outputs = how
    system = LinearSystem(states, channels, dict(zip(keys, values, strict=True)))
    n = boluses.shape[-1]
    props = propagators(system, step_h, LEVELS, squarings, n)
    start = jnp.zeros((len(states), n))
    path, _ = march(system, props, panels, substeps, rates, boluses, start, outputs)
    return path


def _forcing(
    system: LinearSystem, entries: Sequence[Sequence[Entry]], mesh: FastMesh
) -> tuple[np.ndarray, np.ndarray]:
    """Rates (segments, channels, cases) and boluses (segments, states, cases)."""
    starts = mesh.breaks_h[:-1]
    rates = np.zeros((mesh.n_segments, len(system.channels), len(entries)))
    boluses = np.zeros((mesh.n_segments, len(system.states), len(entries)))
    for case, inputs in enumerate(entries):
        for e in inputs:
            if e.duration_h > 0:
                on = (starts > e.start_h - 1e-6) & (starts < e.start_h + e.duration_h - 1e-6)
                channel = system.channels.index(e.state)
                rates[np.flatnonzero(on), channel, case] += e.mg / e.duration_h
            else:
                segment = int(np.argmin(np.abs(starts - e.start_h)))
                boluses[segment, system.states.index(e.state), case] += e.mg
    return rates, boluses


def statistic(o: Observation, courses: Courses, readouts: Mapping[str, str]) -> float:
    """The predicted counterpart of an observation, in its canonical unit.

    readouts: analyte -> name of the readout at the sampling site of the observation.
    """
    given = ENANTIOMERS[o.given]
    each = o.enantiomer == "each"
    wanted = given if o.enantiomer in ("S+R", "each") else (o.enantiomer,)
    values = courses.of(o.case, wanted, readouts[o.analyte]) / (len(wanted) if each else 1)
    t = courses.time_h
    low, high = o.window_h or (-math.inf, math.inf)
    inside = (t > low - 1e-6) & (t < high + 1e-6)
    if o.quantity == "Cmax":
        return float(values[inside].max())
    if o.quantity == "Tmax":
        return float(t[inside][values[inside].argmax()])
    if o.quantity == "concentration":
        return float(np.interp(o.time_h or 0.0, t, values))
    if o.quantity == "half_life":
        first, last = values[inside][[0, -1]]
        return float(math.log(2) * (high - low) / math.log(first / last))
    area = courses.area(values, low, high)
    if o.quantity == "AUC":
        return area
    if o.quantity == "AUC_per_dose":
        return area / o.dose_mg
    if o.quantity == "AUC_ratio_to_parent":
        parent = courses.of(o.case, wanted, readouts["ketamine"])
        return area / courses.area(parent, low, high)
    raise ValueError(f"{o.row_id}: no prediction for {o.quantity}")
