"""An `Analysis` done, as one document of plain values that a table and a JSON file share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.analysis import Analysis
from synaptrial.synthesis.arrays import Array
from synaptrial.synthesis.bayes import BayesMetaAnalysis, bayes_rma, beside, has_default
from synaptrial.synthesis.cumulative import cumulative
from synaptrial.synthesis.effects import effect_size
from synaptrial.synthesis.grouped import subgroups
from synaptrial.synthesis.influence import leave_one_out
from synaptrial.synthesis.mixture import Marginal
from synaptrial.synthesis.multilevel import MultilevelMetaAnalysis, multilevel
from synaptrial.synthesis.robust import robust
from synaptrial.synthesis.univariate import MetaAnalysis, rma

Document = dict[str, Any]
_EACH = ("estimate", "se", "p", "ci_low", "ci_high", "tau2", "i2", "q")


def effects_of(analysis: Analysis) -> tuple[Array, Array]:
    """yi and vi (k,), computed where arms are given. Raises InputError for a study without."""
    columns = analysis.columns
    if analysis.data == ("yi", "vi"):
        return np.array(columns["yi"], float), np.array(columns["vi"], float)
    arms = {name: np.array(columns[name], float) for name in analysis.data}
    effect = effect_size(analysis.measure, **arms)
    yi, vi = np.asarray(effect.yi), np.asarray(effect.vi)
    for label, y, v in zip(analysis.study, yi, vi, strict=True):
        if not (np.isfinite(y) and np.isfinite(v) and v > 0):
            found = f"no usable {analysis.measure} (yi {y:g}, vi {v:g})"
            raise InputError(label, found, "arms that give an effect", "Leave the study out")
    return yi, vi


def mods_of(analysis: Analysis) -> dict[str, Sequence[float] | Sequence[str]] | None:
    """The moderators by name, or None."""
    return {name: analysis.columns[name] for name in analysis.mods} or None


def analyse(analysis: Analysis, extras: Sequence[Analysis] = ()) -> Document:
    """The document of a pooled, subgroup or three-level analysis, with those of `extras` (leave
    one out, cumulative, bayes) in it. A pooled one of fewer than five studies has the Bayesian
    beside it where its measure has a sourced prior. Raises InputError."""
    document = _DOCUMENTS[analysis.kind](analysis)
    for extra in extras:
        document[extra.kind.replace(" ", "_")] = _DOCUMENTS[extra.kind](extra)
    if analysis.kind == "pooled" and "bayes" not in document and has_default(analysis.measure):
        shown = beside(_fit(analysis), analysis.measure)
        if shown is not None:
            document["bayes"] = bayes_document(shown, analysis.study, analysis.level)
    return document


def _options(a: Analysis) -> dict[str, Any]:
    return {"method": a.method, "test": a.test, "prediction": a.prediction, "level": a.level}


def _fit(a: Analysis) -> MetaAnalysis:
    return rma(*effects_of(a), mods=mods_of(a), **_options(a))


def _pooled(a: Analysis) -> Document:
    return {"measure": a.measure, **fit_document(_fit(a))}


def fit_document(fit: MetaAnalysis) -> Document:
    """What metafor prints of a fit, in its order; None where a number does not exist."""
    return _plain({
        "method": fit.method, "test": fit.test, "prediction": fit.prediction, "level": fit.level,
        "k": fit.k, "tau2": fit.tau2, "se_tau2": fit.se_tau2, "tau2_ci": fit.tau2_ci,
        "tau": fit.tau2**0.5, "i2": fit.i2, "i2_ci": fit.i2_ci, "h2": fit.h2, "h2_ci": fit.h2_ci,
        "r2": fit.r2, "qe": fit.qe, "qe_df": fit.qe_df, "qe_p": fit.qe_p,
        "qm": fit.qm, "qm_df": fit.qm_df, "qm_p": fit.qm_p,
        "coefficients": _coefficients(fit, np.full(len(fit.names), fit.df)),
        "pi_low": fit.pi_low, "pi_high": fit.pi_high, "warnings": fit.warnings,
    })  # fmt: skip


def _coefficients(fit: MetaAnalysis | MultilevelMetaAnalysis, df: Array) -> list[Document]:
    columns = (fit.beta, fit.se, fit.stat, df, fit.p, fit.ci_low, fit.ci_high)
    keys = ("estimate", "se", "stat", "df", "p", "ci_low", "ci_high")
    return [
        {"name": name, **dict(zip(keys, row, strict=True))}
        for name, row in zip(fit.names, np.column_stack(columns), strict=True)
    ]


def _subgroups(a: Analysis) -> Document:
    found = subgroups(*effects_of(a), [str(v) for v in a.columns[a.by]], **_options(a))
    return _plain({
        "measure": a.measure, "by": a.by,
        "subgroups": {name: fit_document(fit) for name, fit in found.fits.items()},
        "q_between": found.q_between, "q_df": found.q_df, "q_p": found.q_p,
        "common": fit_document(found.common), "warnings": (),
    })  # fmt: skip


def _multilevel(a: Analysis) -> Document:
    cluster = [str(v) for v in a.columns[a.cluster]]
    options: dict[str, Any] = {"method": a.method, "test": a.test}
    fit = multilevel(*effects_of(a), study=cluster, mods=mods_of(a), **options)
    document = {
        "measure": a.measure, "method": fit.method, "test": fit.test, "level": 0.95,
        "k": fit.k, "clusters": fit.n_studies, "sigma2": fit.sigma2, "sigma2_ci": fit.sigma2_ci,
        "i2": fit.i2, "qe": fit.qe, "qe_df": fit.qe_df, "qe_p": fit.qe_p,
        "coefficients": _coefficients(fit, fit.df),
        "pi_low": fit.pi_low, "pi_high": fit.pi_high, "warnings": fit.warnings,
    }  # fmt: skip
    if fit.n_studies > len(fit.names):
        found = robust(fit)
        keys = ("se", "stat", "df", "p", "ci_low", "ci_high")
        document["robust"] = {"kind": found.kind, **{key: getattr(found, key) for key in keys}}
        document["warnings"] = fit.warnings + found.warnings
    return _plain(document)


def _leave_one_out(a: Analysis) -> list[Document]:
    found = leave_one_out(_fit(a))
    return [
        _plain({"without": label, **{key: getattr(found, key)[i] for key in _EACH}})
        for i, label in enumerate(a.study)
    ]


def _cumulative(a: Analysis) -> list[Document]:
    by = np.array(a.columns[a.order], float)
    found = cumulative(_fit(a), by)
    return [
        _plain({
            "with": a.study[j], a.order: by[j], **{key: getattr(found, key)[i] for key in _EACH},
        })
        for i, j in enumerate(found.order)
    ]  # fmt: skip


def _bayes(a: Analysis) -> Document:
    assert a.tau_prior is not None
    fit = bayes_rma(*effects_of(a), tau_prior=a.tau_prior, mu_prior=a.mu_prior)
    return bayes_document(fit, a.study, a.level)


def bayes_document(fit: BayesMetaAnalysis, study: Sequence[str], level: float) -> Document:
    """Posteriors of mu, tau, a next study's true effect and each study's own."""
    return _plain({
        "k": fit.k, "tau_prior": repr(fit.tau_prior), "prior_source": fit.prior_source,
        "mu_prior": repr(fit.mu_prior) if fit.mu_prior else "flat", "level": level,
        "mu": _marginal(fit.mu, level), "tau": _marginal(fit.tau, level),
        "predictive": _marginal(fit.predictive, level),
        "prob_mu_above_0": fit.prob_mu_above_0, "prob_mu_below_0": fit.prob_mu_below_0,
        "log_marginal_likelihood": fit.log_marginal_likelihood, "log_bf01": fit.log_bf01,
        "studies": [
            {"study": label, **_marginal(effect, level)}
            for label, effect in zip(study, fit.studies, strict=True)
        ],
    })  # fmt: skip


def _marginal(m: Marginal, level: float) -> Document:
    return {
        "mean": m.mean, "sd": m.sd, "median": m.median, "central": m.central(level),
        "shortest": m.shortest(level),
    }  # fmt: skip


def _plain(value: Any) -> Any:
    """The same with plain numbers and lists; None for what is not finite."""
    if isinstance(value, dict):
        return {key: _plain(v) for key, v in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(v) for v in value]
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value


_DOCUMENTS: dict[str, Callable[[Analysis], Any]] = {
    "pooled": _pooled, "subgroups": _subgroups, "multilevel": _multilevel,
    "leave one out": _leave_one_out, "cumulative": _cumulative, "bayes": _bayes,
}  # fmt: skip
