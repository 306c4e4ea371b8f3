"""Effects that a paper reports itself: an estimate with its uncertainty, or a test statistic."""

from __future__ import annotations

import numpy as np
from scipy import stats

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.effects.given import Given, Numbers, missing, read
from synaptrial.synthesis.effects.hedges import EXACT
from synaptrial.synthesis.effects.means import VTYPES, smd_from_d
from synaptrial.synthesis.effects.size import Array, EffectSize
from synaptrial.synthesis.effects.spread import se_from_ci, two_sided
from synaptrial.synthesis.options import choose


def effect_from_estimate(
    measure: str, *, yi: Numbers, sei: Numbers | None = None, vi: Numbers | None = None
) -> EffectSize:
    """A reported estimate with its standard error or its variance, never both; floats or (k,).

    The standard error may come from se_from_ci, se_from_t, se_from_f or se_from_p. Ratios on the
    log scale. measure and sign are the caller's. Raises InputError.
    """
    if (sei is None) == (vi is None):
        found = "neither" if sei is None else "both"
        raise InputError("sei, vi", found, "a standard error as sei, or a variance as vi")
    given = read(yi=yi, sei=sei, vi=vi).above(0, "sei", "vi")
    if "vi" in given:
        return given.effect(measure, given["yi"], given["vi"], "estimate and variance as given")
    return given.effect(measure, given["yi"], given["sei"] ** 2, "estimate as given, vi = SE^2")


def effect_from_ratio(
    measure: str,
    *,
    ratio: Numbers,
    ci_low: Numbers,
    ci_high: Numbers,
    level: float = 0.95,
) -> EffectSize:
    """A reported ratio with its interval (OR 0.6, 0.4 to 0.9), put on the log scale; floats or
    (k,). Raises InputError."""
    given = read(ratio=ratio, ci_low=ci_low, ci_high=ci_high)
    given.above(0, "ratio", "ci_low", "ci_high")
    log = {name: np.log(x) for name, x in given.values.items()}
    se = se_from_ci(yi=log["ratio"], ci_low=log["ci_low"], ci_high=log["ci_high"], level=level)
    steps = (*given.trace, "natural logarithm of the ratio and of its interval", *se.trace)
    return Given({}, steps).effect(measure, log["ratio"], np.square(se.value), "vi = SE^2")


def smd_from_test(
    *,
    n1i: Numbers,
    n2i: Numbers,
    ti: Numbers | None = None,
    fi: Numbers | None = None,
    pi: Numbers | None = None,
    sign: Numbers | None = None,
    vtype: str = "LS",
) -> EffectSize:
    """SMD of two independent groups from one of: t; F (1 numerator degree of freedom); two-sided
    p, of a test with equal variances. J and variance as in effect_from_means.

    sign: +1 or -1, the direction of group 1 minus group 2; needed for F and p, which have none,
    refused for t, which has one. Floats or (k,). Raises InputError.
    """
    choose("vtype", vtype, VTYPES["SMD"])
    if sum(x is not None for x in (ti, fi, pi)) != 1:
        raise InputError("ti, fi, pi", "none or several", "one of them")
    given = read(ti=ti, fi=fi, pi=pi, n1i=n1i, n2i=n2i, sign=sign).at_least(2, "n1i", "n2i")
    n1, n2 = given["n1i"], given["n2i"]
    d = _t(given) * np.sqrt(1 / n1 + 1 / n2)
    formula = f"d = t sqrt(1/n1 + 1/n2), {EXACT}; variance {vtype}"
    return given.effect("SMD", *smd_from_d(d, n1, n2, vtype), formula)


def _t(given: Given) -> Array:
    if "ti" in given:
        if "sign" in given:
            raise InputError("sign", "a sign beside ti", "no sign: t has its own")
        return given["ti"]
    missing(given, "F and p, which have no direction", "sign")
    given.need(lambda x: np.abs(x) == 1, "+1 or -1", "sign")
    if "fi" in given:
        return given["sign"] * np.sqrt(given.at_least(0, "fi")["fi"])
    two_sided(given)
    return given["sign"] * stats.t.isf(given["pi"] / 2, given["n1i"] + given["n2i"] - 2)
