"""Trim and fill on funnels whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from synaptrial.synthesis import rma, trim_and_fill

HALF = np.array([0.05, 0.12, 0.2, 0.33, 0.41, 0.56, 0.7, 0.9])
VI = np.array([0.01, 0.011, 0.02, 0.03, 0.05, 0.09, 0.14, 0.2])


@pytest.mark.parametrize("estimator", ["L0", "R0"])
def test_a_symmetric_funnel_is_left_as_it_is(estimator: str) -> None:
    mirror = -HALF * (1 + 1e-3 * (-1.0) ** np.arange(HALF.size))  # a hair off, against ties
    fit = rma(np.append(HALF, mirror), np.append(VI, VI), method="DL")
    found = trim_and_fill(fit, estimator=estimator, side="left")
    assert found.k0 == 0
    assert found.refit is fit
    assert found.filled_yi.size == 0
    assert found.se_k0 > 0


@pytest.mark.parametrize("estimator", ["L0", "R0"])
@pytest.mark.parametrize("method", ["DL", "REML"])
def test_filled_studies_mirror_the_trimmed_ones(estimator: str, method: str) -> None:
    """A funnel of which the left tail was taken away; the mirror on the other side is its own."""
    y, v = np.append(HALF, -HALF[:3]), np.append(VI, VI[:3])
    fit = rma(y, v, method=method, test="adhoc", level=0.9)
    left = trim_and_fill(fit, estimator=estimator, side="left")
    assert 2 <= left.k0 <= 5
    order = np.argsort(y)
    kept, cut = order[: -left.k0], order[-left.k0 :]
    centre = rma(y[kept], v[kept], method=method).beta[0]
    np.testing.assert_allclose(left.filled_yi, 2 * centre - y[cut], rtol=1e-9)
    np.testing.assert_allclose(left.filled_vi, v[cut])
    assert (left.refit.k, left.refit.test, left.refit.level) == (y.size + left.k0, "adhoc", 0.9)
    turned = trim_and_fill(rma(-y, v, method=method), estimator=estimator, side="right")
    np.testing.assert_allclose(turned.filled_yi, -left.filled_yi, rtol=1e-9)
    assert (turned.k0, turned.se_k0) == (left.k0, pytest.approx(left.se_k0))


def test_the_side_is_that_of_the_smaller_effects() -> None:
    slope = rma(HALF, VI)
    assert trim_and_fill(slope).side == "left"
    assert trim_and_fill(rma(-HALF, VI)).side == "right"


def test_identical_effects_have_nothing_to_fill() -> None:
    fit = rma(np.full(5, 0.3), VI[:5])
    for estimator in ("L0", "R0"):
        assert trim_and_fill(fit, estimator=estimator, side="left").k0 == 0
