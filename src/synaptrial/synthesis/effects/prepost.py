"""Two arms, each measured before and after."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synaptrial.synthesis.effects.given import Given, Numbers, read
from synaptrial.synthesis.effects.hedges import EXACT, hedges_j, hedges_j_approximate
from synaptrial.synthesis.effects.pairs import change_variance, correlation
from synaptrial.synthesis.effects.size import Array, EffectSize
from synaptrial.synthesis.options import choose

Pair = tuple[Array, Array]


def effect_from_pre_post(
    measure: str,
    *,
    pre1i: Numbers,
    sdpre1i: Numbers,
    m1i: Numbers,
    sd1i: Numbers,
    n1i: Numbers,
    pre2i: Numbers,
    sdpre2i: Numbers,
    m2i: Numbers,
    sd2i: Numbers,
    n2i: Numbers,
    ri: Numbers,
) -> EffectSize:
    """Change of arm 1 minus change of arm 2, change being end (m, sd) minus baseline (pre, sdpre).

    ri: correlation of baseline and end, taken as one in both arms. Floats or (k,).
    measure: MCD (raw changes); SMCRD (each change over its own baseline SD, exact J, Becker
    1988); DPPC2 (over the pooled baseline SD, J = 1 - 3/(4 df - 1), variance by equation 25 of
    Morris 2008 with the estimate in place of the parameter). Raises InputError.
    """
    choose("measure", measure, MEASURES)
    given = read(
        pre1i=pre1i, sdpre1i=sdpre1i, m1i=m1i, sd1i=sd1i, n1i=n1i,
        pre2i=pre2i, sdpre2i=sdpre2i, m2i=m2i, sd2i=sd2i, n2i=n2i, ri=ri,
    )  # fmt: skip
    given.above(0, "sdpre1i", "sd1i", "sdpre2i", "sd2i").at_least(3, "n1i", "n2i")
    correlation(given, "ri")
    compute, formula = _FORMULAS[measure]
    return given.effect(measure, *compute(given), formula)


def _mcd(x: Given) -> Pair:
    var1 = change_variance(x["sd1i"], x["sdpre1i"], x["ri"]) / x["n1i"]
    var2 = change_variance(x["sd2i"], x["sdpre2i"], x["ri"]) / x["n2i"]
    return (x["m1i"] - x["pre1i"]) - (x["m2i"] - x["pre2i"]), var1 + var2


def _smcrd(x: Given) -> Pair:
    (g1, v1), (g2, v2) = _arm(x, "1"), _arm(x, "2")
    return g1 - g2, v1 + v2


def _arm(x: Given, arm: str) -> Pair:
    n = x[f"n{arm}i"]
    g = hedges_j(n - 1) * (x[f"m{arm}i"] - x[f"pre{arm}i"]) / x[f"sdpre{arm}i"]
    return g, 2 * (1 - x["ri"]) / n + g**2 / (2 * n)


def _dppc2(x: Given) -> Pair:
    a, b = x["n1i"] - 1, x["n2i"] - 1
    df, rest = a + b, 2 * (1 - x["ri"]) * (1 / x["n1i"] + 1 / x["n2i"])
    sd = np.sqrt((a * x["sdpre1i"] ** 2 + b * x["sdpre2i"] ** 2) / df)
    j = hedges_j_approximate(df)
    g = j * _mcd(x)[0] / sd
    return g, j**2 * rest * df / (df - 2) * (1 + g**2 / rest) - g**2


_FORMULAS: dict[str, tuple[Callable[[Given], Pair], str]] = {
    "MCD": (_mcd, "difference in mean change, variances from the correlation"),
    "SMCRD": (
        _smcrd,
        f"difference of changes, each over its own baseline SD, {EXACT}; Becker 1988",
    ),
    "DPPC2": (_dppc2, "difference of changes over the pooled baseline SD (dppc2, Morris 2008)"),
}
MEASURES = tuple(_FORMULAS)
