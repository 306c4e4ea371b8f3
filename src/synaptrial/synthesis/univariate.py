"""Random-effects meta-analysis and meta-regression, one effect per study; metafor's rma.uni."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from synaptrial.synthesis.arrays import (
    Array,
    Mods,
    design,
    effects,
    prediction_rows,
    well_conditioned,
)
from synaptrial.synthesis.cautions import equal_rows
from synaptrial.synthesis.heterogeneity import (
    METHODS,
    Heterogeneity,
    Problem,
    estimate,
    standard_error,
)
from synaptrial.synthesis.inference import (
    PREDICTIONS,
    TESTS,
    Predicted,
    Prediction,
    Test,
    all_zero,
    default_test,
    p_values,
    prediction_df,
    q_p_value,
    quantile,
    variance_factor,
)
from synaptrial.synthesis.options import check_level, choose
from synaptrial.synthesis.profile import global_maximum, log_likelihood, q_profile
from synaptrial.synthesis.weighted import Weighted

ROUNDING = 1e-26  # of a weighted sum of squares: less is no scatter
_NO_SCATTER = (
    "The effects do not scatter at all, so Hartung and Knapp's variance is 0 and the interval has"
    " no width; tests z and adhoc keep the sampling variances."
)
KNAPP_WITH_EE = (
    "Hartung and Knapp's variance is made for random effects; with method EE its standard error can"
    " be smaller than that of the common effect, which test z gives (metafor warns likewise)."
)


@dataclass(frozen=True)
class MetaAnalysis:
    """The result of `rma`. Arrays of length P follow `names`, the intercept first; arrays of
    length k follow the studies as given.

    i2 and h2 come from tau2 (percent, ratio), i2_from_q from Q. qm tests all coefficients but the
    intercept (qm_df: its degrees of freedom, the second infinite for chi-squared); NaN without
    moderators.
    r2 is the share of tau2 that moderators explain, percent. df is k - P, infinite for test z.
    pi_low, pi_high: prediction interval of a new study; NaN with moderators, where `predict` gives
    it for given values. tau2_ci, i2_ci, h2_ci are Q-profile. What was not as asked, or needs care,
    is said in `warnings`.
    """

    yi: Array
    vi: Array
    x: Array
    names: tuple[str, ...]
    method: str
    test: Test
    prediction: Prediction
    level: float
    beta: Array
    se: Array
    vb: Array
    stat: Array
    p: Array
    ci_low: Array
    ci_high: Array
    df: float
    tau2: float
    se_tau2: float
    tau2_ci: tuple[float, float]
    i2: float
    i2_ci: tuple[float, float]
    h2: float
    h2_ci: tuple[float, float]
    i2_from_q: float
    qe: float
    qe_df: int
    qe_p: float
    qm: float
    qm_df: tuple[float, float]
    qm_p: float
    r2: float
    pi_low: float
    pi_high: float
    k: int
    weights: Array  # percent
    log_likelihood: float  # restricted unless the method is ML or EE
    converged: bool
    warnings: tuple[str, ...]

    def predict(self, mods: ArrayLike | None = None) -> Predicted:
        """Means at rows of moderators (R, P - 1), or the pooled mean without moderators. Raises
        InputError."""
        rows = prediction_rows(mods, self.names)
        mean = rows @ self.beta
        variance = np.einsum("ri,ij,rj->r", rows, self.vb, rows)
        se = np.sqrt(variance)
        half = quantile(self.df, self.level) * se
        crit = quantile(prediction_df(self.prediction, self.qe_df), self.level)
        wide = crit * np.sqrt(variance + self.tau2)
        return Predicted(mean, se, mean - half, mean + half, mean - wide, mean + wide)

    def blup(self) -> Predicted:
        """Empirical Bayes estimates of the k studies' own effects (Raudenbush and Bryk 1985);
        their prediction interval is that of the estimate."""
        shrunk = self.tau2 / (self.tau2 + self.vi)
        mean = shrunk * self.yi + (1 - shrunk) * (self.x @ self.beta)
        own = np.einsum("ri,ij,rj->r", self.x, self.vb, self.x)
        se = np.sqrt(shrunk * self.vi + (1 - shrunk) ** 2 * own)
        half = quantile(self.df, self.level) * se
        return Predicted(mean, se, mean - half, mean + half, mean - half, mean + half)


def rma(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    mods: Mods | None = None,
    method: str = "REML",
    test: Test | None = None,
    prediction: Prediction = "k-1",
    level: float = 0.95,
) -> MetaAnalysis:
    """Pool effects yi (k,) with sampling variances vi (k,); mods: moderators as
    columns by name, of numbers or of words (a factor), or an array (k,) or (k, P - 1).

    method: EE, DL, HE, HS, SJ, ML, REML, EB or PM. test: z, t, knha or adhoc; unless said, z for
    EE and knha for all others. prediction: degrees of freedom of the prediction interval, "k-1"
    (with moderators k - P), "k-2" or "normal".
    Raises InputError for what cannot be used. Source: Viechtbauer 2010 (doi 10.18637/jss.v036.i03)
    and the papers named where each part is computed.
    """
    y, v = effects(yi, vi)
    x, names = design(mods, y.size)
    choose("method", method, METHODS)
    test = default_test(method) if test is None else test
    choose("test", test, TESTS)
    choose("prediction", prediction, PREDICTIONS)
    check_level(level)
    well_conditioned(x, v)
    problem = Problem(y[None], v[None], np.ones((1, y.size)), x)
    warnings = list(equal_rows(y, v))
    if y.size <= x.shape[1]:
        warnings.append(_too_few(y.size, x.shape[1]))
        test = "z"
    if method == "EE" and test in ("knha", "adhoc"):
        warnings.append(KNAPP_WITH_EE)
    found = estimate(problem, method)
    found = _checked(problem, found, method, warnings)
    return _result(problem, names, method, test, prediction, level, found, warnings)


def _too_few(k: int, p: int) -> str:
    studies = "One study" if k == 1 else f"{k} studies"
    return (
        f"{studies} for {p} coefficient{'s' * (p > 1)}: heterogeneity cannot be estimated, tau2 is"
        " set to 0 and the test to z; there is no prediction interval."
    )


def _checked(
    problem: Problem, found: Heterogeneity, method: str, warnings: list[str]
) -> Heterogeneity:
    """tau2, moved to the highest point of the likelihood where that lies elsewhere."""
    tau2 = float(found.tau2[0])
    if method not in ("ML", "REML") or problem.df[0] <= 0:
        if not found.converged[0]:
            warnings.append(f"The iterations of {method} did not converge; tau2 is the last value.")
        return found
    best = global_maximum(problem, tau2, restricted=method == "REML")
    if best != tau2:
        warnings.append(
            f"The iterations ended at tau2 = {tau2:.4g}; the likelihood is higher at"
            f" {best:.4g}, which is used."
        )
        at = np.array([best])
        return replace(found, tau2=at, se=standard_error(problem, method, at))
    if not found.converged[0]:
        warnings.append(f"The iterations did not settle; no grid value beats tau2 = {tau2:.4g}.")
    return found


def _result(
    problem: Problem,
    names: tuple[str, ...],
    method: str,
    test: Test,
    prediction: Prediction,
    level: float,
    found: Heterogeneity,
    warnings: list[str],
) -> MetaAnalysis:
    k, p = problem.x.shape
    tau2 = float(found.tau2[0])
    fit = problem.fit(found.tau2)
    factor = float(variance_factor(test, fit.rss(), problem.df)[0])
    vb = factor * fit.inverse[0]
    df = k - p if test != "z" else np.inf
    beta, se = fit.beta[0], np.sqrt(np.diag(vb))
    with np.errstate(divide="ignore", invalid="ignore"):
        stat = beta / se
    half = quantile(df, level) * se
    if test == "knha" and k > p and _no_scatter(problem, fit):
        warnings.append(_NO_SCATTER)
    common = problem.fit(np.zeros(1))
    qe = float(common.rss()[0]) if k > p else 0.0
    i2, h2, typical = _shares(tau2, common.trace_p()[0], qe, k - p, method)
    tau2_ci = q_profile(problem, level) if method != "EE" else (0.0, 0.0)
    restricted = method not in ("ML", "EE")
    result = MetaAnalysis(
        yi=problem.y[0], vi=problem.v[0], x=problem.x, names=names, method=method, test=test,
        prediction=prediction, level=level, beta=beta, se=se, vb=vb, stat=stat,
        p=p_values(stat, df),
        ci_low=beta - half, ci_high=beta + half, df=df,
        tau2=tau2, se_tau2=float(found.se[0]), tau2_ci=tau2_ci,
        i2=i2, i2_ci=_map(tau2_ci, lambda t: 100 * t / (t + typical)),
        h2=h2, h2_ci=_map(tau2_ci, lambda t: t / typical + 1),
        i2_from_q=max(0.0, 100 * (1 - (k - p) / qe)) if qe > 0 else 0.0,
        qe=qe, qe_df=k - p, qe_p=q_p_value(qe, k - p),
        qm=np.nan, qm_df=(p - 1, df), qm_p=np.nan, r2=np.nan, pi_low=np.nan, pi_high=np.nan, k=k,
        weights=100 * fit.w[0] / fit.w[0].sum(),
        log_likelihood=float(log_likelihood(problem, found.tau2, restricted=restricted)[0]),
        converged=bool(found.converged[0]), warnings=tuple(warnings),
    )  # fmt: skip
    return _with_moderators(result) if p > 1 else _with_prediction(result)


def _no_scatter(problem: Problem, fit: Weighted) -> bool:
    """Whether the residuals are 0, or what rounding leaves of 0."""
    size = float(np.sum(fit.w[0] * problem.y[0] ** 2))
    return float(fit.rss()[0]) <= ROUNDING * size


def _shares(
    tau2: float, trace: float, qe: float, df: int, method: str
) -> tuple[float, float, float]:
    """I2 (percent), H2 and the typical sampling variance of Higgins and Thompson 2002."""
    if df <= 0:
        return 0.0, 1.0, np.nan
    typical = df / trace
    if method == "EE":
        return (max(0.0, 100 * (1 - df / qe)) if qe > 0 else 0.0), qe / df, typical
    return 100 * tau2 / (tau2 + typical), tau2 / typical + 1, typical


def _map(interval: tuple[float, float], change: Callable[[float], float]) -> tuple[float, float]:
    return change(interval[0]), change(interval[1])


def _with_prediction(m: MetaAnalysis) -> MetaAnalysis:
    if m.method == "EE" or m.k == 1:
        return m
    rows = m.predict()
    return replace(m, pi_low=float(rows.pi_low[0]), pi_high=float(rows.pi_high[0]))


def _with_moderators(m: MetaAnalysis) -> MetaAnalysis:
    """Omnibus test of the moderators, and R2 (Raudenbush 2009) against the fit without them."""
    if _NO_SCATTER in m.warnings:
        said = "The effects lie exactly on the regression: no variance is left to test against."
        return replace(m, warnings=(*m.warnings, said))
    qm, qm_df, p = all_zero(m.beta[1:], m.vb[1:, 1:], np.array([m.df]))
    alone = rma(m.yi, m.vi, method=m.method, test="z").tau2
    r2 = max(0.0, 100 * (1 - m.tau2 / alone)) if alone > 0 else 0.0
    return replace(m, qm=qm, qm_df=qm_df, qm_p=p, r2=r2 if m.method != "EE" else np.nan)
