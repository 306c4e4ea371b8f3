"""An analysis as a plain document: effects with their rows, the result and what surrounds it."""

from __future__ import annotations

from typing import Any

import numpy as np

from synaptrial.review.analyses import Again, Analysis
from synaptrial.review.effect import Effect
from synaptrial.review.plain import interval, number_or, text_or
from synaptrial.review.pooling import Pool
from synaptrial.review.rules import Interval
from synaptrial.synthesis import MetaAnalysis
from synaptrial.synthesis.bayes import FEW_FOR_BAYES, BayesMetaAnalysis

ONE = "one study: nothing is pooled"
TWO = "two studies: no prediction interval is given"
UNITS = {"SMD": "standard deviations", "RR": "log risk ratio"}
DIRECTIONS = {
    "SMD": "positive favours ketamine",
    "MD": "positive favours ketamine",
    "RR": "above 0: more frequent with ketamine",
}
PART_NAMES = {
    "total": "total",
    "b": "intrusion",
    "c": "avoidance",
    "d": "cognition and mood",
    "e": "arousal",
}


def analysis_document(a: Analysis, review_year: int, small_study: dict[str, Any]) -> dict[str, Any]:
    """All that is shown of one analysis. `small_study`: as `small_study_document` gives it."""
    return {
        "id": a.key,
        "outcome": a.outcome,
        "part": PART_NAMES[a.part],
        "window": a.window,
        "measure": a.measure,
        "unit": UNITS.get(a.measure, f"points of {a.outcome}"),
        "direction": DIRECTIONS[a.measure],
        "k": a.pool.k,
        "pooled": a.pool.fit is not None,
        "statement": _statement(a.pool),
        "recalled": any(e.mark == "RECALLED" for e in a.pool.effects),
        "effects": [
            _effect(e, float(w)) for e, w in zip(a.pool.effects, _weights(a.pool), strict=True)
        ],
        "result": _result(a.pool),
        "sensitivity": [_again(x) for x in a.grid],
        "leave_one_out": [_again(x) for x in a.without],
        "cumulative": [_grown(x, review_year) for x in a.growing],
        "bayes": _bayes(a.bayes) if a.bayes else _no_bayes(a),
        "small_study": small_study,
    }


def _statement(found: Pool) -> str:
    if found.fit is None:
        return "One study gives an effect that could be read; nothing is pooled."
    text = f"{found.k} studies are pooled by REML with the Hartung-Knapp interval."
    if found.k >= FEW_FOR_BAYES:
        return text
    return f"{text} With so few, a Bayesian result with a sourced prior of tau stands beside it."


def _weights(found: Pool) -> np.ndarray:
    return found.fit.weights if found.fit else np.array([100.0])


def _effect(e: Effect, weight: float) -> dict[str, Any]:
    se = e.vi**0.5
    return {
        "study": e.study,
        "year": number_or(e.year, "not read"),
        "scale": e.scale,
        "day": e.day,
        "arm": e.arm,
        "versus": e.versus,
        "n_drug": e.n[0] or "not read",
        "n_control": e.n[1] or "not read",
        "control": text_or(e.control),
        "route": e.route,
        "doses": e.doses or "not read",
        "psychotherapy": e.psychotherapy,
        "high_bias": e.high_bias,
        **interval(Interval.normal(e.yi, se), ""),
        "se": se,
        "weight_pct": weight,
        "mark": e.mark,
        "rows": list(e.rows),
        "trace": list(e.trace),
    }


def _result(found: Pool) -> dict[str, Any]:
    fit = found.fit
    few = ONE if fit is None else TWO
    out = interval(found.interval, "")
    out |= {
        "pi_low": number_or(found.next_low, few),
        "pi_high": number_or(found.next_high, few),
    }
    return out | (_fitted(fit) if fit else _single())


def _fitted(fit: MetaAnalysis) -> dict[str, Any]:
    none = "not defined for these studies"
    return {
        "method": fit.method,
        "test": fit.test,
        "prediction": fit.prediction,
        "level": fit.level,
        "se": number_or(float(fit.se[0]), none),
        "stat": number_or(float(fit.stat[0]), none),
        "df": fit.df,
        "p": number_or(float(fit.p[0]), none),
        "tau2": number_or(fit.tau2, none),
        "tau2_low": number_or(fit.tau2_ci[0], none),
        "tau2_high": number_or(fit.tau2_ci[1], none),
        "i2_pct": number_or(fit.i2, none),
        "h2": number_or(fit.h2, none),
        "q": number_or(fit.qe, none),
        "q_df": fit.qe_df,
        "q_p": number_or(fit.qe_p, none),
        "converged": fit.converged,
        "warnings": list(fit.warnings),
    }


def _single() -> dict[str, Any]:
    names = ("se", "stat", "df", "p", "tau2", "tau2_low", "tau2_high", "i2_pct", "h2")
    out: dict[str, Any] = dict.fromkeys((*names, "q", "q_df", "q_p"), ONE)
    return out | {
        "method": ONE,
        "test": "z, of the one study",
        "prediction": ONE,
        "level": 0.95,
        "converged": True,
        "warnings": [],
    }


def _again(x: Again) -> dict[str, Any]:
    none = "not defined for these studies"
    return {
        "label": x.label,
        "k": x.k,
        **interval(x.interval, none),
        "tau2": number_or(x.tau2, none),
    }


def _grown(x: Again, review_year: int) -> dict[str, Any]:
    after = "year not read" if x.year is None else x.year > review_year
    return _again(x) | {"year": number_or(x.year, "not read"), "after_the_review": after}


def _no_bayes(a: Analysis) -> str:
    if a.pool.fit is None:
        return ONE
    if a.measure == "MD":
        return "not computed: points of a scale have no heterogeneity prior of their own"
    return "not computed: it stands beside fewer than five studies"


def _bayes(b: BayesMetaAnalysis) -> dict[str, Any]:
    none = "does not exist under this prior"
    mu, predictive, tau = b.mu.central(), b.predictive.central(), b.tau.central()
    return {
        "median": float(b.mu.median),
        "ci_low": float(mu[0]),
        "ci_high": float(mu[1]),
        "predictive_low": float(predictive[0]),
        "predictive_high": float(predictive[1]),
        "prob_above_0": b.prob_mu_above_0,
        "tau_median": float(b.tau.median),
        "tau_low": float(tau[0]),
        "tau_high": float(tau[1]),
        "mean": number_or(b.mu.mean, none),
        "tau_prior": b.prior_source,
        "mu_prior": "flat",
    }
