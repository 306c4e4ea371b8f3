"""Refits of a 20-study random-effects meta-analysis: ours against statsmodels and PyMARE.

Each engine refits bootstrap samples of one made-up data set. Error: the largest difference of
tau2 from the maximum that SciPy's bounded search finds on the restricted likelihood, or the root
for Paule and Mandel, over CHECKED samples, relative to tau2 with a floor of 1e-3.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from scipy import optimize

from synaptrial.synthesis import rma_batch

K, REFITS, CHECKED = 20, 100_000, 200
ONE_BY_ONE = 2_000  # refits of an engine that takes one data set at a time
Fit = Callable[[np.ndarray, np.ndarray], np.ndarray]  # yi, vi (B, k) -> tau2 (B,)


def samples(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Bootstrap samples of 20 made-up standardised differences; (count, K) each."""
    rng = np.random.default_rng(20)
    v = rng.uniform(0.02, 0.3, K)
    y = rng.normal(0.3, np.sqrt(0.1 + v))
    chosen = rng.integers(K, size=(count, K))
    return y[chosen], v[chosen]


def ours(method: str) -> Fit:
    return lambda y, v: rma_batch(y, v, method=method).tau2


def statsmodels(y: np.ndarray, v: np.ndarray) -> np.ndarray:
    # at its own tolerance: a tighter one meets rounding, which it takes for tau2 = 0
    from statsmodels.stats.meta_analysis import combine_effects

    return np.array(
        [
            combine_effects(a, b, method_re="iterated", use_t=True).tau2
            for a, b in zip(y, v, strict=True)
        ]
    )


def pymare(y: np.ndarray, v: np.ndarray) -> np.ndarray:
    from pymare.estimators import VarianceBasedLikelihoodEstimator

    x = np.ones((y.shape[1], 1))
    fit = VarianceBasedLikelihoodEstimator(method="REML").fit(y.T, v.T, x)
    return np.asarray(fit.params_["tau2"]).ravel()


def truth(y: np.ndarray, v: np.ndarray, method: str) -> float:
    """tau2 by a search that shares no code with the package."""

    def parts(tau2: float) -> tuple[np.ndarray, float]:
        w = 1 / (v + tau2)
        return w, float(w @ (y - w @ y / w.sum()) ** 2)

    if method == "PM":
        excess = lambda t: parts(t)[1] - (len(y) - 1)  # noqa: E731
        return optimize.brentq(excess, 0, 100, xtol=1e-13) if excess(0) > 0 else 0.0

    def loss(tau2: float) -> float:
        w, q = parts(tau2)
        return -np.log(w).sum() + np.log(w.sum()) + q

    def score(tau2: float) -> float:
        w, _ = parts(tau2)
        return float(w**2 @ (y - w @ y / w.sum()) ** 2 - w.sum() + w @ w / w.sum())

    near = float(optimize.minimize_scalar(loss, bounds=(0, 10), options={"xatol": 1e-9}).x)
    if score(0.9 * near) * score(1.1 * near) > 0:
        return 0.0  # the likelihood only falls
    return optimize.brentq(score, 0.9 * near, 1.1 * near, xtol=1e-14)


def row(engine: str, package: str, method: str, fit: Fit, count: int) -> dict[str, Any]:
    """Speed and error of one engine, or the reason why there is none."""
    head = {"engine": engine, "version": None, "method": method, "cores": 1}
    try:
        head["version"] = version(package)
        y, v = samples(count)
        fit(y[:8], v[:8])
        start = time.perf_counter()
        tau2 = fit(y, v)
        seconds = time.perf_counter() - start
    except (ImportError, PackageNotFoundError) as missing:
        return head | {"refits_per_s": None, "worst_error": None, "reason": str(missing)}
    true = np.array([truth(y[i], v[i], method) for i in range(CHECKED)])
    error = np.max(np.abs(tau2[:CHECKED] - true) / np.maximum(true, 1e-3))
    return head | {"refits_per_s": count / seconds, "refits": count, "worst_error": float(error)}


def main() -> None:
    rows = [
        row("Synaptrial", "synaptrial", "REML", ours("REML"), REFITS),
        row("PyMARE", "pymare", "REML", pymare, REFITS),
        row("Synaptrial", "synaptrial", "PM", ours("PM"), REFITS),
        row("statsmodels", "statsmodels", "PM", statsmodels, ONE_BY_ONE),
    ]
    speed = {(r["engine"], r["method"]): r["refits_per_s"] for r in rows}
    ratios = {
        r["engine"]: speed["Synaptrial", r["method"]] / r["refits_per_s"]
        for r in rows
        if r["engine"] != "Synaptrial" and r["refits_per_s"]
    }
    problem = f"{REFITS:,} bootstrap refits of a random-effects meta-analysis of {K} studies"
    print(json.dumps({"problem": problem, "rows": rows, "ratios": ratios}))


if __name__ == "__main__":
    main()
