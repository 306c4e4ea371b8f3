"""Two by two tables pooled without weighting by each table's own variance: Mantel-Haenszel, Peto.

As rma.mh and rma.peto of metafor 3.8 by default: the pooled estimate uses the tables as they are,
double zeros included; only the effects behind Q have 1/2 added where a cell is 0, and leave out
tables without contrast in events.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.effects.cells import Cells, read_cells
from synaptrial.synthesis.effects.given import Numbers
from synaptrial.synthesis.effects.size import Array
from synaptrial.synthesis.effects.tables import effect_from_tables, peto_terms
from synaptrial.synthesis.inference import q_p_value
from synaptrial.synthesis.options import check_level, choose


@dataclass(frozen=True)
class PooledTables:
    """A common effect of k tables. beta, se, ci_low, ci_high: log scale for OR and RR.

    stat, p: z test of no effect. qe, qe_df, qe_p, i2 (percent), h2: heterogeneity. cmh, cmh_p:
    Cochran-Mantel-Haenszel test, odds ratios only, else None.
    """

    measure: str
    method: str
    k: int
    beta: float
    se: float
    ci_low: float
    ci_high: float
    stat: float
    p: float
    qe: float
    qe_df: int
    qe_p: float
    i2: float
    h2: float
    cmh: float | None
    cmh_p: float | None


def mantel_haenszel(
    *,
    ai: Numbers,
    ci: Numbers,
    bi: Numbers | None = None,
    di: Numbers | None = None,
    n1i: Numbers | None = None,
    n2i: Numbers | None = None,
    measure: str = "OR",
    correct: bool = True,
    level: float = 0.95,
) -> PooledTables:
    """Mantel-Haenszel estimate of measure OR, RR or RD from k tables, arrays (k,).

    Events ai, ci of groups 1 and 2, with bi, di or n1i, n2i. Variances: Robins, Breslow and
    Greenland 1986 (OR), Greenland and Robins 1985 (RR), Sato, Greenland and Robins 1989 (RD).
    correct: continuity correction of the Cochran-Mantel-Haenszel test. Raises InputError, also
    where events are so few that there is no estimate.
    """
    choose("measure", measure, tuple(_ESTIMATES))
    x = read_cells(ai, bi, ci, di, n1i, n2i)[1]
    beta, se = _ESTIMATES[measure](x)
    each = effect_from_tables(measure, ai=x.a, bi=x.b, ci=x.c, di=x.d, drop00=True)
    q, df = _scatter(np.atleast_1d(each.yi), np.atleast_1d(each.vi), beta)
    cmh = _cmh(x, correct) if measure == "OR" else (None, None)
    return _pooled(measure, "Mantel-Haenszel", x, beta, se, q, df, cmh, level)


def peto(
    *,
    ai: Numbers,
    ci: Numbers,
    bi: Numbers | None = None,
    di: Numbers | None = None,
    n1i: Numbers | None = None,
    n2i: Numbers | None = None,
    level: float = 0.95,
) -> PooledTables:
    """Peto's one-step log odds ratio of k tables, arrays (k,) (Yusuf et al. 1985).

    Inputs as mantel_haenszel. Raises InputError where there is no event, or nothing else.
    """
    x = read_cells(ai, bi, ci, di, n1i, n2i)[1]
    difference, variance = (np.atleast_1d(t) for t in peto_terms(x))
    total = float(np.sum(variance))
    if not total > 0:
        raise _nothing_to_pool()
    used = variance > 0
    spread = np.sum(difference[used] ** 2 / variance[used]) - np.sum(difference) ** 2 / total
    df = int(np.sum(~x.one_sided())) - 1
    beta, se = float(np.sum(difference)) / total, float(np.sqrt(1 / total))
    q = max(0.0, float(spread))
    return _pooled("PETO", "Peto", x, beta, se, q, df, (None, None), level)


def _odds_ratio(x: Cells) -> tuple[float, float]:
    p, q = (x.a + x.d) / x.n, (x.b + x.c) / x.n
    r, s = x.a * x.d / x.n, x.b * x.c / x.n
    top, bottom = _positive(np.sum(r)), _positive(np.sum(s))
    parts = np.sum(p * r) / top**2, np.sum(q * s) / bottom**2
    variance = (sum(parts) + np.sum(p * s + q * r) / (top * bottom)) / 2
    return float(np.log(top / bottom)), float(np.sqrt(variance))


def _risk_ratio(x: Cells) -> tuple[float, float]:
    top, bottom = _positive(np.sum(x.a * x.n2 / x.n)), _positive(np.sum(x.c * x.n1 / x.n))
    # exactly 0 where all have the event
    terms = (x.n1 * x.n2 * (x.a + x.c) - x.a * x.c * x.n) / x.n**2
    return float(np.log(top / bottom)), float(np.sqrt(_positive(np.sum(terms)) / (top * bottom)))


def _risk_difference(x: Cells) -> tuple[float, float]:
    f1, f2 = x.n1 / x.n, x.n2 / x.n
    weight = np.sum(x.n1 * f2)
    beta = np.sum((x.a * x.n2 - x.c * x.n1) / x.n) / weight
    first = np.sum(x.c * f1**2 - x.a * f2**2 + f1 * f2 * (x.n2 - x.n1) / 2)
    second = np.sum(x.a * x.d / x.n + x.c * x.b / x.n) / 2
    return float(beta), float(np.sqrt(_positive(beta * first + second)) / weight)


_ESTIMATES: dict[str, Callable[[Cells], tuple[float, float]]] = {
    "OR": _odds_ratio, "RR": _risk_ratio, "RD": _risk_difference,
}  # fmt: skip


def _cmh(x: Cells, correct: bool) -> tuple[float, float]:
    """Chi-square of one degree of freedom for no association in any table."""
    difference, variance = peto_terms(x)
    excess = abs(np.sum(difference)) - (0.5 if correct else 0.0)
    chi2 = float(excess**2 / np.sum(variance))
    return chi2, float(stats.chi2.sf(chi2, 1))


def _scatter(yi: Array, vi: Array, beta: float) -> tuple[float, int]:
    known = np.isfinite(yi)
    return float(np.sum((yi[known] - beta) ** 2 / vi[known])), int(known.sum()) - 1


def _pooled(
    measure: str, method: str, x: Cells, beta: float, se: float, q: float, df: int,
    cmh: tuple[float, float] | tuple[None, None], level: float,
) -> PooledTables:  # fmt: skip
    check_level(level)
    _positive(se)
    reach, stat = float(stats.norm.isf((1 - level) / 2)) * se, beta / se
    q, q_p, i2, h2 = (0.0, 1.0, 0.0, 1.0) if df < 1 else _heterogeneity(q, df)
    p = 2 * float(stats.norm.sf(abs(stat)))
    return PooledTables(
        measure, method, x.a.size, beta, se, beta - reach, beta + reach, stat, p,
        q, max(df, 0), q_p, i2, h2, *cmh,
    )  # fmt: skip


def _heterogeneity(q: float, df: int) -> tuple[float, float, float, float]:
    i2 = max(0.0, 100 * (q - df) / q) if q > 0 else 0.0
    return q, q_p_value(q, df), i2, q / df


def _positive(x: float) -> float:
    if not x > 0:
        raise _nothing_to_pool()
    return float(x)


def _nothing_to_pool() -> InputError:
    found = "too few events: the estimate is 0, infinite or without a variance"
    return InputError("ai, bi, ci, di", found, "events and others that can be compared")
