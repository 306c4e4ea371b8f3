"""The same people measured twice: change in one arm, and crossover trials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from synaptrial.synthesis.effects.given import Given, Numbers, missing, read
from synaptrial.synthesis.effects.hedges import EXACT, hedges_j
from synaptrial.synthesis.effects.means import effect_from_means, same_sign
from synaptrial.synthesis.effects.size import Array, EffectSize
from synaptrial.synthesis.options import choose

Pair = tuple[Array, Array]


def effect_from_pairs(
    measure: str,
    *,
    m1i: Numbers,
    m2i: Numbers,
    sd1i: Numbers,
    ni: Numbers,
    ri: Numbers,
    sd2i: Numbers | None = None,
) -> EffectSize:
    """Mean at time 1 minus mean at time 2 of ni people with correlation ri; floats or (k,).

    measure: MC (raw change); SMCC (over the SD of the change); SMCR, SMCRH (over sd1i; SMCRH
    does not take the variances as equal); ROMC (log ratio). For change since baseline give the
    end as 1 and the baseline as 2, and as sd1i of SMCR the SD that is to standardise; only SMCR
    does without sd2i. As metafor 3.8 computes them. Raises InputError.
    """
    choose("measure", measure, MEASURES)
    given = read(m1i=m1i, sd1i=sd1i, m2i=m2i, sd2i=sd2i, ni=ni, ri=ri)
    given.above(0, "sd1i", "sd2i").at_least(2 if measure in ("MC", "ROMC") else 3, "ni")
    correlation(given, "ri")
    if measure != "SMCR":
        missing(given, measure, "sd2i")
    compute, formula = _FORMULAS[measure]
    return given.effect(measure, *compute(given), formula)


def effect_from_crossover(
    measure: str,
    *,
    m1i: Numbers,
    sd1i: Numbers,
    m2i: Numbers,
    sd2i: Numbers,
    ni: Numbers,
    ri: Numbers,
) -> EffectSize:
    """Treatment 1 minus treatment 2, both periods, ni people, within-person correlation ri.

    measure: MD; SMD over the root of the mean variance, no small-sample correction, with the
    standard error of the Cochrane Handbook (5.1: 16.4.6.4; 6: 23.2.7). Floats or (k,). Carry-over
    and period effects are taken as absent. Raises InputError.
    """
    choose("measure", measure, ("MD", "SMD"))
    given = read(m1i=m1i, sd1i=sd1i, m2i=m2i, sd2i=sd2i, ni=ni, ri=ri)
    correlation(given.above(0, "sd1i", "sd2i").at_least(2, "ni"), "ri")
    if measure == "MD":
        return given.effect(measure, *_mc(given), f"paired crossover. {_NO_PERIOD}")
    d = (given["m1i"] - given["m2i"]) / np.sqrt((given["sd1i"] ** 2 + given["sd2i"] ** 2) / 2)
    vi = (1 / given["ni"] + d**2 / (2 * given["ni"])) * 2 * (1 - given["ri"])
    return given.effect(measure, d, vi, f"paired crossover (Cochrane Handbook). {_NO_PERIOD}")


def effect_from_first_period(
    measure: str,
    *,
    m1i: Numbers,
    sd1i: Numbers,
    n1i: Numbers,
    m2i: Numbers,
    sd2i: Numbers,
    n2i: Numbers,
) -> EffectSize:
    """A crossover trial as its first period alone: two parallel groups, see effect_from_means."""
    out = effect_from_means(measure, m1i=m1i, sd1i=sd1i, n1i=n1i, m2i=m2i, sd2i=sd2i, n2i=n2i)
    return replace(out, trace=(*out.trace, "crossover trial: first period only, parallel groups"))


def change_variance(sd1: Array, sd2: Array, r: Array) -> Array:
    """Variance of a difference of two correlated numbers."""
    return sd1**2 + sd2**2 - 2 * r * sd1 * sd2


def correlation(given: Given, *names: str) -> None:
    """Raises InputError unless strictly between -1 and 1."""
    given.need(lambda x: np.abs(x) < 1, "a correlation between -1 and 1, ends excluded", *names)


def _between(x: Given) -> Array:
    return change_variance(x["sd1i"], x["sd2i"], x["ri"])


def _mc(x: Given) -> Pair:
    return x["m1i"] - x["m2i"], _between(x) / x["ni"]


def _smcc(x: Given) -> Pair:
    g = hedges_j(x["ni"] - 1) * (x["m1i"] - x["m2i"]) / np.sqrt(_between(x))
    return g, 1 / x["ni"] + g**2 / (2 * x["ni"])


def _raw(x: Given) -> Array:
    return hedges_j(x["ni"] - 1) * (x["m1i"] - x["m2i"]) / x["sd1i"]


def _smcr(x: Given) -> Pair:
    g = _raw(x)
    return g, 2 * (1 - x["ri"]) / x["ni"] + g**2 / (2 * x["ni"])


def _smcrh(x: Given) -> Pair:
    g, df = _raw(x), x["ni"] - 1
    return g, hedges_j(df) ** 2 * (_between(x) / (x["sd1i"] ** 2 * df) + g**2 / (2 * df))


def _romc(x: Given) -> Pair:
    same_sign(x)
    cv1, cv2 = x["sd1i"] / x["m1i"], x["sd2i"] / x["m2i"]
    return np.log(x["m1i"] / x["m2i"]), change_variance(cv1, cv2, x["ri"]) / x["ni"]


_NO_PERIOD = "Carry-over and period effects taken as absent"
_FORMULAS: dict[str, tuple[Callable[[Given], Pair], str]] = {
    "MC": (_mc, "mean change, variance from the correlation"),
    "SMCC": (_smcc, f"mean change over the SD of the change, {EXACT}; Gibbons et al. 1993"),
    "SMCR": (_smcr, f"mean change over sd1i, {EXACT}; Becker 1988"),
    "SMCRH": (_smcrh, f"mean change over sd1i, {EXACT}; Bonett 2008, corrected value plugged in"),
    "ROMC": (_romc, "log ratio of means of pairs (Lajeunesse 2011)"),
}
MEASURES = tuple(_FORMULAS)
