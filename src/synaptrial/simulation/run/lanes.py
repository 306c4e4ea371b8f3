"""The slow layer of many arms at once, for calibration: cheap to evaluate and to differentiate.

The fast layer runs once per arm and patient; what is kept of it are unbound concentrations at
four Gauss nodes of each slow interval, and what was felt. Occupancy, potencies and all that
follows are recomputed for each value of the parameters. The arms' meshes differ, so each lane
(arm x patient) carries its own interval lengths; all lanes advance side by side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.polynomial import legendre

from synaptrial.domain.arm import Arm
from synaptrial.engine.mesh import FROM_MOMENTS, FastMesh, interpolation, legendre_to_2
from synaptrial.mechanism.common import derived
from synaptrial.mechanism.learning import KINDS
from synaptrial.mechanism.nonspecific import belief
from synaptrial.mechanism.tolerance import before_doses, shifted
from synaptrial.pharmacology import receptor
from synaptrial.pharmacology.frames import ArterialConcentration
from synaptrial.simulation.cohort.enrol import Cohort
from synaptrial.simulation.plan.arm_plan import ArmPlan, plan_for
from synaptrial.simulation.plan.readings import latest_ketamine
from synaptrial.simulation.run import rules
from synaptrial.simulation.run.fast import fast_layer
from synaptrial.simulation.run.finite import require_finite
from synaptrial.simulation.run.march import CASCADE, resting
from synaptrial.simulation.run.parameters import chunk_parameters, initial_belief, unblinding_slope
from synaptrial.simulation.run.signals import felt_at_events, weight_of_doses

Array = jax.Array

GAUSS_NODES = 4
MOST_INTERVALS = 50
OFFSETS_H = (2.0, 8.0, 24.0)  # after a dose; coarser than in a simulation
KICK_OFFSETS_H = (8.0, 48.0)  # after the start, a session, a change of a daily drug
ANALYTES = ("s", "r", "s_nk", "r_nk")
_X, _W = legendre.leggauss(GAUSS_NODES)


_fast_layer = jax.jit(fast_layer, static_argnums=0)


# (3, 4): from values at Gauss nodes to start, middle and end of the quadratic with their moments
TO_NODES = FROM_MOMENTS @ (legendre_to_2(_X) * _W)


@dataclass(frozen=True)
class Lanes:
    """P patients x A arms side by side, n intervals. An axis of length 1 stands for equal values:
    what depends on it alone is then computed once. Arms come last, so that sums over intervals
    and patients, of which a gradient has many, run along whole rows.

    The arms are alike in what rests: an arm without ketamine pays for no plasticity, and one
    without sessions steps on no jumps."""

    arms: tuple[int, ...]  # which of the arms that were prepared
    resting: tuple[tuple[str, float], ...]  # stages that do not move, and where they rest

    length_h: Array  # (n, 1, A)
    concentration: dict[str, Array]  # analyte -> (n, 4, P, A) arterial ng/mL
    gap_h: Array  # (E, 1, A) hours since the dose before
    given: Array  # (E, P, A) how much each dose counts for tolerance
    event: Array  # (n, 1, A) the latest dose of ketamine
    felt_max: Array  # (n, P, A) largest feeling so far
    felt: Array  # (n, P, A)
    dosed: Array  # (n, 1, A) 1 after a first dose
    since_dose_h: Array  # (n, 3, 1, A)
    since_open_h: Array  # (n, 3, 1, A) since the last treatment of an open arm, else 0
    treated_h: Array  # (n, 3, 1, A) treated so far
    share: Array  # (1, A) belief at the start
    exogenous: dict[str, Array]  # (n, 1, A)
    parameters: dict[str, Array]  # (1 or P, A)


jax.tree_util.register_dataclass(
    Lanes,
    [k for k in Lanes.__dataclass_fields__ if k not in ("arms", "resting")],
    ["arms", "resting"],
)


def prepare(arms: Sequence[Arm], cohort: Cohort) -> tuple[Lanes, ...]:
    """Run the fast layer of each arm for the patients of the cohort's first draw. Arms come in
    groups of those in which the same stages rest.

    Raises ValueError for an arm with rules: what they give depends on the slow layer.
    """
    for arm in arms:
        if arm.protocol.rules:
            raise ValueError(f"{arm.protocol.id}: rules act at visits, which have no place here")
    plans = [_plan(arm, cohort) for arm in arms]
    groups: dict[tuple[tuple[str, float], ...], list[int]] = {}
    for i, plan in enumerate(plans):
        groups.setdefault(tuple(resting(plan.structure).items()), []).append(i)
    return tuple(
        _joined([arms[i] for i in own], [plans[i] for i in own], cohort, tuple(own), rest)
        for rest, own in groups.items()
    )


def _joined(
    arms: Sequence[Arm],
    plans: Sequence[ArmPlan],
    cohort: Cohort,
    own: tuple[int, ...],
    rest: tuple[tuple[str, float], ...],
) -> Lanes:
    most = max(len(plan.slow.edges_h) - 1 for plan in plans), max(len(p.events) for p in plans)
    parts = [_prepare(arm, plan, cohort, *most) for arm, plan in zip(arms, plans, strict=True)]
    join = lambda *x: jnp.asarray(np.stack(np.broadcast_arrays(*x), axis=-1))  # noqa: E731
    return Lanes(arms=own, resting=rest, **jax.tree.map(join, *parts))


def _plan(arm: Arm, cohort: Cohort) -> ArmPlan:
    plan = plan_for(arm, cohort, slow_offsets_h=OFFSETS_H, kick_offsets_h=KICK_OFFSETS_H)
    real = len(plan.slow.edges_h) - 1
    if real > MOST_INTERVALS:
        raise ValueError(f"{arm.protocol.id}: {real} slow intervals, at most {MOST_INTERVALS}")
    return plan


def _prepare(arm: Arm, plan: ArmPlan, cohort: Cohort, most: int, events: int) -> dict[str, Any]:
    """Of one arm, its intervals padded to `most`, its doses to `events`."""
    real = len(plan.slow.edges_h) - 1
    n = cohort.n_patients
    _, values = cohort.chunk(0, n)
    par = chunk_parameters(arm, plan, values)
    par["unblinding_slope"] = unblinding_slope(arm, par, True)
    fast = _fast(plan, {k: np.broadcast_to(v, (n,)) for k, v in par.items()}, n)
    a = plan.arrays
    fit = lambda x: np.concatenate([x[:real], np.zeros((most - real, *x.shape[1:]))])  # noqa: E731
    same = lambda x: fit(x)[..., None]  # noqa: E731
    before = fit(a["event_before"] + 1).astype(int)
    at = np.maximum(before - 1, 0)
    dosed = (before > 0)[:, None].astype(float)
    since_h = (fit(a["node_h"]) - a["event_h"][at][:, None]) * dosed
    sessions = ("session_" + k for k in KINDS)
    plain, known = ({k: jnp.asarray(v) for k, v in x.items()} for x in (a, par))
    declared = jnp.asarray(rules.as_declared(plan, n).doses)
    given = np.asarray(weight_of_doses(plain, known, declared))
    return {
        "length_h": same(a["slow_length_h"]),
        "concentration": {
            k: _at_gauss_nodes(plan, fast.get(f"conc_{k}"), n, most) for k in ANALYTES
        },
        "gap_h": _resized(a["gap_h"], events)[:, None],
        "given": _resized(given, events),
        "event": fit(latest_ketamine(plan.slow.edges_h[:-1], plan.events)).astype(int)[:, None],
        "felt_max": np.maximum.accumulate(fast["felt"], axis=0)[at] * dosed,
        "felt": fast["felt"][at] * dosed,
        "dosed": dosed,
        "since_dose_h": since_h[..., None],
        "since_open_h": same(a["since_open_h"]),
        "treated_h": same(a["treated_h"]),
        "share": np.full(1, initial_belief(arm)),
        "exogenous": {
            **{
                k: same(a[k])
                for k in ("contact", "ssri_mg_per_h", "on_ssri", "in_therapy", *sessions)
            },
            **{k: same(a[k].max(axis=1)) for k in ("near_ketamine", "near_midazolam")},
        },
        "parameters": par,
    }


def _fast(plan: ArmPlan, par: dict[str, np.ndarray], n: int) -> dict[str, np.ndarray]:
    """Concentrations at fast nodes, and feeling at each event."""
    if not plan.structure.drugged:
        return {"felt": np.zeros((len(plan.arrays["per_kg"]), n))}
    doses = jnp.asarray(rules.as_declared(plan, n).doses)
    arrays = {k: jnp.asarray(v) for k, v in plan.arrays.items()}
    signals = _fast_layer(plan.structure, arrays, plan.tables, par, doses)
    known = derived({k: jnp.asarray(v) for k, v in par.items()})
    felt = felt_at_events(arrays, signals, known, doses)
    return {k: np.asarray(v) for k, v in signals.items()} | {"felt": np.asarray(felt)}


def _resized(x: np.ndarray, n: int) -> np.ndarray:
    """The first n of x, zeros added where it has fewer."""
    return np.pad(x[:n], [(0, max(n - len(x), 0))] + [(0, 0)] * (x.ndim - 1))


def _at_gauss_nodes(plan: ArmPlan, signal: np.ndarray | None, n: int, most: int) -> np.ndarray:
    out = np.zeros((most, GAUSS_NODES, n))
    if signal is None:
        return out
    mesh: FastMesh = plan.fast
    a, b = plan.slow.edges_h[:-1, None], plan.slow.edges_h[1:, None]
    times = (a + b) / 2 + (b - a) / 2 * _X
    inside = (times > mesh.edges_h[0, 0]) & (times < mesh.edges_h[-1, 1])
    real = np.zeros((*times.shape, n))
    real[inside] = interpolation(mesh, times[inside]) @ signal
    out[: len(times)] = real
    return out


def latent(
    lanes: Lanes, parameters: Mapping[str, Array], outputs: Sequence[str]
) -> dict[str, Array]:
    """Latent courses at the interval ends, each (n, P, A), with some parameters replaced, each
    (1 or P, 1 or A) or a scalar."""
    arms = lanes.share.shape[-1]
    wide = {k: jnp.broadcast_to(v, (*jnp.shape(v)[:-1], arms)) for k, v in parameters.items()}
    par = derived({**lanes.parameters, **wide})
    believed = belief(lanes.share, lanes.felt_max, par["unblinding_slope"], par["felt_reference"])
    believed = jnp.where(lanes.dosed > 0, believed, lanes.share)[:, None]
    fading = jnp.exp(-lanes.since_dose_h * par["rate_belief"])
    signals = {k: v[:, None] for k, v in lanes.exogenous.items()}
    signals["contact"] = signals["contact"][:1]  # of the setting, hence steady
    rest = dict(lanes.resting)
    signals |= {k: jnp.full((1, 1, 1, 1), v) for k, v in rest.items()}
    cascade = CASCADE.without(tuple(rest)).needed_for(outputs)
    if "glutamate" not in rest:
        signals["drive"] = _drive(lanes, par)
    signals["treated_h"] = lanes.treated_h
    in_open = jnp.exp(-lanes.since_open_h * par["rate_belief"])
    signals["belief"] = (lanes.share + (believed - lanes.share) * fading) * in_open
    signals["felt"] = lanes.felt[:, None]
    shape = lanes.felt.shape[1:]
    start = {k: jnp.broadcast_to(v, shape) for k, v in cascade.initial(par).items()}
    path, _ = cascade.march(lanes.length_h, signals, par, start, outputs)
    return {k: v[:, 1] for k, v in path.items()}


def _drive(lanes: Lanes, par: Mapping[str, Array]) -> Array:
    """Plasticity drive at start, middle and end of each interval, (n, 3, P, A)."""
    conc = {k: ArterialConcentration(v) for k, v in lanes.concentration.items()}
    drive = receptor.plasticity_drive(conc, par)
    met = jnp.take_along_axis(before_doses(lanes.gap_h, lanes.given, par), lanes.event, axis=0)
    drive = shifted(drive, (par["drive_tolerance"] * met)[:, None])
    gauss = [jnp.squeeze(x, 1) for x in jax.lax.split(drive, [1] * GAUSS_NODES, axis=1)]
    # four terms written out: as a matrix product it would be transposed to and fro
    three = [sum(w * g for w, g in zip(row, gauss, strict=True)) for row in TO_NODES]
    return jnp.stack(three, axis=1)


def require_finite_courses(lanes: Lanes, arms: Sequence[Arm], courses: Mapping[str, Array]) -> None:
    """Raise NonFinite for what `latent` gave, arm by arm; to be called outside compiled code."""
    ends_h = np.cumsum(np.asarray(lanes.length_h), axis=0)[:, 0]
    for k, i in enumerate(lanes.arms):
        own = {name: x[..., k] for name, x in courses.items()}
        require_finite(arms[i].protocol.id, own, ends_h[:, k])
