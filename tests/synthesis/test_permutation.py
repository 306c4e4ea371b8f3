"""Permutation tests against the same test made one `rma` at a time."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest

from synaptrial.domain.errors import InputError
from synaptrial.synthesis import permutation_test, rma
from synaptrial.synthesis.inference import TESTS

YI = np.array([-0.4, 0.1, -0.8, -0.3, 0.2, -0.9])
VI = np.array([0.05, 0.02, 0.11, 0.07, 0.03, 0.2])
DOSE = np.array([1.0, 2.0, 2.5, 1.5, 3.0, 0.5])


@pytest.mark.parametrize("method", ["DL", "REML"])
@pytest.mark.parametrize("test", TESTS)
def test_all_signs(method: str, test: str) -> None:
    fit = rma(YI, VI, method=method, test=test)
    found = permutation_test(fit)
    stats = [
        abs(rma(YI * signs, VI, method=method, test=test).stat[0])
        for signs in product((-1, 1), repeat=6)
    ]
    assert found.p[0] == np.mean(np.array(stats) >= abs(fit.stat[0]) - 1e-9)
    assert (found.exact, found.permutations, found.se[0]) == (True, 64, 0)
    assert np.isnan(found.p_omnibus)


@pytest.mark.parametrize(
    ("mods", "distinct"),
    [(DOSE[:5], 120), ([0, 1, 1, 0, 0], 10), (np.c_[DOSE, DOSE > 1.8][:5], 120)],
)
@pytest.mark.parametrize("test", ["z", "knha"])
def test_all_exchanges(mods: np.ndarray, distinct: int, test: str) -> None:
    mods = np.asarray(mods, float)
    y, v = YI[:5], VI[:5]
    fit = rma(y, v, mods=mods, method="DL", test=test)
    found = permutation_test(fit)
    stats, joint = [], []
    for order in permutations(range(5)):
        other = rma(y, v, mods=mods[list(order)], method="DL", test=test)
        stats.append(np.abs(other.stat))
        joint.append(other.qm)
    np.testing.assert_allclose(found.p, np.mean(np.array(stats) >= np.abs(fit.stat) - 1e-9, axis=0))
    farthest = np.nan_to_num(joint, nan=np.inf)  # NaN: exactly on the regression
    assert found.p_omnibus == pytest.approx(np.mean(farthest >= fit.qm - 1e-9))
    assert (found.exact, found.permutations, found.names) == (True, distinct, fit.names)


@pytest.mark.parametrize("mods", [None, DOSE])
def test_random_changes_come_near_all_of_them(mods: np.ndarray | None) -> None:
    fit = rma(YI, VI, mods=mods)
    exact = permutation_test(fit)
    for iterations in (50, 60):  # below 64 and 720
        found = permutation_test(fit, iterations=iterations, seed=3)
        assert (found.exact, found.permutations) == (False, iterations)
        assert (np.abs(found.p - exact.p) < 4 * found.se).all()
        np.testing.assert_allclose(found.se, np.sqrt(found.p * (1 - found.p) / iterations))
        again = permutation_test(fit, iterations=iterations, seed=3)
        np.testing.assert_array_equal(found.p, again.p)
    other = [permutation_test(fit, iterations=60, seed=seed).p[-1] for seed in range(5)]
    assert len(set(other)) > 1


def test_the_data_as_they_are_count_among_random_ones() -> None:
    fit = rma(np.linspace(2, 2.2, 30), np.full(30, 0.01))
    assert permutation_test(fit, iterations=200).p[0] == 1 / 200


def test_no_effect_at_all_is_no_evidence() -> None:
    assert permutation_test(rma(np.zeros(5), np.ones(5))).p[0] == 1


def test_refusals() -> None:
    with pytest.raises(InputError, match="iterations: found 1"):
        permutation_test(rma(YI, VI), iterations=1)
    with pytest.raises(InputError, match="fit: found 2 studies; accepted: 3 or more"):
        permutation_test(rma(YI[:2], VI[:2], mods=DOSE[:2], test="z"))
