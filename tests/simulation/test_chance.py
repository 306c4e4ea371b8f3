"""Chance in readings: the week that a person has, and what two readings differ by."""

from __future__ import annotations

import numpy as np
import pytest

from synaptrial.domain.setting import Setting
from synaptrial.facade import load_models
from synaptrial.simulation.cohort.baseline import day_0
from synaptrial.simulation.cohort.build import build_cohort
from synaptrial.simulation.observation import chance

N = 40000
DAYS = (0.0, 1.0, 3.0, 3.5, 7.0, 10.0, 10.5, 21.0)


def test_fluctuation_has_one_spread_and_forgets_a_week() -> None:
    found = chance.fluctuations(3, DAYS, 0, N)[..., 0]
    np.testing.assert_allclose(found.std(axis=1), 1.0, atol=4 / np.sqrt(2 * N))
    seen = np.corrcoef(found)
    for i, a in enumerate(DAYS):
        for j, b in enumerate(DAYS):
            expected = chance.correlation(a, b)
            assert seen[i, j] == pytest.approx(expected, abs=4 / np.sqrt(N))
            if abs(a - b) >= 7:
                assert expected < 0.04  # 0 between whole days
            elif float(a).is_integer() and float(b).is_integer():
                assert expected == pytest.approx(1 - abs(a - b) / 7)


def test_two_readings_a_week_apart_differ_as_retests_do() -> None:
    """MARX2022: an error of 4.3 to 4.7 points a reading, of the screening and of day 0."""
    setting = Setting(blinding="open", control="none")
    cohort = build_cohort(load_models(setting.population), setting, 500, 8, 2)
    new, first = (day_0(cohort, kind)["CAPS5"] for kind in ("new", "screening"))
    assert (new - first).std() / np.sqrt(2) == pytest.approx(4.5, abs=0.35)


def test_errors_belong_to_a_day() -> None:
    some, more = (chance.reading_errors(1, days, 5, 6) for days in ((7.0, 28.0), (1.0, 7.0, 28.0)))
    np.testing.assert_array_equal(some, more[1:])
    np.testing.assert_array_equal(chance.reading_errors(1, (7.0,), 7, 2)[0], some[0][2:4])
