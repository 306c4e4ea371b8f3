"""`rma` against metafor 3.8-1: nine estimators, four tests, three prediction intervals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2
from tests.support.metafor import reference

from synaptrial.synthesis import rma, subgroups

SETS = (
    ("edge_k10_sixorders", ""), ("edge_k2_concordant", ""), ("edge_k3_identical", ""),
    ("edge_k4_homogeneous", ""), ("edge_k6_moderate", ""), ("bangertdrowns2004", ""),
    ("metapsy_ptsd_all", ""),
    *((name, measure) for name in ("syn_caps_k5", "syn_caps_k12", "normand1999")
      for measure in ("MD", "SMD", "SMDH")),
    ("normand1999", "ROM"), ("bcg", "RR"), ("bcg", "OR"), ("bcg", "RD"),
    ("hine1989", "RD"), ("hine1989", "OR"), ("egger2001", "OR"),
)  # fmt: skip
NAMES = {
    "k": "k", "beta": "beta", "se": "se", "stat": "stat", "p": "p", "ci_lb": "ci_low",
    "ci_ub": "ci_high", "tau2": "tau2", "se_tau2": "se_tau2", "I2": "i2", "H2": "h2", "QE": "qe",
    "QE_df": "qe_df", "QE_p": "qe_p", "I2_from_Q": "i2_from_q",
}  # fmt: skip
INTERVALS = {"pi_t_kminus1": "k-1", "pi_t_kminus2": "k-2"}
CLOSED = {"rtol": 1e-9, "atol": 1e-12}
# tau2 to 1e-6 absolute; what follows from an iterated tau2 inherits that
ITERATED = {"rtol": 1e-6, "atol": 1e-6}
UNIROOT = 1.3e-4  # R's root finder stops there: .Machine$double.eps^0.25


def data(name: str, measure: str) -> tuple[dict[str, Any], Any, Any]:
    found = reference(name)
    part = found.results[measure] if measure else found.results
    source = part if measure else found.columns
    return part, np.array(source["yi"], float), np.array(source["vi"], float)


@pytest.mark.parametrize(("name", "measure"), SETS)
def test_models(name: str, measure: str) -> None:
    part, yi, vi = data(name, measure)
    for method, by_test in part["models"].items():
        tolerance = ITERATED if method in ("ML", "REML", "EB", "PM") else CLOSED
        for test, expected in by_test.items():
            fit = rma(yi, vi, method=method, test=test)
            assert not set(expected) - set(NAMES) - set(INTERVALS) - {"pi_metafor"}
            for theirs, ours in NAMES.items():
                if expected[theirs] is not None:
                    where = f"{method} {test} {ours}"
                    np.testing.assert_allclose(
                        getattr(fit, ours), expected[theirs], err_msg=where, **tolerance
                    )
            own = "normal" if test == "z" else "k-1"
            for key, convention in (INTERVALS | {"pi_metafor": own}).items():
                if key in expected:
                    wide = rma(yi, vi, method=method, test=test, prediction=convention)
                    where, interval = f"{method} {test} {key}", [wide.pi_low, wide.pi_high]
                    np.testing.assert_allclose(interval, expected[key], err_msg=where, **tolerance)


@pytest.mark.parametrize(("name", "measure"), SETS)
def test_q_profile(name: str, measure: str) -> None:
    """R's ends carry its root finder's tolerance, and its search stops at ten times tau2; ours
    solve the equation, which is checked against the definition."""
    part, yi, vi = data(name, measure)
    fit = rma(yi, vi)

    def q(tau2: float) -> float:
        w = 1 / (vi + tau2)
        return float(w @ (yi - w @ yi / w.sum()) ** 2)

    for end, level, theirs in zip(
        fit.tau2_ci, (0.975, 0.025), part["tau2_confint_Qprofile"]["tau2"][1:], strict=True
    ):
        quantile = chi2.ppf(level, fit.k - 1)
        assert math.isclose(q(end), quantile, rel_tol=1e-9) if end else q(0) <= quantile
        capped = theirs > 0 and math.isclose(theirs, 10 * fit.tau2, rel_tol=1e-9)
        assert end > theirs if capped else end == pytest.approx(theirs, abs=UNIROOT)


@pytest.mark.parametrize(("name", "measure"), SETS)
def test_weights_and_blups(name: str, measure: str) -> None:
    part, yi, vi = data(name, measure)
    for method in ("REML", "DL"):
        if f"blup_{method}" in part:
            fit = rma(yi, vi, method=method, test="z")
            blup = fit.blup()
            np.testing.assert_allclose(blup.fit, part[f"blup_{method}"]["pred"], **ITERATED)
            np.testing.assert_allclose(blup.se, part[f"blup_{method}"]["se"], **ITERATED)
            np.testing.assert_allclose(fit.weights, part[f"weights_pct_{method}"], **ITERATED)


def test_meta_regression_of_two_moderators() -> None:
    found = reference("bcg")
    part = found.results["RR"]
    mods = np.column_stack([np.array(found.columns[c], float) for c in ("ablat", "year")])
    for method, by_test in found.results["metareg_ablat_year"].items():
        for test, expected in by_test.items():
            fit = rma(part["yi"], part["vi"], mods=mods, method=method, test=test)
            _same_regression(fit, expected)


def _same_regression(fit: Any, expected: dict[str, Any]) -> None:
    extra = {"QM": "qm", "QM_p": "qm_p", "QMp": "qm_p", "R2": "r2", "df": "df"}
    for theirs, ours in ({k: v for k, v in NAMES.items()} | extra).items():
        if expected.get(theirs) is not None:
            np.testing.assert_allclose(
                getattr(fit, ours), expected[theirs], rtol=2e-6, atol=1e-6, err_msg=ours
            )
    assert len(fit.names) == len(expected["names"])


def test_meta_regression_on_a_factor() -> None:
    found = reference("bcg")
    part = found.results["RR"]
    fit = rma(part["yi"], part["vi"], mods={"alloc": found.columns["alloc"]}, test="z")
    _same_regression(fit, found.results["metareg_alloc_factor_REML"])


def test_meta_regression_of_many_moderators() -> None:
    found = reference("bangertdrowns2004")
    for key, expected in found.results.items():
        if key == "metareg_length_wic_feedback_info_pers_imag_meta":
            names = expected["names"][1:]
            rows = np.array([found.columns[c] for c in names]).T
            full = np.all((rows != "NA") & (rows != ""), axis=1)
            y, v = (np.array(found.columns[c], float)[full] for c in ("yi", "vi"))
            _same_regression(rma(y, v, mods=rows[full].astype(float), test="z"), expected)
        elif key == "metareg_grade_factor_knha":
            mods = {"grade": found.columns["grade"]}
            y, v = (np.array(found.columns[c], float) for c in ("yi", "vi"))
            _same_regression(rma(y, v, mods=mods), expected)


@pytest.mark.parametrize(
    ("name", "measure", "column", "key", "test"),
    [
        ("bcg", "RR", "alloc", "subgroup_alloc", "z"),
        ("metapsy_ptsd_all", "", "arm2", "by_control", "knha"),
    ],
)
def test_subgroups(name: str, measure: str, column: str, key: str, test: str) -> None:
    found = reference(name)
    _, yi, vi = data(name, measure)
    groups = subgroups(yi, vi, found.columns[column], test=test)
    assert set(groups.fits) == set(found.results[key])
    for label, expected in found.results[key].items():
        _close(groups.fits[label], expected)


def _close(fit: Any, expected: dict[str, Any]) -> None:
    for theirs, ours in NAMES.items():
        if expected.get(theirs) is not None:
            np.testing.assert_allclose(getattr(fit, ours), expected[theirs], **ITERATED)
