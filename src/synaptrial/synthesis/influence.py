"""What each study does to the result: leave-one-out, influence diagnostics, Baujat coordinates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.arrays import Array
from synaptrial.synthesis.heterogeneity import Problem
from synaptrial.synthesis.refits import Refits, RefittedMeans, means_of, refits
from synaptrial.synthesis.univariate import MetaAnalysis


@dataclass(frozen=True)
class LeaveOneOut(RefittedMeans):
    """Pooled results without each study in turn, in the order of the studies."""


@dataclass(frozen=True)
class Influence:
    """Influence diagnostics; arrays of length k, dfbetas (k, P) in the order of the fit's names.

    rstudent: externally standardised residuals. dffits: standardised change of the study's own
    fitted value. cook: Cook's distance. cov_ratio: ratio of the determinants of the coefficients'
    covariance without and with the study. tau2_deleted, q_deleted: without the study. hat:
    leverage. weight: percent. influential: one of metafor's rules of thumb is met. All but hat and
    weight are NaN for a study whose coefficients the others do not determine, and may be where
    effects are identical.
    """

    rstudent: Array
    dffits: Array
    cook: Array
    cov_ratio: Array
    tau2_deleted: Array
    q_deleted: Array
    hat: Array
    weight: Array
    dfbetas: Array
    influential: NDArray[np.bool_]


@dataclass(frozen=True)
class Baujat:
    """x: the study's share of the residual heterogeneity (its squared Pearson residual);
    y: the squared standardised change of its fitted value without it. Arrays of length k."""

    x: Array
    y: Array


def leave_one_out(fit: MetaAnalysis) -> LeaveOneOut:
    """Refit a model without moderators, with its own method, test and level, without each study.

    Raises InputError with moderators (see `influence`) and below two studies.
    """
    if len(fit.names) > 1:
        raise InputError("fit", "moderators", "a fit without moderators", "Use influence(fit)")
    found = without_each(fit)
    return LeaveOneOut(**means_of(found))


def without_each(fit: MetaAnalysis) -> Refits:
    """The k refits without one study each, in one batch."""
    if fit.k < 2:
        raise InputError("fit", "1 study", "2 studies or more")
    y, v = np.tile(fit.yi, (fit.k, 1)), np.tile(fit.vi, (fit.k, 1))
    return refits(Problem(y, v, 1 - np.eye(fit.k), fit.x), fit.method, fit.test, fit.level)


def influence(fit: MetaAnalysis) -> Influence:
    """Influence of each study on a fit, with or without moderators (Viechtbauer and Cheung 2010,
    doi 10.1002/jrsm.11). Raises InputError below two studies."""
    without = without_each(fit)
    change = fit.beta - without.beta
    own_change = np.sum(fit.x * change, axis=1)
    information, hat = _information(fit)
    s2 = np.trace(fit.vb @ information) / len(fit.names)
    # NaN where not determined without the study, or where identical effects leave no variance
    with np.errstate(divide="ignore", invalid="ignore"):
        dfbetas = change / np.sqrt(without.s2[:, None] * _diagonals(fit, without.tau2))
        cook = np.einsum("ki,ij,kj->k", change, information, change) / s2
        dffits = own_change / np.sqrt(without.s2 * hat * (without.tau2 + fit.vi))
        cov_ratio = np.linalg.det(without.vb) / np.linalg.det(fit.vb)
        rstudent = _deleted_residuals(fit, without)
    return Influence(
        rstudent=rstudent,
        dffits=dffits,
        cook=cook,
        cov_ratio=cov_ratio,
        tau2_deleted=without.tau2,
        q_deleted=without.q,
        hat=hat,
        weight=fit.weights,
        dfbetas=dfbetas,
        influential=_influential(fit, dffits, cook, hat, dfbetas),
    )


def _information(fit: MetaAnalysis) -> tuple[Array, Array]:
    """X'WX (P, P), and the diagonal of the hat matrix (k,)."""
    w = 1 / (fit.vi + fit.tau2)
    information = fit.x.T @ (w[:, None] * fit.x)
    return information, w * np.einsum("ki,ij,kj->k", fit.x, np.linalg.inv(information), fit.x)


def _diagonals(fit: MetaAnalysis, tau2: Array) -> Array:
    """Diagonals of (X'WX)^-1 over all studies, W with each tau2 in turn; shape (k, P)."""
    y, v = np.tile(fit.yi, (fit.k, 1)), np.tile(fit.vi, (fit.k, 1))
    inverse = Problem(y, v, np.ones_like(y), fit.x).fit(tau2).inverse
    return np.einsum("kii->ki", inverse)


def _prediction_variance(fit: MetaAnalysis, without: Refits) -> Array:
    return np.einsum("ki,kij,kj->k", fit.x, without.vb, fit.x)


def _deleted_residuals(fit: MetaAnalysis, without: Refits) -> Array:
    residual = fit.yi - np.sum(fit.x * without.beta, axis=1)
    own = without.s2 * (fit.vi + without.tau2)
    return residual / np.sqrt(own + _prediction_variance(fit, without))


def _influential(
    fit: MetaAnalysis, dffits: Array, cook: Array, hat: Array, dfbetas: Array
) -> NDArray[np.bool_]:
    """metafor's rules of thumb, set out in the documentation of its influence function."""
    p, k = len(fit.names), fit.k
    return np.asarray(
        (np.abs(dffits) > 3 * np.sqrt(p / max(k - p, 1)))
        | (stats.chi2.cdf(cook, p) > 0.5)
        | (hat > 3 * p / k)
        | (np.abs(dfbetas) > 1).any(axis=1)
    )


def baujat(fit: MetaAnalysis) -> Baujat:
    """Coordinates of a Baujat plot (Baujat 2002, doi 10.1002/sim.1221) as in metafor, where the
    fit may have random effects or moderators. Raises InputError below two studies."""
    without = without_each(fit)
    residual = fit.yi - fit.x @ fit.beta
    change = np.sum(fit.x * (fit.beta - without.beta), axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):  # identical effects leave no variance
        moved = change**2 / _prediction_variance(fit, without)
    return Baujat(residual**2 / (fit.vi + fit.tau2), moved)
