"""Sums that do not depend on how patients are cut into chunks, and quantiles from histograms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synaptrial.simulation.accumulate import BINS, Histogram, Moments

DRAWS, PATIENTS, TIMES = 5, 8, 3
DRAW = np.repeat(np.arange(DRAWS), PATIENTS)
VALUES = np.random.default_rng(1).gamma(2.0, 10.0, (TIMES, DRAWS * PATIENTS))


def moments(parts: list[slice]) -> Moments:
    m = Moments(DRAWS, TIMES)
    for part in parts:
        m.add(DRAW[part], VALUES[:, part])
    return m


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(1, DRAWS * PATIENTS - 1)), st.randoms(use_true_random=False))
def test_any_chunks_in_any_order_give_the_same_bits(cuts, random):
    edges = [0, *sorted(cuts), DRAWS * PATIENTS]
    parts = [slice(a, b) for a, b in zip(edges[:-1], edges[1:], strict=True)]
    random.shuffle(parts)
    whole, other = moments([slice(None)]), moments(parts)
    for name in ("total", "square", "count"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(other, name))


def test_moments_are_those_of_numpy():
    m = moments([slice(None)])
    by_draw = VALUES.T.reshape(DRAWS, PATIENTS, TIMES)
    np.testing.assert_allclose(m.mean(), by_draw.mean(axis=1), atol=1e-8)
    np.testing.assert_allclose(m.variance(), by_draw.var(axis=1, ddof=1), rtol=1e-5)


def test_no_spread_gives_no_variance():
    m = Moments(1, 1)
    m.add(np.zeros(7, int), np.full((1, 7), 1 / 3))
    assert abs(m.variance()[0, 0]) < 1e-6


def test_histogram_quantiles_are_those_of_numpy_within_a_bin():
    values = np.random.default_rng(2).normal(30, 12, (4, 20_000)).clip(0, 80)
    histogram = Histogram(0, 80, 4)
    for part in np.array_split(values, 7, axis=1):
        histogram.add(part)
    p = [0.025, 0.25, 0.5, 0.75, 0.975]
    np.testing.assert_allclose(
        histogram.quantiles(p), np.quantile(values, p, axis=1), atol=1.01 * 80 / BINS
    )
    once = Histogram(0, 80, 4)
    once.add(values)
    np.testing.assert_array_equal(once.counts, histogram.counts)


@pytest.mark.parametrize("value", [-5.0, 0.0, 80.0, 99.0])
def test_values_at_and_beyond_the_ends_are_counted_at_the_ends(value):
    histogram = Histogram(0, 80, 1)
    histogram.add(np.full((1, 10), value))
    assert histogram.counts.sum() == 10
    assert abs(histogram.quantiles([0.5])[0, 0] - np.clip(value, 0, 80)) <= 80 / BINS
