"""Leave-one-out, influence and cumulative results against fits one by one and the definitions."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synaptrial.domain.errors import InputError
from synaptrial.synthesis import MetaAnalysis, baujat, cumulative, influence, leave_one_out, rma
from synaptrial.synthesis.heterogeneity import METHODS, Problem, estimate
from synaptrial.synthesis.inference import TESTS

YI = np.array([-0.4, 0.1, -0.8, -0.3, 0.2, -0.9, -0.5])
VI = np.array([0.05, 0.02, 0.11, 0.07, 0.03, 0.2, 0.01])
DOSE = np.array([1.0, 2.0, 2.5, 1.5, 3.0, 0.5, 1.0])


def row(found: object, i: int) -> list[float]:
    names = ("estimate", "se", "p", "ci_low", "ci_high", "tau2", "i2", "q")
    return [float(getattr(found, name)[i]) for name in names]


def alone(fit: MetaAnalysis) -> list[float]:
    firsts = (fit.beta[0], fit.se[0], fit.p[0], fit.ci_low[0], fit.ci_high[0])
    return [*firsts, fit.tau2, fit.i2, fit.qe]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize("k", [2, 3, 7])
def test_the_batch_is_the_loop(method: str, test: str, k: int) -> None:
    y, v = YI[:k], VI[:k]
    options = {"method": method, "test": test, "level": 0.9}
    fit = rma(y, v, **options)
    out = leave_one_out(fit)
    year = np.array([2003, 2001, 2002, 2001, 2001, 2010, 1999])[:k]
    added = cumulative(fit, year)
    for i in range(k):
        rest = np.arange(k) != i
        np.testing.assert_allclose(
            row(out, i), alone(rma(y[rest], v[rest], **options)), rtol=1e-9, atol=1e-12
        )
        first = np.argsort(year, kind="stable")[: i + 1]
        np.testing.assert_allclose(
            row(added, i), alone(rma(y[first], v[first], **options)), rtol=1e-9, atol=1e-12
        )


def test_the_batch_finds_the_highest_maximum_too() -> None:
    """Data whose restricted likelihood has two maxima, of which Fisher scoring finds the lower in
    three of the six refits: the search that `rma` does is done in the batch as well."""
    rng = np.random.default_rng(5)
    for _ in range(7):
        v = rng.choice([1e-4, 1e-2, 1.0], 6)
        y = rng.normal(0, np.sqrt(v + 0.01))
    problem = Problem(np.tile(y, (6, 1)), np.tile(v, (6, 1)), 1 - np.eye(6), np.ones((6, 1)))
    out = leave_one_out(rma(y, v))
    assert np.sum(out.tau2 > 10 * estimate(problem, "REML").tau2) == 3
    for i in range(6):
        rest = np.arange(6) != i
        assert out.tau2[i] == pytest.approx(rma(y[rest], v[rest]).tau2, rel=1e-8, abs=1e-12)


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize("mods", [None, DOSE])
def test_diagnostics_are_their_definitions(test: str, mods: np.ndarray | None) -> None:
    fit = rma(YI, VI, mods=mods, test=test)
    found, points = influence(fit), baujat(fit)
    w = 1 / (VI + fit.tau2)
    hat = fit.x @ np.linalg.inv(fit.x.T @ np.diag(w) @ fit.x) @ fit.x.T @ np.diag(w)
    np.testing.assert_allclose(found.hat, np.diag(hat), rtol=1e-10)
    np.testing.assert_allclose(found.weight, 100 * w / w.sum(), rtol=1e-10)
    for i in range(len(YI)):
        rest = np.arange(len(YI)) != i
        less = rma(YI[rest], VI[rest], mods=None if mods is None else mods[rest], test=test)
        wl = 1 / (VI[rest] + less.tau2)
        s2 = less.vb[0, 0] / np.linalg.inv(less.x.T @ np.diag(wl) @ less.x)[0, 0]
        x, change = fit.x[i], fit.beta - less.beta
        spread = x @ less.vb @ x
        total = s2 * (VI[i] + less.tau2) + spread
        full = s2 * np.linalg.inv(fit.x.T @ np.diag(1 / (VI + less.tau2)) @ fit.x)
        expected = {
            "rstudent": (YI[i] - x @ less.beta) / np.sqrt(total),
            "dffits": x @ change / np.sqrt(s2 * hat[i, i] * (VI[i] + less.tau2)),
            "cook": change @ np.linalg.inv(fit.vb) @ change,
            "cov_ratio": np.linalg.det(less.vb) / np.linalg.det(fit.vb),
            "tau2_deleted": less.tau2,
            "q_deleted": less.qe,
            "dfbetas": change / np.sqrt(np.diag(full)),
        }
        for name, value in expected.items():
            np.testing.assert_allclose(getattr(found, name)[i], value, rtol=1e-7, err_msg=name)
        assert points.x[i] == pytest.approx((YI[i] - fit.x[i] @ fit.beta) ** 2 * w[i])
        assert points.y[i] == pytest.approx((x @ change) ** 2 / spread)


def test_a_study_alone_in_its_group_has_no_diagnostics() -> None:
    found = influence(rma(YI, VI, mods=[0, 0, 0, 1, 0, 0, 0], test="z"))
    assert np.isnan(found.dffits[3])
    assert np.isfinite(np.delete(found.dffits, 3)).all()
    assert found.hat[3] == pytest.approx(1)


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize("effect", [0.0, 0.3])
def test_identical_effects_are_no_fault(test: str, effect: float) -> None:
    fit = rma(np.full(5, effect), VI[:5], test=test)
    assert not influence(fit).influential.any()
    assert leave_one_out(fit).estimate == pytest.approx(effect)
    assert baujat(fit).x == pytest.approx(0)


def test_an_outlier_is_marked() -> None:
    y = np.array([0.1, 0.12, 0.09, 0.11, 0.1, 0.13, 0.1, 4.0])
    found = influence(rma(y, np.full(8, 0.01), test="z"))
    assert found.influential.tolist() == [False] * 7 + [True]


def test_refusals() -> None:
    with_mods = rma(YI, VI, mods=DOSE)
    with pytest.raises(InputError, match="fit: found moderators"):
        leave_one_out(with_mods)
    with pytest.raises(InputError, match="fit: found moderators"):
        cumulative(with_mods, DOSE)
    with pytest.raises(InputError, match="fit: found 1 study"):
        influence(rma([0.1], [0.1]))
    with pytest.raises(InputError, match="by: found 2 values; accepted: 7"):
        cumulative(rma(YI, VI), [1, 2])


studies = st.lists(
    st.tuples(st.floats(-3, 3), st.floats(0.01, 2)),
    min_size=3,
    max_size=8,
    unique_by=lambda r: r[1],
)


@settings(max_examples=40, deadline=None)
@given(studies, st.randoms(), st.sampled_from(("DL", "REML", "PM")))
def test_neither_order_nor_sign_matters(
    rows: list[tuple[float, float]], shuffle: Random, method: str
) -> None:
    y, v = (np.array(column) for column in zip(*rows, strict=True))
    order = list(range(len(rows)))
    shuffle.shuffle(order)
    fit, turned = rma(y, v, method=method), rma(-y[order], v[order], method=method)
    one, other = leave_one_out(fit), leave_one_out(turned)
    close = {"rtol": 1e-5, "atol": 1e-6}
    np.testing.assert_allclose(other.estimate, -one.estimate[order], **close)
    np.testing.assert_allclose(other.ci_low, -one.ci_high[order], **close)
    np.testing.assert_allclose(other.tau2, one.tau2[order], **close)
    np.testing.assert_allclose(influence(turned).rstudent, -influence(fit).rstudent[order], **close)
    years = np.arange(len(rows))
    added, again = cumulative(fit, years), cumulative(turned, years[order])
    np.testing.assert_allclose(again.estimate, -added.estimate, **close)
    np.testing.assert_allclose(again.p, added.p, **close)
