"""A population moved to the baseline that a study published.

The centres of the baselines are moved, and their spread between patients is scaled, until those
who pass the entry rule have the published mean and SD on the day-0 reading. The study's baseline
is then known, so what the population leaves open of it goes; and in each draw severity follows
what the draw says of the scale, so that the mean of the scale stays as published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from synaptrial.domain.errors import InputError
from synaptrial.domain.parameters import Parameter, ParameterSet
from synaptrial.domain.scales import SCALES
from synaptrial.domain.setting import MOOD_SCALES, Baseline, Setting
from synaptrial.simulation.cohort.draws import ParameterDraws, draw_parameters
from synaptrial.simulation.cohort.enrol import Cohort, enrol
from synaptrial.simulation.cohort.models import Models
from synaptrial.simulation.observation import chance
from synaptrial.simulation.observation.scores import CLUSTERS, MAXIMUM, caps4, scores

PATIENTS, PATIENTS_OF_A_DRAW, SEED = 4096, 256, 1
MOST_STEPS, STEPS_OF_A_DRAW = 15, 2
CLOSE = 0.2  # points, of mean and SD: about two standard errors at that many patients
NEAR_NONE = 1e-9  # not 0: all other parameters then draw the numbers that they draw elsewhere
STEP = 0.05
SHALLOW = 1.0  # points per log-odds
FLAT = 1e-6  # where moving the population moves the reading no more


def at_baseline(models: Models, setting: Setting) -> Models:
    """The models with their population at the baseline of a setting; as they are without one.

    Raises InputError for a baseline that no move of the population reaches."""
    for baseline in setting.baseline:
        models = _fitted(models, setting, baseline)
    return models


def aligned(draws: ParameterDraws, setting: Setting) -> ParameterDraws:
    """Draws with the published mean in each of them: a draw in which a scale reads higher is one in
    which its patients were less severe."""
    for baseline in setting.baseline:
        names = _names(baseline.scale)
        for _ in range(STEPS_OF_A_DRAW):
            means = _draw_means(draws, setting, baseline.scale)
            raised = _draw_means(_raised(draws, names, STEP), setting, baseline.scale)
            step = (baseline.mean - means) / np.maximum((raised - means) / STEP, SHALLOW)
            draws = _raised(draws, names, np.clip(step, -1.0, 1.0))
    return draws


def _draw_means(draws: ParameterDraws, setting: Setting, scale: str) -> np.ndarray:
    cohort = enrol(draws, PATIENTS_OF_A_DRAW, SEED, setting.entry)
    seen = day_0(cohort, setting.baseline_reading)[scale]
    means: np.ndarray = seen.reshape(draws.n_draws, -1).mean(axis=1)
    return means


def _raised(draws: ParameterDraws, names: Sequence[str], by: np.ndarray | float) -> ParameterDraws:
    own = {k: draws.level[k] + by * np.ones(draws.n_draws) for k in names}
    return replace(draws, level={**draws.level, **own})


def _fitted(models: Models, setting: Setting, baseline: Baseline) -> Models:
    names = _names(baseline.scale)
    moved = lambda x: _moved(models, names, *x)  # noqa: E731
    wanted = np.array([baseline.mean] if baseline.sd is None else [baseline.mean, baseline.sd])
    miss = lambda x: _mean_sd(moved(x), setting, baseline.scale)[: len(wanted)] - wanted  # noqa: E731
    x = np.zeros(len(wanted))
    found = miss(x)
    for _ in range(MOST_STEPS):
        if np.abs(found).max() < CLOSE:
            return moved(x)
        slope = np.stack([(miss(x + d) - found) / STEP for d in STEP * np.eye(len(x))], axis=1)
        if abs(np.linalg.det(slope)) < FLAT:
            break
        step = np.linalg.solve(slope, -found)
        x += step * min(1.0, 1.0 / np.abs(step).max())  # at most one log-odds at once
        found = miss(x)
    sd = "" if baseline.sd is None else f" (SD {baseline.sd:g})"
    raise InputError(
        "setting.baseline",
        f"{baseline.scale} {baseline.mean:g}{sd}, which the population cannot reach",
        "a mean and SD that fit the entry rule and the errors of the scale",
        f"The nearest misses by {np.abs(found).max():.2g} points: check mean, SD and entry rule",
    )


def _names(scale: str) -> tuple[str, ...]:
    if scale in MOOD_SCALES:
        return ("baseline_mood",)
    return tuple(f"baseline_{k}" for k in CLUSTERS)


def _moved(models: Models, names: Sequence[str], shift: float, log_spread: float = 0.0) -> Models:
    """Centres moved by log-odds, spread between patients times exp(log_spread)."""
    own = dict(models.population.parameter)
    for name in names:
        p = own[name]
        odds = p.value / (1 - p.value) * np.exp(shift)
        own[name] = p.model_copy(
            update={
                "value": float(odds / (1 + odds)),
                "patient_sd": float(p.patient_sd * np.exp(log_spread)),
                **{k: NEAR_NONE for k in ("uncertainty", "study_sd") if getattr(p, k) > 0},
            }
        )
    return replace(models, population=models.population.model_copy(update={"parameter": own}))


def _mean_sd(models: Models, setting: Setting, scale: str) -> np.ndarray:
    """Mean and SD of the day-0 reading, at the centres of all parameters."""
    draws = draw_parameters([_central(s) for s in models.sets], 1, SEED)
    cohort = enrol(draws, PATIENTS, SEED, setting.entry)
    seen = day_0(cohort, setting.baseline_reading)[scale]
    return np.array([seen.mean(), seen.std(ddof=1)])


def _central(s: ParameterSet) -> ParameterSet:
    sure: Mapping[str, Any] = {"uncertainty": 0.0, "study_sd": 0.0}
    own: dict[str, Parameter] = {k: p.model_copy(update=sure) for k, p in s.parameter.items()}
    return s.model_copy(update={"parameter": own})


def day_0(cohort: Cohort, baseline_reading: str) -> dict[str, np.ndarray]:
    """Recorded scores of all patients before anything is given, each (S * N,)."""
    n, seed = cohort.size, cohort.seed
    _, values = cohort.chunk(0, n)
    latent = {f"{s}_{k}": MAXIMUM[k] * values[f"baseline_{k}"] for s in ("caps5", "pcl5")
              for k in CLUSTERS}  # fmt: skip
    latent |= dict.fromkeys(("madrs", "phq9"), SCALES["MADRS"].maximum * values["baseline_mood"])
    errors = chance.normals(chance.reading_errors(seed, [0.0], 0, n)[0])
    person = chance.normals(chance.uniforms(seed, chance.STREAM_PERSON, 0, n, 4)[:, 0])
    week = chance.fluctuations(seed, [0.0], 0, n)[0]
    out = scores(latent, np.zeros(n), values, errors, person, week)
    if baseline_reading == "screening":
        total = cohort.screened(0, n).sum(axis=0)
        out |= {"CAPS5": total, "CAPS4": caps4(total, values)}
    return {k: np.asarray(x) for k, x in out.items()}
