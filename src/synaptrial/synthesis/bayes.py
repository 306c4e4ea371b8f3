"""Bayesian random-effects meta-analysis by quadrature over tau, conjugate in mu; no sampler.

The normal-normal model: yi ~ N(theta_i, vi), theta_i ~ N(mu, tau2). Given tau everything is
normal, so every posterior but that of tau is a mixture of normals over tau
(Roever 2020, doi 10.18637/jss.v093.i06).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.arrays import Array, effects
from synaptrial.synthesis.mixture import NormalMixture, TauPosterior
from synaptrial.synthesis.priors import LogT, MeanPrior, TauPrior
from synaptrial.synthesis.quadrature import TauIntegral, integrate
from synaptrial.synthesis.sourced_priors import (
    DRUG,
    Comparison,
    SourcedPrior,
    rhodes2015,
    turner2015,
)
from synaptrial.synthesis.univariate import MetaAnalysis

STANDARDISED = ("SMD", "SMDH", "SMD1", "SMCC", "SMCR")
ODDS_RATIOS = ("OR", "PETO")
RISK_RATIO = "RR"
RATIO = 1e24  # of two variances
FEW_FOR_BAYES = 5  # below this many studies the Bayesian result stands beside Hartung and Knapp's


@dataclass(frozen=True)
class BayesMetaAnalysis:
    """The result of `bayes_rma`.

    mu, tau, predictive (the true effect of a next study) and studies (each study's own effect,
    shrunken) have `mean, sd, median, central(), shortest(), cdf, quantile, above`. prior_source
    says where the prior of tau is from. log_marginal_likelihood and log_bf01 (natural logarithm
    of the Bayes factor for mu = 0 against the prior of mu) are None where the prior of mu is flat.
    """

    yi: Array
    vi: Array
    k: int
    tau_prior: TauPrior
    mu_prior: MeanPrior | None
    prior_source: str
    mu: NormalMixture
    tau: TauPosterior
    predictive: NormalMixture
    studies: tuple[NormalMixture, ...]
    prob_mu_above_0: float
    prob_mu_below_0: float
    log_marginal_likelihood: float | None
    log_bf01: float | None


@dataclass(frozen=True)
class _Model:
    """The model given tau: tau of shape (N,) against the studies (k,)."""

    y: Array
    v: Array
    prior: MeanPrior | None

    def mean_and_variance(self, tau: Array) -> tuple[Array, Array]:
        """Of mu; shapes (N,)."""
        w = 1 / (self.v + tau[:, None] ** 2)
        precision, total = w.sum(axis=1), w @ self.y
        if self.prior is None:
            return total / precision, 1 / precision
        own = self.prior.sd**-2.0
        return (total + own * self.prior.mean) / (precision + own), 1 / (precision + own)

    def log_likelihood(self, tau: Array) -> Array:
        """log p(y | tau), mu integrated out, over its prior or over the line; shape (N,)."""
        mean, variance = self.mean_and_variance(tau)
        at_mean = self.at(mean, tau) + 0.5 * np.log(2 * np.pi * variance)
        if self.prior is None:
            return at_mean
        z = (mean - self.prior.mean) / self.prior.sd
        return at_mean - 0.5 * z**2 - np.log(self.prior.sd) - 0.5 * np.log(2 * np.pi)

    def at(self, mu: Array, tau: Array) -> Array:
        """log p(y | mu, tau); mu and tau of shape (N,)."""
        s2 = self.v + tau[:, None] ** 2
        squares = (self.y - mu[:, None]) ** 2 / s2
        return np.asarray(-0.5 * np.sum(np.log(2 * np.pi * s2) + squares, axis=1))


def bayes_rma(
    yi: ArrayLike, vi: ArrayLike, *, tau_prior: TauPrior | SourcedPrior,
    mu_prior: MeanPrior | None = None,
) -> BayesMetaAnalysis:  # fmt: skip
    """Pool effects yi (k,) with sampling variances vi (k,).

    tau_prior: a proper prior of tau (HalfNormal, HalfT, HalfCauchy, Uniform, LogNormal, LogT, or
    one with its source, as of `rhodes2015`); mu_prior: MeanPrior, or None for a flat one. A mean
    or sd that does not exist, as with one study, a flat prior of mu and half-Cauchy tau, is NaN or
    inf. Raises InputError.
    """
    y, v = effects(yi, vi, ratio=RATIO)
    source = "given"
    if isinstance(tau_prior, SourcedPrior):
        source, tau_prior = tau_prior.told, tau_prior.tau
    _is_a("tau_prior", tau_prior, TauPrior, "a prior of tau, such as HalfNormal(0.5)")
    _is_a("mu_prior", mu_prior, MeanPrior | None, "MeanPrior(mean, sd), or None for a flat one")
    model = _Model(y, v, mu_prior)
    drop = y.size - (1 if mu_prior is None else 0)  # the likelihood falls as tau ** -drop
    powers = [r for r in (0.0, 1.0, 2.0) if tau_prior.has_moment(r - drop)]
    smallest = float(np.sqrt(v.min()))
    integral = integrate(model.log_likelihood, tau_prior, smallest, max(powers, default=0.0))
    tau, p = integral.tau, integral.probability
    first, second = 1.0 in powers, 2.0 in powers
    mean, variance = model.mean_and_variance(tau)
    mu_has = (True, True) if mu_prior else (first, second)
    mu = _mixture(p, mean, variance, *mu_has)
    predictive = _mixture(p, mean, variance + tau**2, first, second)
    return BayesMetaAnalysis(
        y, v, y.size, tau_prior, mu_prior, source, mu, _tau(integral, first, second), predictive,
        tuple(_study(model, i, tau, p, mean, variance) for i in range(y.size)),
        mu.above(0.0), mu.cdf(0.0),
        integral.log_evidence if mu_prior else None,
        _log_bf01(model, tau_prior, smallest, integral.log_evidence) if mu_prior else None,
    )  # fmt: skip


def _is_a(where: str, found: object, kind: Any, accepted: str) -> None:
    if not isinstance(found, kind):
        raise InputError(where, repr(found)[:60], accepted)


def _mixture(p: Array, mean: Array, variance: Array, first: bool, second: bool) -> NormalMixture:
    """Normals weighted by p; `first` and `second`: whether its mean and variance exist. Nodes too
    rare to be seen are left out of the distribution, not of its moments."""
    centre = float(p @ mean) if first else float("nan")
    with np.errstate(over="ignore"):
        spread = float(np.sqrt(p @ (variance + (mean - centre) ** 2))) if second else float("inf")
    seen = p > 1e-22
    return NormalMixture(centre, spread, p[seen], mean[seen], np.sqrt(variance[seen]))


def _tau(integral: TauIntegral, first: bool, second: bool) -> TauPosterior:
    tau, p = integral.tau, integral.probability
    mean = float(p @ tau) if first else float("inf")
    sd = float(np.sqrt(p @ (tau - mean) ** 2)) if second else float("inf")
    return TauPosterior(mean, sd, integral)


def _study(
    model: _Model, i: int, tau: Array, p: Array, mean: Array, variance: Array
) -> NormalMixture:
    """theta_i: drawn from yi towards mu, the more the smaller tau."""
    towards_mu = model.v[i] / (model.v[i] + tau**2)
    centre = (1 - towards_mu) * model.y[i] + towards_mu * mean
    spread = (1 - towards_mu) * model.v[i] + towards_mu**2 * variance
    return _mixture(p, centre, spread, True, True)


def _log_bf01(model: _Model, prior: TauPrior, smallest_sd: float, log_evidence: float) -> float:
    def at_zero(tau: Array) -> Array:
        return model.at(np.zeros(len(tau)), tau)

    return integrate(at_zero, prior, smallest_sd).log_evidence - log_evidence


def beside(
    fit: MetaAnalysis, measure: str, *, comparison: Comparison = DRUG,
    sd: float | None = None,
) -> BayesMetaAnalysis | None:  # fmt: skip
    """The Bayesian result to show beside a fit of fewer than 5 studies, or None: with 5 or more,
    and with moderators, the fit stands alone.

    measure: SMD, SMDH or another standardised difference (Rhodes 2015); OR or PETO, as logarithms
    (Turner 2015); RR, as a logarithm, for which Turner's prior is ASSUMED to serve: it was made
    for odds ratios, whose heterogeneity is seldom smaller; MD with `sd`, the standard deviation
    that turns a standardised difference into the unit of the scale. The prior of mu is flat.
    Raises InputError for any other measure.
    """
    if fit.k >= FEW_FOR_BAYES or len(fit.names) > 1:
        return None
    return bayes_rma(fit.yi, fit.vi, tau_prior=default_prior(measure, comparison, sd))


def has_default(measure: str) -> bool:
    """Whether `beside` has a prior for a measure that needs no `sd`."""
    return measure.upper() in (*STANDARDISED, *ODDS_RATIOS, RISK_RATIO)


def default_prior(
    measure: str, comparison: Comparison = DRUG, sd: float | None = None
) -> SourcedPrior:
    """The heterogeneity prior of a measure; see `beside`. Raises InputError."""
    name = measure.upper()
    if name in STANDARDISED:
        return rhodes2015(comparison)
    if name in ODDS_RATIOS:
        return turner2015(comparison)
    if name == RISK_RATIO:
        found = turner2015(comparison)
        return replace(found, mark="ASSUMED", locator=f"{found.locator}; made for log odds ratios")
    if name == "MD" and sd is not None:
        return _rescaled(rhodes2015(comparison), sd)
    raise InputError(
        "measure", repr(measure) + (" without sd" if name == "MD" else ""),
        f"{', '.join((*STANDARDISED, *ODDS_RATIOS, RISK_RATIO))}, or MD with sd",
        "For others give bayes_rma a prior of tau",
    )  # fmt: skip


def _rescaled(found: SourcedPrior, sd: float) -> SourcedPrior:
    if not (np.isfinite(sd) and sd > 0):
        raise InputError("sd", f"{sd:g}", "a number above 0, in the unit of the scale")
    prior = found.tau
    assert isinstance(prior, LogT)
    moved = replace(prior, location=prior.location + float(np.log(sd)))
    return replace(found, tau=moved, mark="DERIVED", locator=f"{found.locator}, times sd {sd:g}")
