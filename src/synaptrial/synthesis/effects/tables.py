"""Two groups with events: ratios, differences, and the correlation behind a table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synaptrial.synthesis.effects.cells import Cells, added_in_words, read_cells, with_added
from synaptrial.synthesis.effects.given import Given, Numbers
from synaptrial.synthesis.effects.means import COX, LOGISTIC
from synaptrial.synthesis.effects.size import Array, EffectSize
from synaptrial.synthesis.effects.tetrachoric import tetrachoric
from synaptrial.synthesis.options import choose

Pair = tuple[Array, Array]


def effect_from_tables(
    measure: str,
    *,
    ai: Numbers,
    ci: Numbers,
    bi: Numbers | None = None,
    di: Numbers | None = None,
    n1i: Numbers | None = None,
    n2i: Numbers | None = None,
    add: float | None = None,
    to: str = "only0",
    drop00: bool = False,
) -> EffectSize:
    """Group 1 (events ai, others bi) against group 2 (ci, di); floats or (k,).

    Give the cells, or events with the group sizes n1i, n2i. measure: RR, OR (log ratios), RD, AS
    (arcsine), PETO (one-step log odds ratio), OR2DN, OR2DL (log odds ratio as standardised
    difference; normal, logistic), RTET (tetrachoric correlation). add to the cells of the tables
    named by `to`: only0, all, if0all, none; by default 1/2, and 0 for AS and RTET. drop00: a
    table without any event, or with nothing else, gives NaN. As metafor 3.8, except that RTET of
    a table with an empty cell has no variance. Raises InputError.
    """
    choose("measure", measure, MEASURES)
    given, cells = read_cells(ai, bi, ci, di, n1i, n2i)
    add = (0.0 if measure in ("AS", "RTET") else 0.5) if add is None else add
    compute, formula = _FORMULAS[measure]
    with np.errstate(divide="ignore", invalid="ignore"):
        yi, vi = compute(with_added(cells, add, to, drop00))
    told = Given(given.values, (*given.trace, *added_in_words(cells, add, to, drop00)))
    return told.effect(measure, yi, vi, formula)


def peto_terms(x: Cells) -> Pair:
    """Observed minus expected events of group 1, and their hypergeometric variance."""
    events, others = x.a + x.c, x.b + x.d
    variance = events * others * (x.n1 / x.n) * (x.n2 / x.n) / (x.n - 1)
    return x.a - events * x.n1 / x.n, variance


def _rr(x: Cells) -> Pair:
    return np.log(x.a / x.n1) - np.log(x.c / x.n2), 1 / x.a - 1 / x.n1 + 1 / x.c - 1 / x.n2


def _or(x: Cells) -> Pair:
    return np.log(x.a / x.b) - np.log(x.c / x.d), 1 / x.a + 1 / x.b + 1 / x.c + 1 / x.d


def _rd(x: Cells) -> Pair:
    p1, p2 = x.a / x.n1, x.c / x.n2
    return p1 - p2, p1 * (1 - p1) / x.n1 + p2 * (1 - p2) / x.n2


def _as(x: Cells) -> Pair:
    yi = np.arcsin(np.sqrt(x.a / x.n1)) - np.arcsin(np.sqrt(x.c / x.n2))
    return yi, 1 / (4 * x.n1) + 1 / (4 * x.n2)


def _peto(x: Cells) -> Pair:
    difference, variance = peto_terms(x)
    return difference / variance, 1 / variance


def _or2d(scale: float) -> Callable[[Cells], Pair]:
    def compute(x: Cells) -> Pair:
        yi, vi = _or(x)
        return yi / scale, vi / scale**2

    return compute


_FORMULAS: dict[str, tuple[Callable[[Cells], Pair], str]] = {
    "RR": (_rr, "log risk ratio, large-sample variance"),
    "OR": (_or, "log odds ratio, large-sample variance (Woolf 1955)"),
    "RD": (_rd, "risk difference, large-sample variance"),
    "AS": (_as, "difference of arcsine square roots of the risks (Ruecker et al. 2009)"),
    "PETO": (_peto, "log odds ratio by Peto's one step (Yusuf et al. 1985)"),
    "OR2DN": (_or2d(COX), "log odds ratio over 1.65 (Cox and Snell 1989)"),
    "OR2DL": (_or2d(LOGISTIC), "log odds ratio over pi/sqrt(3) (Chinn 2000)"),
    "RTET": (tetrachoric, "tetrachoric correlation, maximum likelihood (Tallis 1962)"),
}
MEASURES = tuple(_FORMULAS)
