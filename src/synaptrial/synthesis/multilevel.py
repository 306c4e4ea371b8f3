"""Several effects from one study: three-level and correlated-and-hierarchical effects models.

    y_ij = x_ij beta + a_i + b_ij + e_ij,   var(a) = sigma2[0],  var(b) = sigma2[1],  cov(e) = V

V is diagonal in the three-level model (Konstantopoulos 2011, doi 10.1002/jrsm.35) and holds
covariances within studies in the correlated-and-hierarchical effects model (Pustejovsky and Tipton
2022, doi 10.1007/s11121-021-01246-3). Conventions are those of rma.mv of R's metafor: containment
degrees of freedom for t, and I2 by level from the total sampling variance (k - P) / tr(P).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from synaptrial.synthesis.arrays import Array, Mods, design, prediction_rows
from synaptrial.synthesis.components import Components, components
from synaptrial.synthesis.covariance import codes, sampling, without_error
from synaptrial.synthesis.inference import Predicted, intervals, omnibus, p_values, q_p_value
from synaptrial.synthesis.maximise import Mask, Maximum, maximise, profile_interval
from synaptrial.synthesis.options import choose

LEVELS = ("between studies", "within studies")


@dataclass(frozen=True)
class MultilevelMetaAnalysis:
    """Result of `multilevel`; P coefficients, k effects, levels between and within studies.

    names (P,); beta, se, stat, p, df, ci_low, ci_high (P,): df infinite for z; vb (P, P).
    sigma2 (2,) variances between and within studies; sigma2_total their sum. i2 (2,) percent of the
    total variance at each level; i2_total. qe, qe_df, qe_p residual heterogeneity; qm, qm_df,
    qm_p all coefficients but the intercept (the intercept where it stands alone): chi-squared for
    z, F for t. Where V is singular there is no qe and no i2 (NaN), and a warning. pi_low, pi_high:
    where the true effect of a further study may lie (NaN with moderators: see predict). study (k,)
    labels as given; n_studies. warnings: one sentence each.
    """

    names: tuple[str, ...]
    beta: Array
    vb: Array
    se: Array
    stat: Array
    p: Array
    df: Array
    ci_low: Array
    ci_high: Array
    sigma2: Array
    i2: Array
    qe: float
    qe_df: int
    qe_p: float
    qm: float
    qm_df: tuple[float, float]
    qm_p: float
    log_likelihood: float
    pi_low: float
    pi_high: float
    k: int
    n_studies: int
    study: tuple[str, ...]
    method: str
    test: str
    converged: bool
    warnings: tuple[str, ...]
    problem: Components
    peak: Maximum
    free: Mask

    @property
    def yi(self) -> Array:
        return self.problem.y

    @property
    def x(self) -> Array:
        return self.problem.x

    @property
    def sigma2_total(self) -> float:
        return float(np.sum(self.sigma2))

    @property
    def i2_total(self) -> float:
        return float(np.sum(self.i2))

    @cached_property
    def sigma2_ci(self) -> Array:
        """95% profile-likelihood limits (2, 2), one row each level; NaN for a variance held at 0.

        Computed when first asked for: each limit is a search over the other variance.
        """
        rows = [
            profile_interval(self.problem, self.peak, self.free, j)
            if self.free[j]
            else (np.nan,) * 2
            for j in range(2)
        ]
        return np.array(rows)

    def predict(self, mods: ArrayLike | None = None) -> Predicted:
        """Means at rows of moderators (R, P - 1), or the pooled mean without moderators; 95%
        intervals. Raises InputError."""
        return self._predicted(prediction_rows(mods, self.names))

    def _predicted(self, x: Array) -> Predicted:
        variance = np.einsum("np,pr,nr->n", x, self.vb, x)
        df = np.array([np.min(self.df[row != 0]) for row in x])
        centre = x @ self.beta
        se = np.sqrt(variance)
        wide = np.sqrt(variance + self.sigma2_total)
        return Predicted(centre, se, *intervals(centre, se, df), *intervals(centre, wide, df))


def multilevel(
    yi: ArrayLike,
    v: ArrayLike,
    *,
    study: Sequence[object],
    effect: Sequence[object] | None = None,
    mods: Mods | None = None,
    method: Literal["REML", "ML"] = "REML",
    test: Literal["z", "t"] = "t",
) -> MultilevelMetaAnalysis:
    """Random effects of studies, and of effects within them.

    yi (k,) effects; v (k,) sampling variances, or (k, k) their covariances within studies (see
    `impute_covariance` and `vcalc`); study (k,) labels in any order; effect (k,) labels of the
    lower level, by default one for each row; mods as of `rma`, an intercept is added. Raises
    InputError for anything that cannot be used.
    """
    choose("method", method, ("REML", "ML"))
    choose("test", test, ("z", "t"))
    study_code = codes("study", study, np.size(yi))
    y, covariance = sampling(yi, v, study_code)
    x, labels = design(mods, y.size)
    unit_code = _units(study_code, effect, y.size)
    kernels = [study_code, unit_code]
    problem = components(y, x, covariance, kernels, study_code, restricted=method == "REML")
    free, held = _identified(x, kernels)
    peak = maximise(problem, free)
    warnings = (*held, *without_error(problem, peak.fit, study_code), *_said(peak, free))
    return _result(problem, peak, free, labels, test, method, study, kernels, warnings)


def _units(study: np.ndarray, effect: Sequence[object] | None, k: int) -> np.ndarray:
    """Labels of the lower level: effects, nested in studies."""
    if effect is None:
        return np.arange(k)
    inner = codes("effect", effect, k)
    return np.unique(np.column_stack([study, inner]), axis=0, return_inverse=True)[1].ravel()


def _identified(x: Array, kernels: Sequence[np.ndarray]) -> tuple[Mask, tuple[str, ...]]:
    """Which variances the data can tell, and one sentence for each that is held at 0 instead."""
    free, said = np.ones(2, bool), []
    for j, labels in enumerate(kernels):
        if _determined(x, labels):
            free[j] = False
            said.append(
                f"The variance {LEVELS[j]} cannot be told from the coefficients; held at 0."
            )
    if free.all() and np.unique(kernels[0]).size == np.unique(kernels[1]).size:
        free[1] = False
        said.append(
            "Each study has one effect, so the variances between and within studies cannot be told "
            "apart; all is counted between studies and the variance within studies is held at 0."
        )
    return free, tuple(said)


def _determined(x: Array, labels: np.ndarray) -> bool:
    """Whether the columns of x can give each unit its own mean."""
    units = np.unique(labels)
    if units.size > x.shape[1]:
        return False
    z = (labels[:, None] == units).astype(np.float64)
    basis = np.linalg.qr(x)[0]
    return bool(np.abs(z - basis @ (basis.T @ z)).max() < 1e-9)


def _said(peak: Maximum, free: Mask) -> list[str]:
    said = [
        f"The variance {LEVELS[j]} is estimated at 0, the edge of what is possible."
        for j in range(2)
        if free[j] and peak.theta[j] == 0
    ]
    if not peak.converged:
        said.append("The search for the variances did not converge; do not rely on this fit.")
    return said


def contained(x: Array, kernels: Sequence[np.ndarray]) -> Array:
    """Containment degrees of freedom (P,): the units, of the coarsest level at which a column of x
    is constant within units, less P; at least 1."""
    k, p = x.shape
    df = np.full(p, k - p)
    for labels in kernels:
        order = np.argsort(labels, kind="stable")
        first = np.flatnonzero(np.diff(labels[order], prepend=-1))
        low = np.minimum.reduceat(x[order], first)
        constant = (low == np.maximum.reduceat(x[order], first)).all(axis=0)
        df[constant] = np.minimum(df[constant], first.size - p)
    return np.maximum(df, 1).astype(np.float64)


def _result(
    problem: Components,
    peak: Maximum,
    free: Mask,
    names: tuple[str, ...],
    test: str,
    method: str,
    study: Sequence[object],
    kernels: Sequence[np.ndarray],
    warnings: tuple[str, ...],
) -> MultilevelMetaAnalysis:
    k, p = problem.x.shape
    fixed = problem.fit(np.zeros(2))
    beta, vb = peak.fit.beta, peak.fit.c
    se = np.sqrt(np.diag(vb))
    df = contained(problem.x, kernels) if test == "t" else np.full(p, np.inf)
    ci_low, ci_high = intervals(beta, se, df)
    qm, qm_df, qm_p = omnibus(beta, vb, df)
    spread = (k - p) / problem.trace_p(fixed) if k > p else 0.0
    total = np.sum(peak.theta) + spread
    i2 = np.zeros(2) if total == 0 else 100 * peak.theta / total
    result = MultilevelMetaAnalysis(
        names=names, beta=beta, vb=vb, se=se, stat=beta / se, p=p_values(beta / se, df), df=df,
        ci_low=ci_low, ci_high=ci_high, sigma2=peak.theta, i2=i2,
        qe=fixed.rss, qe_df=k - p, qe_p=q_p_value(fixed.rss, k - p),
        qm=qm, qm_df=qm_df, qm_p=qm_p, log_likelihood=peak.fit.loglik,
        pi_low=np.nan, pi_high=np.nan, k=k, n_studies=np.unique(kernels[0]).size,
        study=tuple(str(s) for s in study), method=method, test=test,
        converged=peak.converged, warnings=warnings, problem=problem, peak=peak, free=free,
    )  # fmt: skip
    if p > 1:
        return result
    mean = result._predicted(np.ones((1, 1)))
    low, high = float(mean.pi_low[0]), float(mean.pi_high[0])
    return replace(result, pi_low=low, pi_high=high)
