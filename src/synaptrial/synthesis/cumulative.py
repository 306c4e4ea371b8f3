"""Cumulative meta-analysis: what was known after each further study."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.arrays import floats
from synaptrial.synthesis.heterogeneity import Problem
from synaptrial.synthesis.refits import RefittedMeans, means_of, refits
from synaptrial.synthesis.univariate import MetaAnalysis


@dataclass(frozen=True)
class Cumulative(RefittedMeans):
    """Pooled results of the first 1, 2, ... k studies; order (k,): the studies' indices as they
    were added. The first row is that study alone, tested by z."""

    order: NDArray[np.int64]


def cumulative(fit: MetaAnalysis, by: ArrayLike) -> Cumulative:
    """Add the studies of a fit without moderators by rising `by` (k,), such as the year; studies
    that tie keep the order given. Method, test and level are the fit's. Raises InputError."""
    values = floats("by", by)
    if len(fit.names) > 1:
        raise InputError("fit", "moderators", "a fit without moderators")
    if values.size != fit.k:
        raise InputError("by", f"{values.size} values", f"{fit.k}, one for each study")
    order = np.argsort(values, kind="stable")
    y, v = (np.tile(a[order], (fit.k, 1)) for a in (fit.yi, fit.vi))
    problem = Problem(y, v, np.tri(fit.k), fit.x)
    found = refits(problem, fit.method, fit.test, fit.level)
    return Cumulative(order=order, **means_of(found))
