"""The three intervals against synthetic tables whose spread is known."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import qmc

from synaptrial.simulation.summary import mixture
from synaptrial.simulation.summary.intervals import DrawMeans, from_patients

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
    m = replace(table(3, 100, 20, effects=1), study=np.zeros((100, 0)))
    np.testing.assert_allclose(m.without_study(), m.corrected())


def test_the_error_of_the_centre_is_its_spread_over_seeds():
    """Finite draws and finite patients: with few patients these are the larger part."""
    made = [table(s, 100, 20) for s in range(400)]
    spread = np.std([m.centre[0] for m in made], ddof=1)
    found = np.sqrt(np.mean([m.mc_se[0] ** 2 for m in made]))
    assert found == pytest.approx(spread, rel=0.08)
    few_draws_only = np.sqrt(np.mean([m.mean.var(ddof=1) / 100 for m in made]))
    assert few_draws_only < 0.4 * spread


def sampled(seed: int, draws: int, patients: int, entry: bool = False) -> DrawMeans:
    """A small cohort as in a run: Sobol patients, effects that depend on the draw, an error of
    measurement, and an entry rule that takes other persons in each draw."""
    rng = np.random.default_rng(seed)
    sobol = qmc.Sobol(60, scramble=True, rng=np.random.default_rng([seed, 1]))
    z = ndtri(sobol.random(1024).clip(1e-9, 1 - 1e-9))
    level, effect = 3.0 * rng.standard_normal(draws), 0.3 * rng.standard_normal(draws)
    person = np.broadcast_to(np.arange(patients), (draws, patients))
    if entry:
        person = np.stack(
            [np.flatnonzero(z[:, 0] + np.clip(x, -6, 6) / 3 > -0.8)[:patients] for x in level]
        )
    own = z[person]
    traits = own[..., 3:].sum(axis=-1) / np.sqrt(57)
    score = 40 + level[:, None] + 6 * traits + 4 * np.exp(effect[:, None]) * own[..., 2]
    score = score + 5 * rng.standard_normal((draws, patients))
    return from_patients(score[:, :, None], np.zeros((draws, 0)))


@pytest.mark.parametrize("entry", [False, True])
def test_the_error_of_the_centre_with_and_without_an_entry_rule(entry):
    """Cautious where a Sobol sequence does better than chance, never much too small."""
    made = [sampled(s, 120, 20, entry) for s in range(120)]
    spread = np.std([m.centre[0] for m in made], ddof=1)
    assert spread < np.mean([m.mc_se[0] for m in made]) < 3.5 * spread


@pytest.mark.parametrize("entry", [False, True])
def test_no_interval_collapses_and_what_is_left_is_the_uncertainty(entry):
    made = [sampled(s, 200, 20, entry) for s in range(80)]
    widths = np.array([sd_of(m.mean_interval()) for m in made])
    assert widths.min() > 1.5
    assert np.sqrt(np.mean(widths**2)) == pytest.approx(3.0, rel=0.08)


def test_new_trial_covers_what_new_trials_show():
    """Known truth: a new study's level, its own patients, their error; 95% of means inside."""
    rng = np.random.default_rng(4)
    n = 15
    inside = []
    for seed in range(40):
        interval = sampled(seed, 200, 20).new_trial_interval(n)
        z = rng.standard_normal((200, n, 3))
        effect = np.exp(0.3 * rng.standard_normal((200, 1)))
        score = 40 + 3 * rng.standard_normal((200, 1)) + 6 * z[..., 0] + 4 * effect * z[..., 1]
        new = (score + 5 * z[..., 2]).mean(axis=1)
        inside.append(((new > interval["q025"][0]) & (new < interval["q975"][0])).mean())
    assert 0.93 < np.mean(inside) < 0.97


def noise_only(seed: int) -> DrawMeans:
    rng = np.random.default_rng(seed)
    return from_patients(rng.standard_normal((200, 20, 1)), rng.standard_normal((200, 3)))


def test_where_patients_explain_all_the_interval_is_kept_and_says_so():
    flagged = 0
    for seed in range(50):
        m = noise_only(seed)
        width = m.mean_interval()["q975"] - m.mean_interval()["q025"]
        assert width[0] > 0.05
        found = m.unresolved()
        assert set(found) == {"mean_interval", "new_trial"}
        if found["mean_interval"][0]:
            flagged += 1
            uncorrected = replace(m, halves=np.zeros_like(m.halves)).mean_interval()
            np.testing.assert_allclose(m.mean_interval()["q975"], uncorrected["q975"])
    assert flagged > 45
    assert not sampled(1, 200, 20).unresolved()["new_trial"][0]


def test_new_trial_is_normal_to_its_edges_where_sampling_dominates():
    m = table(1, 500, 20)
    alike = replace(m, mean=np.full_like(m.mean, 40.0), halves=np.zeros_like(m.mean),
                    variance=np.full_like(m.mean, 9.0))  # fmt: skip
    interval = alike.new_trial_interval(9)
    np.testing.assert_allclose(interval["q975"], 40 + Z, atol=1e-5)
    np.testing.assert_allclose(interval["q25"], 40 - 0.674490, atol=1e-5)


def test_quantiles_of_a_mixture_invert_its_distribution():
    rng = np.random.default_rng(2)
    mean, sd = 5 * rng.standard_normal((60, 7)), rng.gamma(1.0, 1.0, (60, 7))
    sd[:, 3] = 0.0  # exact means: a staircase
    p = [0.025, 0.25, 0.75, 0.975]
    found = mixture.quantiles(mean, sd, p)
    for share, x in zip(p, found, strict=True):
        smooth = np.arange(7) != 3
        np.testing.assert_allclose(mixture.cdf(mean, sd, x)[smooth], share, atol=1e-9)
        assert mixture.cdf(mean, sd, x - 1e-6)[3] <= share <= mixture.cdf(mean, sd, x + 1e-6)[3]


def test_the_error_of_an_edge_is_its_spread_over_seeds():
    made = [table(s, 200, 100) for s in range(200)]
    within = [replace(m, patients=np.zeros(1)).new_trial_edge_se(15)["q975"][0] for m in made]
    centred = [
        m.new_trial_interval(15)["q975"][0] - shared(s, 200, 100) for s, m in enumerate(made)
    ]
    assert np.mean(within) == pytest.approx(np.std(centred, ddof=1), rel=0.15)


def shared(seed: int, draws: int, patients: int) -> float:
    """What the patients of `table` have in common in all draws, on average."""
    rng = np.random.default_rng(seed)
    rng.standard_normal((draws, K)), rng.standard_normal((draws, 1))
    return PATIENT * rng.standard_normal(patients).mean()
