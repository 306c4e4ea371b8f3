"""Do small studies show other effects than large ones? Egger's regression and its relatives.

Whatever they find may be missing studies, or true differences of small studies, or chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.cautions import caution, differing, enough
from synaptrial.synthesis.options import choose
from synaptrial.synthesis.univariate import KNAPP_WITH_EE, MetaAnalysis, rma
from synaptrial.synthesis.weighted import others

Predictor = Literal["sei", "vi"]
Model = Literal["lm", "rma"]
PET_P = 0.10  # two-sided, so 5 percent in the direction of the effect


@dataclass(frozen=True)
class Coefficient:
    """An estimate with its standard error, t or z statistic, two-sided p and interval."""

    estimate: float
    se: float
    stat: float
    p: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True)
class SmallStudy:
    """slope tests the association of effect and precision; limit is the effect expected of a
    study with no sampling error. df: degrees of freedom of both, infinite for normal tests."""

    slope: Coefficient
    limit: Coefficient
    df: float
    k: int
    caution: str
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class PetPeese:
    """PET and PEESE estimates, and the one that the rule chooses."""

    pet: Coefficient
    peese: Coefficient
    chosen: Literal["PET", "PEESE"]
    estimate: Coefficient
    k: int
    caution: str


@dataclass(frozen=True)
class RankTest:
    """Kendall's tau of standardised effects and variances; exact: p is not an approximation."""

    tau: float
    p: float
    exact: bool
    k: int
    caution: str


def egger(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    predictor: Predictor = "sei",
    model: Model = "lm",
    method: str = "REML",
    measure: str = "",
    level: float = 0.95,
) -> SmallStudy:
    """Regress effects yi (k,) on their standard errors, or their variances vi (k,).

    model "lm": weighted by 1 / vi with a free residual variance and t tests (Egger 1997, doi
    10.1136/bmj.315.7109.629). "rma": mixed effects with tau2 by `method` and z tests, as metafor's
    regtest (Sterne and Egger 2005). measure: what yi is, for its caution. Raises InputError below
    three studies and where all have one variance.
    """
    y, v = enough(yi, vi)
    differing(v)
    choose("predictor", predictor, get_args(Predictor))
    choose("model", model, get_args(Model))
    mods = np.sqrt(v) if predictor == "sei" else v
    if model == "lm":  # the same numbers as a common effect with Knapp and Hartung's variance
        fit = rma(y, v, mods=mods, method="EE", test="knha", level=level)
    else:
        fit = rma(y, v, mods=mods, method=method, test="z", level=level)
    said = tuple(text for text in fit.warnings if text != KNAPP_WITH_EE)  # here on purpose
    return SmallStudy(
        _coefficient(fit, 1), _coefficient(fit, 0), fit.df, fit.k, caution(fit.k, measure), said
    )


def _coefficient(fit: MetaAnalysis, i: int) -> Coefficient:
    columns = (fit.beta, fit.se, fit.stat, fit.p, fit.ci_low, fit.ci_high)
    estimate, se, stat, p, low, high = (float(column[i]) for column in columns)
    return Coefficient(estimate, se, stat, p, low, high)


def pet(yi: ArrayLike, vi: ArrayLike, *, measure: str = "", level: float = 0.95) -> SmallStudy:
    """Precision-effect test: its `limit`, weighted regression on the standard error."""
    return egger(yi, vi, predictor="sei", measure=measure, level=level)


def peese(yi: ArrayLike, vi: ArrayLike, *, measure: str = "", level: float = 0.95) -> SmallStudy:
    """Precision-effect estimate with standard error: its `limit`, regression on the variance."""
    return egger(yi, vi, predictor="vi", measure=measure, level=level)


def pet_peese(yi: ArrayLike, vi: ArrayLike, *, measure: str = "", level: float = 0.95) -> PetPeese:
    """PEESE where PET differs from 0 at a two-sided p below 0.10, else PET (Stanley and
    Doucouliagos 2014, doi 10.1002/jrsm.1095). Raises InputError as `egger`."""
    first = pet(yi, vi, measure=measure, level=level)
    second = peese(yi, vi, level=level)
    there = first.limit.p < PET_P
    return PetPeese(
        first.limit, second.limit, "PEESE" if there else "PET",
        second.limit if there else first.limit, first.k, first.caution,
    )  # fmt: skip


def rank_test(yi: ArrayLike, vi: ArrayLike, *, measure: str = "") -> RankTest:
    """Rank correlation of effects and variances (Begg and Mazumdar 1994, doi 10.2307/2533446).

    p is exact without ties, else normal with the variance for ties, as R's cor.test. Raises
    InputError below three studies and where all have one variance.
    """
    y, v = enough(yi, vi)
    differing(v)
    common = rma(y, v, method="EE", test="z")
    left = others(1 / v[None])[0] * common.se[0] ** 2  # 1 - se^2 / v, without the difference
    standardised = (y - common.beta[0]) / np.sqrt(v * left)
    if len(set(standardised)) == 1:
        raise InputError("yi", "effects that do not differ", "effects whose ranks differ")
    exact = len(set(standardised)) == len(set(v)) == y.size
    found = stats.kendalltau(standardised, v, method="exact" if exact else "asymptotic")
    return RankTest(float(found[0]), float(found[1]), exact, y.size, caution(y.size, measure))
