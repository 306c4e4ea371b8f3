"""Sampling covariances of dependent effects, from what they share: metafor's vcalc.

The correlation of two effects of a cluster is a product of two parts. One is that of the outcomes
(`type`, `obs`, `rho`). The other is that of the groups and times compared: an effect is group 1
minus group 2, the mean of a group has variance 1 / w, and two means of one group at times t and s
correlate at phi ** |t - s|. Arguments and conventions are those of vcalc of R's metafor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.arrays import Array, floats, labelled, variances
from synaptrial.synthesis.covariance import check_covariances, codes

Labels = Sequence[object]
# One correlation for all pairs of different labels, or one for each pair that occurs.
Correlation = float | Mapping[tuple[str, str], float]


def vcalc(
    vi: ArrayLike,
    *,
    cluster: Labels,
    subgroup: Labels | None = None,
    obs: Labels | None = None,
    type: Labels | None = None,
    time1: ArrayLike | None = None,
    time2: ArrayLike | None = None,
    grp1: Labels | None = None,
    grp2: Labels | None = None,
    w1: ArrayLike | None = None,
    w2: ArrayLike | None = None,
    rho: Correlation | tuple[Correlation, Correlation] | None = None,
    phi: float | None = None,
) -> Array:
    """Sampling covariances (k, k) of effects with sampling variances vi (k,).

    cluster (k,): studies; nothing correlates between them, nor between subgroups (k,) of one.
    obs (k,): scales of one construct, type (k,): constructs; rho: the correlation of different
    ones, a pair (within a construct, between constructs) where both are given. time1, time2 (k,):
    when groups 1 and 2 were measured (time2 as time1 unless given), with phi, the autocorrelation
    of one unit of time. grp1, grp2 (k,): which groups were compared, within a cluster; w1, w2 (k,)
    their sizes, equal unless given. A rho by pairs of labels, as text, holds each pair once.

    Two effects that share all of this correlate at 1: the result is then singular (see
    `multilevel`). Raises InputError for what contradicts itself, and where the result is no
    covariance. Source: Viechtbauer 2010 (doi 10.18637/jss.v036.i03), documentation of vcalc.
    """
    v = variances("vi", vi)
    k = v.size
    given = (obs, type, time1, grp1)
    if all(part is None for part in given):
        raise InputError("obs, type, time1, grp1", "none of them", "what tells effects apart")
    block = codes("cluster", cluster, k)
    if subgroup is not None:
        inner = codes("subgroup", subgroup, k)
        block = np.unique(np.column_stack([block, inner]), axis=0, return_inverse=True)[1].ravel()
    outcomes = _outcomes(_words("obs", obs, k), _words("type", type, k), rho, block)
    compared = _Compared.of(k, grp1, grp2, time1, time2, w1, w2, phi)
    correlation = np.where(block[:, None] == block, outcomes * compared.correlation(), 0.0)
    np.fill_diagonal(correlation, 1.0)
    covariance = correlation * np.sqrt(v[:, None] * v)
    check_covariances("rho, phi", covariance, block)
    return covariance


def _words(where: str, labels: Labels | None, k: int) -> list[str] | None:
    if labels is None:
        return None
    words = labelled(where, labels)
    if len(words) != k:
        raise InputError(where, f"{len(words)} labels", f"{k}, one for each effect")
    return words


def _outcomes(
    obs: list[str] | None, types: list[str] | None, rho: object, block: np.ndarray
) -> Array | float:
    """Correlations of outcomes (k, k)."""
    if obs is None and types is None:
        if rho is not None:
            raise InputError("rho", "a correlation", "also obs or type, which it is of")
        return 1.0
    if obs is not None and types is not None:
        if not isinstance(rho, tuple | list) or len(rho) != 2:
            accepted = "two: within a construct (obs), and between constructs (type)"
            raise InputError("rho", _shown(rho), accepted)
        within, between = rho
        same = np.array(types)[:, None] == np.array(types)
        one, other = _pairs(obs, within, block, same), _pairs(types, between, block, ~same)
        return np.where(same, one, other)
    labels = obs if obs is not None else types
    assert labels is not None
    return _pairs(labels, rho, block, np.full((block.size,) * 2, True))


def _pairs(labels: list[str], rho: object, block: np.ndarray, asked: np.ndarray) -> Array:
    """Correlations (k, k) of labels: 1 for equal ones, `rho` for others."""
    names = np.array(labels)
    differ = (names[:, None] != names) & (block[:, None] == block) & asked
    out = np.ones(differ.shape)
    if isinstance(rho, Mapping):
        for i, j in np.argwhere(differ):
            found = rho.get((labels[i], labels[j]), rho.get((labels[j], labels[i])))
            if found is None:
                pair = f"({labels[i]!r}, {labels[j]!r})"
                raise InputError("rho", f"no pair {pair}", "a correlation for every pair")
            out[i, j] = _share("rho", found)
        return out
    out[differ] = _share("rho", rho)
    return out


def _share(where: str, value: object) -> float:
    """A correlation from -1 to 1. Raises InputError."""
    if not isinstance(value, int | float | np.number) or not -1 <= value <= 1:
        raise InputError(where, _shown(value), "a correlation from -1 to 1")
    return float(value)


def _shown(value: object) -> str:
    return "none" if value is None else repr(value)[:60]


@dataclass(frozen=True)
class _Compared:
    """Which groups are compared (k, 2), when (k, 2), with which sizes (k, 2); phi."""

    group: np.ndarray
    time: Array
    size: Array
    phi: float

    @staticmethod
    def of(
        k: int, grp1: Labels | None, grp2: Labels | None, time1: ArrayLike | None,
        time2: ArrayLike | None, w1: ArrayLike | None, w2: ArrayLike | None, phi: float | None,
    ) -> _Compared:  # fmt: skip
        for second, first, names in (
            (grp2, grp1, "grp2, grp1"), (time2, time1, "time2, time1"), (w2, w1, "w2, w1"),
            (time2, grp2, "time2, grp2"), (w2, grp2, "w2, grp2"),
        ):  # fmt: skip
            if second is not None and first is None:
                raise InputError(names, "the first alone", "the second as well")
        if (phi is None) != (time1 is None):
            raise InputError("phi, time1", "one of them", "both, or neither")
        # Without groups all effects compare the same two; the marks keep 1 and 2 apart.
        one = ["first"] * k if grp1 is None else _words("grp1", grp1, k)
        two = ["second"] * k if grp2 is None else _words("grp2", grp2, k)
        assert one is not None and two is not None
        if grp2 is None:
            one, two = [f"1 {label}" for label in one], [f"2 {label}" for label in two]
        return _Compared(
            np.array([one, two]).T, _both("time", time1, time2, k),
            _both("w", w1, w2, k, positive=True), 1.0 if phi is None else _share("phi", phi),
        )  # fmt: skip

    def correlation(self) -> Array:
        """Of the differences (k, k)."""
        whole = self._means(0, 0) - self._means(0, 1) - self._means(1, 0) + self._means(1, 1)
        variance = np.diagonal(whole)
        if (variance <= 0).any():
            i = int(np.argmin(variance))
            raise InputError(f"grp1[{i}]", "a group compared with itself", "two groups, or times")
        return np.asarray(whole / np.sqrt(variance[:, None] * variance))

    def _means(self, a: int, b: int) -> Array:
        """Covariances (k, k) of the means of group a of each effect with those of group b."""
        same = self.group[:, a, None] == self.group[:, b]
        apart = np.abs(self.time[:, a, None] - self.time[:, b])
        if self.phi < 0 and (apart % 1 != 0).any():
            raise InputError("phi", f"{self.phi:g}", "0 or above, where times are no whole numbers")
        root = np.sqrt(self.size[:, a, None] * self.size[:, b])
        return np.asarray(np.where(same, self.phi**apart, 0.0) / root)


def _both(
    where: str, one: ArrayLike | None, two: ArrayLike | None, k: int, *, positive: bool = False
) -> Array:
    """Numbers of groups 1 and 2 (k, 2): 1 where not given, and those of group 1 for group 2."""
    columns: list[Array] = []
    for name, values in ((f"{where}1", one), (f"{where}2", two)):
        if values is None:
            columns.append(columns[0] if columns else np.ones(k))
            continue
        column = floats(name, values, positive=positive)
        if column.size != k:
            raise InputError(name, f"{column.size} values", f"{k}, one for each effect")
        columns.append(column)
    return np.stack(columns, axis=1)
