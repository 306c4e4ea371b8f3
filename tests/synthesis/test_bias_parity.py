"""Influence, small-study and selection methods against metafor 3.8-1.

Every key of these families in every set is handed to the function that compares it; a key with no
such function, or with a part that the function does not know, fails.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2, norm
from tests.support.metafor import BESIDE, OURS, reference

from synaptrial.synthesis import (
    SmallStudy,
    TrimFill,
    cumulative,
    egger,
    influence,
    peese,
    pet,
    rank_test,
    rma,
    rosenberg,
    rosenthal,
    selection_model,
    trim_and_fill,
)
from synaptrial.synthesis.selection import Seen, log_likelihood, maximise

SETS = (
    ("edge_k10_sixorders", ""), ("edge_k3_identical", ""), ("edge_k4_homogeneous", ""),
    ("edge_k6_moderate", ""), ("bangertdrowns2004", ""), ("metapsy_ptsd_all", ""),
    *((name, measure) for name in ("syn_caps_k5", "syn_caps_k12", "normand1999")
      for measure in ("MD", "SMD", "SMDH")),
    ("normand1999", "ROM"), ("bcg", "RR"), ("bcg", "OR"), ("bcg", "RD"),
    ("hine1989", "RD"), ("hine1989", "OR"), ("egger2001", "OR"),
)  # fmt: skip
FAMILIES = re.compile(
    r"leave1out|cumul_|influence|egger_|peese_|regtest|ranktest|trimfill|failsafe|selmodel"
)
CLOSED = {"rtol": 1e-9, "atol": 1e-12}
ITERATED = {"rtol": 1e-6, "atol": 1e-6}
SELECTION = {"rtol": 1e-3, "atol": 1e-3}
NEAR = {"rtol": 1e-2}
EARLY = {"rtol": 0.0, "atol": 1e-5}  # see stopped_early
Compare = Callable[[str, Any, np.ndarray, np.ndarray, dict[str, list[str]]], None]


def same(found: Any, expected: Any, tolerance: dict[str, float], what: str) -> None:
    np.testing.assert_allclose(found, np.array(expected, float), **tolerance, err_msg=what)


def iterated(key: str) -> dict[str, float]:
    return ITERATED if "REML" in key else CLOSED


def nothing_to_compare(key: str, expected: Any, *_: Any) -> None:
    assert expected == [], f"{key}: numbers to compare with leave_one_out"


def order_of(key: str, expected: Any, yi: np.ndarray, vi: np.ndarray, columns: Any) -> None:
    assert list(expected) == ["order"]
    years = np.array(columns["year"], float) if "year" in columns else np.zeros_like(yi)
    added = cumulative(rma(yi, vi, method=key.removeprefix("cumul_")), years)
    np.testing.assert_array_equal(added.order + 1, expected["order"])


def dfbetas(key: str, expected: Any, yi: np.ndarray, vi: np.ndarray, *_: Any) -> None:
    assert list(expected) == ["dfbs_intrcpt"]
    fit = rma(yi, vi, method=key.removeprefix("influence_"), test="z")
    same(influence(fit).dfbetas[:, 0], expected["dfbs_intrcpt"], ITERATED, key)


def coefficients(fit: SmallStudy) -> dict[str, list[float]]:
    named = {"intercept": fit.limit, "slope": fit.slope}
    return {name: [c.estimate, c.se, c.stat, c.p] for name, c in named.items()}


def regression(key: str, expected: Any, yi: np.ndarray, vi: np.ndarray, *_: Any) -> None:
    """egger_lm_sei and peese_lm_vi: both coefficients as lm gives them; `pet`, `peese` beside."""
    assert set(expected) == {"intercept", "slope", "order", "df"}
    assert expected["order"] == "estimate, se, t, p"
    fit = egger(yi, vi, predictor=key.rsplit("_", 1)[1])
    assert fit.df == expected["df"]
    assert fit == (pet if key == "egger_lm_sei" else peese)(yi, vi)
    for name, values in coefficients(fit).items():
        same(values, expected[name], CLOSED, f"{key} {name}")


def regtest(key: str, expected: Any, yi: np.ndarray, vi: np.ndarray, *_: Any) -> None:
    _, model, *method, predictor = key.split("_")
    options: Any = {"model": model, "predictor": predictor}
    fit = egger(yi, vi, method=method[0] if method else "REML", **options)
    found = {
        "stat": fit.slope.stat, "p": fit.slope.p, "df": fit.df, "limit_est": fit.limit.estimate,
        "limit_ci": [fit.limit.ci_low, fit.limit.ci_high],
        "slope": [fit.limit.estimate, fit.slope.estimate], "ddf": fit.df,
    }  # fmt: skip
    assert not set(expected) - set(found)
    for name, value in expected.items():
        if name == "ddf":
            assert value is None and found["ddf"] == np.inf
        else:
            same(found[name], value, iterated(key), f"{key} {name}")


def rank(key: str, expected: Any, yi: np.ndarray, vi: np.ndarray, *_: Any) -> None:
    assert set(expected) == {"tau", "p"}
    found = rank_test(yi, vi)
    same([found.tau, found.p], [expected["tau"], expected["p"]], CLOSED, key)


def failsafe(key: str, expected: Any, yi: np.ndarray, vi: np.ndarray, *_: Any) -> None:
    method = {"failsafe_rosenthal": rosenthal, "failsafe_rosenberg": rosenberg}[key]
    assert method(yi, vi).n == expected


def trimfill(key: str, expected: Any, yi: np.ndarray, vi: np.ndarray, *_: Any) -> None:
    if key == "trimfill_default_REML_L0_side":
        method, options = "REML", {}
    else:
        _, estimator, method, side = key.split("_")
        options = {"estimator": estimator, "side": side}
    found = trim_and_fill(rma(yi, vi, method=method, test="z"), **options)
    refit = found.refit
    values = {
        "k0": found.k0, "se_k0": found.se_k0, "beta": refit.beta[0], "se": refit.se[0],
        "ci": [refit.ci_low[0], refit.ci_high[0]], "tau2": refit.tau2,
        "filled_yi": found.filled_yi, "filled_vi": found.filled_vi,
    }  # fmt: skip
    assert not set(expected) - set(values) - {"side"}
    assert found.side == expected.get("side", found.side)
    early = method == "REML" and found.k0 > 0
    if early and "tau2" in expected:
        same(refit.tau2, expected["tau2"], EARLY, key)
        values = stopped_early(yi, vi, found, values)
    for name in set(expected) - {"side"}:
        wanted = np.atleast_1d(np.array(expected[name], float))
        tolerance = CLOSED if early and "tau2" in expected else iterated(key)
        same(np.atleast_1d(values[name]), wanted, tolerance, f"{key} {name}")


def stopped_early(
    yi: np.ndarray, vi: np.ndarray, found: TrimFill, ours: dict[str, Any]
) -> dict[str, Any]:
    """What metafor reports for these k0: its trimfill does not hand on the control of the fit, so
    its refits stop at a step of tau2 below 1e-5. With the steps run to their end the same lines
    give our values, which is what is checked here first."""

    def fill(stop: float) -> dict[str, Any]:
        sign = -1 if found.side == "right" else 1
        order = np.argsort(sign * yi, kind="stable")
        y, v, kept = sign * yi[order], vi[order], yi.size - found.k0
        centre = pooled(y[:kept], v[:kept], stop)["beta"]
        more = sign * (2 * centre - y[kept:])
        rest = pooled(np.append(yi, more), np.append(vi, v[kept:]), stop)
        return ours | rest | {"filled_yi": more}

    for name, value in fill(1e-9).items():
        same(ours[name], value, ITERATED | {"rtol": 1e-8}, f"at the end of the steps: {name}")
    return fill(1e-5)


def pooled(y: np.ndarray, v: np.ndarray, stop: float) -> dict[str, Any]:
    """REML by Fisher scoring from Hedges' estimate until a step is below `stop`."""
    tau2, step = max(0.0, float(np.var(y, ddof=1) - v.mean())), np.inf
    while abs(step) > stop:
        w = 1 / (v + tau2)
        p = np.diag(w) - np.outer(w, w) / w.sum()
        to = max(0.0, tau2 + float((y @ p @ p @ y - np.trace(p)) / np.trace(p @ p)))
        step, tau2 = to - tau2, to
    w = 1 / (v + tau2)
    beta, se = w @ y / w.sum(), w.sum() ** -0.5
    half = norm.ppf(0.975) * se
    return {"tau2": tau2, "beta": beta, "se": se, "ci": [beta - half, beta + half]}


def selection(key: str, expected: Any, yi: np.ndarray, vi: np.ndarray, *_: Any) -> None:
    """Where ours is higher than the place where metafor's search ended, it must be higher by what
    the likelihood ratios differ, and near. That is so with no p below the cut, when the likelihood
    rises up to delta's bound of 100 and metafor's delta is short of it: there the other parameters
    are compared at metafor's delta. And it is so for the one set whose effects are in days."""
    assert set(expected) == {"beta", "se", "tau2", "delta", "LRT", "LRTp", "loglik"}
    side: Any = key.removeprefix("selmodel_3PSM_")
    found = selection_model(yi, vi, alternative=side)
    sign, delta = (-1 if side == "less" else 1), expected["delta"][1]
    seen = Seen(sign * yi, vi, norm.isf(0.025) * np.sqrt(vi))
    theirs = log_likelihood(seen, sign * expected["beta"], expected["tau2"], delta)
    higher = found.log_likelihood - theirs
    assert found.converged
    assert higher > -1e-9
    same(theirs, expected["loglik"], CLOSED, key)
    same(found.lrt - expected["LRT"], 2 * higher, ITERATED, key)
    same(chi2.sf(expected["LRT"], 1), expected["LRTp"], CLOSED, key)
    mean, tau2 = sign * found.beta, found.tau2
    if found.below == 0:
        assert found.delta == pytest.approx(100)
        (mean, tau2, _), _ = maximise(seen, (delta, delta))
    else:
        same(found.delta, delta, SELECTION if higher < 1e-6 else NEAR, f"{key} delta")
    short = log_likelihood(seen, mean, tau2, delta if found.below == 0 else found.delta) - theirs
    tolerance = SELECTION if short < 1e-6 else NEAR
    same([sign * mean, tau2], [expected["beta"], expected["tau2"]], tolerance, key)
    same(found.se, expected["se"], SELECTION if higher < 1e-6 else NEAR, f"{key} se")
    assert short < 1e-6 or abs(expected["beta"]) > 10  # in days


COMPARE: dict[str, Compare] = {
    "leave1out_": nothing_to_compare,
    "cumul_": order_of,
    "influence_": dfbetas,
    "egger_lm_sei": regression,
    "peese_lm_vi": regression,
    "regtest_": regtest,
    "ranktest": rank,
    "failsafe_": failsafe,
    "trimfill_": trimfill,
    "selmodel_3PSM_": selection,
}
every_set = pytest.mark.parametrize(("name", "measure"), SETS)


def compare(prefixes: tuple[str, ...], name: str, measure: str) -> None:
    found = reference(name)
    part = found.results[measure] if measure else found.results
    source = part if measure else found.columns
    yi, vi = np.array(source["yi"], float), np.array(source["vi"], float)
    for prefix in prefixes:
        for key in part:
            if key.startswith(prefix):
                COMPARE[prefix](key, part[key], yi, vi, found.columns)


@every_set
def test_leave_one_out_and_cumulative(name: str, measure: str) -> None:
    compare(("leave1out_", "cumul_"), name, measure)


@every_set
def test_influence(name: str, measure: str) -> None:
    compare(("influence_",), name, measure)


@every_set
def test_egger_pet_peese(name: str, measure: str) -> None:
    compare(("egger_lm_sei", "peese_lm_vi", "regtest_"), name, measure)


@every_set
def test_rank_and_failsafe(name: str, measure: str) -> None:
    compare(("ranktest", "failsafe_"), name, measure)


@every_set
def test_trim_and_fill(name: str, measure: str) -> None:
    compare(("trimfill_",), name, measure)


@every_set
def test_selection_model(name: str, measure: str) -> None:
    compare(("selmodel_3PSM_",), name, measure)


def parts(results: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {"": results} | {k: v for k, v in results.items() if isinstance(v, dict)}


@every_set
def test_every_key_is_compared(name: str, measure: str) -> None:
    keys = [key for key in parts(reference(name).results)[measure] if FAMILIES.match(key)]
    assert keys
    for key in keys:
        assert sum(key.startswith(prefix) for prefix in COMPARE) == 1, f"{key} is not compared"


def test_every_comparison_is_run() -> None:
    source = Path(__file__).read_text("utf-8").partition("every_set =")[2]
    assert all(f'"{prefix}"' in source for prefix in COMPARE)


def test_every_set_is_listed() -> None:
    for path in [*OURS.glob("*.json"), *BESIDE.glob("*.json")]:
        for measure, part in parts(json.loads(path.read_text("utf-8"))).items():
            if any(FAMILIES.match(key) for key in part):
                assert (path.stem, measure) in SETS
