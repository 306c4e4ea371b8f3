"""Intervals of courses stay within what a quantity can be."""

from __future__ import annotations

import numpy as np
import pytest

from synaptrial.simulation.run.recording import CONCENTRATIONS, COURSE_TOPS
from synaptrial.simulation.summary.bounds import BOUNDS, within_bounds
from synaptrial.simulation.summary.courses import UNITS

FREE = {"sbp_change_mmhg", "dbp_change_mmhg", "hr_change_bpm"}


def test_every_bounded_quantity_has_its_range() -> None:
    drawn = {*COURSE_TOPS, *CONCENTRATIONS, "cadss", "occupancy", "sedation", "retained"}
    assert drawn <= set(BOUNDS) <= set(UNITS) - FREE
    for name, (low, high) in BOUNDS.items():
        assert UNITS[name] not in ("share", "probability") or (low, high) == (0.0, 1.0)


@pytest.mark.parametrize("name", BOUNDS)
def test_values_inside_are_left_as_they_are(name: str) -> None:
    low, high = BOUNDS[name]
    top = min(high, 1e6)
    inside = np.linspace(low, top, 5)
    assert np.array_equal(within_bounds(name, inside), inside)
    assert within_bounds(name, np.array([low - 1.0]))[0] == low
    assert within_bounds(name, np.array([top + 1.0]))[0] == min(high, top + 1.0)


def test_a_change_may_fall_below_zero() -> None:
    assert within_bounds("hr_change_bpm", np.array([-3.0]))[0] == -3.0
