"""Every state keeps its declared range, however long the schedule; a run ends where a number is not
finite."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.prepared import Prepared, made_arm, prepared

from synaptrial.domain.errors import NonFinite
from synaptrial.facade import load_models
from synaptrial.mechanism import tolerance
from synaptrial.simulation.cohort.build import build_cohort
from synaptrial.simulation.run import arm as simulation
from synaptrial.simulation.run import lanes, signals
from synaptrial.simulation.run.finite import require_finite
from synaptrial.simulation.run.march import CASCADE, COURSE

SLACK = 1e-4  # of a range: the accuracy of the engine
BOUNDS = {s.name: s.bounds for s in CASCADE.stages}


def doses(count: int, every_days: float, mg_per_kg: float) -> Prepared:
    dose = {
        "drug": "ketamine", "enantiomer": "racemic", "route": "iv", "every_days": every_days,
        "count": count, "amount_mg_per_kg": mg_per_kg, "infusion_min": 40,
    }  # fmt: skip
    horizon = min(count * every_days + 7, 1100.0)
    return prepared(made_arm(horizon, (horizon,), doses=(dose,)))


def within_range(arm: Prepared) -> None:
    courses, acute, felt = arm.run()
    for name in set(COURSE) & set(BOUNDS):
        low, high = BOUNDS[name]
        x, slack = np.asarray(courses[name]), SLACK * (1.0 if high == np.inf else high - low)
        assert np.isfinite(x).all(), name
        assert (x >= low - slack).all() and (x <= high + slack).all(), name
    top = 1 + arm.par["fast_weight"]
    assert (np.asarray(courses["plasticity"]) <= top + SLACK).all()
    assert all(np.isfinite(x).all() for x in acute.values())
    assert (np.asarray(felt) >= 0).all() and (np.asarray(felt) <= 1).all()  # ketamine alone


@pytest.mark.parametrize(("count", "every_days"), [(1, 7), (21, 2), (100, 7), (400, 2.75)])
def test_long_schedules_keep_every_range(count: int, every_days: float) -> None:
    within_range(doses(count, every_days, 0.5))


@settings(max_examples=12, deadline=None)
@given(
    every_days=st.sampled_from([0.25, 7.0]),
    mg_per_kg=st.floats(0.01, 20.0),
    depth=st.floats(-5.0, 5.0),
    per_dose=st.floats(0.001, 0.999),
    half_life_h=st.floats(1.0, 1e5),
    drug=st.floats(-2.0, 2.0),
)
def test_any_schedule_and_any_tolerance_keep_every_range(
    every_days: float, mg_per_kg: float, depth: float, per_dose: float, half_life_h: float,
    drug: float,
) -> None:  # fmt: skip
    arm = doses(16, every_days, mg_per_kg)
    changed = {
        "drive_tolerance": depth, "tolerance_per_dose": per_dose, "drug_effect": drug,
        "tolerance_half_life": half_life_h, "dissociation_tolerance": abs(depth),
    }  # fmt: skip
    within_range(
        dataclasses.replace(
            arm, par=arm.par | {k: np.full_like(arm.par[k], v) for k, v in changed.items()}
        )
    )


def test_tolerance_saturates_and_recovers() -> None:
    """Ten doses close together, then one after 40 half-lives: it meets none."""
    p = {"tolerance_per_dose": 0.3, "rate_tolerance": np.log(2) / 24}
    gap = np.array([0.0] * 10 + [40 * 24.0])[:, None]
    met = np.asarray(tolerance.before_doses(gap, np.ones((11, 1)), p))[:, 0]
    np.testing.assert_allclose(met[:10], 1 - 0.7 ** np.arange(10), rtol=1e-12)
    assert met[10] < 1e-10
    half = np.asarray(tolerance.before_doses(np.array([[0.0], [24.0]]), np.ones((2, 1)), p))
    np.testing.assert_allclose(half[1, 0], 0.15, rtol=1e-12)


def test_a_dose_that_is_not_given_changes_no_tolerance() -> None:
    p = {"tolerance_per_dose": 0.3, "rate_tolerance": 0.0}
    given = np.array([[1.0], [0.0], [1.0]])
    met = np.asarray(tolerance.before_doses(np.zeros((3, 1)), given, p))[:, 0]
    np.testing.assert_allclose(met, [0.0, 0.0, 0.3])


def test_a_sceptic_accepts_the_21st_dose() -> None:
    """95% of draws: odds of the drive within a third to three times those of the first dose."""
    sets = load_models("adult_ptsd_trial").priors
    depth = next(s.parameter["drive_tolerance"] for s in sets if "drive_tolerance" in s.parameter)
    assert depth.value == 0.0
    assert np.exp(1.96 * depth.uncertainty) < 3.0


class TestNotFinite:
    time_h = np.array([1.0, 2.0, 24.0])

    def test_the_earliest_is_named(self) -> None:
        x, y = np.ones((4, 2)), np.ones((4, 2))
        x[2:, 1], y[1:, 0] = np.nan, np.inf
        with pytest.raises(
            NonFinite, match=r"KET: y is not a finite number at 2 h \(day 0.08333\)"
        ):
            require_finite("KET", {"x": x, "y": y}, self.time_h)

    def test_finite_numbers_pass(self) -> None:
        require_finite("KET", {"x": np.full((4, 2), 1e300)}, self.time_h)
        require_finite("KET", {}, self.time_h)

    def test_a_run_ends(self, monkeypatch: pytest.MonkeyPatch) -> None:
        arm = doses(1, 7, 0.5).arm
        cohort = build_cohort(load_models(arm.setting.population), arm.setting, 2, 2, 1)
        real = simulation.chunk_parameters

        def broken(*a: object) -> dict[str, np.ndarray]:
            par = real(*a)
            par["slow_on"] = par["slow_on"] * np.inf
            return par

        monkeypatch.setattr(simulation, "chunk_parameters", broken)
        with pytest.raises(NonFinite) as error:
            simulation.simulate_arm(arm, cohort)
        assert (error.value.arm, error.value.state) == ("TEST", "plasticity_slow")

    def test_the_slow_layer_alone_names_its_arm(self) -> None:
        arms = [doses(n, 7, 0.5).arm for n in (1, 2)]
        cohort = build_cohort(load_models(arms[0].setting.population), arms[0].setting, 4, 2, 1)
        (group,) = lanes.prepare(arms, cohort)
        slow_on = np.array([[0.1, np.inf]])
        found = lanes.latent(group, {"slow_on": slow_on}, ("plasticity_slow",))
        with pytest.raises(NonFinite, match="TEST: plasticity_slow"):
            lanes.require_finite_courses(group, arms, found)


@pytest.mark.parametrize(("mg_per_kg", "expected"), [(0.0, 0.0), (0.1, 0.06), (0.5, 0.3), (5, 0.3)])
def test_a_dose_counts_for_tolerance_by_its_size(mg_per_kg: float, expected: float) -> None:
    """A dose of nothing leaves none."""
    arrays = {"per_kg": np.array([mg_per_kg, 0.5]), "flat": np.zeros(2),
              "is_ketamine": np.ones(2), "gap_h": np.zeros(2)}  # fmt: skip
    par = {"weight_kg": np.array([80.0]), "tolerance_per_dose": 0.3, "rate_tolerance": 0.0}
    met = np.asarray(signals.tolerance(arrays, par, np.ones((2, 1))))
    assert met[1, 0] == pytest.approx(expected)


def test_a_shift_of_any_depth_keeps_the_ends() -> None:
    for shift in (-800.0, 800.0):
        assert [float(tolerance.shifted(np.float64(d), shift)) for d in (0.0, 1.0)] == [0.0, 1.0]
