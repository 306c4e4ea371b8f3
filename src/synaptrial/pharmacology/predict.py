"""What each model predicts for the observations that it claims."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import jax.numpy as jnp
import numpy as np

from synaptrial.domain.parameters import ParameterSet
from synaptrial.engine.linear import LinearSystem
from synaptrial.engine.mesh import FastMesh, fast_mesh
from synaptrial.pharmacology import dosing, ketamine, published
from synaptrial.pharmacology.exposure import (
    ENANTIOMERS,
    SUBSTEPS,
    Courses,
    Entry,
    breaks_h,
    solve,
    statistic,
)
from synaptrial.pharmacology.observation import Observation
from synaptrial.pharmacology.published import MOLAR_MASS, Structure

RECOMMENDED = "rec_ptsd_v0"
PUBLISHED: Mapping[str, Callable[[Mapping[str, float], Observation], Structure]] = {
    "kamp2020": lambda p, o: published.kamp2020(p, o.weight_kg),
    "domino1982": lambda p, o: published.domino1982(p, o.weight_kg),
    "fanta2015_otto2021": lambda p, o: published.fanta2015_otto2021(p, o.weight_kg),
    "simons2022": lambda p, o: published.simons2022(p, o.weight_kg),
    "perez_ruixo2021": lambda p, o: published.perez_ruixo2021(
        p,
        o.age_y if o.age_y is not None else 45.0,
        asian=float(o.race in ("asian", "japanese")),
        japanese=float(o.race == "japanese"),
    ),
}
MODELS = (RECOMMENDED, *PUBLISHED)


def predict(
    model: str, parameters: ParameterSet, observations: Sequence[Observation]
) -> dict[str, float]:
    """Predicted value of each observation, by row_id, in its canonical unit.

    Every prediction is that of a typical person of the stated body weight.
    """
    courses = predicted_courses(model, parameters, observations)
    return {o.row_id: statistic(o, courses, _readouts(o, courses)) for o in observations}


def predicted_courses(
    model: str, parameters: ParameterSet, observations: Sequence[Observation]
) -> Courses:
    """Concentrations of all arms of the observations, simulated side by side."""
    values = {name: p.value for name, p in parameters.parameter.items()}
    simulate = _recommended if model == RECOMMENDED else _published
    return simulate(model, values, observations)


def _readouts(o: Observation, courses: Courses) -> dict[str, str]:
    """Parent at the sampling site; metabolites have no venous delay of their own."""
    names = {a: a for a in MOLAR_MASS}
    if o.site == "venous" and "venous" in courses.readouts:
        names["ketamine"] = "venous"
    return names


def _cases(group: Sequence[Observation]) -> dict[tuple[str, str], Observation]:
    return {(o.case, e): o for o in group for e in ENANTIOMERS[o.given]}


def _recommended(_: str, values: Mapping[str, float], group: Sequence[Observation]) -> Courses:
    cases = _cases(group)
    weight = jnp.array([o.weight_kg for o in cases.values()])
    par = {k: jnp.full(len(cases), v) for k, v in values.items()}
    for name in ("CL", "CLN"):
        par[name] = jnp.array([values[f"{name}_{e}"] for _, e in cases])
    par = ketamine.scaled(par, weight)
    routes = tuple(sorted({d.route for o in cases.values() for d in o.doses}))
    hydroxy = any(o.analyte == "hydroxynorketamine" for o in group)
    system = ketamine.system(par, routes, effects=False, hydroxy=hydroxy)
    entries = []
    for i, o in enumerate(cases.values()):
        inputs = dosing.ketamine_inputs(o.doses, values)
        entries.append([_entry(x, o, float(dosing.SHARES[x.share](par)[i])) for x in inputs])
    states = {"ketamine": ("central", "V1"), "norketamine": ("nk", "VN1")}
    if hydroxy:
        states["hydroxynorketamine"] = ("hnk", "VH1")
    readouts = {a: (s, _ng_per_ml(a, np.asarray(par[v]))) for a, (s, v) in states.items()}
    readouts["venous"] = ("venous", np.ones(len(cases)))
    return solve(system, entries, readouts, tuple(cases), _mesh(group, entries))


def _entry(x: dosing.Input, o: Observation, share: float) -> Entry:
    mg = o.doses[x.event].amount.in_mg(o.weight_kg) / len(ENANTIOMERS[o.given])
    return Entry(x.state, x.start_h, x.duration_h, mg * x.fraction * share)


def _published(model: str, values: Mapping[str, float], group: Sequence[Observation]) -> Courses:
    cases = _cases(group)
    structures = [PUBLISHED[model](values, o) for o in cases.values()]
    for s, o in zip(structures, cases.values(), strict=True):
        if s.frame not in ("", o.site):
            raise ValueError(f"{model} is {s.frame}: it cannot answer for {o.row_id} ({o.site})")
    entries = [_structure_entries(s, o) for s, o in zip(structures, cases.values(), strict=True)]
    timed = {e.state for case in entries for e in case if e.duration_h > 0}
    system = LinearSystem(structures[0].states, tuple(sorted(timed)))
    for to, source in structures[0].transfers:
        system.flow(source, to, jnp.array([s.transfers[to, source] for s in structures]))
    for state in structures[0].losses:
        system.lose(state, jnp.array([s.losses[state] for s in structures]))
    readouts = {
        a: (state, np.array([s.readouts[a][1] for s in structures]))
        for a, (state, _) in structures[0].readouts.items()
    }
    return solve(system, entries, readouts, tuple(cases), _mesh(group, entries))


def _structure_entries(structure: Structure, o: Observation) -> list[Entry]:
    out = []
    for dose in o.doses:
        mg = dose.amount.in_mg(o.weight_kg) / dose.devices / len(ENANTIOMERS[o.given])
        for device in range(dose.devices):
            route = dose.route if device == 0 else "intranasal_next"
            start = dose.time_h + device * dosing.DEVICE_INTERVAL_H
            for share in structure.inputs[route]:
                length = dose.duration_h if share.duration_h is None else share.duration_h
                out.append(Entry(share.state, start, length, mg * share.share))
    return out


def _ng_per_ml(analyte: str, volume_l: np.ndarray) -> np.ndarray:
    return 1000.0 * MOLAR_MASS[analyte] / MOLAR_MASS["ketamine"] / volume_l


def _mesh(group: Sequence[Observation], entries: Sequence[Sequence[Entry]]) -> FastMesh:
    return fast_mesh(list(breaks_h(group, entries)), substeps=SUBSTEPS)
