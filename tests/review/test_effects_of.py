"""From rows to effects: conversions, priorities, and what must not be used."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.review.made import (
    BOOK,
    NOTHING,
    arm,
    change,
    difference,
    outcome,
    trial,
    with_arm,
)

from synaptrial.review.claims import Query
from synaptrial.review.effect import Effect
from synaptrial.review.effects_of import effects_of
from synaptrial.review.tables import Tables
from synaptrial.synthesis.effects import hedges_j

LATE = Query(windows=("2-4w", "1w"))


def found(tables: Tables, query: Query = LATE, *, recalled: bool = False) -> tuple[Effect, ...]:
    return effects_of(tables, BOOK, query, recalled=recalled)


def test_changes_by_arm_give_hedges_g_that_favours_the_drug() -> None:
    rows = (change("MADE1", "KET", -20, 10, 20), change("MADE1", "MDZ", -12, 10, 20))
    (e,) = found(trial(NOTHING, "MADE1", *rows))
    g = float(hedges_j(38)) * 0.8
    assert (e.yi, e.vi) == pytest.approx((g, 0.1 + g**2 / 80))
    assert e.rows == (rows[0]["row_id"], rows[1]["row_id"])
    assert any("Hedges" in step for step in e.trace)


def test_a_difference_with_its_se_goes_by_t() -> None:
    (e,) = found(trial(NOTHING, "MADE1", difference("MADE1", -8, 4)))
    assert e.yi == pytest.approx(float(hedges_j(38)) * 2 * 0.1**0.5)


def test_an_interval_serves_where_there_is_no_se() -> None:
    row = difference("MADE1", -8, 4) | {"se": "", "low": "-15.84", "high": "-0.16"}
    (e,) = found(trial(NOTHING, "MADE1", row))
    assert e.yi == pytest.approx(float(hedges_j(38)) * 2 * 0.1**0.5, rel=1e-3)


def test_a_printed_standardised_difference_stands_as_printed() -> None:
    cells = {"statistic": "smd", "value": "-0.7", "low": "-1.3", "high": "-0.1"}
    (e,) = found(trial(NOTHING, "MADE1", outcome("MADE1", "smd", versus="MDZ", **cells)))
    assert e.yi == pytest.approx(0.7)
    assert e.vi**0.5 == pytest.approx(0.6 / 1.959964, rel=1e-6)


def test_in_points_the_difference_keeps_its_unit() -> None:
    tables = trial(NOTHING, "MADE1", difference("MADE1", -8, 4))
    (e,) = effects_of(tables, BOOK, LATE, recalled=False, points=True)
    assert (e.measure, e.yi, e.vi) == ("MD", 8.0, 16.0)


def test_the_first_window_and_the_first_scale_are_taken() -> None:
    early = difference("MADE1", -1, 4, day="5", scale="CAPS5")
    late = difference("MADE1", -2, 4, day="14", scale="PCL5")
    best = difference("MADE1", -3, 4, day="21", scale="CAPS5")
    (e,) = found(trial(NOTHING, "MADE1", early, late, best))
    assert (e.window, e.scale, e.day) == ("2-4w", "CAPS5", 21.0)


def test_the_dose_nearest_the_usual_one_is_taken() -> None:
    rows = (
        difference("MADE1", -9, 4, arm="KET10"),
        difference("MADE1", -3, 4, arm="KET"),
    )
    tables = trial(NOTHING, "MADE1", *rows)
    tables = replace(tables, arms=(*tables.arms, arm("MADE1", "KET10", dose="1.0")))
    (e,) = found(tables)
    assert e.arm == "KET"


def test_a_crossover_counts_by_its_first_period_only() -> None:
    tables = trial(NOTHING, "MADE1", difference("MADE1", -8, 4), design="crossover")
    assert found(tables) == ()
    first = difference("MADE1", -8, 4, derivation="first period only")
    assert len(found(trial(NOTHING, "MADE1", first, design="crossover"))) == 1


def test_recalled_numbers_only_when_asked_for_and_then_marked() -> None:
    row = difference("MADE1", -8, 4, mark="RECALLED", usable="no")
    tables = trial(NOTHING, "MADE1", row)
    assert found(tables) == ()
    (e,) = found(tables, recalled=True)
    assert e.mark == "RECALLED"
    assert "RECALLED" in e.trace[-1]


@pytest.mark.parametrize(
    "cells", [{"usable": "no"}, {"day": ""}, {"se": ""}, {"event": "response"}]
)
def test_what_cannot_be_used_is_not_used(cells: dict[str, str]) -> None:
    assert found(trial(NOTHING, "MADE1", difference("MADE1", -8, 4) | cells)) == ()


def test_shared_patients_give_one_effect_that_of_more_patients() -> None:
    tables = trial(NOTHING, "MADE1", difference("MADE1", -8, 4))
    tables = trial(tables, "MADE2", difference("MADE2", -6, 4), part_of="MADE1")
    tables = with_arm(tables, "MADE2", "KET", {"n": "50"})
    assert [e.study for e in found(tables)] == ["MADE2"]


def test_overlaps_of_a_pool_do_not_join_its_trials() -> None:
    tables = trial(NOTHING, "MADE1", difference("MADE1", -8, 4))
    tables = trial(tables, "MADE2", difference("MADE2", -6, 4))
    in_pool = [{"study": s, "overlaps_with": "POOL", "kind": "pool"} for s in ("MADE1", "MADE2")]
    assert len(found(replace(tables, overlaps=tuple(in_pool)))) == 2


@pytest.mark.parametrize("kind", ["pool", "extension", "subsample"])
def test_a_study_never_stands_beside_what_it_shares_people_with(kind: str) -> None:
    tables = trial(NOTHING, "MADE1", difference("MADE1", -8, 4))
    tables = trial(tables, "MADE2", difference("MADE2", -6, 4))
    link = {"study": "MADE1", "overlaps_with": "MADE2", "kind": kind}
    assert len(found(replace(tables, overlaps=(link,)))) == 1


@pytest.mark.parametrize(
    ("query", "cells", "fits"),
    [
        (Query(doses="several"), {}, False),
        (Query(doses="several"), {"n_doses": "6"}, True),
        (Query(routes=("intranasal",)), {}, False),
        (
            Query(routes=("intranasal",)),
            {"route": "sublingual;intranasal"},
            True,
        ),
        (Query(psychotherapy="with"), {}, False),
        (Query(psychotherapy="with"), {"psychotherapy": "exposure"}, True),
    ],
)
def test_a_query_asks_for_arms(query: Query, cells: dict[str, str], fits: bool) -> None:
    tables = trial(NOTHING, "MADE1", difference("MADE1", -8, 4))
    late = query.model_copy(update={"windows": ("2-4w",)})
    assert bool(found(with_arm(tables, "MADE1", "KET", cells), late)) is fits


def test_a_query_asks_for_patients() -> None:
    query = Query(windows=("2-4w",), population=("refractory",))
    rows = difference("MADE1", -8, 4)
    assert not found(trial(NOTHING, "MADE1", rows), query)
    assert found(trial(NOTHING, "MADE1", rows, population="treatment-refractory PTSD"), query)
