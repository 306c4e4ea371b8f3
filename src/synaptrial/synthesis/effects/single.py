"""One group: a mean, a proportion, a correlation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from synaptrial.synthesis.effects.given import Given, Numbers, missing, read, refuse
from synaptrial.synthesis.effects.pairs import correlation
from synaptrial.synthesis.effects.size import Array, EffectSize, Value, as_given
from synaptrial.synthesis.options import choose

Pair = tuple[Array, Array]
PROPORTIONS = ("PR", "PLN", "PLO", "PAS", "PFT")


def effect_from_mean(*, mi: Numbers, sdi: Numbers, ni: Numbers) -> EffectSize:
    """The mean of one group, measure MN; floats or (k,). Raises InputError."""
    given = read(mi=mi, sdi=sdi, ni=ni).above(0, "sdi").at_least(2, "ni")
    return given.effect("MN", given["mi"], given["sdi"] ** 2 / given["ni"], "mean, variance sd^2/n")


def effect_from_correlation(*, ri: Numbers, ni: Numbers) -> EffectSize:
    """Fisher's z of a correlation, measure ZCOR; floats or (k,). Raises InputError."""
    given = read(ri=ri, ni=ni).at_least(5, "ni")
    correlation(given, "ri")
    formula = "Fisher's z = artanh(r), variance 1/(n - 3)"
    return given.effect("ZCOR", np.arctanh(given["ri"]), 1 / (given["ni"] - 3), formula)


def effect_from_proportion(
    measure: str,
    *,
    xi: Numbers,
    ni: Numbers,
    add: float | None = None,
    to: str = "only0",
) -> EffectSize:
    """xi of ni people with the event in one group; floats or (k,).

    measure: PR (raw), PLN (log), PLO (logit), PAS (arcsine), PFT (Freeman-Tukey double arcsine).
    add to xi and to ni - xi where one is 0 (to = only0), everywhere (all), or nowhere (none); by
    default 1/2, and 0 for PAS and PFT. As metafor 3.8. Raises InputError.
    """
    choose("measure", measure, PROPORTIONS)
    choose("to", to, ("only0", "all", "none"))
    given = read(xi=xi, ni=ni).at_least(0, "xi").above(0, "ni")
    refuse(given["xi"] > given["ni"], "xi", given["xi"], "at most ni", "Are they swapped?")
    add = (0.0 if measure in ("PAS", "PFT") else 0.5) if add is None else add
    x, rest = given["xi"], given["ni"] - given["xi"]
    where = {"only0": (x == 0) | (rest == 0), "all": np.full(x.shape, True)}.get(to, False)
    more = np.where(where, add, 0.0)
    said = (f"{add:g} added to events and others where one is 0",) if np.any(more) else ()
    compute, formula = _FORMULAS[measure]
    with np.errstate(divide="ignore"):
        yi, vi = compute(x + more, rest + more)
    return Given(given.values, (*given.trace, *said)).effect(measure, yi, vi, formula)


def back_to_proportion(measure: str, yi: ArrayLike, *, ni: ArrayLike | None = None) -> Value:
    """Proportions of transformed values yi, floats or (k,); PFT needs ni, one or (k,) (for a
    pooled value the harmonic mean of the sizes, Miller 1978). Raises InputError."""
    choose("measure", measure, PROPORTIONS)
    given = read(yi=yi, ni=ni)
    if measure != "PFT":
        return as_given(np.asarray(_BACK[measure](given["yi"])))
    missing(given.above(0, "ni"), measure, "ni")
    n, y = given["ni"], given["yi"]
    low, high = _pft(0 * n, n)[0], _pft(n, 0 * n)[0]
    return as_given(np.where(y <= low, 0.0, np.where(y >= high, 1.0, _miller(y, n))))


def _miller(y: Array, n: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        s = np.sin(2 * y)
        root = np.sqrt(np.maximum(1 - (s + (s - 1 / s) / n) ** 2, 0.0))
    return (1 - np.sign(np.cos(2 * y)) * root) / 2


def _pr(x: Array, rest: Array) -> Pair:
    n = x + rest
    return x / n, x / n * (rest / n) / n


def _pln(x: Array, rest: Array) -> Pair:
    return np.log(x / (x + rest)), 1 / x - 1 / (x + rest)


def _plo(x: Array, rest: Array) -> Pair:
    return np.log(x / rest), 1 / x + 1 / rest


def _pas(x: Array, rest: Array) -> Pair:
    return np.arcsin(np.sqrt(x / (x + rest))), 1 / (4 * (x + rest))


def _pft(x: Array, rest: Array) -> Pair:
    n = x + rest
    both = np.arcsin(np.sqrt(x / (n + 1))) + np.arcsin(np.sqrt((x + 1) / (n + 1)))
    return both / 2, 1 / (4 * n + 2)


_BACK: dict[str, Callable[[Array], Array]] = {
    "PR": lambda y: y, "PLN": np.exp, "PLO": lambda y: 1 / (1 + np.exp(-y)),
    "PAS": lambda y: np.sin(np.clip(y, 0, np.pi / 2)) ** 2,
}  # fmt: skip
_FORMULAS: dict[str, tuple[Callable[[Array, Array], Pair], str]] = {
    "PR": (_pr, "raw proportion, binomial variance"),
    "PLN": (_pln, "log proportion"),
    "PLO": (_plo, "logit of the proportion"),
    "PAS": (_pas, "arcsine square root of the proportion"),
    "PFT": (_pft, "double arcsine of the proportion (Freeman and Tukey 1950)"),
}
