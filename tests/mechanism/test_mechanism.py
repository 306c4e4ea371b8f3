"""The equations of the mechanism, one by one, without the engine."""

from __future__ import annotations

import numpy as np
import pytest
from tests.mechanism.modified import parameter

from synaptrial.mechanism import (
    circuits,
    learning,
    leaving,
    nonspecific,
    regulation,
    severity,
    ssri,
)
from synaptrial.mechanism.common import LN2, derived


def session(eta: float, learned: float = 0.0, **signals: float) -> float:
    p = {
        "learn_exposure": eta, "learn_reactivation": 0.0, "learn_supportive": 0.0,
        "learn_plasticity_modulation": 0.5, "near_dose_modulation": 0.0,
        "near_midazolam_modulation": -0.2,
    }  # fmt: skip
    s = {"plasticity": 0.0, "near_ketamine": 0.0, "near_midazolam": 0.0,
         "session_exposure": 1.0, "session_reactivation": 0.0, "session_supportive": 0.0,
         **signals}  # fmt: skip
    return float(learning._session(np.float64(learned), s, p))


def test_a_session_closes_a_share_of_what_is_left() -> None:
    assert session(0.12) == pytest.approx(1 - np.exp(-0.12))
    assert session(0.12, 0.5) - 0.5 == pytest.approx(0.5 * session(0.12))
    assert session(50.0) == pytest.approx(1.0)
    assert session(0.12, session_exposure=0.0) == 0.0


def test_modulation_of_learning_is_signed() -> None:
    plain = session(0.12)
    assert session(0.12, plasticity=0.6) > plain
    assert session(0.12, near_midazolam=1.0) < plain


def test_belief_starts_at_the_share_and_follows_what_is_felt() -> None:
    at = lambda felt, slope=5.0: float(nonspecific.belief(0.5, felt, slope, 0.4))  # noqa: E731
    assert at(0.4) == pytest.approx(0.5)
    assert at(0.0) < 0.2 < 0.6 < at(0.6)
    assert at(0.9, slope=0.0) == pytest.approx(0.5)  # the path switched off


def test_nonspecific_change_grows_with_contact() -> None:
    p = derived({"nonspecific_half_life": np.float64(252.0), "nonspecific_change": 0.4,
                 "contact_gain": 0.1})  # fmt: skip
    aim = lambda **s: float(np.divide(*nonspecific._early(s, p)))  # noqa: E731
    assert aim(contact=0.0) == pytest.approx(0.4)
    assert aim(contact=2.0) == pytest.approx(0.48)


def test_circuits_rest_at_one_and_fall_with_the_drivers() -> None:
    p = {f"w_{d}_amygdala": 1.0 for d in circuits.DRIVERS}
    p |= {"drug_effect": 0.1, "learning_effect": 0.2, "ssri_effect": 0.1, "rate_circuit": LN2,
          "veteran_ratio": 0.5, "veteran_share": 0.0, "ssri_start": 0.0}  # fmt: skip
    equation = circuits._equation("amygdala")
    level = lambda **s: float(np.divide(*equation(s, p)))  # noqa: E731
    assert level(plasticity=0.0, learning=0.0, ssri=0.0) == 1.0
    assert level(plasticity=1.0, learning=0.0, ssri=0.0) == pytest.approx(np.exp(-0.1))
    assert level(plasticity=1.0, learning=1.0, ssri=0.0) == pytest.approx(np.exp(-0.3))
    p["ssri_start"] = 1.0  # who stops the drug loses as much as it would bring
    assert level(plasticity=0.0, learning=0.0, ssri=0.0) == pytest.approx(2 - np.exp(-0.1))
    p |= {"veteran_share": 1.0, "ssri_start": 0.0}
    assert level(plasticity=1.0, learning=1.0, ssri=0.0) == pytest.approx(np.exp(-0.2))


@pytest.mark.parametrize("relief", [-30.0, -1.0, 0.0, 1.0, 30.0])
def test_severity_stays_within_its_range(relief: float) -> None:
    p = derived({"base_b": np.float64(0.46)})
    target = float(severity._target("b", np.float64(relief), 20.0, p))
    assert 0 <= target <= 20
    if relief == 0:
        assert target == pytest.approx(20 * 0.46)


def test_those_who_do_worse_leave_sooner() -> None:
    p = {"leave_hazard": 0.03, "leave_per_10_points": 0.2, "leave_side_effects": 0.2,
         "ssri_ae_hazard": 0.01, "therapy_hazard": 0.04,
         **{f"base_{k}": 0.5 for k in severity.CLUSTER_MAX}}  # fmt: skip
    hazard = lambda score, felt=0.0, on=0.0, therapy=0.0: float(  # noqa: E731
        leaving._hazard({"caps5_total": score, "felt": felt, "on_ssri": on, "in_therapy": therapy},
                        p)[0])  # fmt: skip
    assert hazard(40.0) * 168 == pytest.approx(0.03)
    assert hazard(50.0) == pytest.approx(hazard(40.0) * np.exp(0.2))
    assert hazard(40.0, felt=1.0) > hazard(40.0)
    assert hazard(40.0, on=1.0) * 168 == pytest.approx(0.04)
    assert hazard(40.0, therapy=1.0) * 168 == pytest.approx(0.07)


def test_transporter_is_saturated_at_usual_doses() -> None:
    """Sertraline 50 mg a day, clearance 76 L/h: about 80% (Meyer 2004)."""
    ec50 = parameter("transporter_ec50_sertraline").value
    v = 803.0
    amount = (50 / 24) / 76 * v
    found = ssri.occupancy(amount, {"ssri_v": v, "ssri_ec50": ec50})
    assert float(found) == pytest.approx(0.80, abs=0.01)


def test_emotion_regulation_is_read_from_prefrontal_control_and_cluster_d() -> None:
    p = {"regulation_prefrontal_share": 0.25, "base_d": 0.5}
    at = lambda prefrontal, d: regulation._deficit({"prefrontal": prefrontal, "caps5_d": d}, p)  # noqa: E731
    assert at(1.0, 14.0) == 1.0  # untreated
    assert at(0.0, 0.0) == 0.0  # health
    assert at(0.6, 7.0) == pytest.approx(0.25 * 0.6 + 0.75 * 0.5)
    assert at(1.0, 21.0) > 1.0  # worse than before
