"""`bayes_rma` by its own lights: closed forms, a plain grid, the edges, and when it is shown."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import simpson

from synaptrial.domain.errors import InputError
from synaptrial.synthesis import (
    HalfCauchy,
    HalfNormal,
    HalfT,
    LogNormal,
    LogT,
    MeanPrior,
    Uniform,
    bayes_rma,
    beside,
    rhodes2015,
    rma,
    turner2015,
)
from synaptrial.synthesis.bayes import default_prior

YI = np.array([-0.4, 0.1, -0.8])
VI = np.array([0.05, 0.02, 0.11])
PRIORS = [
    HalfNormal(0.5), HalfCauchy(0.5), HalfT(0.5, 3), Uniform(2.0), LogNormal(-1.0, 0.7),
    LogT(-1.5, 1.08),
]  # fmt: skip


def test_prior_at_zero_is_inverse_variance() -> None:
    w = 1 / VI
    fit = bayes_rma(YI, VI, tau_prior=HalfNormal(1e-10))
    assert fit.mu.mean == pytest.approx(w @ YI / w.sum(), rel=1e-12)
    assert fit.mu.sd == pytest.approx(w.sum() ** -0.5, rel=1e-12)
    assert fit.mu.central()[0] == pytest.approx(
        stats.norm.ppf(0.025, fit.mu.mean, fit.mu.sd), rel=1e-12
    )
    assert fit.tau.quantile(0.9) == pytest.approx(HalfNormal(1e-10).quantile(0.9), rel=1e-6)


def test_known_tau_is_the_closed_form() -> None:
    w = 1 / (VI + 0.3**2)
    fit = bayes_rma(YI, VI, tau_prior=LogNormal(math.log(0.3), 1e-7), mu_prior=MeanPrior(0.2, 0.5))
    precision = w.sum() + 4
    assert fit.mu.mean == pytest.approx((w @ YI + 4 * 0.2) / precision, rel=1e-6)
    assert fit.mu.sd == pytest.approx(precision**-0.5, rel=1e-6)
    assert fit.predictive.sd == pytest.approx((1 / precision + 0.09) ** 0.5, rel=1e-6)
    whole = stats.multivariate_normal(np.full(3, 0.2), np.diag(1 / w) + 0.25)
    assert fit.log_marginal_likelihood == pytest.approx(whole.logpdf(YI), rel=1e-6)
    none = stats.multivariate_normal(np.zeros(3), np.diag(1 / w))
    assert fit.log_bf01 == pytest.approx(none.logpdf(YI) - whole.logpdf(YI), rel=1e-5)
    shrunken = (YI[0] / 0.05 + fit.mu.mean / 0.09) / (1 / 0.05 + 1 / 0.09)
    assert fit.studies[0].mean == pytest.approx(shrunken, rel=1e-6)


@pytest.mark.parametrize("prior", PRIORS, ids=repr)
def test_against_a_plain_grid_over_mu_and_tau(prior: object) -> None:
    t = np.linspace(-14, math.log(2) if isinstance(prior, Uniform) else 5, 1201)
    tau = np.exp(t)
    mu = np.linspace(-6, 6, 1201)
    s2 = VI + tau[:, None] ** 2
    log = -0.5 * ((YI[:, None, None] - mu) ** 2 / s2.T[:, :, None]).sum(axis=0)
    log += (prior.log_pdf(tau) + t - 0.5 * np.log(s2).sum(axis=1))[:, None]
    log += stats.norm.logpdf(mu, 0, 1)
    p = np.exp(log - log.max())
    p[[0, -1]] /= 2  # the trapezoid rule
    p /= p.sum()
    fit = bayes_rma(YI, VI, tau_prior=prior, mu_prior=MeanPrior(0, 1))
    # what the log-t has below tau = exp(-14), 2e-5 of it, the grid does not see
    tolerance = 2e-4 if isinstance(prior, LogT) else 2e-5
    mean = p.sum(axis=0) @ mu
    assert fit.mu.mean == pytest.approx(mean, rel=tolerance)
    assert fit.mu.sd == pytest.approx(math.sqrt(p.sum(axis=0) @ (mu - mean) ** 2), rel=tolerance)
    by_tau = p.sum(axis=1)
    median = float(np.interp(0.5, np.cumsum(by_tau) - by_tau / 2, tau))
    assert fit.tau.median == pytest.approx(median, rel=2e-4)
    by_mu = p.sum(axis=0)
    assert fit.prob_mu_above_0 == pytest.approx(simpson(by_mu[600:]) / simpson(by_mu), abs=2e-6)


@pytest.mark.parametrize("prior", PRIORS, ids=repr)
@pytest.mark.parametrize("mu_prior", [None, MeanPrior(0, 1)])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_distributions_agree_with_themselves(prior, mu_prior, scale) -> None:
    fit = bayes_rma(YI, VI * scale, tau_prior=prior, mu_prior=mu_prior)
    assert fit.prob_mu_above_0 + fit.prob_mu_below_0 == pytest.approx(1, abs=1e-12)
    for one in (fit.mu, fit.tau, fit.predictive, *fit.studies):
        assert one.sd > 0
        for p in (0.001, 0.3, 0.975):
            x = one.quantile(p)
            assert one.cdf(x) == pytest.approx(p, abs=1e-10) or x == 0 < one.cdf(0)
        short, central = one.shortest(), one.central()
        assert one.cdf(short[1]) - (one.cdf(short[0]) if short[0] else 0) >= 0.95 - 1e-9
        assert short[1] - short[0] <= (central[1] - central[0]) * (1 + 1e-9)


def test_one_study_says_what_does_not_exist() -> None:
    fit = bayes_rma([0.3], [0.04], tau_prior=HalfCauchy(0.5))
    assert math.isnan(fit.mu.mean)
    assert fit.mu.sd == math.inf
    assert fit.mu.median == pytest.approx(0.3)
    assert fit.tau.mean == math.inf
    assert fit.tau.median == pytest.approx(0.5)  # the prior's: one study says nothing of it
    assert bayes_rma([0.3], [0.04], tau_prior=HalfNormal(0.5)).mu.sd == pytest.approx(
        math.sqrt(0.04 + 0.25), rel=1e-9
    )


def test_two_studies_with_a_heavy_prior_have_a_mean_and_no_sd() -> None:
    fit = bayes_rma([0.3, 0.5], [0.04, 0.02], tau_prior=HalfCauchy(0.5))
    assert math.isfinite(fit.mu.mean)
    assert math.isfinite(fit.tau.mean)
    assert fit.mu.sd == fit.tau.sd == fit.predictive.sd == math.inf
    proper = bayes_rma(
        [0.3, 0.5], [0.04, 0.02], tau_prior=HalfCauchy(0.5), mu_prior=MeanPrior(0, 1)
    )
    assert math.isfinite(proper.mu.sd)


def test_variances_twenty_four_orders_apart() -> None:
    fit = bayes_rma([0.3, 9.0, -2.0], [1e-12, 1e12, 1e12], tau_prior=HalfNormal(0.1))
    assert fit.mu.mean == pytest.approx(0.3, abs=1e-6)
    assert fit.mu.sd == pytest.approx(0.1, rel=1e-6)


def test_a_far_outlier_moves_tau_to_the_tail_of_its_prior() -> None:
    yi, vi = [0.0, 0.1, 30.0], [1e-4, 1e-4, 1e-4]
    narrow = bayes_rma(yi, vi, tau_prior=LogNormal(-2.0, 0.1))
    wide = bayes_rma(yi, vi, tau_prior=HalfCauchy(0.5))
    assert narrow.tau.median < 2 < 10 < wide.tau.median


def test_many_studies_draw_a_narrow_peak() -> None:
    generator = np.random.default_rng(1)
    vi = np.full(5000, 0.01)
    yi = 0.2 + generator.normal(size=5000) * math.sqrt(0.01 + 0.09)
    fit = bayes_rma(yi, vi, tau_prior=HalfNormal(1))
    frequentist = rma(yi, vi, test="z")
    assert fit.mu.mean == pytest.approx(frequentist.beta[0], abs=1e-5)
    assert fit.mu.sd == pytest.approx(frequentist.se[0], rel=1e-3)
    assert fit.tau.median == pytest.approx(math.sqrt(frequentist.tau2), rel=1e-3)


def test_units_change_nothing() -> None:
    one = bayes_rma(YI, VI, tau_prior=HalfT(0.5, 3), mu_prior=MeanPrior(0, 2))
    other = bayes_rma(YI * 1e5, VI * 1e10, tau_prior=HalfT(5e4, 3), mu_prior=MeanPrior(0, 2e5))
    for a, b in ((one.mu, other.mu), (one.tau, other.tau), (one.predictive, other.predictive)):
        assert np.array([b.mean, b.sd, *b.central()]) / 1e5 == pytest.approx(
            [a.mean, a.sd, *a.central()], rel=1e-9
        )
    assert other.log_bf01 == pytest.approx(one.log_bf01, rel=1e-9)


def test_draws_follow_the_predictive_distribution() -> None:
    predictive = bayes_rma(YI, VI, tau_prior=HalfNormal(0.5)).predictive
    drawn = predictive.draw(np.random.default_rng(7), 20_000)
    assert stats.kstest(drawn, np.vectorize(predictive.cdf)).pvalue > 0.001
    assert predictive.above(0.0) == pytest.approx(np.mean(drawn > 0), abs=0.012)


def test_sourced_priors_are_halved_from_tau2_to_tau() -> None:
    assert rhodes2015().tau == LogT(-2.99 / 2, 2.16 / 2, 5)
    assert turner2015("pharmacological vs pharmacological").tau == LogNormal(-2.35 / 2, 1.6 / 2)
    fit = bayes_rma(YI, VI, tau_prior=rhodes2015())
    assert fit.prior_source.startswith("READ: Rhodes 2015, Table 3")
    with pytest.raises(InputError, match="non-pharmacological"):
        rhodes2015("non-pharmacological vs placebo")


def test_shown_beside_fewer_than_five_studies() -> None:
    few, many = rma(YI, VI), rma(np.tile(YI, 2), np.tile(VI, 2))
    shown = beside(few, "SMD")
    assert shown is not None
    assert shown.mu.mean == bayes_rma(YI, VI, tau_prior=rhodes2015()).mu.mean
    assert beside(many, "SMD") is None
    assert beside(rma(YI, VI, mods=[0, 1, 3]), "SMD") is None
    assert beside(few, "OR").tau_prior == turner2015().tau
    assert beside(few, "RR").prior_source.startswith("ASSUMED")
    with pytest.raises(InputError, match="MD with sd"):
        beside(few, "MD")


def test_a_mean_difference_is_a_standardised_one_times_sd() -> None:
    shown = beside(rma(YI * 12, VI * 144), "MD", sd=12)
    plain = beside(rma(YI, VI), "SMD")
    assert shown.mu.mean == pytest.approx(12 * plain.mu.mean, rel=1e-8)
    assert shown.tau.median == pytest.approx(12 * plain.tau.median, rel=1e-8)
    assert default_prior("MD", "pharmacological vs placebo", 12.0).mark == "DERIVED"


@pytest.mark.parametrize(
    "bad", [lambda: HalfNormal(0), lambda: HalfT(1, -1), lambda: Uniform(math.inf),
            lambda: MeanPrior(math.nan, 1), lambda: LogT(0, 0)]
)  # fmt: skip
def test_impossible_priors_are_refused(bad) -> None:
    with pytest.raises(InputError, match=r"above 0|finite"):
        bad()


def test_a_result_can_be_sent_to_another_process() -> None:
    fit = bayes_rma(YI, VI, tau_prior=HalfNormal(0.5))
    assert pickle.loads(pickle.dumps(fit)).tau.central() == fit.tau.central()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"tau_prior": 0.5}, "tau_prior: found 0.5; accepted: a prior of tau"),
        ({"tau_prior": "HalfNormal"}, "tau_prior: found 'HalfNormal'"),
        ({"tau_prior": HalfNormal(1), "mu_prior": (0, 1)}, r"mu_prior: found \(0, 1\)"),
    ],
)
def test_what_is_no_prior_is_refused(options, said) -> None:
    with pytest.raises(InputError, match=said):
        bayes_rma(YI, VI, **options)


def test_priors_and_levels_are_numbers_in_range() -> None:
    with pytest.raises(InputError, match="LogNormal.location: found nan"):
        LogNormal(math.nan, 1.0)
    with pytest.raises(InputError, match="HalfNormal.scale: found 'a'"):
        HalfNormal("a")
    fit = bayes_rma(YI, VI, tau_prior=HalfNormal(0.5))
    for interval in (fit.mu.central, fit.tau.shortest):
        with pytest.raises(InputError, match="level: found 95"):
            interval(95)
