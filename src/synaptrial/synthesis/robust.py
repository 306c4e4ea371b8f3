"""Cluster-robust tests of meta-analytic coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.arrays import Array
from synaptrial.synthesis.components import inverse
from synaptrial.synthesis.covariance import codes
from synaptrial.synthesis.inference import intervals, p_values
from synaptrial.synthesis.multilevel import MultilevelMetaAnalysis
from synaptrial.synthesis.multivariate import MultivariateMetaAnalysis
from synaptrial.synthesis.options import choose
from synaptrial.synthesis.sandwich import KINDS, Cluster, sandwich
from synaptrial.synthesis.univariate import MetaAnalysis

Fitted = MetaAnalysis | MultilevelMetaAnalysis | MultivariateMetaAnalysis
DOUBTFUL_DF = 4.0  # below it Tipton 2015 (doi 10.1037/met0000011) distrusts p values


@dataclass(frozen=True)
class RobustTest:
    """Robust inference on P coefficients: vb (P, P); se, stat, df, p, ci_low, ci_high (P,).

    kind: CR0, CR1 (df clusters - P) or CR2 (Satterthwaite df). n_clusters. warnings. What one
    cluster alone determines has no robust variance: its numbers are NaN, and a warning names it.
    """

    names: tuple[str, ...]
    beta: Array
    vb: Array
    se: Array
    stat: Array
    df: Array
    p: Array
    ci_low: Array
    ci_high: Array
    kind: str
    n_clusters: int
    warnings: tuple[str, ...]


def robust(
    fit: Fitted,
    *,
    cluster: Sequence[object] | None = None,
    kind: Literal["CR0", "CR1", "CR2"] = "CR2",
) -> RobustTest:
    """Tests that hold when the fit's covariances are wrong but its clusters are independent.

    cluster (k,): labels; by default the studies of a multilevel or multivariate fit, whole studies
    in any case. Sources: see `synthesis.sandwich`. Raises InputError where clusters are too few or
    cut studies.
    """
    choose("kind", kind, KINDS)
    label = _labels(fit, cluster)
    groups = [np.flatnonzero(label == code) for code in np.unique(label)]
    p = fit.beta.size
    if len(groups) <= p:
        raise InputError(
            "cluster", f"{len(groups)} clusters for {p} coefficients", f"at least {p + 1} clusters"
        )
    found = sandwich([_cluster(fit, rows) for rows in groups], kind)
    se = np.sqrt(np.maximum(np.diag(found.vb), 0))  # rounding leaves less than 0 of nothing
    with np.errstate(divide="ignore", invalid="ignore"):  # identical effects leave no variance
        stat = fit.beta / se
    ci_low, ci_high = intervals(fit.beta, se, found.df)
    return RobustTest(
        names=fit.names,
        beta=fit.beta,
        vb=found.vb,
        se=se,
        stat=stat,
        df=found.df,
        p=p_values(stat, found.df),
        ci_low=ci_low,
        ci_high=ci_high,
        kind=kind,
        n_clusters=len(groups),
        warnings=_warnings(fit.names, found.df, kind),
    )


def _labels(fit: Fitted, cluster: Sequence[object] | None) -> np.ndarray:
    if isinstance(fit, MetaAnalysis):
        if cluster is None:
            raise InputError("cluster", "none", "a label for each effect")
        return codes("cluster", cluster, fit.k)
    study = codes("study", fit.study, fit.k)
    if cluster is None:
        return study
    label = codes("cluster", cluster, fit.k)
    for code in np.unique(study):
        if np.unique(label[study == code]).size > 1:
            cut = fit.study[int(np.flatnonzero(study == code)[0])]
            raise InputError("cluster", f"study {cut} in several clusters", "whole studies")
    return label


def _cluster(fit: Fitted, rows: np.ndarray) -> Cluster:
    if isinstance(fit, MetaAnalysis):
        target = np.diag(fit.vi[rows] + fit.tau2)
    else:
        target = fit.problem.covariance(fit.peak.theta, rows)
    residual = fit.yi[rows] - fit.x[rows] @ fit.beta
    return Cluster(fit.x[rows], residual, inverse(target), target)


def _warnings(names: tuple[str, ...], df: Array, kind: str) -> tuple[str, ...]:
    alone = tuple(
        f"{name}: one cluster alone determines this coefficient, so its cluster-robust standard"
        " error, test and interval do not exist."
        for name in np.array(names)[np.isnan(df)]
    )
    if kind != "CR2":
        return alone
    return alone + tuple(
        f"{name}: {value:.1f} degrees of freedom; below {DOUBTFUL_DF:g} the p value is not to be"
        " trusted."
        for name, value in zip(names, df, strict=True)
        if value < DOUBTFUL_DF
    )
