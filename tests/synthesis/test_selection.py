"""The selection model on simulated selection, at its bounds and against its own definition."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate
from scipy.stats import norm

from synaptrial.synthesis import SelectionModel, rma, selection_model
from synaptrial.synthesis.selection import Seen, _gradient, log_likelihood

RNG = np.random.default_rng(11)
VI = RNG.uniform(0.01, 0.2, 4000)
ALL = RNG.normal(0.2, np.sqrt(VI + 0.02))
SHOWN = (ALL / np.sqrt(VI) > 1.96) | (RNG.random(4000) < 0.3)
FORTY = ALL[SHOWN][:40], VI[SHOWN][:40]


@pytest.fixture(scope="module")
def one() -> SelectionModel:
    return selection_model(*FORTY)


def test_it_undoes_the_selection_it_describes() -> None:
    found = selection_model(ALL[SHOWN], VI[SHOWN])
    plain = rma(ALL[SHOWN], VI[SHOWN])
    assert abs(found.beta - 0.2) < 3 * found.se < 0.05
    assert abs(found.delta - 0.3) < 3 * found.se_delta
    assert abs(found.tau2 - 0.02) < 3 * found.se_tau2
    assert found.lrt_p < 1e-6
    assert plain.ci_low[0] > 0.25
    assert found.warnings == ()
    assert found.below + found.above == found.k == SHOWN.sum()


def test_signs_and_order_do_not_matter(one: SelectionModel) -> None:
    y, v = FORTY
    turned = selection_model(-y[::-1], v[::-1], alternative="less")
    assert turned.beta == pytest.approx(-one.beta, rel=1e-5)
    assert (turned.ci_low, turned.ci_high) == pytest.approx((-one.ci_high, -one.ci_low), rel=1e-4)
    assert turned.delta == pytest.approx(one.delta, rel=1e-4)
    assert turned.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-8)


def test_units_do_not_matter(one: SelectionModel) -> None:
    y, v = FORTY
    other = selection_model(1e4 * y, 1e8 * v)
    assert other.beta / 1e4 == pytest.approx(one.beta, rel=1e-5)
    assert other.se / 1e4 == pytest.approx(one.se, rel=1e-4)
    assert other.lrt == pytest.approx(one.lrt, abs=1e-6)


def test_the_density_of_a_seen_study_integrates_to_one() -> None:
    def density(y: float) -> float:
        seen = Seen(np.array([y]), np.array([0.04]), np.array([0.2 * 1.96]))
        return float(np.exp(log_likelihood(seen, 0.1, 0.03, 0.25)))

    parts = [integrate.quad(density, *ends)[0] for ends in ((-4, 0.392), (0.392, 4))]
    assert sum(parts) == pytest.approx(1, abs=1e-8)


def test_the_gradient_is_that_of_the_likelihood() -> None:
    seen = Seen(ALL[:20], VI[:20], norm.isf(0.025) * np.sqrt(VI[:20]))
    at = np.array([0.1, 0.05, 0.4])
    for i, slope in enumerate(_gradient(seen, *at)):
        step = 1e-6 * np.eye(3)[i]
        rise = log_likelihood(seen, *(at + step)) - log_likelihood(seen, *(at - step))
        assert slope == pytest.approx(rise / 2e-6, rel=1e-6)


@pytest.mark.parametrize(
    ("yi", "side", "delta"),
    [([0.9, 1.2, 0.8, 1.4], "below", 100), ([2.9, 3.2, 2.8, 3.4], "above", 0)],
)
def test_a_side_without_studies_is_said(yi: list[float], side: str, delta: float) -> None:
    found = selection_model(yi, [1.0, 1.1, 0.9, 1.2])
    assert getattr(found, side) == 0
    assert found.delta == pytest.approx(delta, abs=1e-3)
    assert f"No study has a one-sided p {side} 0.025" in found.warnings[0]
    assert "on its bound" in found.warnings[1]


def test_a_search_that_ends_on_a_slope_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synaptrial.synthesis.selection.FLAT", 0.0)
    found = selection_model(*FORTY)
    assert not found.converged
    assert "did not converge" in found.warnings[0]


def test_without_heterogeneity_its_standard_error_is_unknown_and_the_others_are_not() -> None:
    yi = 0.5 + 0.05 * (-1.0) ** np.arange(12)
    found = selection_model(yi, np.linspace(0.04, 0.2, 12))
    assert found.tau2 == 0
    assert np.isnan(found.se_tau2)
    assert np.isfinite([found.se, found.se_delta, found.p]).all()
