"""Analyses of the review: outcome by window, and what surrounds each pooled result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from synaptrial.review.case import Case
from synaptrial.review.claims import Query
from synaptrial.review.effect import Effect
from synaptrial.review.effects_of import effects_of
from synaptrial.review.pooling import Pool, bayes_beside, interval_of, pool
from synaptrial.review.ratios_of import DROPOUT, RESPONSE, ratios_of
from synaptrial.review.rules import Interval
from synaptrial.synthesis import rma
from synaptrial.synthesis.bayes import BayesMetaAnalysis
from synaptrial.synthesis.cumulative import Cumulative, cumulative
from synaptrial.synthesis.heterogeneity import METHODS
from synaptrial.synthesis.inference import TESTS
from synaptrial.synthesis.influence import LeaveOneOut, leave_one_out

PARTS = ("total", "b", "c", "d", "e")


@dataclass(frozen=True)
class Again:
    """The pool computed another way: its method and test, or without a study, or up to one."""

    label: str
    k: int
    interval: Interval
    tau2: float
    year: int | None = None


@dataclass(frozen=True)
class Analysis:
    """One pooled question with its effects and all that surrounds the result.

    key: outcome-part-window-measure. `grid`: every estimator and test; `without`: each study left
    out; `growing`: by year, one more study each time; `bayes`: beside fewer than five studies.
    Empty where fewer than two studies can be pooled.
    """

    key: str
    outcome: str
    part: str
    window: str
    measure: str
    pool: Pool
    grid: tuple[Again, ...] = ()
    without: tuple[Again, ...] = ()
    growing: tuple[Again, ...] = ()
    bayes: BayesMetaAnalysis | None = None


def analyses(case: Case) -> tuple[Analysis, ...]:
    """Every outcome and window that has an effect, in a fixed order."""
    return tuple(_analysis(key, effects) for key, effects in _questions(case) if effects)


def _questions(case: Case) -> Iterator[tuple[tuple[str, str, str, str], tuple[Effect, ...]]]:
    for outcome, parts in (("ptsd", PARTS), ("mood", ("total",))):
        for part in parts:
            for window in case.book.windows_days:
                query = Query(outcome=outcome, part=part, windows=(window,))
                found = effects_of(case.tables, case.book, query, recalled=case.recalled)
                yield (outcome, part, window, "SMD"), found
    for window in case.book.windows_days:
        query = Query(windows=(window,))
        points = effects_of(case.tables, case.book, query, recalled=case.recalled, points=True)
        for scale in dict.fromkeys(e.scale for e in points):
            yield (scale, "total", window, "MD"), tuple(e for e in points if e.scale == scale)
        response = ratios_of(case.tables, case.book, RESPONSE, (window,))
        yield ("response", "total", window, "RR"), response
    yield ("dropout", "total", "any", "RR"), ratios_of(case.tables, case.book, DROPOUT, ())


def _analysis(key: tuple[str, str, str, str], effects: tuple[Effect, ...]) -> Analysis:
    outcome, part, window, measure = key
    found = pool(effects)
    assert found is not None
    head = ("-".join(key), outcome, part, window, measure, found)
    if found.fit is None:
        return Analysis(*head)
    bayes = bayes_beside(found)
    return Analysis(*head, _grid(effects), _without(found), _growing(found), bayes)


def _grid(effects: tuple[Effect, ...]) -> tuple[Again, ...]:
    yi, vi = np.array([e.yi for e in effects]), np.array([e.vi for e in effects])
    out = []
    for method in METHODS:
        for test in TESTS:
            fit = rma(yi, vi, method=method, test=test)
            out.append(Again(f"{method} {test}", fit.k, interval_of(fit), fit.tau2))
    return tuple(out)


def _without(found: Pool) -> tuple[Again, ...]:
    assert found.fit is not None
    loo = leave_one_out(found.fit)
    return tuple(
        Again(e.study, found.k - 1, _interval(loo, i), float(loo.tau2[i]), e.year)
        for i, e in enumerate(found.effects)
    )


def _growing(found: Pool) -> tuple[Again, ...]:
    """By year; what has no year comes last."""
    assert found.fit is not None
    years = [float(e.year or 9999) for e in found.effects]
    grown = cumulative(found.fit, years)
    out = []
    for i, at in enumerate(grown.order):
        e = found.effects[int(at)]
        out.append(Again(e.study, i + 1, _interval(grown, i), float(grown.tau2[i]), e.year))
    return tuple(out)


def _interval(found: LeaveOneOut | Cumulative, i: int) -> Interval:
    return Interval(float(found.estimate[i]), float(found.ci_low[i]), float(found.ci_high[i]))
