"""Standard errors and standard deviations from what was reported instead.

Each takes floats or arrays (k,), returns a Quantity (the number with its trace), and raises
InputError. Sections are those of the Cochrane Handbook, version 6.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from synaptrial.synthesis.effects.given import Given, Numbers, read, refuse
from synaptrial.synthesis.effects.pairs import change_variance, correlation
from synaptrial.synthesis.effects.size import Array, Quantity
from synaptrial.synthesis.options import check_level, percent

LEAST_P, LEAST = 1e-300, 1e-12  # of a p value, and of its distance from 1


def se_from_ci(
    *,
    ci_low: Numbers,
    ci_high: Numbers,
    level: float = 0.95,
    df: Numbers | None = None,
    yi: Numbers | None = None,
) -> Quantity:
    """Half the width over the quantile: normal, or t where df is given (6.3). yi, where given,
    must lie inside."""
    given = read(yi=yi, ci_low=ci_low, ci_high=ci_high, df=df).above(0, "df")
    half = _half_width(given, level)
    told = Given(given.values, (*given.trace, *_off_centre(given)))
    law = "t" if "df" in given else "normal"
    formula = f"SE = half the width of the {percent(level)}% interval over the {law} quantile"
    return told.quantity("SE", half / _quantile(given, (1 - level) / 2), formula)


def se_from_t(*, yi: Numbers, ti: Numbers) -> Quantity:
    """|yi / ti|, for an estimate and its t or z statistic (6.5.2.3)."""
    given = read(yi=yi, ti=ti).not_0("not 0: it carries no SE", "ti", "yi")
    opposite = np.sign(given["yi"]) != np.sign(given["ti"])
    refuse(opposite, "ti", given["ti"], "the sign of yi", "Check the arms.")
    return given.quantity("SE", given["yi"] / given["ti"], "SE = estimate / t")


def se_from_f(*, yi: Numbers, fi: Numbers) -> Quantity:
    """|yi| / sqrt(F), for an F test with one degree of freedom in the numerator (t^2 = F)."""
    given = read(yi=yi, fi=fi).not_0("not 0: it carries no SE", "yi")
    given.above(0, "fi")
    formula = "SE = |estimate| / sqrt(F), F with 1 numerator degree of freedom"
    return given.quantity("SE", np.abs(given["yi"]) / np.sqrt(given["fi"]), formula)


def se_from_p(*, yi: Numbers, pi: Numbers, df: Numbers | None = None) -> Quantity:
    """|yi| over the quantile of a two-sided p value; normal, or t where df is given (6.5.2.3)."""
    given = read(yi=yi, pi=pi, df=df).not_0("not 0: it carries no SE", "yi")
    two_sided(given.above(0, "df"))
    law = "t" if "df" in given else "normal"
    formula = f"SE = |estimate| over the {law} quantile of the two-sided p"
    return given.quantity("SE", np.abs(given["yi"]) / _quantile(given, given["pi"] / 2), formula)


def sd_from_se(*, sei: Numbers, ni: Numbers) -> Quantity:
    """SD of one group from the standard error of its mean: SE sqrt(n) (6.5.2.2)."""
    given = read(sei=sei, ni=ni).above(0, "sei").at_least(2, "ni")
    return given.quantity("SD", given["sei"] * np.sqrt(given["ni"]), "SD = SE sqrt(n)")


def sd_from_ci(*, ci_low: Numbers, ci_high: Numbers, ni: Numbers, level: float = 0.95) -> Quantity:
    """SD of one group from the interval of its mean, t with n - 1 (6.5.2.2)."""
    given = read(ci_low=ci_low, ci_high=ci_high, ni=ni).at_least(2, "ni")
    half = _half_width(given, level)
    t = stats.t.isf((1 - level) / 2, given["ni"] - 1)
    formula = f"SD = sqrt(n) times half the width of the {percent(level)}% interval over t(n - 1)"
    return given.quantity("SD", np.sqrt(given["ni"]) * half / t, formula)


def sd_from_difference_se(*, sei: Numbers, n1i: Numbers, n2i: Numbers) -> Quantity:
    """One SD for both groups from the SE of their difference in means (6.5.2.3)."""
    given = read(sei=sei, n1i=n1i, n2i=n2i).above(0, "sei").at_least(2, "n1i", "n2i")
    sd = given["sei"] / np.sqrt(1 / given["n1i"] + 1 / given["n2i"])
    return given.quantity("SD", sd, "SD = SE / sqrt(1/n1 + 1/n2), taken as one in both groups")


def sd_of_change(*, sd1i: Numbers, sd2i: Numbers, ri: Numbers) -> Quantity:
    """SD of end minus baseline from both SDs and their correlation (6.5.2.8)."""
    given = read(sd1i=sd1i, sd2i=sd2i, ri=ri).above(0, "sd1i", "sd2i")
    correlation(given, "ri")
    sd = np.sqrt(change_variance(given["sd1i"], given["sd2i"], given["ri"]))
    return given.quantity("SD of change", sd, "SD of change = sqrt(sd1^2 + sd2^2 - 2 r sd1 sd2)")


def correlation_from_change(*, sd1i: Numbers, sd2i: Numbers, sd_change: Numbers) -> Quantity:
    """Correlation of baseline and end from the three SDs (6.5.2.8)."""
    given = read(sd1i=sd1i, sd2i=sd2i, sd_change=sd_change)
    s1, s2, sc = (given.above(0, name)[name] for name in ("sd1i", "sd2i", "sd_change"))
    low, high = np.abs(s1 - s2), s1 + s2
    refuse((sc <= low) | (sc >= high), "sd_change", sc, "between |sd1i - sd2i| and sd1i + sd2i")
    r = (s1**2 + s2**2 - sc**2) / (2 * s1 * s2)
    return given.quantity("r", r, "r = (sd1^2 + sd2^2 - sd_change^2) / (2 sd1 sd2)")


def two_sided(given: Given) -> None:
    """Raises InputError unless pi lies between 0 and 1, and not so near that rounding decides; a
    bound (p < 0.001) is no p value."""
    accepted = "a p value between 0 and 1, ends excluded"
    given.need(lambda x: (x >= LEAST_P) & (x <= 1 - LEAST), accepted, "pi")


def _half_width(given: Given, level: float) -> Array:
    check_level(level)
    low, high = given["ci_low"], given["ci_high"]
    refuse(high <= low, "ci_high", high, "a number above ci_low")
    if "yi" in given:
        outside = (given["yi"] <= low) | (given["yi"] >= high)
        refuse(outside, "yi", given["yi"], "between ci_low and ci_high", "Is one on a log scale?")
    return (high - low) / 2


def _off_centre(given: Given) -> tuple[str, ...]:
    """A sentence where the estimate lies more than a tenth of the half-width off the middle."""
    if "yi" not in given:
        return ()
    low, high = given["ci_low"], given["ci_high"]
    off = np.max(np.abs(2 * given["yi"] - low - high) / (high - low))
    said = f"caution: an estimate lies {off:.0%} of the half-width off the middle of its interval"
    return (said,) if off > 0.1 else ()


def _quantile(given: Given, tail: Array | float) -> Array:
    if "df" in given:
        return np.asarray(stats.t.isf(tail, given["df"]))
    return np.asarray(stats.norm.isf(tail))
