"""Egger, PET-PEESE, rank test and fail-safe N: definitions, cautions and refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synaptrial.domain.errors import InputError
from synaptrial.synthesis import (
    egger,
    peese,
    pet,
    pet_peese,
    rank_test,
    rma,
    rosenberg,
    rosenthal,
    selection_model,
    trim_and_fill,
)
from synaptrial.synthesis.cautions import caution

YI = np.array([0.9, 0.5, 0.62, 0.31, 0.2, 0.84, 0.15, 0.42, 0.33, 0.55, 0.1])
VI = np.array([0.2, 0.09, 0.11, 0.04, 0.02, 0.16, 0.01, 0.06, 0.05, 0.13, 0.03])


def trimmed(yi: Any, vi: Any, **options: Any) -> Any:
    return trim_and_fill(rma(yi, vi), **options)


METHODS: tuple[Callable[..., Any], ...] = (
    egger, pet, peese, pet_peese, rank_test, rosenthal, rosenberg, selection_model, trimmed,
)  # fmt: skip


def test_cautions() -> None:
    assert caution(10) == ""
    assert caution(9).startswith("9 studies: below 10")
    assert "10.1002/jrsm.1332" in caution(10, "SMD")
    assert caution(9, "SMDH").startswith(caution(9))


@pytest.mark.parametrize("method", METHODS)
def test_each_method_carries_its_caution(method: Callable[..., Any]) -> None:
    assert method(YI[:9], VI[:9], measure="SMDH").caution == caution(9, "SMDH")


@pytest.mark.parametrize("method", METHODS)
def test_two_studies_are_refused(method: Callable[..., Any]) -> None:
    with pytest.raises(InputError, match="yi: found 2 studies; accepted: 3 or more"):
        method(YI[:2], VI[:2])
    method(YI[:3], VI[:3])


@pytest.mark.parametrize("method", [egger, pet_peese, rank_test, trimmed])
def test_one_variance_for_all_is_refused(method: Callable[..., Any]) -> None:
    with pytest.raises(InputError, match="vi: found 0.1 for every study"):
        method(YI, np.full_like(VI, 0.1))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: egger(YI, VI, predictor="ni"), "predictor: found 'ni'; accepted: sei, vi"),
        (lambda: egger(YI, VI, model="glm"), "model: found 'glm'; accepted: lm, rma"),
        (lambda: rosenthal(YI, VI, alpha=5), "alpha: found 5"),
        (lambda: selection_model(YI, VI, alternative="two"), "accepted: greater, less"),
        (lambda: selection_model(YI, VI, level=95), "level: found 95"),
        (lambda: trimmed(YI, VI, side="up"), "side: found 'up'; accepted: left, right, auto"),
        (lambda: trimmed(YI, VI, estimator="S"), "estimator: found 'S'; accepted: L0, R0"),
        (lambda: trim_and_fill(rma(YI, VI, mods=VI)), "fit: found moderators"),
    ],
)
def test_bad_input_gets_one_message(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        call()


def test_egger_is_the_regression_of_z_on_precision() -> None:
    """The form in which Egger 1997 wrote it: its intercept is our slope."""
    z, precision = YI / np.sqrt(VI), 1 / np.sqrt(VI)
    slope, intercept = np.polyfit(precision, z, 1)
    fit = egger(YI, VI)
    assert (fit.slope.estimate, fit.limit.estimate) == pytest.approx((intercept, slope))


def test_pet_peese_takes_peese_only_where_pet_finds_an_effect() -> None:
    line = np.sqrt(VI) * 2 + np.random.default_rng(1).normal(0, 0.01, VI.size)
    nothing, there = pet_peese(line, VI), pet_peese(line + 1, VI)
    assert nothing.pet.p > 0.1
    assert (nothing.chosen, nothing.estimate) == ("PET", nothing.pet)
    assert (there.chosen, there.estimate) == ("PEESE", there.peese)
    assert there.peese == peese(line + 1, VI).limit


def test_rank_test_is_exact_only_without_ties() -> None:
    assert rank_test(YI, VI).exact
    tied = VI.copy()
    tied[1] = tied[0]
    assert not rank_test(YI, tied).exact


def test_unseen_studies_bring_the_p_to_alpha() -> None:
    n = rosenthal(YI, VI).n
    z = float(np.sum(YI / np.sqrt(VI)))
    assert z / np.sqrt(YI.size + n) <= 1.6448536269514722 < z / np.sqrt(YI.size + n - 1)
    w = 1 / VI
    n = rosenberg(YI, VI).n
    totals = [w.sum() + m * w.mean() for m in (n, n - 1)]
    assert w @ YI / totals[0] ** 0.5 <= 1.959963984540054 < w @ YI / totals[1] ** 0.5
    assert rosenthal([0.1, -0.1, 0], [1, 1, 1]).n == rosenberg([0.1, -0.1, 0], [1, 1, 1]).n == 0


rows = st.lists(
    st.tuples(st.floats(-3, 3), st.floats(0.01, 2)),
    min_size=3,
    max_size=10,
    unique_by=lambda r: r[1],
)


@settings(max_examples=40, deadline=None)
@given(rows, st.randoms())
def test_neither_order_nor_sign_matters(data: list[tuple[float, float]], shuffle: Any) -> None:
    y, v = (np.array(column) for column in zip(*data, strict=True))
    order = list(range(len(data)))
    shuffle.shuffle(order)
    one, moved, turned = egger(y, v), egger(y[order], v[order]), egger(-y, v)
    close = {"rel": 1e-6, "abs": 1e-7}
    assert moved.limit.estimate == pytest.approx(one.limit.estimate, **close)
    assert turned.limit.estimate == pytest.approx(-one.limit.estimate, **close)
    assert turned.slope.ci_low == pytest.approx(-one.slope.ci_high, **close)
    assert rosenthal(-y[order], v[order]).n == pytest.approx(rosenthal(y, v).n, abs=1)
    assert rosenberg(-y[order], v[order]).n == pytest.approx(rosenberg(y, v).n, abs=1)
