"""Power by noncentral t: tabled values, simulation for what is not tabled, the trials' table."""

from __future__ import annotations

import numpy as np
import pytest
from tests.review.made import BOOK, NOTHING, case, difference, trial, with_arm

from synaptrial.review import power
from synaptrial.review.claims import Query
from synaptrial.review.effects_of import effects_of
from synaptrial.review.pooling import pool
from synaptrial.review.power_table import Assumed, information, power_table
from synaptrial.review.sizes import trial_pairs


def test_power_at_tabled_values() -> None:
    """Cohen 1988: d = 0.5, 64 in each arm, two-sided 0.05: power 0.80; d = 0.8, 26: 0.81."""
    assert power.power(0.5, 64, 64) == pytest.approx(0.8015, abs=1e-4)
    assert power.power(0.8, 26, 26) == pytest.approx(0.8075, abs=1e-4)
    assert power.power(0.0, 20, 20) == pytest.approx(0.05, abs=1e-9)


@pytest.mark.parametrize(
    ("d", "wanted", "total"), [(0.5, 0.8, 128), (0.2, 0.8, 788), (0.8, 0.9, 68)]
)
def test_needed_total_is_the_smallest(d: float, wanted: float, total: int) -> None:
    n = power.needed_total(d, wanted)
    assert n == total
    assert power.power(d, n // 2, n // 2) >= wanted > power.power(d, n // 2 - 1, n // 2 - 1)


@pytest.mark.parametrize("n", [5, 15, 55])
def test_the_detectable_effect_has_the_wanted_power(n: int) -> None:
    assert power.power(power.detectable(n, n), n, n) == pytest.approx(0.8, abs=1e-9)


def test_errors_of_size_and_sign_against_simulation() -> None:
    rng = np.random.default_rng(1)
    d, n = 0.27, 15
    se = (2 / n) ** 0.5
    drawn = rng.normal(d, se, 2_000_000)
    kept = drawn[np.abs(drawn) > 1.959964 * se]
    assert power.exaggeration(d, n, n) == pytest.approx(np.abs(kept).mean() / d, rel=5e-3)
    assert power.wrong_sign(d, n, n) == pytest.approx((kept < 0).mean(), rel=3e-2)


def test_pairs_take_the_usual_dose_and_name_what_was_not_read() -> None:
    tables = trial(trial(NOTHING, "MADE1"), "MADE2")
    tables = with_arm(tables, "MADE2", "KET", {"n": ""})
    pairs, unread = trial_pairs(tables)
    assert [(p.study, p.n_drug, p.n_control) for p in pairs] == [("MADE1", 20, 20)]
    assert unread == ("MADE2",)


def test_a_crossover_whose_arms_hold_everyone_has_no_first_period() -> None:
    both = trial(NOTHING, "MADE1", design="crossover", n_randomised="20")
    assert trial_pairs(both)[0] == ()
    first = trial(NOTHING, "MADE1", design="crossover", n_randomised="40")
    assert len(trial_pairs(first)[0]) == 1


def test_every_trial_under_every_assumed_effect() -> None:
    tables = trial(trial(NOTHING, "MADE1"), "MADE2")
    assumed = (Assumed("a", "made up", 0.3), Assumed("b", "made up", 0.5))
    found = power_table(case(tables), assumed)
    assert [(f.pair.study, f.assumed.key) for f in found] == [
        ("MADE1", "a"), ("MADE1", "b"), ("MADE2", "a"), ("MADE2", "b"),
    ]  # fmt: skip
    assert found[0].power == power.power(0.3, 20, 20)


def test_diversity_raises_what_is_needed_and_one_study_has_none() -> None:
    query, assumed = Query(windows=("2-4w",)), (Assumed("a", "made up", 0.3),)
    one = trial(NOTHING, "MADE1", difference("MADE1", -8, 4))
    (alone,) = information(assumed, pool(effects_of(one, BOOK, query, recalled=False)))
    assert (alone.diversity, alone.adjusted, alone.accrued) == (None, None, 40)
    two = trial(one, "MADE2", difference("MADE2", 8, 4))
    (mixed,) = information(assumed, pool(effects_of(two, BOOK, query, recalled=False)))
    assert mixed.diversity is not None and mixed.adjusted is not None
    assert 0 < mixed.diversity < 1
    assert mixed.adjusted == round(mixed.needed / (1 - mixed.diversity))
