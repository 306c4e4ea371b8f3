"""Published pools: reproduced, compared, and faults seen in what is printed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.review.made import NOTHING, case, difference, published, trial

from synaptrial.evidence.tables import Row
from synaptrial.review.compare import Compared, compared, faults
from synaptrial.review.tables import Tables


def one(tables: Tables, row: Row) -> Compared:
    (found,) = compared(case(replace(tables, published=(row,))))
    return found


TWO = trial(
    trial(NOTHING, "MADE1", difference("MADE1", -8, 4)), "MADE2", difference("MADE2", -8, 4)
)


def test_a_pool_whose_trials_are_known_is_reproduced_from_them() -> None:
    found = one(TWO, published("MADE9", 0.62, 0.17, 1.07, contains="MADE1;MADE2"))
    assert found.outcome == "reproduced"
    assert found.reproduced is not None
    assert found.reproduced.estimate == pytest.approx(0.62, abs=0.01)


def test_a_pool_that_its_trials_do_not_give_differs() -> None:
    found = one(TWO, published("MADE9", 1.2, 0.7, 1.7, contains="MADE1;MADE2"))
    assert found.outcome == "differs"


def test_a_pool_with_a_trial_that_is_not_at_hand_is_only_compared() -> None:
    found = one(TWO, published("MADE9", 0.62, 0.17, 1.07, contains="MADE1;MADE2;MADE3"))
    assert found.reproduced is None
    assert found.outcome == "compatible"
    assert "not at hand" in found.reason


def test_a_mean_difference_is_compared_on_its_own_scale_and_sign() -> None:
    row = published("MADE9", -9, -13, -5) | {
        "outcome": "CAPS-5", "statistic": "mean difference",
        "direction": "negative favours ketamine",
    }  # fmt: skip
    found = one(TWO, row)
    assert found.ours is not None
    assert found.ours.interval.estimate == pytest.approx(8)
    assert found.outcome == "compatible"


def test_nothing_to_compare_is_said() -> None:
    assert one(NOTHING, published("MADE9", 0.6, 0.2, 1.0)).outcome == "not comparable"
    unprinted = published("MADE9", 0.6, 0.2, 1.0) | {"value": ""}
    assert one(TWO, unprinted).outcome == "not comparable"


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"value": "15.74", "low": "3.57", "high": "29.91"}, "not the middle 16.74"),
        ({"value": "", "low": "0.57", "high": "17.02"}, "without an estimate"),
        (
            {"statistic": "risk ratio", "value": "-3.66", "low": "-7.05", "high": "-0.27"},
            "no ratio can be",
        ),
        ({"fault": "made up: wrong table"}, "wrong table"),
    ],
)
def test_faults(cells: dict[str, str], words: str) -> None:
    (fault,) = faults(published("MADE9", 0.35, 0.06, 0.64) | cells)
    assert words in fault


@pytest.mark.parametrize(
    ("value", "low", "high"), [("5.85", "1.32", "25.95"), ("7.57", "1.00", "57.1")]
)
def test_a_rounded_odds_ratio_is_no_fault(value: str, low: str, high: str) -> None:
    cells = {"statistic": "odds ratio", "value": value, "low": low, "high": high}
    assert faults(published("MADE9", 1, 1, 1) | cells) == ()
