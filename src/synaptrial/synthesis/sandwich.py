"""Cluster-robust covariance of weighted least-squares coefficients.

CR0  Liang and Zeger 1986: plain
CR1  CR0 times m / (m - P), m clusters: what metafor's robust() does
CR2  Bell and McCaffrey 2002, Pustejovsky and Tipton 2018 (doi 10.1080/07350015.2016.1247004):
     residuals adjusted so that the estimate is unbiased if the target covariance is right, with
     Satterthwaite degrees of freedom: what clubSandwich does
Notation: cluster i has x_i (n, P), residuals e_i (n,), weights w_i and target covariance t_i
(n, n); C = (X'WX)^-1, and S_i = (I - H)_i are the rows of the residual maker.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from synaptrial.synthesis.arrays import Array
from synaptrial.synthesis.components import inverse

KINDS = ("CR0", "CR1", "CR2")
NULL = 1e-10  # eigenvalues below this share of the target's largest count as 0
UNSEEN = 1e-9  # a robust variance expected to be below this share of the target's is none


@dataclass(frozen=True)
class Cluster:
    """Of n effects: x (n, P), residual (n,), weight and target (n, n)."""

    x: Array
    residual: Array
    weight: Array
    target: Array


@dataclass(frozen=True)
class Sandwich:
    """Covariance (P, P) and degrees of freedom (P,) of the coefficients; NaN for those that one
    cluster alone determines: its residuals are 0 whatever the data."""

    vb: Array
    df: Array


def sandwich(clusters: Sequence[Cluster], kind: str) -> Sandwich:
    """Robust covariance of the coefficients, kind CR0, CR1 or CR2."""
    wx = [c.weight @ c.x for c in clusters]
    bread = inverse(_sum(c.x.T @ a for c, a in zip(clusters, wx, strict=True)))
    # X'W T W X: equal to X'WX where the weights invert the target.
    middle = _sum(a.T @ c.target @ a for c, a in zip(clusters, wx, strict=True))
    spread = bread @ middle @ bread
    m, p = len(clusters), bread.shape[0]
    if kind == "CR2":
        adjust = [_adjustment(c, a, bread, spread) for c, a in zip(clusters, wx, strict=True)]
        wx = [f.T @ a for f, a in zip(adjust, wx, strict=True)]
    expected, df = _satterthwaite(clusters, wx, bread, spread)
    if kind != "CR2":
        df = np.full(p, float(m - p))
    score = [a.T @ c.residual for c, a in zip(clusters, wx, strict=True)]
    meat = _sum(np.outer(s, s) for s in score)
    inflate = m / (m - p) if kind == "CR1" else 1.0
    vb = inflate * bread @ meat @ bread
    unseen = expected <= UNSEEN * np.diag(spread)
    vb[unseen], vb[:, unseen], df[unseen] = np.nan, np.nan, np.nan
    return Sandwich(vb, df)


def _sum(terms: Iterable[Array]) -> Array:
    return np.sum(np.stack(list(terms)), axis=0)


def _adjustment(c: Cluster, wx: Array, bread: Array, spread: Array) -> Array:
    """A_i = D' (D S_i T S_i' D')^(-1/2) D, with T_i = D'D by Cholesky."""
    cross = c.x @ bread @ wx.T @ c.target
    left = c.target - cross - cross.T + c.x @ spread @ c.x.T
    root = np.linalg.cholesky(c.target).T
    whole = np.linalg.norm(root @ c.target @ root.T, 2)
    return root.T @ _inverse_root(root @ left @ root.T, float(whole)) @ root


def _inverse_root(matrix: Array, whole: float) -> Array:
    """Symmetric power -1/2; directions of eigenvalue 0, beside `whole`, stay 0."""
    values, vectors = np.linalg.eigh(matrix)
    kept = values > NULL * whole
    power = np.where(kept, np.where(kept, values, 1.0) ** -0.5, 0.0)
    return (vectors * power) @ vectors.T


def _satterthwaite(
    clusters: Sequence[Cluster], adjusted: Sequence[Array], bread: Array, spread: Array
) -> tuple[Array, Array]:
    """Mean of each coefficient's robust variance, if the target is right, and its degrees of
    freedom, 2 mean^2 / variance; shape (P,) each.

    With g_i = A_i' W_i x_i C c, the robust variance is a sum of squares of g_i' e_i, whose
    covariance over clusters is g_i' S_i T S_j' g_j.
    """
    expected, df = [], []
    for coefficient in bread.T:
        g = [a @ coefficient for a in adjusted]
        own = np.diag([v @ c.target @ v for v, c in zip(g, clusters, strict=True)])
        a = np.stack([c.x.T @ v for v, c in zip(g, clusters, strict=True)])
        b = np.stack([(c.weight @ c.x).T @ c.target @ v for v, c in zip(g, clusters, strict=True)])
        cross = a @ bread @ b.T
        covariance = own - cross - cross.T + a @ spread @ a.T
        expected.append(np.trace(covariance))
        df.append(expected[-1] ** 2 / np.sum(covariance**2))
    return np.array(expected), np.array(df)
