"""Sums that do not depend on how patients are cut into chunks, and quantiles from histograms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synaptrial.simulation.run.tally import BINS, HELD, Quantised, Tally, quantised
from synaptrial.simulation.summary.intervals import from_patients

DRAWS, PATIENTS, TIMES = 5, 8, 3
VALUES = np.random.default_rng(1).gamma(2.0, 10.0, (2, TIMES, DRAWS * PATIENTS))
RANGES = {"x": 80.0, "y": 20.0}
TOPS = np.array([80.0, 20.0])[:, None, None]


def tally(parts: list[slice]) -> Tally:
    t = Tally(RANGES, DRAWS, PATIENTS, TIMES)
    for part in parts:
        t.add(part.start or 0, quantised(VALUES[..., part] / TOPS))
    return t


def of_one(values: np.ndarray, top: float) -> Tally:
    """Values (T, P) of one quantity in one draw."""
    t = Tally({"x": top}, 1, values.shape[1], len(values))
    edges = np.linspace(0, values.shape[1], 8).astype(int)
    for a, b in zip(edges[:-1], edges[1:], strict=True):
        t.add(a, quantised(values[None, :, a:b] / top))
    return t


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(1, DRAWS * PATIENTS - 1)), st.randoms(use_true_random=False))
def test_any_chunks_in_any_order_give_the_same_bits(cuts, random):
    edges = [0, *sorted(cuts), DRAWS * PATIENTS]
    parts = [slice(a, b) for a, b in zip(edges[:-1], edges[1:], strict=True)]
    random.shuffle(parts)
    whole, other = tally([slice(None)]), tally(parts)
    for name in RANGES:
        for part in ("total", "square", "first", "count", "first_count"):
            a, b = (getattr(t.moments(name), part) for t in (whole, other))
            np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(whole.histogram(name).counts, other.histogram(name).counts)


def test_moments_are_those_of_numpy():
    t = tally([slice(None)])
    for name, values in zip(RANGES, VALUES, strict=True):
        by_draw = values.T.reshape(DRAWS, PATIENTS, TIMES)
        m = t.moments(name)
        np.testing.assert_allclose(m.mean(), by_draw.mean(axis=1), atol=1e-8)
        np.testing.assert_allclose(m.variance(), by_draw.var(axis=1, ddof=1), rtol=1e-7)
        np.testing.assert_allclose(
            m.halves(), from_patients(by_draw, np.zeros((DRAWS, 0))).halves, atol=1e-8
        )


def test_no_spread_gives_no_variance():
    m = of_one(np.full((1, 7), 1 / 3), 1.0).moments("x")
    assert abs(m.variance()[0, 0]) < 1e-9


def test_sums_of_as_many_patients_as_are_accepted_fit():
    """Chunks of 65,536 patients at the top of their range, 1e8 of them: no sum wraps."""
    n, chunks = 2**16, 1526
    units = 2.0**34
    full = np.full((1, 1, n), units)
    t = Tally({"x": 20_000.0}, 1, 2 * n, 1)
    for start in (0, n):
        t.add(start, Quantised(np.zeros((1, 1, n), np.int16), full, full))
    m = t.moments("x")
    assert m.mean() == 20_000.0
    assert int(m.total[0, 0]) == 2 * n * int(units)
    assert chunks * n * int(units) < 2**63


def test_histogram_quantiles_are_those_of_numpy_within_a_bin():
    values = np.random.default_rng(2).normal(30, 12, (4, 20_000)).clip(0, 80)
    assert values.shape[1] > 2 * HELD
    p = [0.025, 0.25, 0.5, 0.75, 0.975]
    histogram = of_one(values, 80.0).histogram("x")
    np.testing.assert_allclose(
        histogram.quantiles(p), np.quantile(values, p, axis=1), atol=1.01 * 80 / BINS
    )
    assert (histogram.counts.sum(axis=1) == 20_000).all()


@pytest.mark.parametrize("value", [-5.0, 0.0, 80.0, 99.0])
def test_values_at_and_beyond_the_ends_are_counted_at_the_ends(value):
    histogram = of_one(np.full((1, 10), value), 80.0).histogram("x")
    assert histogram.counts.sum() == 10
    assert abs(histogram.quantiles([0.5])[0, 0] - np.clip(value, 0, 80)) <= 80 / BINS
