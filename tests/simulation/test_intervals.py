"""The three intervals against synthetic tables whose spread is known."""

import numpy as np
import pytest

from synaptrial.simulation.intervals import DrawMeans, from_patients

Z = 1.959964
K = 30  # study effects, as many as in a run
UNCERTAIN, STUDY, PATIENT, ERROR, CENTRE = 2.0, 3.0, 8.0, 5.0, 40.0


def table(seed: int, draws: int, patients: int, effects: int = K) -> DrawMeans:
    """Score = centre + uncertainty + study effect + patient (the same in all draws) + error."""
    rng = np.random.default_rng(seed)
    study = rng.standard_normal((draws, effects))
    score = (
        CENTRE
        + UNCERTAIN * rng.standard_normal((draws, 1))
        + STUDY * study[:, :1]
        + PATIENT * rng.standard_normal(patients)
        + ERROR * rng.standard_normal((draws, patients))
    )
    return from_patients(score[:, :, None], study)


def sd_of(interval: dict[str, np.ndarray]) -> float:
    return float((interval["q975"] - interval["q025"])[0] / (2 * Z))


def test_mean_recovers_the_uncertainty_alone():
    found = [sd_of(table(s, 500, 20).mean_interval()) for s in range(20)]
    assert np.mean(found) == pytest.approx(UNCERTAIN, rel=0.05)


def test_mean_is_not_too_narrow_with_few_draws():
    """With no more draws than study effects, these cannot be told from the rest."""
    for draws in (4, 20, 60):
        spread = [table(s, draws, 20).without_study().std(ddof=1) ** 2 for s in range(40)]
        assert np.sqrt(np.mean(spread)) > 0.93 * UNCERTAIN, draws


def test_new_trial_holds_uncertainty_study_and_sampling():
    n_arm = 15
    found = [sd_of(table(s, 500, 20).new_trial_interval(n_arm)) for s in range(20)]
    want = np.sqrt(UNCERTAIN**2 + STUDY**2 + (PATIENT**2 + ERROR**2) / n_arm)
    assert np.mean(found) == pytest.approx(want, rel=0.05)
    large = [sd_of(table(s, 500, 20).new_trial_interval(10**9)) for s in range(20)]
    assert np.mean(large) == pytest.approx(np.hypot(UNCERTAIN, STUDY), rel=0.05)


@pytest.mark.parametrize("patients", [2, 5, 40])
def test_the_correction_for_few_patients_is_unbiased(patients):
    made = [table(s, 200, patients) for s in range(60)]
    raw = np.mean([m.mean.var(ddof=1) for m in made])
    corrected = np.mean([m.corrected().var(ddof=1) for m in made])
    true = UNCERTAIN**2 + STUDY**2
    assert raw == pytest.approx(true + ERROR**2 / patients, rel=0.06)
    assert corrected == pytest.approx(true, rel=0.06)
    assert np.mean([m.inner[0] for m in made]) == pytest.approx(ERROR**2 / patients, rel=0.06)


def test_what_patients_have_in_common_is_not_taken_off():
    """All draws hold the same patients: their own level moves all draw means alike."""
    m = table(1, 400, 10)
    assert m.inner[0] < 2 * ERROR**2 / 10  # without PATIENT**2 / 10


def test_no_spread_gives_points_not_nan():
    m = from_patients(np.full((4, 3, 2), 7.0), np.random.default_rng(1).standard_normal((4, K)))
    for interval in (m.mean_interval(), m.new_trial_interval(30)):
        for q in interval.values():
            np.testing.assert_allclose(q, 7.0)
    assert np.all(m.mc_se == 0)


def test_no_study_effect_is_taken_out_where_there_is_none():
    m = table(3, 100, 20, effects=1)
    none = DrawMeans(m.mean, m.variance, m.inner, np.zeros((100, 0)))
    np.testing.assert_allclose(none.without_study(), none.corrected())


def test_the_error_of_the_centre():
    within = [table(s, 100, 20).mc_se[0] for s in range(60)]
    want = np.sqrt((UNCERTAIN**2 + STUDY**2 + ERROR**2 / 20) / 100)
    assert np.mean(within) == pytest.approx(want, rel=0.05)
