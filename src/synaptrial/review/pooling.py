"""Pooling of effects: REML with the Hartung-Knapp test; one effect stands as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synaptrial.review.effect import Effect
from synaptrial.review.rules import Interval
from synaptrial.synthesis import MetaAnalysis, rma
from synaptrial.synthesis.bayes import FEW_FOR_BAYES, BayesMetaAnalysis, beside
from synaptrial.synthesis.sourced_priors import Comparison


@dataclass(frozen=True)
class Pool:
    """What effects say together. `fit` is None for one effect, which is not pooled but given
    with its own normal interval. `safe`: the interval that judgements go by, with the variance
    never below that of the effects' own errors (Hartung-Knapp "adhoc"): a few effects that happen
    to agree would else have an interval of no width. `next_low`, `next_high`: prediction
    interval, from three on."""

    effects: tuple[Effect, ...]
    interval: Interval
    safe: Interval
    fit: MetaAnalysis | None
    next_low: float | None
    next_high: float | None

    @property
    def k(self) -> int:
        return len(self.effects)


def pool(effects: Sequence[Effect]) -> Pool | None:
    """Pool effects of independent studies; None without any."""
    if not effects:
        return None
    if len(effects) == 1:
        (e,) = effects
        alone = Interval.normal(e.yi, e.vi**0.5)
        return Pool((e,), alone, alone, None, None, None)
    yi, vi = np.array([e.yi for e in effects]), np.array([e.vi for e in effects])
    fit = rma(yi, vi)
    three = len(effects) > 2
    low, high = (fit.pi_low, fit.pi_high) if three else (None, None)
    safe = interval_of(rma(yi, vi, test="adhoc"))
    return Pool(tuple(effects), interval_of(fit), safe, fit, low, high)


def interval_of(fit: MetaAnalysis) -> Interval:
    """The pooled mean with its interval."""
    return Interval(float(fit.beta[0]), float(fit.ci_low[0]), float(fit.ci_high[0]))


def bayes_beside(found: Pool) -> BayesMetaAnalysis | None:
    """The Bayesian result that stands beside two to four studies, with a sourced prior of tau;
    differences in points have no prior of their own."""
    measure = found.effects[0].measure
    if found.fit is None or found.k >= FEW_FOR_BAYES or measure == "MD":
        return None
    return beside(found.fit, measure, comparison=_comparison(found.effects))


def _comparison(effects: Sequence[Effect]) -> Comparison:
    """The class of the heterogeneity prior: an active drug as control throughout, or not."""
    if all(e.control == "psychoactive" for e in effects):
        return "pharmacological vs pharmacological"
    return "pharmacological vs placebo"
