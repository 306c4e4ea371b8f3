"""Correlated outcomes against a likelihood of whole matrices in other parameters."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from tests.synthesis import dense

from synaptrial.domain.errors import InputError
from synaptrial.synthesis import multilevel, multivariate, robust, vcalc
from synaptrial.synthesis.structures import STRUCTS

# Twelve trials, three times; not every trial was measured at each.
STUDY = [s for s in range(12) for _ in range(3)]
TIME = [4, 24, 12] * 12
SEEN = [i for i in range(36) if i not in (1, 5, 9, 16, 20, 29, 33)]
TRIAL = np.array([-3, 1, 4, -2, 0, 5, 2, -4, 3, -1, 2, -5]) / 10
NOISE = np.array([3, -2, 5, -4, 1, 2, -1, -3, 2, 4, -5, 1, 3, -2, 2, -1, -3, 4] * 2) / 10
Y = (np.repeat(TRIAL, 3) + NOISE - 0.4 + 0.1 * np.tile([0, 2, 1], 12))[SEEN]
V = (np.array([4, 9, 2, 3, 5, 6, 4, 7, 3, 2, 8, 4, 5, 3, 6, 2, 5, 7] * 2) / 100)[SEEN]
STUDY, TIME = [STUDY[i] for i in SEEN], [TIME[i] for i in SEEN]
MOD = np.arange(29) % 5 - 2.0
LEVEL = np.array([{4: 0, 12: 1, 24: 2}[t] for t in TIME])
COVARIANCE = vcalc(V, cluster=STUDY, time1=TIME, phi=0.97)


def covariance(struct: str, par: np.ndarray) -> np.ndarray:
    """G by logarithms of variances and Fisher's z of correlations."""
    if struct == "UN":
        sd, r = np.exp(par[:3] / 2), np.tanh(par[3:])
        shape = np.eye(3)
        shape[[0, 0, 1], [1, 2, 2]] = shape[[1, 2, 2], [0, 0, 1]] = r
        return sd[:, None] * sd * shape
    sd = np.exp(par[:-1] / 2) * np.ones(3)
    lag = np.abs(np.subtract.outer(np.arange(3), np.arange(3)))
    return sd[:, None] * sd * np.tanh(par[-1]) ** (lag if "AR" in struct else np.minimum(lag, 1))


def most_likely(struct, v, x, restricted):
    """Nelder and Mead, then again from where they ended, on the dense likelihood."""
    same = dense.same(STUDY)

    def worse(par):
        g = covariance(struct, par)
        if np.linalg.eigvalsh(g)[0] <= 0:
            return 1e6
        return -dense.log_likelihood(Y, x, v + same * g[np.ix_(LEVEL, LEVEL)], restricted)

    n, corr = (3 if struct in ("UN", "HCS", "HAR") else 1), (3 if struct == "UN" else 1)
    options = {"xatol": 1e-9, "fatol": 1e-13, "maxiter": 40000, "maxfev": 40000, "adaptive": True}
    best = None
    for start in (-3.0, -1.0):
        found = np.append(np.full(n, start), np.full(corr, 0.5))
        for _ in range(4):
            found = minimize(worse, found, method="Nelder-Mead", options=options)
            found, height = found.x, -found.fun
        best = (height, found) if best is None or height > best[0] else best
    return covariance(struct, best[1]), best[0]


@pytest.mark.parametrize("struct", STRUCTS)
@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize("rich", [False, True])
@pytest.mark.filterwarnings("error")
def test_as_whole_matrix_likelihood(struct, method, rich):
    v, mods = (COVARIANCE, MOD) if rich else (V, None)
    x = np.eye(3)[LEVEL]
    x = np.column_stack([x, MOD]) if rich else x
    m = COVARIANCE if rich else np.diag(V)
    g, height = most_likely(struct, m, x, method == "REML")
    got = multivariate(Y, v, study=STUDY, outcome=TIME, struct=struct, mods=mods, method=method)
    assert got.converged
    assert got.outcomes == ("4", "12", "24")
    assert got.log_likelihood == pytest.approx(height, abs=1e-9)
    assert got.g == pytest.approx(g, rel=2e-5, abs=1e-7)  # as near as the other search comes
    w = np.linalg.inv(m + dense.same(STUDY) * got.g[np.ix_(LEVEL, LEVEL)])
    assert got.vb == pytest.approx(np.linalg.inv(x.T @ w @ x), rel=1e-9)
    assert got.beta == pytest.approx(got.vb @ x.T @ w @ Y, rel=1e-9)


@pytest.mark.parametrize("struct", STRUCTS)
def test_no_direction_leads_up_from_the_top(struct):
    """The slope of the dense likelihood in every parameter, by differences, is 0."""
    v = COVARIANCE / 20  # so that no parameter is at its edge
    got = multivariate(Y, v, study=STUDY, outcome=TIME, struct=struct)
    assert got.warnings == ()
    sd, n = np.sqrt(got.tau2), 3
    one = struct in ("CS", "AR")
    logs = 2 * np.log(sd[:1] if one else sd)
    upper = got.rho[np.triu_indices(n, 1)] if struct == "UN" else got.rho[0, 1:2]
    par = np.append(logs, np.arctanh(upper))
    x, same = np.eye(3)[LEVEL], dense.same(STUDY)

    def height(at):
        g = covariance(struct, at)
        return dense.log_likelihood(Y, x, v + same * g[np.ix_(LEVEL, LEVEL)])

    for step in 1e-4 * np.eye(par.size):
        up, down = height(par + step), height(par - step)
        curve = (2 * height(par) - up - down) / 1e-8
        # The distance to the top in log variance or Fisher's z: below a millionth.
        assert abs((up - down) / 2e-4 / curve) < 1e-6


def test_compound_symmetry_is_the_three_level_model():
    """CS with a positive correlation splits tau2 between and within studies."""
    got = multivariate(Y, V, study=STUDY, outcome=TIME, struct="CS", means="one")
    three = multilevel(Y, V, study=STUDY)
    assert got.rho[0, 1] > 0
    assert got.g[0, 1] == pytest.approx(three.sigma2[0], rel=1e-7)
    assert got.tau2[0] == pytest.approx(three.sigma2_total, rel=1e-7)
    assert got.log_likelihood == pytest.approx(three.log_likelihood, abs=1e-10)
    assert got.beta == pytest.approx(three.beta, rel=1e-8)
    assert [got.qe, got.qe_p] == pytest.approx([three.qe, three.qe_p], rel=1e-12)
    assert got.df == pytest.approx(three.df)
    assert (got.names, got.qm) == (("intercept",), pytest.approx(got.stat[0] ** 2))
    assert robust(got).se == pytest.approx(robust(three).se, rel=1e-7)


@pytest.mark.parametrize("struct", STRUCTS)
@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_units_do_not_matter(struct, scale):
    one = multivariate(Y, V, study=STUDY, outcome=TIME, struct=struct)
    other = multivariate(scale * Y, scale**2 * V, study=STUDY, outcome=TIME, struct=struct)
    assert other.g / scale**2 == pytest.approx(one.g, rel=1e-6)
    assert other.stat == pytest.approx(one.stat, rel=1e-7)


def test_order_of_rows_does_not_matter():
    one = multivariate(Y, COVARIANCE, study=STUDY, outcome=TIME, mods=MOD)
    at = np.random.default_rng(3).permutation(29)
    other = multivariate(
        Y[at], COVARIANCE[np.ix_(at, at)], study=[STUDY[i] for i in at],
        outcome=[TIME[i] for i in at], mods=MOD[at],
    )  # fmt: skip
    assert other.g == pytest.approx(one.g, rel=1e-6)
    assert other.beta == pytest.approx(one.beta, rel=1e-7)


def test_prediction_of_an_outcome():
    got = multivariate(Y, V, study=STUDY, outcome=TIME, mods={"dose": MOD}, struct="HCS")
    at = got.predict(["24", "4"], [[2.0], [0.0]])
    assert at.fit == pytest.approx([got.beta[2] + 2 * got.beta[3], got.beta[0]])
    half = (at.pi_high - at.pi_low) / (at.ci_high - at.ci_low)
    assert half == pytest.approx(np.sqrt(1 + got.tau2[[2, 0]] / at.se**2))
    with pytest.raises(InputError, match="outcome: found 7; accepted: 4, 12, 24"):
        got.predict(["7"], [[1.0]])
    with pytest.raises(InputError, match="values of dose"):
        got.predict(["4"])


@pytest.mark.filterwarnings("error")
def test_an_edge_is_said_and_nothing_is_hidden():
    """Effects that scatter no more than their errors, and two that always go together."""
    calm = multivariate(Y / 100, V, study=STUDY, outcome=TIME, struct="HCS")
    assert (calm.tau2 == 0).all() and "estimated at 0" in calm.warnings[0]
    twins = np.column_stack([TRIAL, TRIAL]).ravel()
    fit = multivariate(
        twins, np.full(24, 0.001), study=np.repeat(range(12), 2), outcome=[1, 2] * 12
    )
    assert fit.rho[0, 1] == pytest.approx(1)
    assert "edge of what is possible" in fit.warnings[0] and fit.converged


@pytest.mark.filterwarnings("error")
def test_a_singular_covariance_is_fitted_where_the_random_effects_make_it_definite():
    v = vcalc(np.repeat([0.05, 0.08, 0.06, 0.04, 0.09, 0.05], 2), cluster=np.repeat(range(6), 2),
              grp1=["A"] * 12, grp2=["B"] * 12)  # fmt: skip
    y = [0.3, 0.5, -0.1, 0.2, 0.6, 0.1, 0.4, 0.4, 0.0, 0.3, 0.7, 0.2]
    study, x = np.repeat(range(6), 2), np.ones((12, 1))
    got = multilevel(y, v, study=study)
    theta, height = dense.most_likely(np.array(y), x, v, [dense.same(study), np.eye(12)])
    assert got.sigma2 == pytest.approx(theta, abs=1e-7)
    assert got.log_likelihood == pytest.approx(height, abs=1e-9)
    assert got.warnings[0].startswith("The sampling covariances are singular")
    assert np.isnan([got.qe, got.qe_p, *got.i2]).all()
    assert np.isfinite([*got.beta, *got.se, *got.p, *got.sigma2_ci.ravel(), *robust(got).se]).all()
    both = multivariate(y, v, study=study, outcome=[1, 2] * 6, struct="HCS")
    assert both.warnings[0].startswith("The sampling covariances are singular")


def test_a_singular_covariance_that_nothing_makes_definite_is_refused():
    v = vcalc([0.05, 0.05, 0.08, 0.06], cluster="aabc", grp1="xxxx", grp2="yyyy")
    with pytest.raises(InputError, match=r"rows \[0, 1\] has no sampling error"):
        multilevel([0.3, 0.5, 0.1, 0.2], v, study="aabc", effect="1112")
    with pytest.raises(InputError, match="Keep one of these rows"):  # the same effect twice
        multilevel([0.3, 0.3, 0.1, 0.2], v, study="aabc")
    with pytest.raises(InputError, match="not positive definite"):
        multilevel([0.3, 0.5], [[0.05, 0.06], [0.06, 0.05]], study="aa")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"struct": "TOEP"}, "struct: found 'TOEP'; accepted: UN, CS"),
        ({"means": "both"}, "means"),
        ({"outcome": [4] * 29}, "outcome: found 4 alone"),
        ({"outcome": TIME[:-1]}, "28 labels"),
        ({"outcome": ["week 4" if t == 4 else "week 12" for t in TIME], "struct": "AR"}, "numbers"),
        ({"study": range(29)}, "one outcome in every study"),
        ({"mods": np.array(TIME)}, "do not determine them"),
        ({"outcome": [99, *TIME[1:]], "struct": "HCS"}, "do not determine"),
    ],
)
def test_bad_input_is_told(change, said):
    with pytest.raises(InputError, match=said):
        multivariate(**{"yi": Y, "v": V, "study": STUDY, "outcome": TIME, **change})


def test_an_unstructured_pair_that_no_study_has_is_named():
    keep = [i for i in range(29) if not (TIME[i] == 4 and STUDY[i] % 2) and
            not (TIME[i] == 24 and STUDY[i] % 2 == 0)]  # fmt: skip
    part = {"study": [STUDY[i] for i in keep], "outcome": [TIME[i] for i in keep]}
    with pytest.raises(InputError, match="no study of both 4 and 24"):
        multivariate(Y[keep], V[keep], **part)
    assert multivariate(Y[keep], V[keep], struct="AR", **part).converged
