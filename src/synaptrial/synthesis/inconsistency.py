"""Whether the parts of a network agree.

A design is the set of treatments of a trial. Q within designs is heterogeneity among trials of one
design; Q between designs is disagreement of designs (Higgins 2012, doi 10.1002/jrsm.1044; Krahn
2013, doi 10.1186/1471-2288-13-35). The random inconsistency model gives it a variance of its own
(Jackson 2014, doi 10.1002/sim.6188). A split sets the trials that compare two treatments against
all the others (White 2015, symmetric in the two treatments, Stata Journal 15:951).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from synaptrial.synthesis.arrays import Array
from synaptrial.synthesis.components import components
from synaptrial.synthesis.contrasts import Contrasts
from synaptrial.synthesis.covariance import codes
from synaptrial.synthesis.inference import p_values, q_p_value
from synaptrial.synthesis.maximise import maximise
from synaptrial.synthesis.network import (
    NetworkMetaAnalysis,
    network_problem,
    shared,
    treatment_columns,
)


@dataclass(frozen=True)
class Q:
    """A chi-squared statistic with its degrees of freedom; p is 1 without any."""

    q: float
    df: int

    @property
    def p(self) -> float:
        return q_p_value(self.q, self.df)


@dataclass(frozen=True)
class Inconsistency:
    """total = within + between. by_design: the within part of each design ("a : b : c").

    tau2, omega2: variances of heterogeneity and of inconsistency, fitted together.
    """

    total: Q
    within: Q
    between: Q
    by_design: dict[str, Q]
    tau2: float
    omega2: float
    converged: bool
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Split:
    """t1 - t2 from the trials that compare them (direct) and from all others (indirect).

    difference is direct minus indirect, with its z-test. tau2 is estimated anew, or that of the
    whole network where the split leaves nothing to estimate it from.
    """

    t1: str
    t2: str
    n_studies: int
    direct: float
    direct_se: float
    indirect: float
    indirect_se: float
    difference: float
    difference_se: float
    p: float
    tau2: float


def inconsistency(fit: NetworkMetaAnalysis) -> Inconsistency:
    """Q by source, and the variances of heterogeneity and inconsistency (by the fit's method;
    restricted likelihood where that is EE)."""
    design = np.array(_designs(fit.contrasts))
    by_design = {str(d): _q_within(fit.contrasts, design == d) for d in np.unique(design)}
    total = Q(fit.qe, fit.qe_df)
    within = Q(sum(q.q for q in by_design.values()), sum(q.df for q in by_design.values()))
    between = Q(max(total.q - within.q, 0.0), total.df - within.df)
    tau2, omega2, converged, warnings = _variances(fit, design, within.df, between.df)
    return Inconsistency(total, within, between, by_design, tau2, omega2, converged, warnings)


def _designs(contrasts: Contrasts) -> list[str]:
    """The design of each contrast's trial."""
    arms: dict[str, set[str]] = {}
    for s, a, b in zip(contrasts.study, contrasts.t1, contrasts.t2, strict=True):
        arms.setdefault(s, set()).update((a, b))
    return [" : ".join(sorted(arms[s])) for s in contrasts.study]


def _q_within(contrasts: Contrasts, rows: np.ndarray) -> Q:
    """Heterogeneity among the trials of one design."""
    y, x = contrasts.yi[rows], contrasts.arms[rows]
    w = np.linalg.inv(contrasts.v[np.ix_(rows, rows)])
    beta = np.linalg.lstsq(x.T @ w @ x, x.T @ w @ y, rcond=None)[0]
    residual = y - x @ beta
    df = len(y) - int(np.linalg.matrix_rank(x))
    return Q(float(residual @ w @ residual) if df else 0.0, df)


def _variances(
    fit: NetworkMetaAnalysis, design: np.ndarray, within_df: int, between_df: int
) -> tuple[float, float, bool, tuple[str, ...]]:
    contrasts = fit.contrasts
    study, group = (codes("label", labels, fit.k) for labels in (contrasts.study, list(design)))
    kernels = [shared(contrasts, study), shared(contrasts, group)]
    problem = components(
        contrasts.yi,
        treatment_columns(contrasts),
        contrasts.v,
        kernels,
        group,
        restricted=fit.method != "ML",
    )
    free = np.array([within_df + between_df > 0, within_df > 0 and between_df > 0])
    peak = maximise(problem, free)
    said = []
    if not free[1]:
        said.append(
            "Heterogeneity and inconsistency cannot be told apart: no design has two trials, or no "
            "designs meet; the variance of inconsistency is held at 0."
        )
    if not peak.converged:
        said.append("The search for the variances did not converge; do not rely on them.")
    return float(peak.theta[0]), float(peak.theta[1]), peak.converged, tuple(said)


def split_nodes(fit: NetworkMetaAnalysis) -> tuple[Split, ...]:
    """One split for each pair of treatments that has direct and indirect evidence."""
    return tuple(_splits(fit))


def _splits(fit: NetworkMetaAnalysis) -> Iterator[Split]:
    treatments, study = fit.contrasts.treatments, np.array(fit.contrasts.study)
    seen = fit.contrasts.arms != 0
    for i, j in combinations(range(len(treatments)), 2):
        both = [s for s in set(study) if seen[study == s][:, [i, j]].any(axis=0).all()]
        rows = np.isin(study, both)
        # Half of the difference goes to each of the two treatments.
        extra = np.where(rows, (fit.contrasts.arms[:, i] - fit.contrasts.arms[:, j]) / 2, 0.0)
        x = np.column_stack([fit.problem.x, extra])
        if both and np.linalg.matrix_rank(x) == x.shape[1]:
            yield _split(fit, x, i, j, len(both))


def _split(fit: NetworkMetaAnalysis, x: Array, i: int, j: int, n_studies: int) -> Split:
    treatments = fit.contrasts.treatments
    problem = network_problem(fit.contrasts, x, restricted=fit.method != "ML")
    if fit.method != "EE" and x.shape[0] > x.shape[1]:
        best = maximise(problem, np.ones(1, bool))
        tau2, found = float(best.theta[0]), best.fit
    else:
        tau2, found = fit.tau2, problem.fit(np.array([fit.tau2]))
    names = [t for t in treatments if t != fit.reference]
    pair = np.array([*((t == treatments[i]) - float(t == treatments[j]) for t in names), 0.0])
    extra = np.eye(x.shape[1])[-1]
    value, variance = found.beta, found.c
    rows = np.stack([pair + extra, pair, extra])
    centre, se = rows @ value, np.sqrt(np.einsum("np,pr,nr->n", rows, variance, rows))
    return Split(
        t1=treatments[i],
        t2=treatments[j],
        n_studies=n_studies,
        direct=float(centre[0]),
        direct_se=float(se[0]),
        indirect=float(centre[1]),
        indirect_se=float(se[1]),
        difference=float(centre[2]),
        difference_se=float(se[2]),
        p=float(p_values(centre[2:] / se[2:], np.full(1, np.inf))[0]),
        tau2=tau2,
    )
