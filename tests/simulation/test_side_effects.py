"""Adverse events and adherence of an arm."""

from __future__ import annotations

import numpy as np
import pytest

from synaptrial import facade
from synaptrial.simulation.cohort.build import build_cohort
from synaptrial.simulation.summary import side_effects


def test_each_drug_and_route_of_an_arm_is_looked_up() -> None:
    evidence = facade.load_evidence()
    rows = side_effects.adverse_events(facade.load_arm("FEDER2021_KET").protocol, evidence)
    assert {r["drug"] for r in rows} == {"racemic ketamine, IV"}
    serious = next(r for r in rows if r["term"] == "any_serious")
    assert "FEDER2021" in serious["trials"][0]["study"]
    control = facade.load_arm("FEDER2021_MDZ").protocol
    assert side_effects.adverse_events(control, evidence) == []


def test_adherence_is_that_of_the_patients() -> None:
    arm = facade.load_arm("BRADY2000_SERTRALINE")
    models = facade.load_models(arm.setting.population)
    cohort = build_cohort(models, arm.setting, 40, 60, 1)
    found = side_effects.adherence(arm.protocol, cohort, 94)
    prior = next(
        s.parameter["ssri_adherence"] for s in models.priors if "ssri_adherence" in s.parameter
    )
    assert found is not None
    assert found["patient"]["q50"] == pytest.approx(prior.value, abs=0.02)
    spread = np.log(found["patient"]["q975"] / (1 - found["patient"]["q975"]))
    total = np.hypot(prior.patient_sd, prior.uncertainty)
    assert spread == pytest.approx(np.log(prior.value / (1 - prior.value)) + 1.96 * total, abs=0.15)
    assert found["mean_interval"]["q025"] < found["mean"] < found["mean_interval"]["q975"]
    assert side_effects.adherence(facade.load_arm("FEDER2021_KET").protocol, cohort, 15) is None
