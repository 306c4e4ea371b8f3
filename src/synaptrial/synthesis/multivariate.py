"""Several outcomes, or several times, of each study: multivariate meta-analysis.

    y_ij = x_ij beta + u_ij + e_ij,   cov(u_i) = G over the outcomes of a study,   cov(e) = V

G has one of the structures of `synthesis.structures`. This is rma.mv of R's metafor with
random = ~ outcome | study (Berkey 1998, Stat Med 17:2537; Ishak 2007, Clin Trials 4:525), at its
conventions: restricted likelihood with + log|X'X| / 2; outcomes in alphabetical order, or, where
they are numbers such as times, in theirs; AR and HAR count them as equally spaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.arrays import (
    Array,
    Mods,
    design,
    determined,
    labelled,
    prediction_rows,
)
from synaptrial.synthesis.components import Components, components
from synaptrial.synthesis.covariance import codes, sampling, without_error
from synaptrial.synthesis.inference import (
    Predicted,
    all_zero,
    intervals,
    omnibus,
    p_values,
    q_p_value,
)
from synaptrial.synthesis.maximise import Maximum
from synaptrial.synthesis.multilevel import contained
from synaptrial.synthesis.options import choose
from synaptrial.synthesis.structured import highest
from synaptrial.synthesis.structures import ORDERED, STRUCTS

Struct = Literal["UN", "CS", "HCS", "AR", "HAR"]
EDGE = 1e-6  # least eigenvalue of the correlations: below, they are at their edge


@dataclass(frozen=True)
class MultivariateMetaAnalysis:
    """Result of `multivariate`; P coefficients, k effects of n outcomes.

    names (P,); beta, se, stat, p, df, ci_low, ci_high (P,): df infinite for z; vb (P, P).
    outcomes (n,) labels; g (n, n) covariance of their true effects, tau2 (n,) its diagonal, rho
    (n, n) the correlations, NaN beside a variance of 0. qe, qe_df, qe_p residual heterogeneity,
    NaN where V is singular; qm, qm_df, qm_p all coefficients (means "one": all but the
    intercept): chi-squared for z, F for t. warnings: one sentence each.
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
    outcomes: tuple[str, ...]
    g: Array
    qe: float
    qe_df: int
    qe_p: float
    qm: float
    qm_df: tuple[float, float]
    qm_p: float
    log_likelihood: float
    k: int
    n_studies: int
    study: tuple[str, ...]
    struct: Struct
    means: str
    method: str
    test: str
    converged: bool
    warnings: tuple[str, ...]
    problem: Components
    peak: Maximum

    @property
    def yi(self) -> Array:
        return self.problem.y

    @property
    def x(self) -> Array:
        return self.problem.x

    @property
    def tau2(self) -> Array:
        return np.diag(self.g).copy()

    @property
    def rho(self) -> Array:
        with np.errstate(divide="ignore", invalid="ignore"):
            out = self.g / np.sqrt(self.tau2[:, None] * self.tau2)
        out[~np.isfinite(out)] = np.nan
        return out

    def predict(self, outcome: Sequence[object], mods: ArrayLike | None = None) -> Predicted:
        """Means of outcomes (R,) at moderators (R, M), with 95% intervals; the prediction interval
        is that of the outcome's true effect in a further study. Raises InputError."""
        at = [self._place(label) for label in outcome]
        own = len(self.outcomes) if self.means == "each" else 1
        rest = prediction_rows(mods, ("mean", *self.names[own:]))[:, 1:]
        if len(rest) not in (1, len(at)):
            raise InputError("mods", f"{len(rest)} rows", f"{len(at)}, one for each outcome")
        first = np.eye(own)[at] if own > 1 else np.ones((len(at), 1))
        x = np.column_stack([first, np.broadcast_to(rest, (len(at), rest.shape[1]))])
        variance = np.einsum("np,pr,nr->n", x, self.vb, x)
        df = np.array([np.min(self.df[row != 0]) for row in x])
        centre, se = x @ self.beta, np.sqrt(variance)
        wide = np.sqrt(variance + self.tau2[at])
        return Predicted(centre, se, *intervals(centre, se, df), *intervals(centre, wide, df))

    def _place(self, label: object) -> int:
        if str(label) not in self.outcomes:
            raise InputError("outcome", str(label), ", ".join(self.outcomes))
        return self.outcomes.index(str(label))


def multivariate(
    yi: ArrayLike,
    v: ArrayLike,
    *,
    study: Sequence[object],
    outcome: Sequence[object],
    struct: Struct = "UN",
    mods: Mods | None = None,
    means: Literal["each", "one"] = "each",
    method: Literal["REML", "ML"] = "REML",
    test: Literal["z", "t"] = "t",
) -> MultivariateMetaAnalysis:
    """Correlated true effects of the outcomes, or times, of studies.

    yi (k,) effects; v (k,) sampling variances, or (k, k) their covariances within studies (see
    `vcalc`); study, outcome (k,) labels, the latter numbers for AR and HAR; mods as of `rma`, added
    to the means. means: a mean for each outcome, or one for all. Raises InputError for anything
    that cannot be used, and where the data do not determine the covariance.
    """
    choose("struct", struct, STRUCTS)
    choose("means", means, ("each", "one"))
    choose("method", method, ("REML", "ML"))
    choose("test", test, ("z", "t"))
    study_code = codes("study", study, np.size(yi))
    y, covariance = sampling(yi, v, study_code)
    outcomes, code = _outcomes(outcome, y.size, struct)
    x, names = _design(mods, means, outcomes, code)
    together = study_code[:, None] == study_code
    _check_pairs(outcomes, code, together, struct)
    kernels = _kernels(len(outcomes), code, together)
    problem = components(y, x, covariance, kernels, study_code, restricted=method == "REML")
    g, peak = highest(problem, struct, len(outcomes))
    unit = np.unique(np.column_stack([study_code, code]), axis=0, return_inverse=True)[1].ravel()
    k, p = x.shape
    beta, vb = peak.fit.beta, peak.fit.c
    warnings = (*without_error(problem, peak.fit, study_code), *_said(g, outcomes, peak))
    se = np.sqrt(np.diag(vb))
    df = contained(x, [study_code, unit]) if test == "t" else np.full(p, np.inf)
    ci_low, ci_high = intervals(beta, se, df)
    qm, qm_df, qm_p = all_zero(beta, vb, df) if means == "each" else omnibus(beta, vb, df)
    qe = problem.fit(np.zeros(problem.q)).rss
    return MultivariateMetaAnalysis(
        names=names, beta=beta, vb=vb, se=se, stat=beta / se, p=p_values(beta / se, df), df=df,
        ci_low=ci_low, ci_high=ci_high, outcomes=outcomes, g=g,
        qe=qe, qe_df=k - p, qe_p=q_p_value(qe, k - p), qm=qm, qm_df=qm_df, qm_p=qm_p,
        log_likelihood=peak.fit.loglik, k=k, n_studies=int(study_code.max()) + 1,
        study=tuple(str(s) for s in study), struct=struct, means=means, method=method, test=test,
        converged=peak.converged, warnings=warnings, problem=problem, peak=peak,
    )  # fmt: skip


def _outcomes(outcome: Sequence[object], k: int, struct: str) -> tuple[tuple[str, ...], np.ndarray]:
    """Labels in order, and each effect's place among them (k,)."""
    numeric = all(isinstance(o, int | float | np.number) for o in outcome)
    if struct in ORDERED and not numeric:
        accepted = f"numbers, such as days: {struct} goes by their order"
        raise InputError("outcome", "labels that are no numbers", accepted)
    labels = labelled("outcome", outcome)
    if len(labels) != k:
        raise InputError("outcome", f"{len(labels)} labels", f"{k}, one for each effect")
    names = sorted(set(labels), key=lambda label: (float(label) if numeric else 0.0, label))
    if len(names) < 2:
        raise InputError("outcome", f"{names[0]} alone", "two outcomes or more", "Use multilevel")
    place = {name: i for i, name in enumerate(names)}
    return tuple(names), np.array([place[label] for label in labels])


def _design(
    mods: Mods | None, means: str, outcomes: tuple[str, ...], code: np.ndarray
) -> tuple[Array, tuple[str, ...]]:
    x, names = design(mods, code.size)
    if means == "one":
        return x, names
    x = np.column_stack([np.eye(len(outcomes))[code], x[:, 1:]])
    determined(x)
    return x, (*outcomes, *names[1:])


def _kernels(n: int, code: np.ndarray, together: np.ndarray) -> list[Array]:
    """Where each entry of G on and above its diagonal, row by row, stands; (k, k) each."""
    one, other = code[:, None], code
    return [
        np.where(together & (((one == i) & (other == j)) | ((one == j) & (other == i))), 1.0, 0.0)
        for i, j in combinations_with_replacement(range(n), 2)
    ]


def _check_pairs(
    outcomes: tuple[str, ...], code: np.ndarray, together: np.ndarray, struct: str
) -> None:
    """Raises InputError where the correlation of a pair of outcomes is never seen."""
    seen = np.zeros((len(outcomes),) * 2, bool)
    i, j = np.nonzero(together)
    seen[code[i], code[j]] = True
    np.fill_diagonal(seen, False)
    if not seen.any():
        accepted = "studies of two outcomes or more"
        raise InputError("outcome", "one outcome in every study", accepted, "Pool each alone")
    if struct == "UN" and not (seen | np.eye(len(outcomes), dtype=bool)).all():
        a, b = np.argwhere(~seen & ~np.eye(len(outcomes), dtype=bool))[0]
        found = f"no study of both {outcomes[a]} and {outcomes[b]}"
        raise InputError("outcome", found, "each pair in a study, for UN", "Use CS, HCS, AR or HAR")


def _said(g: Array, outcomes: tuple[str, ...], peak: Maximum) -> list[str]:
    tau2 = np.diag(g)
    said = [
        f"The variance of {name} is estimated at 0, the edge of what is possible."
        for name, value in zip(outcomes, tau2, strict=True)
        if value == 0
    ]
    there = np.flatnonzero(tau2)
    sd = np.sqrt(tau2[there])
    shape = g[np.ix_(there, there)] / sd / sd[:, None]
    if shape.size and np.linalg.eigvalsh(shape)[0] < EDGE:
        said.append(
            "The correlations of the true effects are estimated at the edge of what is possible:"
            " some are -1 or 1, or one outcome's effects follow from the others'."
        )
    if not peak.converged:
        said.append("The search for the covariance did not converge; do not rely on this fit.")
    return said
