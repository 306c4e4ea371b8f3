"""Two independent groups with means and standard deviations."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synaptrial.synthesis.effects.given import Given, Numbers, missing, read, refuse
from synaptrial.synthesis.effects.hedges import EXACT, hedges_j
from synaptrial.synthesis.effects.size import Array, EffectSize
from synaptrial.synthesis.options import choose

Pair = tuple[Array, Array]
COX = 1.65  # log odds per SD (Cox and Snell 1989)
LOGISTIC = np.pi / np.sqrt(3.0)  # SD of the logistic distribution
VTYPES = {
    "MD": ("LS", "HO"), "ROM": ("LS", "HO"), "SMD": ("LS", "LS2", "UB", "AV"),
}  # fmt: skip


def effect_from_means(
    measure: str,
    *,
    sd1i: Numbers,
    n1i: Numbers,
    sd2i: Numbers,
    n2i: Numbers,
    m1i: Numbers | None = None,
    m2i: Numbers | None = None,
    vtype: str = "LS",
) -> EffectSize:
    """Group 1 minus group 2 (or over it), from means m, SDs sd and sizes n; floats or (k,).

    measure: MD; SMD (pooled SD, exact J), SMDH (mean of the variances), SMD1 (SD of
    group 2); ROM, VR, CVR (log ratio of means, SDs, coefficients of variation; VR takes no
    means); D2ORN, D2ORL (standardised difference as log odds ratio; normal, logistic).
    vtype: MD, ROM: LS, HO (one variance in both groups). SMD: LS, LS2, UB, AV (from the mean of
    all studies). As metafor 3.8 computes them. Raises InputError.
    """
    choose("measure", measure, tuple(_FORMULAS))
    choose("vtype", vtype, VTYPES.get(measure, ("LS",)))
    given = read(m1i=m1i, sd1i=sd1i, n1i=n1i, m2i=m2i, sd2i=sd2i, n2i=n2i)
    given.above(0, "sd1i", "sd2i").at_least(2, "n1i", "n2i")
    if measure != "VR":
        missing(given, measure, "m1i", "m2i")
    compute, formula = _FORMULAS[measure]
    yi, vi = compute(given, vtype)
    suffix = f"; variance {vtype}" if measure in VTYPES else ""
    return given.effect(measure, yi, vi, formula + suffix)


def smd_from_d(d: Array, n1: Array, n2: Array, vtype: str) -> Pair:
    """Hedges' g and its variance from an uncorrected standardised difference."""
    n, m = n1 + n2, n1 + n2 - 2
    j, invs = hedges_j(m), 1 / n1 + 1 / n2
    g = j * d
    if vtype == "LS2":
        return g, j**2 * (invs + d**2 / (2 * n))
    if vtype == "UB":
        return g, invs + (1 - (m - 2) / (m * j**2)) * g**2
    centre = np.sum(n * g) / np.sum(n) if vtype == "AV" else g
    return g, invs + centre**2 / (2 * n)


def pooled_sd(x: Given) -> Array:
    """Square root of the variances' mean, weighted by n - 1."""
    a, b = x["n1i"] - 1, x["n2i"] - 1
    return np.sqrt((a * x["sd1i"] ** 2 + b * x["sd2i"] ** 2) / (a + b))


def _d(x: Given) -> Array:
    return (x["m1i"] - x["m2i"]) / pooled_sd(x)


def _sds(x: Given, vtype: str) -> Pair:
    return (pooled_sd(x), pooled_sd(x)) if vtype == "HO" else (x["sd1i"], x["sd2i"])


def _md(x: Given, vtype: str) -> Pair:
    s1, s2 = _sds(x, vtype)
    return x["m1i"] - x["m2i"], s1**2 / x["n1i"] + s2**2 / x["n2i"]


def _smd(x: Given, vtype: str) -> Pair:
    return smd_from_d(_d(x), x["n1i"], x["n2i"], vtype)


def _smdh(x: Given, vtype: str) -> Pair:
    v1, v2, f1, f2 = x["sd1i"] ** 2, x["sd2i"] ** 2, x["n1i"] - 1, x["n2i"] - 1
    v, j = (v1 + v2) / 2, hedges_j(f1 + f2)
    g = j * (x["m1i"] - x["m2i"]) / np.sqrt(v)
    spread = g**2 * (v1**2 / f1 + v2**2 / f2) / (8 * v**2)
    return g, j**2 * (spread + (v1 / f1 + v2 / f2) / v)


def _smd1(x: Given, vtype: str) -> Pair:
    refuse(x["n2i"] < 3, "n2i", x["n2i"], "at least 3 for SMD1")
    g = hedges_j(x["n2i"] - 1) * (x["m1i"] - x["m2i"]) / x["sd2i"]
    return g, 1 / x["n1i"] + 1 / x["n2i"] + g**2 / (2 * x["n2i"])


def _rom(x: Given, vtype: str) -> Pair:
    same_sign(x)
    s1, s2 = _sds(x, vtype)
    return np.log(x["m1i"] / x["m2i"]), _cv2(s1, x["m1i"], x["n1i"]) + _cv2(s2, x["m2i"], x["n2i"])


def same_sign(x: Given) -> None:
    """Raises InputError where the means have no ratio."""
    opposite = np.sign(x["m1i"]) * np.sign(x["m2i"]) <= 0
    refuse(opposite, "m1i", x["m1i"], "a mean of the same sign as m2i, not 0")
    x.not_0("a mean that is not 0", "m1i", "m2i")


def _vr(x: Given, vtype: str) -> Pair:
    a, b = 1 / (2 * (x["n1i"] - 1)), 1 / (2 * (x["n2i"] - 1))
    return np.log(x["sd1i"] / x["sd2i"]) + a - b, a + b


def _cvr(x: Given, vtype: str) -> Pair:
    x.above(0, "m1i", "m2i")
    (ratio, of_ratio), (_, of_means) = _vr(x, vtype), _rom(x, "LS")
    return ratio - np.log(x["m1i"] / x["m2i"]), of_ratio + of_means


def _cv2(sd: Array, mean: Array, n: Array) -> Array:
    return sd**2 / (n * mean**2)


def _d2or(scale: float) -> Callable[[Given, str], Pair]:
    def compute(x: Given, vtype: str) -> Pair:
        d, invs = _d(x), 1 / x["n1i"] + 1 / x["n2i"]
        return scale * d, scale**2 * (invs + d**2 / (2 * (x["n1i"] + x["n2i"])))

    return compute


_FORMULAS: dict[str, tuple[Callable[[Given, str], Pair], str]] = {
    "MD": (_md, "difference in means, variances not taken as equal unless HO"),
    "SMD": (_smd, f"standardised difference, pooled SD, {EXACT}; variances: Hedges and Olkin 1985"),
    "SMDH": (_smdh, f"difference over the root of the mean variance, {EXACT}; Bonett 2009"),
    "SMD1": (_smd1, f"difference over the SD of group 2 (Glass), {EXACT}; Hedges 1981"),
    "ROM": (_rom, "log ratio of means (Hedges, Gurevitch and Curtis 1999)"),
    "VR": (_vr, "log ratio of SDs (Nakagawa et al. 2015)"),
    "CVR": (_cvr, "log ratio of coefficients of variation (Nakagawa et al. 2015)"),
    "D2ORN": (_d2or(COX), "standardised difference times 1.65 (Cox and Snell 1989), no J"),
    "D2ORL": (_d2or(LOGISTIC), "standardised difference times pi/sqrt(3) (logistic), no J"),
}
MEASURES = tuple(_FORMULAS)
