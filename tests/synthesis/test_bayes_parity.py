"""`bayes_rma` against quadrature in R: four heterogeneity priors, three priors of the mean."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from tests.support.metafor import reference

from synaptrial.synthesis import (
    BayesMetaAnalysis,
    HalfCauchy,
    HalfNormal,
    HalfT,
    MeanPrior,
    bayes_rma,
)

SETS = ("bayes_edge_k6_moderate", "bayes_syn_caps_k5_SMD", "bayes_normand1999_SMD")
TAU = {
    "half_normal_0.5": HalfNormal(0.5), "half_normal_1": HalfNormal(1.0),
    "half_cauchy_0.5": HalfCauchy(0.5), "half_t3_scale_0.5": HalfT(0.5, 3),
}  # fmt: skip
MU = {"mu_flat": None, "mu_normal_0_4": MeanPrior(0, 4), "mu_normal_0_1": MeanPrior(0, 1)}
EXACT = 1e-6  # relative
# Quantiles of tau there are read off a grid, "about 1e-4", and lie below ours by up to 8.3e-4.
# Ours hold 2.5, 50 and 97.5 % of the posterior to 1e-9 by another integrator (below), so the
# comparison with these keys is no finer than that grid.
INTERPOLATED = 1e-3
QUANTILES = ("tau_median", "tau_central95")


def both(name: str, tau: str, mu: str) -> tuple[BayesMetaAnalysis, dict[str, Any]]:
    results = reference(name).results
    fit = bayes_rma(results["yi"], results["vi"], tau_prior=TAU[tau], mu_prior=MU[mu])
    return fit, results[tau][mu]


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("tau", TAU)
@pytest.mark.parametrize("mu", MU)
def test_every_number_but_quantiles_of_tau(name: str, tau: str, mu: str) -> None:
    fit, expected = both(name, tau, mu)
    ours = {
        "mu_mean": fit.mu.mean, "mu_sd": fit.mu.sd, "mu_median": fit.mu.median,
        "mu_central95": fit.mu.central(), "prob_mu_below_0": fit.prob_mu_below_0,
        "tau_mean": fit.tau.mean, "predictive_central95": fit.predictive.central(),
        "predictive_prob_below_0": fit.predictive.cdf(0),
        "log_marginal_likelihood": fit.log_marginal_likelihood,
    }  # fmt: skip
    assert {*ours, *QUANTILES, "tau_quantile_note"} == expected.keys()
    for key, value in ours.items():
        assert (value is None) == (expected[key] is None), key
        if value is not None:
            np.testing.assert_allclose(value, expected[key], rtol=EXACT, err_msg=key)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("tau", TAU)
@pytest.mark.parametrize("mu", MU)
def test_quantiles_of_tau_read_off_a_grid(name: str, tau: str, mu: str) -> None:
    fit, expected = both(name, tau, mu)
    assert expected["tau_quantile_note"] == "interpolated, about 1e-4"
    for key, value in zip(QUANTILES, (fit.tau.median, fit.tau.central()), strict=True):
        np.testing.assert_allclose(value, expected[key], rtol=0, atol=INTERPOLATED, err_msg=key)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("tau", TAU)
def test_quantiles_of_tau_by_another_integrator(name: str, tau: str) -> None:
    results = reference(name).results
    y, v = np.array(results["yi"]), np.array(results["vi"])

    def density(x: float) -> float:  # a flat prior of mu
        w = 1 / (v + x * x)
        q = w @ (y - w @ y / w.sum()) ** 2
        log = TAU[tau].log_pdf(np.array([x]))[0] + (np.log(w).sum() - np.log(w.sum()) - q) / 2
        return float(np.exp(log))

    def area(a: float, b: float) -> float:
        return float(quad(density, a, b, epsabs=0, epsrel=1e-11, limit=500)[0])

    total = area(0, 1) + area(1, 4) + area(4, np.inf)
    posterior = bayes_rma(y, v, tau_prior=TAU[tau]).tau
    for p in (0.025, 0.5, 0.975):
        assert area(0, posterior.quantile(p)) / total == pytest.approx(p, abs=1e-9)


def test_the_reference_holds_no_case_beyond_these() -> None:
    for name in SETS[:2]:
        results = reference(name).results
        assert set(results) == {"id", "yi", "vi", "method", *TAU}
        assert all(set(results[tau]) == set(MU) for tau in TAU)
