import warnings

import numpy as np
import pytest
from tests.support.metafor import reference
from tests.synthesis import dense
from tests.synthesis.test_multilevel import MOD, STUDY, V, Y

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.multilevel import multilevel
from synaptrial.synthesis.robust import robust
from synaptrial.synthesis.sandwich import Cluster, sandwich
from synaptrial.synthesis.univariate import rma

CODE = np.array([ord(s) for s in STUDY])


@pytest.mark.parametrize(
    ("kind", "key"), [("CR0", "CR0_metafor"), ("CR1", "CR1_metafor"), ("CR2", "CR2_satterthwaite")]
)
def test_konstantopoulos_as_metafor_and_clubsandwich(kind, key):
    results, columns = reference("konstantopoulos2011")
    want = results["robust_REML"][key]
    y, v = np.array(columns["yi"], float), np.array(columns["vi"], float)
    fit = multilevel(y, v, study=columns["district"], effect=columns["school"])
    got = robust(fit, kind=kind)
    assert got.se[0] == pytest.approx(want["se"], rel=1e-6)
    if kind != "CR0":
        assert got.df[0] == pytest.approx(want["df"], abs=1e-4)
        assert [got.stat[0], got.p[0]] == pytest.approx([want["t"], want["p"]], rel=1e-5)


@pytest.mark.parametrize("mods", [None, MOD])
def test_cr2_as_whole_matrices(mods):
    fit = multilevel(Y, V, study=STUDY, mods=mods)
    m = np.diag(V) + fit.sigma2[0] * dense.same(STUDY) + fit.sigma2[1] * np.eye(17)
    vb, df = dense.cr2(Y, fit.x, m, CODE)
    got = robust(fit)
    assert got.vb == pytest.approx(vb, rel=1e-8)
    assert got.df == pytest.approx(df, rel=1e-8)


@pytest.mark.parametrize("kind", ["CR0", "CR1", "CR2"])
def test_univariate_fit_with_clusters(kind):
    fit = rma(Y, V, mods=MOD)
    got = robust(fit, cluster=STUDY, kind=kind)
    m = np.diag(V + fit.tau2)
    if kind == "CR2":
        vb, df = dense.cr2(Y, fit.x, m, CODE)
        assert got.vb == pytest.approx(vb, rel=1e-8)
        assert got.df == pytest.approx(df, rel=1e-8)
        return
    w = np.linalg.inv(m)
    c = np.linalg.inv(fit.x.T @ w @ fit.x)
    e = Y - fit.x @ fit.beta
    meat = fit.x.T @ w @ (np.outer(e, e) * dense.same(STUDY)) @ w @ fit.x
    factor = 8 / (8 - 2) if kind == "CR1" else 1
    assert got.vb == pytest.approx(factor * c @ meat @ c, rel=1e-8)
    assert got.df.tolist() == [6, 6]


def test_cr2_is_unbiased_when_the_target_is_right():
    """The mean of the estimate over residuals of the target covariance is C, also when the
    weights do not invert the target."""
    rng = np.random.default_rng(11)
    x = np.column_stack([np.ones(17), MOD])
    target = np.diag(V) + 0.2 * dense.same(STUDY)
    weight = np.diag(1 / V)
    c = np.linalg.inv(x.T @ weight @ x)
    maker = np.eye(17) - x @ c @ x.T @ weight
    rows = [np.flatnonzero(CODE == s) for s in np.unique(CODE)]
    # The estimate is quadratic in the residuals, so columns of a root of their covariance give
    # its mean exactly.
    root = maker @ np.linalg.cholesky(target) @ np.linalg.qr(rng.normal(size=(17, 17)))[0]
    total = np.zeros((2, 2))
    for column in root.T:
        parts = [Cluster(x[i], column[i], weight[np.ix_(i, i)], target[np.ix_(i, i)]) for i in rows]
        total += sandwich(parts, "CR2").vb
    assert total == pytest.approx(c @ x.T @ weight @ target @ weight @ x @ c, rel=1e-8)


def test_order_of_rows_does_not_matter():
    order = np.random.default_rng(5).permutation(17)
    one = robust(multilevel(Y, V, study=STUDY))
    other = robust(multilevel(Y[order], V[order], study=[STUDY[i] for i in order]))
    assert [*other.se, *other.df] == pytest.approx([*one.se, *one.df], rel=1e-8)


def test_few_degrees_of_freedom_are_said():
    got = robust(multilevel(Y[:8], V[:8], study=STUDY[:8]))
    assert got.df[0] < 4 and "not to be trusted" in got.warnings[0]


def test_bad_input_is_told():
    fit = multilevel(Y, V, study=STUDY)
    with pytest.raises(InputError, match="several clusters"):
        robust(fit, cluster=range(17))
    with pytest.raises(InputError, match="1 clusters for 1 coefficients"):
        robust(fit, cluster=["x"] * 17)
    with pytest.raises(InputError, match="kind"):
        robust(fit, kind="CR3")
    with pytest.raises(InputError, match="cluster: found none"):
        robust(rma(Y, V))


def test_identical_effects_leak_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert robust(rma([1.0, 1, 1], [1, 1, 1]), cluster=list("abc")).se[0] == 0


@pytest.mark.parametrize("kind", ["CR0", "CR1", "CR2"])
@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
@pytest.mark.filterwarnings("error")
def test_what_one_cluster_alone_determines_has_no_robust_variance(kind, unit):
    """Only the first cluster is at the reference level: its residual is 0 whatever the data."""
    y = unit * np.array([-0.5, -0.2, -0.9, -0.4, -0.6, -0.1])
    v = unit**2 * np.array([0.05, 0.08, 0.06, 0.1, 0.04, 0.07])
    level = ["alternate", "random", "random", "random", "systematic", "systematic"]
    fit = multilevel(y, v, study=list("abcdef"), mods={"alloc": level})
    got = robust(fit, kind=kind)
    nothing = np.array([got.se, got.stat, got.df, got.p, got.ci_low, got.ci_high])[:, 0]
    assert np.isnan(nothing).all()
    assert got.warnings[0].startswith("intercept: one cluster alone")
    if kind == "CR2":  # as clubSandwich
        assert got.se[1:] / unit == pytest.approx([0.2274, 0.2482], abs=5e-5)
    assert np.isfinite([got.se[1:], got.df[1:], got.p[1:]]).all()
    assert fit.se[0] / unit == pytest.approx(0.3477, abs=5e-5)


def test_a_small_robust_variance_is_kept():
    """Effects that scatter little have a small standard error, which is theirs."""
    got = robust(rma([1.0, 1 + 1e-7, 1 - 1e-7], [1, 1, 1]), cluster=list("abc"))
    assert 0 < got.se[0] < 1e-7
    assert got.warnings == (
        "intercept: 2.0 degrees of freedom; below 4 the p value is not to be trusted.",
    )
