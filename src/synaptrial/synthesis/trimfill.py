"""Trim and fill: studies that would make the funnel symmetric.

Duval and Tweedie 2000 (doi 10.1111/j.0006-341X.2000.00455.x and 10.1080/01621459.2000.10473905).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.arrays import Array
from synaptrial.synthesis.cautions import caution, enough
from synaptrial.synthesis.options import choose
from synaptrial.synthesis.small_study import egger
from synaptrial.synthesis.univariate import MetaAnalysis, rma

Estimator = Literal["L0", "R0"]  # Q0 is undefined for strongly lopsided funnels
Side = Literal["left", "right", "auto"]
ITERATIONS = 100


@dataclass(frozen=True)
class TrimFill:
    """k0 studies thought missing on one side, its standard error, the effects put there with their
    variances (k0,), and the fit to all studies, seen and filled in."""

    side: Literal["left", "right"]
    k0: int
    se_k0: float
    filled_yi: Array
    filled_vi: Array
    refit: MetaAnalysis
    k: int
    caution: str
    warnings: tuple[str, ...]


def trim_and_fill(
    fit: MetaAnalysis,
    *,
    estimator: Estimator = "L0",
    side: Side = "auto",
    measure: str = "",
) -> TrimFill:
    """Trim and fill a fit without moderators, by its own method, test and level.

    side: where studies are thought missing; "auto" takes the side of the smaller effects unless
    Egger's slope, by the fit's method, is negative. measure: what yi is, for its caution. Raises
    InputError with moderators, below three studies, and for "auto" where all have one variance.
    """
    if len(fit.names) > 1:
        raise InputError("fit", "moderators", "a fit without moderators")
    enough(fit.yi, fit.vi)
    choose("estimator", estimator, get_args(Estimator))
    choose("side", side, get_args(Side))
    chosen = _side(fit) if side == "auto" else side
    sign = -1 if chosen == "right" else 1
    order = np.argsort(sign * fit.yi, kind="stable")
    y, v = sign * fit.yi[order], fit.vi[order]
    k0, se_k0, centre, settled = _trim(fit, y, v, estimator)
    filled = slice(fit.k - k0, None)
    yi, vi = sign * (2 * centre - y[filled]), v[filled]
    refit = _again(fit, np.append(fit.yi, yi), np.append(fit.vi, vi)) if k0 else fit
    warnings = () if settled else (f"k0 did not settle; {k0} is the last of its values.",)
    return TrimFill(
        chosen, k0, se_k0, yi, vi, refit, fit.k, caution(fit.k, measure),
        warnings + refit.warnings,
    )  # fmt: skip


def _side(fit: MetaAnalysis) -> Literal["left", "right"]:
    slope = egger(fit.yi, fit.vi, model="rma", method=fit.method).slope
    return "right" if slope.estimate < 0 else "left"


def _again(fit: MetaAnalysis, y: Array, v: Array) -> MetaAnalysis:
    return rma(y, v, method=fit.method, test=fit.test, prediction=fit.prediction, level=fit.level)


def _trim(
    fit: MetaAnalysis, y: Array, v: Array, estimator: Estimator
) -> tuple[int, float, float, bool]:
    """k0, its standard error, the centre without the k0 largest of the rising y, and whether k0
    came to rest."""
    k0 = 0
    for _ in range(ITERATIONS):
        kept = y.size - k0
        centre = float(_again(fit, y[:kept], v[:kept]).beta[0])
        before, (raw, se) = k0, _missing(_signed_ranks(y - centre), estimator)
        k0 = max(0, round(raw))
        if k0 == before:
            return k0, se, centre, True
    return k0, se, centre, False


def _signed_ranks(centred: Array) -> NDArray[np.int64]:
    """Ranks of the distances, the earlier of equals first, with the sign of the side."""
    ranks = np.empty(centred.size, np.int64)
    ranks[np.argsort(np.abs(centred), kind="stable")] = np.arange(1, centred.size + 1)
    return np.sign(centred).astype(np.int64) * ranks


def _missing(ranks: NDArray[np.int64], estimator: Estimator) -> tuple[float, float]:
    """The estimate of k0 before rounding, and its standard error."""
    k = ranks.size
    if estimator == "R0":
        below = -ranks[ranks < 0]
        raw = float(k - 1 - below.max()) if below.size else 0.0
        return raw, float(np.sqrt(2 * max(0.0, raw) + 2))
    raw = (4 * ranks[ranks > 0].sum() - k * (k + 1)) / (2 * k - 1)
    return raw, float(4 * np.sqrt(max(0.0, _rank_variance(k, raw))) / (2 * k - 1))


def _rank_variance(k: int, k0: float) -> float:
    """Variance of the sum of the positive ranks with k0 studies missing."""
    own = k * (k + 1) * (2 * k + 1) + 10 * k0**3 + 27 * k0**2 + 17 * k0
    return (own - 18 * k * k0**2 - 18 * k * k0 + 6 * k**2 * k0) / 24
