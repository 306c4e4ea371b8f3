"""What is kept of a chunk of patients: recorded scores, sums and histograms, leaving, maxima.

Compiled, so that a patient costs little more than his course; arrays are padded to few shapes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from synaptrial.domain.protocol import Protocol
from synaptrial.domain.scales import SCALES, SCORED
from synaptrial.engine.mesh import padded
from synaptrial.simulation.plan.arm_plan import ArmPlan
from synaptrial.simulation.run import observation
from synaptrial.simulation.run.tally import Quantised, quantised

Array = jax.Array | np.ndarray
Arrays = Mapping[str, Array]

SCORES = (SCORED[0], *(f"CAPS5_{k}" for k in observation.CLUSTERS), *SCORED[1:])
COURSE_TOPS = {
    "caps5_total": 80, "caps5_b": 20, "caps5_c": 8, "caps5_d": 28, "caps5_e": 24, "mood": 60,
    "plasticity_fast": 1, "plasticity_slow": 1, "amygdala": 2, "prefrontal": 2, "default_mode": 2,
    "learning": 1, "ssri": 1, "belief": 1,
}  # fmt: skip
CONCENTRATIONS = {
    "conc_s": "conc_s", "conc_r": "conc_r", "conc_s_nk": "conc_s_nk", "conc_r_nk": "conc_r_nk",
    "conc_venous": "venous", "conc_midazolam": "conc_midazolam",
}  # fmt: skip
EFFECTS = {  # name -> its signal, the parameter that scales it, its top
    "occupancy": ("occupancy", "", 1),
    "cadss": ("dissociation", "cadss_max", 92),
    "sbp_change_mmhg": ("pressure", "sbp_max", 120),
    "dbp_change_mmhg": ("pressure", "dbp_max", 120),
    "hr_change_bpm": ("pressure", "hr_max", 120),
    "sedation": ("sedation", "", 1),
}  # fmt: skip
MAXIMA = ("cadss_peak", *(f"{v}_rise" for v in observation.VITALS))
# Tops of the histograms of concentrations, by the largest dose: a bolus of S into V1 (25 L) gives
# 40 ng/mL per mg. Levels above the top are counted in its last bin; means are not affected.
HIGH_NG_PER_ML_PER_MG = 60.0
HEAVY_KG = 80.0
VISIT_BUCKET, SHOWN_BUCKET = 8, 16


def visits_after_start(protocol: Protocol) -> tuple[float, ...]:
    """Visit days after day 0, which is always recorded."""
    return tuple(d for d in protocol.visits_days if d > 0)


class Layout(NamedTuple):
    """Where on an arm's meshes things are read; padded with repeats of the last."""

    visits: dict[str, np.ndarray]
    edges_h: np.ndarray  # (n_intervals + 1,)
    shown: np.ndarray  # edges at which courses are kept
    acute_h: np.ndarray
    reading_h: np.ndarray


def layout(protocol: Protocol, plan: ArmPlan) -> Layout:
    """Of one arm."""
    days = (0.0, *visits_after_start(protocol))
    visits = {}
    for name in ("CAPS5", "MADRS", "PHQ9"):
        rows, weights = observation.window_rows(plan.slow, days, 24.0 * SCALES[name].recall_days)
        visits[f"{name}_rows"], visits[f"{name}_weights"] = (
            _padded(x, VISIT_BUCKET) for x in (rows, weights)
        )
    visits["at"] = visits["CAPS5_rows"][:, 0]
    n = plan.slow.n_intervals + 1
    nodes = len(plan.arrays["acute_nodes"])
    return Layout(
        visits,
        np.pad(plan.slow.edges_h, (0, n - len(plan.slow.edges_h)), mode="edge"),
        _padded(plan.shown.astype(np.int32), SHOWN_BUCKET),
        np.pad(plan.acute_h, (0, nodes - len(plan.acute_h)), mode="edge"),
        plan.reading_h,
    )


def _padded(x: np.ndarray, bucket: int) -> np.ndarray:
    more = padded(len(x), bucket) - len(x)
    return np.pad(x, [(0, more)] + [(0, 0)] * (x.ndim - 1), mode="edge")


def at_edges(courses: Arrays, par: Arrays, belief: Array | float) -> dict[str, Array]:
    """Each course at the edges of the slow mesh, start included, (T, P)."""
    start: dict[str, Array] = {
        f"caps5_{k}": observation.MAXIMUM[k] * par[f"base_{k}"] for k in observation.CLUSTERS
    }
    start["caps5_total"] = sum(start.values(), jnp.zeros(()))
    start["mood"] = SCALES["MADRS"].maximum * par["base_mood"]
    start |= {k: jnp.ones(()) for k in ("amygdala", "prefrontal", "default_mode")}
    start["belief"] = jnp.asarray(belief)
    first = lambda k, x: jnp.broadcast_to(start.get(k, jnp.zeros(())), x.shape[1:])  # noqa: E731
    return {k: jnp.concatenate([first(k, x)[None], x]) for k, x in courses.items()}


@jax.jit
def scores(
    courses: Arrays, par: Arrays, belief: Array, visits: Arrays, errors: Array, person: Array
) -> Array:
    """Recorded scores at day 0 and at each visit, in the order of SCORES, (10, V, P) int16.

    errors: (V, P, 12) and person: (P,) uniforms; visits: of a `Layout`.
    """
    latent = at_edges(courses, par, belief)
    seen = {}
    read = {k: (f"caps5_{k}", "CAPS5") for k in observation.CLUSTERS}
    read |= {"mood": ("mood", "MADRS"), "mood_phq9": ("mood", "PHQ9")}
    for k, (name, scale) in read.items():
        seen[k] = observation.window_mean(
            visits[f"{scale}_rows"], visits[f"{scale}_weights"], latent[f"area_{name}"],
            latent[name],
        )  # fmt: skip
    expectancy = latent["expectancy_state"][visits["at"]]
    drawn = observation.normals(errors), observation.normals(person)
    found = observation.scores(seen, expectancy, par, *drawn)
    return jnp.stack([found[k] for k in SCORES]).astype(jnp.int16)


class Kept(NamedTuple):
    """Of a chunk: courses (K, T, P), acute courses (K', T', P), leaving (P,), maxima (4, P)."""

    courses: Quantised
    acute: Quantised
    leaving_h: Array
    maxima: Array


@jax.jit
def kept(
    courses: Arrays, acute: Arrays, par: Arrays, belief: Array, where: Layout,
    tops: Mapping[str, float], unit: Array, noise: Array,
) -> Kept:  # fmt: skip
    """tops: of the acute courses that are kept; unit: (P,) unit exponential draws that decide
    when a patient leaves; noise: (P, 40) uniforms of vital signs and the CADSS."""
    noise = observation.normals(noise)
    latent = at_edges(courses, par, belief)
    shares = jnp.stack([latent[k][where.shown] / top for k, top in COURSE_TOPS.items()])
    scaled = {k: acute[key] for k, key in CONCENTRATIONS.items() if key in acute}
    for k, (key, scale, _) in EFFECTS.items():
        if key in acute:
            scaled[k] = acute[key] * par[scale] if scale else acute[key]
    shape = (0, len(where.acute_h), unit.shape[0])
    acute_shares = [scaled[k] / top for k, top in tops.items()]
    pressure = acute.get("pressure")
    maxima = observation.personal_maxima(where.acute_h, pressure, par, noise, where.reading_h)
    maxima["cadss_peak"] = observation.cadss_peak(acute.get("dissociation"), par, noise)
    return Kept(
        quantised(shares),
        quantised(jnp.stack(acute_shares) if acute_shares else jnp.zeros(shape)),
        observation.leaving_time_h(where.edges_h, latent["leaving"], unit),
        jnp.stack([maxima[k] for k in MAXIMA]),
    )


def acute_tops(plan: ArmPlan) -> dict[str, float]:
    """Tops of the acute courses of an arm; those of concentrations grow with the largest dose."""
    given = plan.structure
    largest = (plan.arrays["per_kg"] * HEAVY_KG + plan.arrays["flat"]).max(initial=1.0)
    names = []
    if given.ketamine_routes:
        names += [k for k in (*CONCENTRATIONS, *EFFECTS) if k not in ("conc_midazolam", "sedation")]
    if not given.has_r:
        names = [k for k in names if not k.startswith("conc_r")]
    if given.midazolam:
        names += ["conc_midazolam", "sedation"]
    high = HIGH_NG_PER_ML_PER_MG * float(largest)
    # sorted, as JAX sorts the keys of what it compiles
    return {k: float(EFFECTS[k][2]) if k in EFFECTS else high for k in sorted(names)}
