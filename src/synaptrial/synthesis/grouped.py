"""Subgroups of studies, each pooled by itself, and the test that they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.arrays import effects, labelled
from synaptrial.synthesis.inference import q_p_value
from synaptrial.synthesis.univariate import MetaAnalysis, rma


@dataclass(frozen=True)
class Subgroups:
    """Fits by subgroup. q_between with its degrees of freedom and p: chi-square over the subgroup
    means with their own tau2 (Borenstein 2009, chapter 19), or with `common` the omnibus test of
    the meta-regression on the subgroup, which shares one tau2. NaN where a subgroup's effects are
    identical and its test leaves them no variance."""

    fits: dict[str, MetaAnalysis]
    common: MetaAnalysis
    q_between: float
    q_df: int
    q_p: float


def subgroups(yi: ArrayLike, vi: ArrayLike, by: Sequence[str], **options: Any) -> Subgroups:
    """Pool yi, vi (k,) within each label of `by` (k,); options as of `rma`. Raises InputError."""
    y, v = effects(yi, vi)
    labels = labelled("by", by)
    if len(labels) != y.size:
        raise InputError("by", f"{len(labels)} labels", f"{y.size}, one for each study")
    names = sorted(set(labels))
    if len(names) < 2:
        raise InputError("by", repr(names[0]), "at least two different labels")
    fits = {}
    for name in names:
        chosen = np.array([label == name for label in labels])
        fits[name] = rma(y[chosen], v[chosen], **options)
    common = rma(y, v, mods={"subgroup": labels}, **options)
    means = np.array([fit.beta[0] for fit in fits.values()])
    ses = np.array([fit.se[0] for fit in fits.values()])
    if not ses.all():
        return Subgroups(fits, common, np.nan, len(names) - 1, np.nan)
    weights = ses**-2
    q = float(weights @ (means - weights @ means / weights.sum()) ** 2)
    df = len(names) - 1
    return Subgroups(fits, common, q, df, q_p_value(q, df))
