"""Network meta-analysis of contrasts: treatments compared through all the trials that link them.

Consistency model with one heterogeneity variance for all contrasts, so that contrasts of one trial
correlate at 1/2 (Higgins and Whitehead 1996; Salanti 2008, doi 10.1177/0962280207080643). It is
fitted as a variance-components model by restricted likelihood, as rma.mv of R's metafor does. The
constant of the restricted likelihood depends on the arm against which a trial is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from scipy.stats import norm

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.arrays import Array
from synaptrial.synthesis.components import Components, components
from synaptrial.synthesis.contrasts import Contrasts
from synaptrial.synthesis.covariance import codes
from synaptrial.synthesis.inference import all_zero, intervals, p_values, q_p_value
from synaptrial.synthesis.maximise import Maximum, maximise, profile_interval
from synaptrial.synthesis.options import choose

METHODS = ("REML", "ML", "EE")


@dataclass(frozen=True)
class League:
    """All pairs of T treatments: entry [i, j] is treatment i minus treatment j; (T, T) each.

    pi_low, pi_high: where the true difference in a further trial may lie. The diagonal is 0.
    """

    treatments: tuple[str, ...]
    effect: Array
    se: Array
    ci_low: Array
    ci_high: Array
    pi_low: Array
    pi_high: Array


@dataclass(frozen=True)
class NetworkMetaAnalysis:
    """Result of `network`; T treatments, k contrasts.

    names (T - 1,) treatments but the reference, each with beta, se, stat (z), p, ci_low, ci_high
    against it; vb (T - 1, T - 1). tau2: heterogeneity of any contrast. qe: heterogeneity and
    inconsistency together (see `inconsistency`); qm: all treatments equal. warnings.
    """

    names: tuple[str, ...]
    beta: Array
    vb: Array
    se: Array
    stat: Array
    p: Array
    ci_low: Array
    ci_high: Array
    tau2: float
    qe: float
    qe_df: int
    qe_p: float
    qm: float
    qm_df: int
    qm_p: float
    log_likelihood: float
    k: int
    n_studies: int
    method: str
    converged: bool
    warnings: tuple[str, ...]
    contrasts: Contrasts
    problem: Components
    peak: Maximum

    @property
    def reference(self) -> str:
        return self.contrasts.reference

    @cached_property
    def tau2_ci(self) -> tuple[float, float]:
        """95% profile-likelihood limits; NaN where tau2 is not estimated."""
        if self.method == "EE" or self.qe_df == 0:
            return np.nan, np.nan
        return profile_interval(self.problem, self.peak, np.ones(1, bool), 0)

    @cached_property
    def league(self) -> League:
        treatments = self.contrasts.treatments
        place = [i for i, t in enumerate(treatments) if t != self.reference]
        size = len(treatments)
        beta, v = np.zeros(size), np.zeros((size, size))
        beta[place], v[np.ix_(place, place)] = self.beta, self.vb
        effect = beta[:, None] - beta
        variance = np.diag(v)[:, None] + np.diag(v) - 2 * v
        np.fill_diagonal(variance, 0.0)
        se = np.sqrt(variance)
        wide = np.sqrt(variance + self.tau2 * (1 - np.eye(size)))
        df = np.full(1, np.inf)
        return League(
            treatments, effect, se, *intervals(effect, se, df), *intervals(effect, wide, df)
        )

    def p_scores(self, *, lower_is_better: bool) -> dict[str, float]:
        """Mean certainty that a treatment beats another (Ruecker and Schwarzer 2015, doi
        10.1186/s12874-015-0060-8), 0 to 1."""
        effect, se = self.league.effect, self.league.se + np.eye(len(self.names) + 1)
        sure = norm.cdf((-effect if lower_is_better else effect) / se)
        np.fill_diagonal(sure, 0.0)
        return dict(
            zip(self.league.treatments, (sure.sum(axis=1) / len(self.names)).tolist(), strict=True)
        )


def network(
    contrasts: Contrasts, *, method: Literal["REML", "ML", "EE"] = "REML"
) -> NetworkMetaAnalysis:
    """Compare all treatments of a connected network; EE holds the heterogeneity at 0.

    Raises InputError where the reference is no treatment of the network, or where the treatments
    fall into parts that no trial joins.
    """
    choose("method", method, METHODS)
    _check_connected(contrasts)
    x = treatment_columns(contrasts)
    problem = network_problem(contrasts, x, restricted=method != "ML")
    k, p = x.shape
    if method == "EE" or k == p:
        zero = np.zeros(1)
        peak = Maximum(zero, problem.fit(zero), True)
    else:
        peak = maximise(problem, np.ones(1, bool))
    return _result(contrasts, problem, peak, method)


def treatment_columns(contrasts: Contrasts) -> Array:
    """Design (k, T - 1): the treatments but the reference."""
    keep = [t != contrasts.reference for t in contrasts.treatments]
    return contrasts.arms[:, keep]


def network_problem(contrasts: Contrasts, x: Array, *, restricted: bool) -> Components:
    """The likelihood in tau2, with coefficients of the columns of x."""
    study = codes("study", contrasts.study, len(contrasts.study))
    kernel = shared(contrasts, study)
    return components(contrasts.yi, x, contrasts.v, [kernel], study, restricted=restricted)


def shared(contrasts: Contrasts, group: np.ndarray) -> Array:
    """Correlations (k, k) of random contrasts whose arms vary independently within a group: 1 for
    the same contrast, 1/2 for a shared arm."""
    arms = contrasts.arms
    return np.where(group[:, None] == group, arms @ arms.T / 2, 0.0)


def _check_connected(contrasts: Contrasts) -> None:
    treatments = contrasts.treatments
    if contrasts.reference not in treatments:
        raise InputError("reference", contrasts.reference, ", ".join(treatments))
    parts = [{t} for t in treatments]
    for a, b in zip(contrasts.t1, contrasts.t2, strict=True):
        touched = [part for part in parts if a in part or b in part]
        parts = [part for part in parts if part not in touched] + [set().union(*touched)]
    if len(parts) > 1:
        told = "; ".join(", ".join(sorted(part)) for part in sorted(parts, key=min))
        raise InputError(
            "treatments",
            f"{len(parts)} networks that no trial joins ({told})",
            "one network",
            "Analyse each alone, or add a trial that joins them",
        )


def _result(
    contrasts: Contrasts, problem: Components, peak: Maximum, method: str
) -> NetworkMetaAnalysis:
    k, p = problem.x.shape
    beta, vb = peak.fit.beta, peak.fit.c
    se, df = np.sqrt(np.diag(vb)), np.full(p, np.inf)
    ci_low, ci_high = intervals(beta, se, df)
    qm, _, qm_p = all_zero(beta, vb, df)
    qe = problem.fit(np.zeros(1)).rss
    return NetworkMetaAnalysis(
        names=tuple(t for t in contrasts.treatments if t != contrasts.reference),
        beta=beta, vb=vb, se=se, stat=beta / se, p=p_values(beta / se, df),
        ci_low=ci_low, ci_high=ci_high, tau2=float(peak.theta[0]),
        qe=qe, qe_df=k - p, qe_p=q_p_value(qe, k - p), qm=qm, qm_df=p, qm_p=qm_p,
        log_likelihood=peak.fit.loglik, k=k, n_studies=len(set(contrasts.study)), method=method,
        converged=peak.converged, warnings=_warnings(peak, method, k - p),
        contrasts=contrasts, problem=problem, peak=peak,
    )  # fmt: skip


def _warnings(peak: Maximum, method: str, df: int) -> tuple[str, ...]:
    if method == "EE":
        return ()
    if df == 0:
        return ("No comparison is made twice, so heterogeneity cannot be estimated; held at 0.",)
    said = []
    if peak.theta[0] == 0:
        said.append("Heterogeneity is estimated at 0, the edge of what is possible.")
    if not peak.converged:
        said.append("The search for the heterogeneity did not converge; do not rely on this fit.")
    return tuple(said)
