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
from synaptrial.mechanism.circuits import CIRCUITS
from synaptrial.simulation.observation.scores import CLUSTERS, MAXIMUM, caps4, normals
from synaptrial.simulation.observation.scores import scores as recorded_scores
from synaptrial.simulation.plan.arm_plan import ArmPlan
from synaptrial.simulation.run import response
from synaptrial.simulation.run.acute_readings import VITALS, cadss_peak, personal_maxima
from synaptrial.simulation.run.leaving import leaving_time_h
from synaptrial.simulation.run.tally import Quantised, quantised
from synaptrial.simulation.run.windows import (
    LOOKING_BACK,
    Rows,
    at_days,
    between,
    window_mean,
    window_rows,
    windows_h,
)

Array = jax.Array | np.ndarray
Arrays = Mapping[str, Array]

SCORES = (SCORED[0], *(f"CAPS5_{k}" for k in CLUSTERS), *SCORED[1:])
COURSE_TOPS = {
    "caps5_total": 80, "caps5_b": 20, "caps5_c": 8, "caps5_d": 28, "caps5_e": 24, "mood": 60,
    "glutamate": 1, "plasticity_fast": 1, "plasticity_slow": 1, "amygdala": 2, "prefrontal": 2,
    "default_mode": 2, "emotion_regulation": 2, "learning": 1, "ssri": 1, "belief": 1,
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
MAXIMA = ("cadss_peak", *(f"{v}_rise" for v in VITALS))
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

    windows: dict[str, Rows]  # by scale, of each visit
    visits: tuple[np.ndarray, np.ndarray]  # see `windows.at_days`
    edges_h: np.ndarray  # (n_intervals + 1,)
    shown: np.ndarray  # edges at which courses are kept
    acute_h: np.ndarray
    vitals_h: np.ndarray


def layout(protocol: Protocol, plan: ArmPlan) -> Layout:
    """Of one arm."""
    days = (0.0, *visits_after_start(protocol))
    edges_h = plan.slow.edges_h
    windows = {
        scale: Rows(
            *(_padded(x, VISIT_BUCKET)
              for x in window_rows(edges_h, windows_h(protocol, scale, days)))
        )
        for scale in LOOKING_BACK
    }  # fmt: skip
    before, share = (_padded(x, VISIT_BUCKET) for x in at_days(edges_h, days))
    n = plan.slow.n_intervals + 1
    nodes = len(plan.arrays["acute_nodes"])
    return Layout(
        windows,
        (before, share),
        np.pad(edges_h, (0, n - len(edges_h)), mode="edge"),
        _padded(plan.shown.astype(np.int32), SHOWN_BUCKET),
        np.pad(plan.acute_h, (0, nodes - len(plan.acute_h)), mode="edge"),
        plan.vitals_h,
    )


def _padded(x: np.ndarray, bucket: int) -> np.ndarray:
    more = padded(len(x), bucket) - len(x)
    return np.pad(x, [(0, more)] + [(0, 0)] * (x.ndim - 1), mode="edge")


def at_edges(courses: Arrays, par: Arrays, belief: Array | float) -> dict[str, Array]:
    """Each course at the edges of the slow mesh, start included, (T, P)."""
    start: dict[str, Array] = {f"caps5_{k}": MAXIMUM[k] * par[f"base_{k}"] for k in CLUSTERS}
    start["caps5_total"] = sum(start.values(), jnp.zeros(()))
    start["mood"] = SCALES["MADRS"].maximum * par["base_mood"]
    start |= {k: jnp.ones(()) for k in (*CIRCUITS, "emotion_regulation")}
    start["belief"] = jnp.asarray(belief)
    start["ssri"] = par["ssri_start"]
    first = lambda k, x: jnp.broadcast_to(start.get(k, jnp.zeros(())), x.shape[1:])  # noqa: E731
    return {k: jnp.concatenate([first(k, x)[None], x]) for k, x in courses.items()}


class Chance(NamedTuple):
    """What chance does to the readings: errors (V, P, 12) and person (P,), uniforms; week
    (V, P, 2), standard normals."""

    errors: Array
    person: Array
    week: Array


@jax.jit
def scores(
    courses: Arrays, par: Arrays, belief: Array, where: Layout, chance: Chance,
    screened: Array | None,
) -> Array:  # fmt: skip
    """Recorded scores at day 0 and at each visit, in the order of SCORES, (10, V, P) int16.

    screened: CAPS-5 clusters (4, P) of the screening, where that reading is the baseline."""
    latent = at_edges(courses, par, belief)
    read = {f"{s.lower()}_{k}": (f"caps5_{k}", s) for s in ("CAPS5", "PCL5") for k in CLUSTERS}
    read |= {"madrs": ("mood", "MADRS"), "phq9": ("mood", "PHQ9")}
    seen = {
        name: window_mean(where.windows[scale], latent[f"area_{state}"], latent[state])
        for name, (state, scale) in read.items()
    }
    expectancy = between(where.visits, latent["expectancy_state"])
    drawn = normals(chance.errors), normals(chance.person), chance.week
    found = recorded_scores(seen, expectancy, par, *drawn)
    if screened is not None:
        total = screened.sum(axis=0)
        first = {f"CAPS5_{k}": x for k, x in zip(CLUSTERS, screened, strict=True)}
        first |= {"CAPS5": total, "CAPS4": caps4(total, par)}
        found |= {k: jnp.concatenate([x[None], found[k][1:]]) for k, x in first.items()}
    return jnp.stack([found[k] for k in SCORES]).astype(jnp.int16)


class Kept(NamedTuple):
    """Of a chunk: courses (K, T, P), acute courses (K', T', P), leaving (P,), maxima (4, P),
    latent response (len(response.KEYS), 2, P)."""

    courses: Quantised
    acute: Quantised
    leaving_h: Array
    maxima: Array
    response_h: Array


@jax.jit
def kept(
    courses: Arrays, acute: Arrays, par: Arrays, belief: Array, where: Layout,
    tops: Mapping[str, float], unit: Array, noise: Array,
) -> Kept:  # fmt: skip
    """tops: of the acute courses that are kept; unit: (P,) unit exponential draws that decide
    when a patient leaves; noise: (P, 40) uniforms of vital signs and the CADSS."""
    noise = normals(noise)
    latent = at_edges(courses, par, belief)
    shares = jnp.stack([latent[k][where.shown] / top for k, top in COURSE_TOPS.items()])
    scaled = {k: acute[key] for k, key in CONCENTRATIONS.items() if key in acute}
    for k, (key, scale, _) in EFFECTS.items():
        if key in acute:
            scaled[k] = acute[key] * par[scale] if scale else acute[key]
    shape = (0, len(where.acute_h), unit.shape[0])
    acute_shares = [scaled[k] / top for k, top in tops.items()]
    pressure = acute.get("pressure")
    maxima = personal_maxima(where.acute_h, pressure, par, noise, where.vitals_h)
    maxima["cadss_peak"] = cadss_peak(acute.get("dissociation"), par, noise)
    area = sum((latent[f"area_caps5_{k}"] for k in CLUSTERS), jnp.zeros(()))
    return Kept(
        quantised(shares),
        quantised(jnp.stack(acute_shares) if acute_shares else jnp.zeros(shape)),
        leaving_time_h(where.edges_h, latent["leaving"], unit),
        jnp.stack([maxima[k] for k in MAXIMA]),
        response.times_h(where.edges_h, jnp.asarray(latent["caps5_total"]), area),
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
