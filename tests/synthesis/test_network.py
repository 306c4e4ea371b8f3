import numpy as np
import pytest
from tests.support.metafor import reference
from tests.synthesis import dense

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.contrasts import arm_contrasts, arm_means, pair_contrasts
from synaptrial.synthesis.inconsistency import inconsistency, split_nodes
from synaptrial.synthesis.network import network
from synaptrial.synthesis.univariate import rma

# Trials of two, three and four arms; "d" stands only in multi-arm trials.
TRIALS = {
    "t1": "ab", "t2": "ab", "t3": "ac", "t4": "bc", "t5": "abc", "t6": "abd", "t7": "abcd",
    "t8": "ac", "t9": "bc", "u1": "ab", "u2": "abd",
}  # fmt: skip
STUDY = [name for name, arms in TRIALS.items() for _ in arms]
ARM = [arm for arms in TRIALS.values() for arm in arms]
TRUE = {"a": 0.0, "b": 0.4, "c": 0.9, "d": 0.2}
RNG = np.random.default_rng(20)
VARIANCE = np.round(RNG.uniform(0.02, 0.12, len(ARM)), 3)
ESTIMATE = np.round([TRUE[a] for a in ARM] + RNG.normal(0, np.sqrt(VARIANCE + 0.08)), 3)


def made(base="a", order=None):
    i = np.arange(len(ARM)) if order is None else order
    return arm_contrasts(
        [STUDY[j] for j in i], [ARM[j] for j in i], ESTIMATE[i], VARIANCE[i], reference=base
    )


def senn():
    results, columns = reference("senn2013_network")
    mean, sd, n = (np.array(columns[c], float) for c in ("mi", "sdi", "ni"))
    return results, arm_means(columns["study"], columns["treatment"], mean, sd, n,
                              reference=results["reference"])  # fmt: skip


def test_senn_contrasts():
    results, got = senn()
    want = {(c["study"], c["t1"], c["t2"]): c["yi"] for c in results["contrasts"]}
    mine = dict(zip(zip(got.study, got.t1, got.t2, strict=True), got.yi.tolist(), strict=True))
    assert mine == pytest.approx(want, abs=1e-12)


@pytest.mark.parametrize(
    ("method", "key"), [("REML", "consistency_REML"), ("EE", "consistency_fixed")]
)
def test_senn_as_metafor(method, key):
    results, contrasts = senn()
    want, got = results[key], network(contrasts, method=method)
    assert list(got.names) == results["treatments"] == want["names"]
    assert got.tau2 == pytest.approx(want["tau2"], abs=1e-8)
    for mine, theirs in (("beta",) * 2, ("se",) * 2, ("ci_low", "ci_lb"), ("ci_high", "ci_ub")):
        assert getattr(got, mine) == pytest.approx(np.array(want[theirs]), abs=1e-8), mine
    assert got.stat == pytest.approx(np.array(want["stat"]), rel=1e-7)
    assert got.p == pytest.approx(np.array(want["p"]), rel=1e-6)
    assert [got.qe, got.qe_p] == pytest.approx([want["QE"], want["QEp"]], rel=1e-9)
    assert [got.qm, got.qm_p] == pytest.approx([want["QM"], want["QMp"]], rel=1e-6)
    assert got.log_likelihood == pytest.approx(want["loglik_REML_or_ML"], abs=1e-9)
    assert got.k == want["k"] and got.warnings == ()
    if method == "REML":
        assert got.vb == pytest.approx(np.array(results["vcov_REML"]), abs=1e-9)
        scores = results["p_scores_lower_is_better"]
        assert got.p_scores(lower_is_better=True) == pytest.approx(scores, abs=1e-8)


def test_senn_inconsistency_as_metafor():
    results, contrasts = senn()
    want, got = results["design_by_treatment_tau2_omega2"], inconsistency(network(contrasts))
    assert [got.tau2, got.omega2] == pytest.approx([want["tau2"], want["gamma2"]], abs=1e-8)
    assert got.total.q == pytest.approx(got.within.q + got.between.q)
    assert (got.total.df, got.within.df, got.between.df) == (18, 11, 7)


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_as_whole_matrix_likelihood(method):
    contrasts = made()
    x = contrasts.arms[:, 1:]
    kernel = contrasts.arms @ contrasts.arms.T / 2 * dense.same(contrasts.study)
    tau2, height = dense.most_likely(contrasts.yi, x, contrasts.v, [kernel], method == "REML")
    got = network(contrasts, method=method)
    assert got.tau2 > 0
    assert got.tau2 == pytest.approx(tau2[0], abs=1e-7)
    assert got.log_likelihood == pytest.approx(height, abs=1e-10)
    w = np.linalg.inv(contrasts.v + got.tau2 * kernel)
    assert got.vb == pytest.approx(np.linalg.inv(x.T @ w @ x), rel=1e-9)
    low, high = got.tau2_ci
    for limit in [t for t in (low, high) if t > 0]:
        there = dense.log_likelihood(
            contrasts.yi, x, contrasts.v + limit * kernel, method == "REML"
        )
        assert 2 * (height - there) == pytest.approx(3.841458820694124, abs=1e-5)


def test_two_treatments_are_a_pairwise_meta_analysis():
    y, v = np.array([0.1, 0.9, -0.2, 0.5, 0.7]), np.array([0.04, 0.1, 0.02, 0.06, 0.05])
    got = network(pair_contrasts("vwxyz", "aaaaa", "bbbbb", y, v, reference="b"))
    want = rma(y, v, test="z")
    assert got.tau2 == pytest.approx(want.tau2, abs=1e-9)
    assert [got.beta[0], got.se[0], got.qe] == pytest.approx([want.beta[0], want.se[0], want.qe])
    league = got.league
    reach = 1.959963984540054 * np.sqrt(want.se[0] ** 2 + want.tau2)
    assert league.pi_low[0, 1] == pytest.approx(want.beta[0] - reach)
    assert split_nodes(got) == ()


def test_the_order_of_rows_does_not_matter():
    one = network(made())
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(ARM))
        other = network(made(order=order))
        assert other.tau2 == pytest.approx(one.tau2, abs=1e-9)
        assert other.beta == pytest.approx(one.beta, abs=1e-9)
        assert other.qe == pytest.approx(one.qe)
        between = inconsistency(other).between
        assert between.q == pytest.approx(inconsistency(one).between.q, rel=1e-8)


def test_the_reference_does_not_matter():
    one, other = network(made("a")), network(made("d"))
    for field in ("effect", "se", "ci_low", "pi_high"):
        assert getattr(other.league, field) == pytest.approx(getattr(one.league, field), abs=1e-8)
    assert other.qm == pytest.approx(one.qm)
    a, b = inconsistency(one), inconsistency(other)
    assert [a.tau2, a.omega2] == pytest.approx([b.tau2, b.omega2], abs=1e-8)
    for s, t in zip(split_nodes(one), split_nodes(other), strict=True):
        assert [s.direct, s.indirect, s.p] == pytest.approx([t.direct, t.indirect, t.p], abs=1e-7)


def test_pairs_are_as_good_as_arms():
    rows = [
        (STUDY[i], ARM[i], ARM[j], ESTIMATE[i] - ESTIMATE[j], VARIANCE[i] + VARIANCE[j])
        for i in range(len(ARM))
        for j in range(i)
        if STUDY[i] == STUDY[j]
    ]
    got = network(pair_contrasts(*zip(*rows, strict=True), reference="a"))
    want = network(made())
    assert got.beta == pytest.approx(want.beta, abs=1e-9)
    assert got.tau2 == pytest.approx(want.tau2, abs=1e-9)


def test_contrasts_with_covariances_are_as_good_as_arms():
    arms = made()
    got = network(
        pair_contrasts(arms.study, arms.t2, arms.t1, -arms.yi, arms.v, reference="b")
    ).league
    assert got.effect == pytest.approx(network(made("b")).league.effect, abs=1e-9)


def test_league_and_scores():
    got = network(made())
    league = got.league
    assert league.effect == pytest.approx(-league.effect.T)
    assert np.diag(league.pi_low).tolist() == [0] * 4
    assert league.effect[1:, 0] == pytest.approx(got.beta)
    assert league.se[1:, 0] == pytest.approx(got.se)
    low, high = (got.p_scores(lower_is_better=b) for b in (True, False))
    assert sum(low.values()) == pytest.approx(2) and max(high, key=high.get) == "c"
    assert {t: 1 - s for t, s in low.items()} == pytest.approx(high)


def test_a_triangle_by_hand():
    """Two-arm trials, common effect: the direct and indirect estimates are plain averages."""
    v = np.array([0.1, 0.2, 0.1, 0.3, 0.2])
    y = np.array([1.0, 1.6, 0.4, 0.1, 0.9])
    fit = network(pair_contrasts("12345", "bbccc", "aaaab", y, v, reference="a"), method="EE")
    (split,) = (s for s in split_nodes(fit) if (s.t1, s.t2) == ("a", "b"))
    direct = -(1.0 / 0.1 + 1.6 / 0.2) / (1 / 0.1 + 1 / 0.2)
    ac = (0.4 / 0.1 + 0.1 / 0.3) / (1 / 0.1 + 1 / 0.3)
    assert [split.direct, split.indirect] == pytest.approx([direct, 0.9 - ac])
    variance = [1 / (1 / 0.1 + 1 / 0.2), 0.2 + 1 / (1 / 0.1 + 1 / 0.3)]
    assert [split.direct_se**2, split.indirect_se**2] == pytest.approx(variance)
    assert split.difference_se**2 == pytest.approx(sum(variance)) and split.n_studies == 2
    parts = inconsistency(fit)
    # One loop: its disagreement is the square of the split's z.
    assert parts.between.q == pytest.approx((split.difference / split.difference_se) ** 2)
    assert parts.by_design["a : b"].q == pytest.approx(0.6**2 / 0.3)
    assert (parts.within.df, parts.between.df) == (2, 1)


def test_random_inconsistency_as_whole_matrix_likelihood():
    shift = np.array(
        [0.9 * (s in ("t3", "t8") and a == "c") for s, a in zip(STUDY, ARM, strict=True)]
    )
    contrasts = arm_contrasts(STUDY, ARM, ESTIMATE + shift, VARIANCE, reference="a")
    got = inconsistency(network(contrasts))
    arms = contrasts.arms @ contrasts.arms.T / 2
    design = [TRIALS[s] for s in contrasts.study]
    kernels = [arms * dense.same(contrasts.study), arms * dense.same(design)]
    want = dense.most_likely(contrasts.yi, contrasts.arms[:, 1:], contrasts.v, kernels)[0]
    assert got.omega2 > 0
    assert [got.tau2, got.omega2] == pytest.approx(want, abs=1e-6)


def test_nothing_compared_twice():
    got = network(pair_contrasts("12", "bc", "aa", [1, 2], [0.1, 0.2], reference="a"))
    assert got.tau2 == 0 and got.qe_p == 1 and "twice" in got.warnings[0]
    assert np.isnan(got.tau2_ci).all()
    found = inconsistency(got)
    assert (found.tau2, found.omega2, found.total.p) == (0, 0, 1)
    assert "told apart" in found.warnings[0]


def test_identical_trials_have_no_heterogeneity():
    got = network(pair_contrasts("1234", "bbbb", "aaaa", [1] * 4, [0.1] * 4, reference="a"))
    assert got.tau2 == 0 and "edge" in got.warnings[0] and got.beta[0] == pytest.approx(1)
    assert got.tau2_ci[0] == 0 < got.tau2_ci[1]


def test_parts_that_no_trial_joins_are_named():
    apart = pair_contrasts("1234", "bdfd", "acec", [1, 2, 3, 4], [1] * 4, reference="a")
    with pytest.raises(InputError, match=r"3 networks that no trial joins \(a, b; c, d; e, f\)"):
        network(apart)


def test_an_unknown_reference_is_told():
    with pytest.raises(InputError, match="reference: found z; accepted: a, b, c, d"):
        network(made("z"))
    with pytest.raises(InputError, match="method"):
        network(made(), method="DL")
