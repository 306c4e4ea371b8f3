"""Regression to the mean: what qualifying on a high reading does to the next one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm
from tests.mechanism.modified import QUIET, changed, fixed
from tests.support.prepared import made_arm

from synaptrial.domain.arm import Arm
from synaptrial.domain.parameters import Parameter, ParameterSet
from synaptrial.domain.setting import EntryRule, Setting
from synaptrial.facade import load_models
from synaptrial.simulation.cohort.baseline import day_0
from synaptrial.simulation.cohort.build import build_cohort
from synaptrial.simulation.cohort.draws import draw_parameters
from synaptrial.simulation.cohort.enrol import enrol
from synaptrial.simulation.cohort.models import Models
from synaptrial.simulation.observation import scores as observation
from synaptrial.simulation.observation.scores import CLUSTERS, MAXIMUM, TOTAL_MAXIMUM
from synaptrial.simulation.run.arm import simulate_arm

MINIMUM = 42.0
ERROR, WEEK = 2.9, 3.5  # SD of a reading and of a week, points
SPREAD = 0.15  # SD of a cluster's share between patients, clusters independent
CENTRE = 0.5


def number(value: float, sd: float = 0.0) -> Parameter:
    return Parameter(
        value=value, unit="-", distribution="normal", patient_sd=sd, mark="ASSUMED",
        reason="made for a test",
    )  # fmt: skip


def gaussian_models() -> Models:
    """Severities normal between patients, and no other difference between them."""
    models = load_models("adult_ptsd_trial")
    own = {f"baseline_{k}": number(CENTRE, SPREAD) for k in CLUSTERS}
    own |= {"caps5_error_sd": number(ERROR), "symptom_fluctuation_sd": number(WEEK)}

    def one(s: ParameterSet) -> ParameterSet:
        return s.model_copy(
            update={"parameter": {k: own.get(k, p) for k, p in s.parameter.items()},
                    "correlation": ()}
        )  # fmt: skip

    return replace(
        models, priors=tuple(one(s) for s in models.priors), population=one(models.population)
    )


def setting(reading: str) -> Setting:
    return Setting(
        blinding="double", control="inert", allocation_share=0.5,
        entry=EntryRule(scale="CAPS5", minimum=MINIMUM), baseline_reading=reading,
    )  # fmt: skip


@pytest.mark.parametrize("reading", ["screening", "new"])
def test_gaussian_readings_follow_the_truncated_bivariate_normal(
    reading: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No rounding, no limits: the mean of those who qualify on X and are read again as Y."""
    monkeypatch.setattr(observation, "recorded", lambda x, maximum: x)
    draws = draw_parameters(gaussian_models().sets, 2, 5)
    cohort = enrol(draws, 4000, 5, EntryRule(scale="CAPS5", minimum=MINIMUM))
    first = day_0(cohort, reading)["CAPS5"]
    true_sd = np.sqrt(sum((top * SPREAD) ** 2 for top in MAXIMUM.values()))
    sd = np.sqrt(true_sd**2 + ERROR**2 + WEEK**2)
    rho = true_sd**2 / sd**2
    a = (MINIMUM - CENTRE * TOTAL_MAXIMUM) / sd
    above = sd * norm.pdf(a) / norm.sf(a)
    expected = CENTRE * TOTAL_MAXIMUM + (above if reading == "screening" else rho * above)
    se = first.std(ddof=1) / np.sqrt(len(first) / draws.n_draws)  # draws share their patients
    assert abs(first.mean() - expected) < 3 * se
    if reading == "screening":  # and so the next reading falls, with nothing given
        again = day_0(cohort, "new")["CAPS5"] - first
        se = again.std(ddof=1) / np.sqrt(len(again) / draws.n_draws)
        assert abs(again.mean() + (1 - rho) * above) < 3 * se


def of_a_reading(severity: dict[str, np.ndarray], week: np.ndarray) -> np.ndarray:
    """Probabilities of each recorded total, (..., 81), given severity and week."""
    out = np.ones((*week.shape, 1))
    for k, top in MAXIMUM.items():
        points = np.arange(top + 1)
        centre = severity[k] + WEEK * top / TOTAL_MAXIMUM * week
        sd = ERROR * np.sqrt(top / TOTAL_MAXIMUM)
        upper = norm.cdf((points + 0.5 - centre[..., None]) / sd)
        upper[..., -1] = 1.0
        each = np.diff(upper, axis=-1, prepend=0.0)
        size = out.shape[-1] + len(points) - 1
        whole = np.fft.rfft(out, size) * np.fft.rfft(each, size)
        out = np.fft.irfft(whole, size)
    return out


def test_the_real_scale_equals_a_quadrature() -> None:
    """Rounded and limited clusters that differ between people in one severity: over severity and
    week. Nothing happens after the start: no course, no hope, no contact."""
    models = changed(
        load_models("adult_ptsd_trial"), **QUIET,
        caps5_error_sd=fixed(ERROR), symptom_fluctuation_sd=fixed(WEEK),
    )  # fmt: skip
    centre, sd = {"b": 0.5, "c": 0.6, "d": 0.45, "e": 0.5}, 0.9
    own = {
        f"baseline_{k}": models.population.parameter[f"baseline_{k}"].model_copy(
            update={"value": centre[k], "patient_sd": sd if k == "d" else 0.0,
                    "uncertainty": 0.0, "study_sd": 0.0}
        )
        for k in CLUSTERS
    }  # fmt: skip
    population = models.population.model_copy(
        update={"parameter": models.population.parameter | own, "correlation": ()}
    )
    arm = made_arm(28.0, (28.0,), doses=({"drug": "saline", "route": "iv", "amount_mg": 0.0,
                                          "infusion_min": 40, "days": (0.0,)},))  # fmt: skip
    arm = Arm(arm.protocol, setting("screening"))
    cohort = build_cohort(replace(models, population=population), arm.setting, 3000, 2, 3)
    seen = simulate_arm(arm, cohort).scores["CAPS5"].astype(float)
    change = seen[:, 1] - seen[:, 0]

    x, w = np.polynomial.hermite_e.hermegauss(40)
    w = w / w.sum()
    z, week = np.meshgrid(x, x, indexing="ij")
    logit = np.log(centre["d"] / (1 - centre["d"])) + sd * z
    severity = {k: np.full(z.shape, MAXIMUM[k] * centre[k]) for k in CLUSTERS}
    severity["d"] = MAXIMUM["d"] / (1 + np.exp(-logit))
    total = np.arange(TOTAL_MAXIMUM + 1)
    chances = of_a_reading(severity, week)
    passed = (chances[..., total >= MINIMUM]).sum(axis=-1)
    first = (chances * total * (total >= MINIMUM)).sum(axis=-1)
    again = ((chances * total).sum(axis=-1) * w).sum(axis=1)  # of a person, over his weeks
    by_person = w[:, None] * w
    p = (by_person * passed).sum()
    expected = ((by_person * passed).sum(axis=1) * again).sum() / p - (by_person * first).sum() / p
    se = change.std(ddof=1) / np.sqrt(len(change) / cohort.draws.n_draws)
    assert abs(change.mean() - expected) < 3 * se
    assert expected < -1.0  # else the test shows nothing


def test_a_threshold_that_few_reach_is_enrolled() -> None:
    models = load_models("adult_ptsd_trial")
    severe = setting("screening").model_copy(
        update={"entry": EntryRule(scale="CAPS5", minimum=60.0)}
    )
    cohort = build_cohort(models, severe, 10, 20, 1)
    assert (cohort.screened(0, cohort.size).sum(axis=0) >= 60).all()
