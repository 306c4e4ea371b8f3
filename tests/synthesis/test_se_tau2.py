"""The standard error of tau2 belongs to the tau2 that is returned, by every estimator."""

from __future__ import annotations

import numpy as np
import pytest

from synaptrial.synthesis import rma
from synaptrial.synthesis.heterogeneity import METHODS

RNG = np.random.default_rng(20261129)
SETS = [
    (spread * RNG.normal(size=k), RNG.choice([1e-3, 0.05, 1, 20], size=k) * RNG.uniform(0.5, 2, k))
    for k in (2, 3, 4, 6, 9)
    for spread in (0.05, 1, 5)
    for _ in range(8)
] + [  # likelihoods of two hills, by REML and by ML
    (np.array([3.16, -3.66, -3.6]), np.array([4.9136, 0.0008, 0.0003])),
    (np.array([-0.71, -0.2, -4.86, 3.72, -0.19]), np.array([6.585, 0.0008, 2.8055, 5.34, 0.0884])),
    (np.array([-0.34, -7.55, 1.12]), np.array([0.031, 5.114, 4.082])),
]  # fmt: skip


def expected(method: str, y: np.ndarray, v: np.ndarray, x: np.ndarray, tau2: float) -> float:
    """Viechtbauer 2005's formulas, and those of metafor, on whole matrices."""
    k, p = x.shape

    def maker(w: np.ndarray) -> np.ndarray:
        wx = w[:, None] * x
        return np.diag(w) - wx @ np.linalg.inv(x.T @ wx) @ wx.T

    m, w = np.diag(v + tau2), 1 / (v + tau2)
    if method == "ML":
        return float(np.sqrt(2 / np.sum(w**2)))
    if method == "REML":
        return float(np.sqrt(2 / np.sum(maker(w) ** 2)))
    if method in ("PM", "EB"):
        return float(np.sqrt(2 * k**2 / (k - p)) / np.sum(w))
    if method in ("DL", "HS"):
        a = maker(1 / v)
        scale = np.trace(a) if method == "DL" else np.sum(1 / v)
    elif method == "HE":
        a, scale = maker(np.ones(k)), k - p
    else:
        start = np.mean((y - y.mean()) ** 2)
        a, scale = maker(1 / (v + start)), (k - p) / start
    return float(np.sqrt(2 * np.trace(a @ m @ a @ m)) / scale)


@pytest.mark.parametrize("method", [m for m in METHODS if m != "EE"])
@pytest.mark.parametrize("moderator", [False, True])
@pytest.mark.filterwarnings("error")
def test_it_belongs_to_the_tau2_returned(method: str, moderator: bool) -> None:
    moved = 0
    for y, v in SETS:
        if moderator and y.size < 4:
            continue
        mods = np.arange(y.size) ** 1.5 if moderator else None
        fit = rma(y, v, mods=mods, method=method, test="z")
        moved += any("likelihood is higher" in said for said in fit.warnings)
        want = expected(method, y, v, fit.x, fit.tau2)
        assert fit.se_tau2 == pytest.approx(want, rel=1e-6)
    if method in ("ML", "REML") and not moderator:
        assert moved > 0


def test_a_tau2_moved_to_0_has_the_standard_error_of_0() -> None:
    fit = rma([-0.34, -7.55, 1.12], [0.031, 5.114, 4.082], method="ML")
    assert fit.tau2 == 0
    assert fit.se_tau2 == pytest.approx(np.sqrt(2 / np.sum(fit.vi**-2.0)), rel=1e-12)
