import numpy as np
import pytest
from tests.support.metafor import reference
from tests.synthesis import dense

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.covariance import impute_covariance
from synaptrial.synthesis.multilevel import multilevel

# Effects of eight studies in no order; study d has one, b has four.
STUDY = ["c", "a", "b", "b", "e", "a", "d", "c", "f", "b", "e", "g", "h", "h", "b", "g", "f"]
SHIFT = dict(zip("abcdefgh", (0.6, -0.3, 0.1, 0.9, -0.5, 0.4, -0.1, 0.3), strict=True))
NOISE = np.array([3, -2, 5, -4, 1, 2, -1, -3, 2, 4, -5, 1, 3, -2, 2, -1, -3]) / 10
Y = np.array([SHIFT[s] for s in STUDY]) + NOISE
V = np.array([4, 9, 2, 3, 5, 6, 4, 7, 3, 2, 8, 4, 5, 3, 6, 2, 5]) / 100
MOD = np.array([1, 0, 2, 1, 0, 3, 1, 2, 0, 1, 3, 2, 1, 0, 2, 3, 1], float)


@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize("test", ["z", "t"])
def test_konstantopoulos_as_metafor(method, test):
    results, columns = reference("konstantopoulos2011")
    want = results[f"threelevel_{method}" + ("_t_contain" if test == "t" else "")]
    got = multilevel(
        np.array(columns["yi"], float),
        np.array(columns["vi"], float),
        study=columns["district"],
        effect=columns["school"],
        method=method,
        test=test,
    )
    assert got.sigma2 == pytest.approx(want["sigma2"], abs=1e-7)
    for mine, theirs in (("beta", "beta"), ("se", "se"), ("stat", "stat"), ("p", "p")):
        assert getattr(got, mine)[0] == pytest.approx(want[theirs], rel=1e-6), mine
    assert [got.ci_low[0], got.ci_high[0]] == pytest.approx(
        [want["ci_lb"], want["ci_ub"]], abs=1e-7
    )
    assert [got.qe, got.qe_p] == pytest.approx([want["QE"], want["QEp"]], rel=1e-9)
    assert [got.qm, got.qm_p] == pytest.approx([want["QM"], want["QMp"]], rel=1e-6)
    assert got.log_likelihood == pytest.approx(want["loglik_REML_or_ML"], abs=1e-9)
    assert got.k == want["k"] and got.n_studies == 11
    assert got.df[0] == (want["df"] or np.inf)
    assert got.converged and got.warnings == ()


def test_konstantopoulos_heterogeneity_as_metafor():
    results, columns = reference("konstantopoulos2011")
    y, v = np.array(columns["yi"], float), np.array(columns["vi"], float)
    got = multilevel(y, v, study=columns["district"], effect=columns["school"])
    assert got.i2 == pytest.approx(results["I2_multilevel_pct"], abs=1e-5)
    assert got.i2_total == pytest.approx(results["I2_total_pct"], abs=1e-5)
    # R finds these limits by a root search that stops within 1.2e-4 and misses the last one.
    one, two = (results["sigma2_profile_ci"][level] for level in "12")
    assert got.sigma2_ci[0] == pytest.approx(one[1:], abs=2e-5)
    assert got.sigma2_ci[1, 0] == pytest.approx(two[1], abs=2e-5)
    assert two[2] is None and got.sigma2_ci[1, 1] > got.sigma2[1]


@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize("mods", [None, MOD])
@pytest.mark.parametrize("rho", [0.0, 0.6])
def test_as_whole_matrix_likelihood(method, mods, rho):
    v = impute_covariance(V, STUDY, rho)
    x = np.ones((17, 1)) if mods is None else np.column_stack([np.ones(17), mods])
    kernels = [dense.same(STUDY), np.eye(17)]
    sigma2, height = dense.most_likely(Y, x, v, kernels, method == "REML")
    got = multilevel(Y, v, study=STUDY, mods=mods, method=method)
    assert got.log_likelihood == pytest.approx(height, abs=1e-9)
    assert got.sigma2 == pytest.approx(sigma2, abs=1e-6)
    w = np.linalg.inv(v + got.sigma2[0] * kernels[0] + got.sigma2[1] * kernels[1])
    assert got.vb == pytest.approx(np.linalg.inv(x.T @ w @ x), rel=1e-9)
    assert got.beta == pytest.approx(got.vb @ x.T @ w @ Y, rel=1e-9)
    fixed = np.linalg.inv(v)
    p = fixed - fixed @ x @ np.linalg.inv(x.T @ fixed @ x) @ x.T @ fixed
    assert got.qe == pytest.approx(Y @ p @ Y, rel=1e-9)
    typical = (17 - x.shape[1]) / np.trace(p)
    assert got.i2 == pytest.approx(100 * got.sigma2 / (got.sigma2.sum() + typical), rel=1e-9)


def test_profile_limits_lie_where_the_likelihood_has_fallen():
    got = multilevel(Y, V, study=STUDY)
    x, kernels = np.ones((17, 1)), [dense.same(STUDY), np.eye(17)]
    for j in (0, 1):
        for limit in got.sigma2_ci[j][got.sigma2_ci[j] > 0]:
            held = np.diag(V) + limit * kernels[j]
            height = dense.most_likely(Y, x, held, [kernels[1 - j]])[1]
            assert 2 * (got.log_likelihood - height) == pytest.approx(3.841458820694124, abs=1e-6)


def test_one_effect_in_each_study_is_the_two_level_model():
    got = multilevel(Y, V, study=range(17))
    tau2, height = dense.most_likely(Y, np.ones((17, 1)), np.diag(V), [np.eye(17)])
    assert got.sigma2 == pytest.approx([tau2[0], 0], abs=1e-8)
    assert got.log_likelihood == pytest.approx(height, abs=1e-10)
    assert "one effect" in got.warnings[0]
    assert np.isnan(got.sigma2_ci[1]).all() and np.isfinite(got.sigma2_ci[0]).all()


def test_rows_and_labels_do_not_matter():
    one = multilevel(Y, V, study=STUDY, mods=MOD)
    order = np.random.default_rng(3).permutation(17)
    other = multilevel(
        Y[order],
        V[order],
        study=[f"trial {ord(STUDY[i]) * 7 % 13}" for i in order],
        mods=MOD[order],
    )
    assert other.sigma2 == pytest.approx(one.sigma2, abs=1e-10)
    assert other.beta == pytest.approx(one.beta, abs=1e-10)
    assert other.sigma2_ci == pytest.approx(one.sigma2_ci, rel=1e-6)


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_units_do_not_matter(scale):
    one, other = multilevel(Y, V, study=STUDY), multilevel(Y * scale, V * scale**2, study=STUDY)
    assert other.sigma2 / scale**2 == pytest.approx(one.sigma2, rel=1e-6)
    assert other.stat == pytest.approx(one.stat, rel=1e-8) and other.converged


def test_effects_with_one_label_share_their_random_effect():
    effect = ["x", "x", "y", "y", "x", "x", "x", "y", "x", "z", "y", "x", "x", "y", "z", "y", "y"]
    got = multilevel(Y, V, study=STUDY, effect=effect)
    unit = [s + e for s, e in zip(STUDY, effect, strict=True)]
    kernels = [dense.same(STUDY), dense.same(unit)]
    assert len(set(unit)) < 17
    height = dense.most_likely(Y, np.ones((17, 1)), np.diag(V), kernels)[1]
    assert got.log_likelihood == pytest.approx(height, abs=1e-9)


def test_degrees_of_freedom_by_containment():
    between = np.array([ord(s) % 3 for s in STUDY], float)
    got = multilevel(Y, V, study=STUDY, mods={"b": between, "w": MOD})
    assert got.names == ("intercept", "b", "w")
    # Intercept and b are constant within the 8 studies, w only within the 17 effects.
    assert got.df.tolist() == [8 - 3, 8 - 3, 17 - 3]
    assert got.qm_df == (2, 5)
    assert multilevel(Y, V, study=STUDY, mods=between, test="z").qm_df == (1, np.inf)


def test_prediction_interval_holds_both_variances():
    got = multilevel(Y, V, study=STUDY, test="z")
    reach = 1.959963984540054 * np.sqrt(got.se[0] ** 2 + got.sigma2.sum())
    assert [got.pi_low, got.pi_high] == pytest.approx([got.beta[0] - reach, got.beta[0] + reach])
    line = multilevel(Y, V, study=STUDY, mods=MOD, test="z")
    at = line.predict([[0.0], [2.0]])
    assert [at.fit[0], at.ci_low[0], at.ci_high[0]] == pytest.approx(
        [line.beta[0], line.ci_low[0], line.ci_high[0]]
    )
    assert at.fit[1] == pytest.approx(line.beta @ [1, 2])
    assert np.isnan(line.pi_low)


@pytest.mark.parametrize("y", [np.full(17, 0.4), Y / 100])
def test_no_heterogeneity_sits_on_the_edge_and_says_so(y):
    got = multilevel(y, V, study=STUDY)
    assert got.sigma2.tolist() == [0, 0] and got.i2.tolist() == [0, 0]
    assert got.beta[0] == pytest.approx(np.sum(y / V) / np.sum(1 / V))
    assert sum("edge" in w for w in got.warnings) == 2
    assert got.sigma2_ci[:, 0].tolist() == [0, 0] and (got.sigma2_ci[:, 1] > 0).all()


def test_one_study():
    got = multilevel(Y[:5], V[:5], study=["a"] * 5)
    assert got.sigma2[0] == 0 and got.n_studies == 1 and got.df[0] == 1
    assert "between studies cannot be told" in got.warnings[0]
    tau2 = dense.most_likely(Y[:5], np.ones((5, 1)), np.diag(V[:5]), [np.eye(5)])[0]
    assert got.sigma2[1] == pytest.approx(tau2[0], abs=1e-8)


def test_one_effect():
    got = multilevel([0.3], [0.04], study=["a"])
    assert got.beta.tolist() == [0.3] and got.se[0] == pytest.approx(0.2)
    assert got.sigma2.tolist() == [0, 0] and got.qe_p == 1 and len(got.warnings) == 2


def test_a_search_cut_short_is_said(monkeypatch):
    monkeypatch.setattr("synaptrial.synthesis.maximise.STEPS", 1)
    got = multilevel(Y, V, study=STUDY)
    assert not got.converged and "did not converge" in got.warnings[-1]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"study": STUDY[:-1]}, "study: found 16 labels"),
        ({"study": [*STUDY[:-1], ""]}, r"study\[16\]"),
        ({"v": -V}, r"vi\[0\]"),
        ({"v": np.full((17, 17), 0.1)}, r"v\[0, 1\]: found 0.1; accepted: 0 between"),
        (
            {"v": np.where(dense.same(STUDY) > 0, 0.2, 0) - 0.1 * np.eye(17)},
            "not positive definite",
        ),
        ({"method": "DL"}, "method: found 'DL'; accepted: REML, ML"),
        ({"test": "knha"}, "test: found 'knha'; accepted: z, t"),
        ({"mods": np.ones(17)}, "mods"),
        ({"effect": ["x"]}, "effect"),
    ],
)
def test_bad_input_is_told(change, where):
    arguments = {"yi": Y, "v": V, "study": STUDY} | change
    with pytest.raises(InputError, match=where):
        multilevel(arguments.pop("yi"), arguments.pop("v"), **arguments)


@pytest.mark.parametrize("rho", [1.0, -0.34])
def test_impossible_correlations_are_refused(rho):
    with pytest.raises(InputError, match="rho"):
        impute_covariance(V, STUDY, rho)


def test_imputed_covariances():
    got = impute_covariance([1, 4, 9], ["b", "a", "b"], 0.5)
    assert got.tolist() == [[1, 0, 1.5], [0, 4, 0], [1.5, 0, 9]]


def test_as_many_coefficients_as_effects():
    got = multilevel(Y[:3], V[:3], study=STUDY[:3], mods=[[1, 2], [3, 1], [0, 2]])
    assert got.sigma2.tolist() == [0, 0] and got.qe_p == 1 and got.i2.tolist() == [0, 0]
    assert sum("held at 0" in w for w in got.warnings) == 2


def test_variances_of_sixteen_orders_of_magnitude():
    rng = np.random.default_rng(0)
    v = 10.0 ** rng.uniform(-8, 8, 17)
    y = rng.normal(size=17) * np.sqrt(v + 0.1)
    got = multilevel(y, v, study=STUDY)
    kernels = [dense.same(STUDY), np.eye(17)]
    height = dense.most_likely(y, np.ones((17, 1)), np.diag(v), kernels)[1]
    assert got.converged and got.log_likelihood >= height - 1e-8


def test_prediction_without_moderators_is_the_mean():
    got = multilevel(Y, V, study=STUDY)
    want = [got.beta[0], got.ci_low[0], got.ci_high[0], got.pi_low, got.pi_high]
    mean = got.predict()
    found = [mean.fit, mean.ci_low, mean.ci_high, mean.pi_low, mean.pi_high]
    assert np.ravel(found) == pytest.approx(want)
    with pytest.raises(InputError, match="found none"):
        multilevel(Y, V, study=STUDY, mods=MOD).predict()


def test_effects_without_a_study_are_not_taken_for_one_study():
    study = [*STUDY[:-2], float("nan"), float("nan")]
    with pytest.raises(InputError, match="found no label"):
        multilevel(Y, V, study=study)
