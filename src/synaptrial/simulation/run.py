"""Simulate arms: chunks of patients through the model, observed and summed on the way.

Memory does not grow with the number of patients except for the recorded scores at visits
(two bytes each). Results depend neither on the chunk size nor on the number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from synaptrial.domain.parameters import ParameterSet
from synaptrial.domain.protocol import Protocol
from synaptrial.domain.scales import SCALES
from synaptrial.domain.setting import Setting
from synaptrial.execution.executor import map_threads
from synaptrial.simulation import model, observation, rules
from synaptrial.simulation.accumulate import Histogram, Moments
from synaptrial.simulation.cohort import Cohort, draw_parameters, enrol
from synaptrial.simulation.plan import ArmPlan, plan_arm

CHUNK = 128  # fits the cache of a core with all its propagators
N_COURSES = 200
DURATIONS = ("oral_duration", "sl_duration", "sl_swallowed_duration", "swallowed_duration_nasal")
SCORES = (
    "CAPS5", "CAPS5_b", "CAPS5_c", "CAPS5_d", "CAPS5_e", "PCL5", "MADRS", "IESR", "CAPS4", "PHQ9",
)  # fmt: skip
COURSE_RANGES = {
    "caps5_total": (0, 80), "caps5_b": (0, 20), "caps5_c": (0, 8), "caps5_d": (0, 28),
    "caps5_e": (0, 24), "mood": (0, 60), "plasticity_fast": (0, 1), "plasticity_slow": (0, 1),
    "amygdala": (0, 2), "prefrontal": (0, 2), "default_mode": (0, 2), "learning": (0, 1),
    "ssri": (0, 1), "belief": (0, 1),
}  # fmt: skip
ACUTE_CONCENTRATIONS = {
    "conc_s": "conc_s", "conc_r": "conc_r", "conc_s_nk": "conc_s_nk", "conc_r_nk": "conc_r_nk",
    "conc_venous": "venous", "conc_midazolam": "conc_midazolam",
}  # fmt: skip
MAXIMA = ("cadss_peak", "sbp_rise", "dbp_rise", "hr_rise")


@dataclass(frozen=True)
class Models:
    """The parameter documents of a run, loaded."""

    priors: tuple[ParameterSet, ...]
    ketamine: ParameterSet
    midazolam: ParameterSet
    ssri: Mapping[str, ParameterSet]  # sertraline, paroxetine
    population: ParameterSet

    @property
    def sets(self) -> tuple[ParameterSet, ...]:
        """All sets that are drawn from; midazolam's names carry a prefix."""
        renamed = {f"mdz_{k}": v for k, v in self.midazolam.parameter.items() if k != "ke0"}
        midazolam = self.midazolam.model_copy(update={"parameter": renamed, "correlation": ()})
        plasma = {
            f"{drug}_{name}": p for drug, s in self.ssri.items() for name, p in s.parameter.items()
        }
        ssri = ParameterSet(id="ssri_plasma", title="SSRI plasma", parameter=plasma)
        return (*self.priors, self.ketamine, midazolam, ssri, self.population)


@dataclass(frozen=True)
class Arm:
    """What to simulate: a protocol in its setting."""

    protocol: Protocol
    setting: Setting


@dataclass
class ArmResult:
    """Sums, histograms and scores of one arm."""

    arm: Arm
    plan: ArmPlan
    time_h: np.ndarray  # (T,) shown edges of the slow mesh
    visit_days: tuple[float, ...]  # 0 first
    moments: dict[str, Moments]
    histograms: dict[str, Histogram]
    acute_moments: dict[str, Moments]
    acute_histograms: dict[str, Histogram]
    scores: dict[str, np.ndarray]  # (S * N, V) int16
    leaving_h: np.ndarray  # (S * N,) float32
    maxima: dict[str, np.ndarray]  # (S * N,) float32
    courses: dict[str, np.ndarray] = field(default_factory=dict)  # (T, N_COURSES)


def build_cohort(models: Models, setting: Setting, patients: int, draws: int, seed: int) -> Cohort:
    """Draws and patients of a setting, the entry rule applied."""
    drawn = draw_parameters(models.sets, draws, seed)
    entry = None
    if setting.entry is not None:
        entry = setting.entry.minimum
        if setting.entry.scale == "CAPS4":
            entry /= drawn.parameters["caps4_per_caps5"].value
    return enrol(drawn, patients, seed, entry)


def simulate_arm(
    arm: Arm,
    cohort: Cohort,
    *,
    cores: int = 1,
    chunk: int = CHUNK,
    unblinding: bool = True,
    progress: Callable[[int], None] = lambda n: None,
    **mesh: object,
) -> ArmResult:
    """Simulate one arm in one cohort (shared by the arms of a study)."""
    fixed = cohort.draws.parameters
    plan = plan_arm(
        arm.protocol,
        arm.setting,
        {k: fixed[k].value for k in DURATIONS},
        **mesh,  # type: ignore[arg-type]
    )
    arrays = {k: jnp.asarray(v) for k, v in plan.arrays.items()}
    tables = {k: jnp.asarray(v) for k, v in plan.tables.items()}
    result = _empty(arm, plan, cohort)
    chosen = np.linspace(0, cohort.size - 1, min(N_COURSES, cohort.size)).astype(int)

    def work(start: int) -> dict:  # type: ignore[type-arg]
        return _chunk(arm, plan, cohort, arrays, tables, start, chunk, unblinding)

    starts = range(0, cohort.size, chunk)
    for start, part in zip(starts, map_threads(work, starts, cores), strict=True):
        _collect(result, part, start, chosen)
        progress(part["n"])
    return result


def chunk_parameters(
    arm: Arm, plan: ArmPlan, values: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Parameters as the stages of the model name them."""
    out = dict(values)
    for k in observation.CLUSTERS:
        out[f"base_{k}"] = values[f"baseline_{k}"]
    out["base_mood"] = values["baseline_mood"]
    drug = plan.ssri or "sertraline"
    out["ssri_ec50"] = values[f"transporter_ec50_{drug}"]
    out["ssri_effect"] = values[f"ssri_effect_{drug}"]
    out["ssri_cl"], out["ssri_v"] = ssri_disposition(arm.protocol, drug, values)
    out["mdz_sedation_ke0"] = values["sedation_ke0"]
    return out


def ssri_disposition(
    protocol: Protocol, drug: str, values: Mapping[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """CL/F (L/h) and V/F (L) with the covariates of Zhang 2024 and Kim 2015."""
    age = values["age_y"]
    if drug == "sertraline":
        factor = np.maximum(1 + values["sertraline_age_effect"] * (age - 22), 0.3)
        return values["sertraline_CL_F"] * factor, values["sertraline_V_F"]
    daily = [s.mg_per_day for s in protocol.daily_segments() if s.mg_per_day > 0]
    dose = max(daily) if daily else 25.0
    by_dose = (dose / 25) ** values["paroxetine_dose_exponent"]
    by_age = (age / 71) ** values["paroxetine_age_exponent"]
    return values["paroxetine_CL_F"] * by_dose * by_age, values["paroxetine_V_F"]


def latent_courses(arm: Arm, plan: ArmPlan, cohort: Cohort, n: int) -> dict[str, np.ndarray]:
    """Latent courses of the first n patients at the edges of a plan's slow mesh, (T, n)."""
    _, values = cohort.chunk(0, n)
    par = chunk_parameters(arm, plan, values)
    courses, _, _ = model.run(
        plan.structure, plan.arrays, plan.tables, par, rules.as_declared(plan, n),
        np.float64(initial_belief(arm)), unblinding_slope(arm, par, True),
    )  # fmt: skip
    return _edges({k: np.asarray(v) for k, v in courses.items()}, plan, par, n, arm)


def unblinding_slope(arm: Arm, par: Mapping[str, np.ndarray], unblinding: bool) -> np.ndarray:
    """Slope of belief on what is felt, (P,) or (1,); 0 when open or switched off."""
    active = arm.setting.control == "psychoactive"
    slope = par["unblinding_slope_active" if active else "unblinding_slope_inert"]
    return slope if unblinding and arm.setting.blinding != "open" else np.zeros_like(slope)


def initial_belief(arm: Arm) -> float:
    """What a patient believes at the start: the allocation share; when open, the truth."""
    share = arm.setting.allocation_share
    if arm.setting.blinding == "open":
        share = 1.0 if arm.protocol.kind == "drug" else 0.0
    return float(np.clip(share, 1e-6, 1 - 1e-6))


def _chunk(
    arm: Arm,
    plan: ArmPlan,
    cohort: Cohort,
    arrays: Mapping[str, jax.Array],
    tables: Mapping[str, jax.Array],
    start: int,
    chunk: int,
    unblinding: bool,
) -> dict:  # type: ignore[type-arg]
    """Chunks are padded to one size with repeats of the last patient, which are dropped."""
    stop = min(start + chunk, cohort.size)
    n = stop - start
    draw, values = cohort.chunk(start, stop)
    par = chunk_parameters(arm, plan, values)
    padded = par
    if n < chunk:
        padded = {k: np.pad(v, (0, chunk - n), mode="edge") if len(v) > 1 or n == 1 else v
                  for k, v in par.items()}  # fmt: skip

    def run(given: model.Given) -> tuple[dict, dict, dict]:  # type: ignore[type-arg]
        courses, acute, _ = model.run(
            plan.structure, arrays, tables, padded, given,
            np.float64(initial_belief(arm)), unblinding_slope(arm, padded, unblinding),
        )  # fmt: skip
        latent = _edges({k: np.asarray(v)[..., :n] for k, v in courses.items()}, plan, par, n, arm)
        return latent, acute, _scores(arm, plan, par, latent, start, n, cohort.seed)

    latent, acute, scores = rules.apply(arm.protocol, plan, n, chunk, run)
    keep = lambda x: np.asarray(x)[..., :n]  # noqa: E731
    out: dict[str, Any] = {"n": n, "draw": draw, "latent": latent, "acute": {}}
    real = len(plan.acute_h)
    shares = {k: keep(v)[:real] for k, v in acute.items()}
    for name, key in ACUTE_CONCENTRATIONS.items():
        if key in shares:
            out["acute"][name] = shares[key]
    for name, key, scale in (
        ("occupancy", "occupancy", None), ("cadss", "dissociation", "cadss_max"),
        ("sbp_change_mmhg", "pressure", "sbp_max"), ("dbp_change_mmhg", "pressure", "dbp_max"),
        ("hr_change_bpm", "pressure", "hr_max"), ("sedation", "sedation", None),
    ):  # fmt: skip
        if key in shares:
            out["acute"][name] = shares[key] * (par[scale] if scale else 1.0)
    out["scores"] = scores
    unit = observation.unit_exponentials(cohort.seed, start, n)
    out["leaving_h"] = observation.leaving_time_h(plan.slow, latent["leaving"], unit)
    noise = observation.normals(cohort.seed, observation.STREAM_READINGS, start, n, 40)
    out["maxima"] = observation.personal_maxima(plan.acute_h, shares.get("pressure"), par, noise)
    dissociation = shares["dissociation"].max(axis=0) if "dissociation" in shares else np.zeros(n)
    out["maxima"]["cadss_peak"] = np.round(par["cadss_max"] * dissociation)
    return out


def _edges(
    courses: Mapping[str, np.ndarray],
    plan: ArmPlan,
    par: Mapping[str, np.ndarray],
    n: int,
    arm: Arm,
) -> dict[str, np.ndarray]:
    """Each course at the edges of the slow mesh, start included, (T, P)."""
    real = len(plan.slow.edges_h) - 1
    base: dict[str, Any] = {
        f"caps5_{k}": observation.MAXIMUM[k] * par[f"base_{k}"] for k in observation.CLUSTERS
    }
    base["caps5_total"] = sum(base.values())
    base["mood"] = SCALES["MADRS"].maximum * par["base_mood"]
    base |= {k: np.ones(1) for k in ("amygdala", "prefrontal", "default_mode")}
    base["belief"] = np.full(1, initial_belief(arm))
    out = {}
    for name, path in courses.items():
        first = np.broadcast_to(base.get(name, np.zeros(1)), (n,))
        out[name] = np.concatenate([first[None], path[:real]])
    return out


def _scores(
    arm: Arm,
    plan: ArmPlan,
    par: Mapping[str, np.ndarray],
    latent: Mapping[str, np.ndarray],
    first: int,
    n: int,
    seed: int,
) -> dict[str, np.ndarray]:
    """Recorded scores at day 0 and at each visit, (P, V)."""
    person = observation.normals(seed, observation.STREAM_PERSON, first, n, 4)[:, 0]
    visits = []
    for v, day in enumerate((0.0, *visits_after_start(arm.protocol))):
        seen = {}
        for k in (*observation.CLUSTERS, "mood"):
            name = k if k == "mood" else f"caps5_{k}"
            level = latent[name]
            width = 24.0 * SCALES["MADRS" if k == "mood" else "CAPS5"].recall_days
            seen[k] = (
                observation.window_mean(
                    plan.slow, latent[f"area_{name}"], level, level[0], 24.0 * day, width
                )
                if day > 0
                else level[0]
            )
        at = observation.visit_index(plan.slow, [day])[0]
        errors = observation.normals(
            seed, observation.STREAM_VISIT + v, first, n, observation.ERRORS_PER_VISIT
        )
        visits.append(observation.scores(seen, latent["expectancy_state"][at], par, errors, person))
    return {k: np.stack([x[k] for x in visits], axis=1) for k in SCORES}


def visits_after_start(protocol: Protocol) -> tuple[float, ...]:
    """Visit days after day 0, which is always recorded."""
    return tuple(d for d in protocol.visits_days if d > 0)


def _empty(arm: Arm, plan: ArmPlan, cohort: Cohort) -> ArmResult:
    s, size = cohort.draws.n_draws, cohort.size
    t, a = len(plan.shown), len(plan.acute_h)
    days = (0.0, *visits_after_start(arm.protocol))
    acute = _acute_ranges(plan)
    return ArmResult(
        arm=arm,
        plan=plan,
        time_h=plan.slow.edges_h[plan.shown],
        visit_days=days,
        moments={k: Moments(s, t) for k in COURSE_RANGES},
        histograms={k: Histogram(*r, t) for k, r in COURSE_RANGES.items()},
        acute_moments={k: Moments(s, a) for k in acute},
        acute_histograms={k: Histogram(*r, a) for k, r in acute.items()},
        scores={k: np.zeros((size, len(days)), np.int16) for k in SCORES},
        leaving_h=np.zeros(size, np.float32),
        maxima={k: np.zeros(size, np.float32) for k in MAXIMA},
        courses={k: np.zeros((t, min(N_COURSES, size)), np.float32) for k in COURSE_RANGES},
    )


def _acute_ranges(plan: ArmPlan) -> dict[str, tuple[float, float]]:
    """Bounds of the acute histograms; those of concentrations grow with the largest dose."""
    arrays = plan.arrays
    largest = float((arrays["per_kg"] * 80 + arrays["flat"]).max(initial=0.0))
    top = 60.0 * max(largest, 1.0)
    out: dict[str, tuple[float, float]] = {}
    if plan.structure.ketamine_routes:
        names = [k for k in ACUTE_CONCENTRATIONS if k != "conc_midazolam"]
        if not plan.structure.has_r:
            names = [k for k in names if not k.startswith("conc_r")]
        out |= {k: (0.0, top) for k in names}
        out |= {"occupancy": (0, 1), "cadss": (0, 92), "sbp_change_mmhg": (0, 120),
                "dbp_change_mmhg": (0, 120), "hr_change_bpm": (0, 120)}  # fmt: skip
    if plan.structure.midazolam:
        out |= {"conc_midazolam": (0.0, top), "sedation": (0, 1)}
    return out


def _collect(result: ArmResult, part: dict, start: int, chosen: np.ndarray) -> None:  # type: ignore[type-arg]
    n, draw = part["n"], part["draw"]
    for name in COURSE_RANGES:
        values = part["latent"][name][result.plan.shown]
        result.moments[name].add(draw, values)
        result.histograms[name].add(values)
    for name in result.acute_moments:
        result.acute_moments[name].add(draw, part["acute"][name])
        result.acute_histograms[name].add(part["acute"][name])
    inside = np.flatnonzero((chosen >= start) & (chosen < start + n))
    for name, kept in result.courses.items():
        kept[:, inside] = part["latent"][name][result.plan.shown][:, chosen[inside] - start]
    own = slice(start, start + n)
    for name, values in part["scores"].items():
        result.scores[name][own] = values
    result.leaving_h[own] = part["leaving_h"]
    for name, values in part["maxima"].items():
        result.maxima[name][own] = values
