"""Analyses: one study is not pooled, a further study changes them, few studies have a Bayesian
result beside, and tests of small-study effects are refused below ten."""

from __future__ import annotations

import numpy as np
import pytest
from tests.review.made import NOTHING, case, difference, outcome, trial

from synaptrial.review.analyses import Analysis, analyses
from synaptrial.review.analysis_document import ONE, analysis_document
from synaptrial.review.small_study_document import small_study_document
from synaptrial.review.tables import Tables
from synaptrial.synthesis import rma
from synaptrial.synthesis.heterogeneity import METHODS
from synaptrial.synthesis.inference import TESTS

KEY = "ptsd-total-2-4w-SMD"


def trials(k: int, first: int = 0) -> Tables:
    tables = NOTHING
    for i in range(first, first + k):
        row = difference(f"MADE{i}", -6 - i % 4, 3 + i % 3)
        tables = trial(tables, f"MADE{i}", row, year=str(2015 + i))
    return tables


def analysis(tables: Tables, key: str = KEY) -> Analysis:
    return next(a for a in analyses(case(tables)) if a.key == key)


def document(a: Analysis, *, force: bool = False) -> dict[str, object]:
    return analysis_document(a, 2019, small_study_document(a.pool, a.measure, force=force))


def test_no_study_gives_no_analysis() -> None:
    assert analyses(case(NOTHING)) == ()


def test_one_study_is_given_and_not_pooled() -> None:
    a = analysis(trials(1))
    d = document(a)
    assert (d["k"], d["pooled"], d["bayes"]) == (1, False, ONE)
    assert (a.grid, a.without, a.growing) == ((), (), ())
    assert d["result"]["tau2"] == ONE


def test_the_pool_is_that_of_rma_and_the_grid_has_every_way() -> None:
    a = analysis(trials(4))
    yi, vi = ([getattr(e, n) for e in a.pool.effects] for n in ("yi", "vi"))
    fit = rma(np.array(yi), np.array(vi), method="REML", test="knha")
    assert a.pool.interval.estimate == float(fit.beta[0])
    assert a.pool.next_low == fit.pi_low
    assert [x.label for x in a.grid] == [f"{m} {t}" for m in METHODS for t in TESTS]


def test_a_further_study_changes_the_analysis() -> None:
    before, after = analysis(trials(2)), analysis(trials(3))
    assert after.pool.k == before.pool.k + 1
    assert after.pool.interval != before.pool.interval


def test_the_course_of_the_pool_marks_what_came_after_the_review() -> None:
    grown = document(analysis(trials(6)))["cumulative"]
    assert [(x["year"], x["k"], x["after_the_review"]) for x in grown] == [
        (2015 + i, i + 1, i > 4) for i in range(6)
    ]


def test_leaving_one_out_names_the_study_left_out() -> None:
    a = analysis(trials(3))
    assert [x.label for x in a.without] == ["MADE0", "MADE1", "MADE2"]
    rest = analysis(trials(2, first=1))
    assert a.without[0].interval.estimate == pytest.approx(rest.pool.interval.estimate)


@pytest.mark.parametrize(("k", "beside"), [(2, True), (4, True), (5, False)])
def test_bayes_stands_beside_few_studies(k: int, beside: bool) -> None:
    assert (analysis(trials(k)).bayes is not None) is beside


@pytest.mark.parametrize(
    ("k", "force", "shown", "forced"),
    [
        (9, False, False, False),
        (9, True, True, True),
        (10, False, True, False),
        (2, True, False, False),
    ],
)
def test_small_study_tests(k: int, force: bool, shown: bool, forced: bool) -> None:
    found = small_study_document(analysis(trials(k)).pool, "SMD", force=force)
    assert (found["shown"], found["forced"]) == (shown, forced)


def test_ratios_of_responders_and_of_those_who_leave() -> None:
    def count(name: str, event: str, events: int) -> dict[str, str]:
        cells = {"event": event, "statistic": "count", "events": str(events), "n": "20"}
        return outcome("MADE1", f"{name}:{event}", arm=name, **cells)

    rows = [count("KET", "response_30", 12), count("MDZ", "response_30", 6)]
    rows += [count("KET", "dropout", 0), count("MDZ", "dropout", 4)]
    tables = trial(NOTHING, "MADE1", *rows)
    (response,) = analysis(tables, "response-total-2-4w-RR").pool.effects
    assert response.yi == pytest.approx(np.log(2))
    (dropout,) = analysis(tables, "dropout-total-any-RR").pool.effects
    assert dropout.yi == pytest.approx(np.log(0.5 / 4.5))
