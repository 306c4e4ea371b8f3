"""Weighted least squares for many data sets at once, and the traces that heterogeneity needs.

Everything is batched over the first axis: B data sets of k effects share one design (k, P). A
study that is left out has weight 0. With W the weights and P = W - W X (X'WX)^-1 X'W (the
residual-forming matrix of the random-effects literature), only P x P matrices are ever inverted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from synaptrial.synthesis.arrays import Array


@dataclass(frozen=True)
class Weighted:
    """One weighted fit of each data set.

    w (B, k) weights; beta (B, P); inverse (B, P, P) of X'WX; residual (B, k).
    """

    w: Array
    beta: Array
    inverse: Array
    residual: Array
    x: Array

    def rss(self) -> Array:
        """y'Py, the weighted residual sum of squares; shape (B,)."""
        return np.einsum("bk,bk->b", self.w * self.residual, self.residual)

    def y_p_p_y(self) -> Array:
        """y'PPy; shape (B,)."""
        z = self.w * self.residual
        return np.einsum("bk,bk->b", z, z)

    def y_p_p_p_y(self) -> Array:
        """y'PPPy, as z'Pz with z = Py; shape (B,)."""
        return weighted_fit(self.w * self.residual, self.w, self.x, self.inverse).rss()

    def trace_p(self, v: Array | None = None) -> Array:
        """tr(P), or tr(PV) for a diagonal V given as v (B, k); shape (B,)."""
        diagonal = self._diagonal
        return np.sum(diagonal if v is None else diagonal * v, axis=1)

    def trace_p_p(self, v: Array | None = None, u: Array | None = None) -> Array:
        """tr(PP), or tr(PVPU) for diagonal V and U given as v, u (B, k); shape (B,).

        A sum of squares of P's entries: as a difference of sums it would lose the digits where one
        study's weight is far above the others'.
        """
        one = np.ones_like(self.w)
        v, u = one if v is None else v, one if u is None else u
        if self.x.shape[1] > 1:
            return np.einsum("bij,bj,bi->b", self._p() ** 2, v, u)
        square = self.w * self.w * self.inverse[:, :, 0]
        own = np.einsum("bk,bk,bk,bk->b", self._diagonal, self._diagonal, v, u)
        return own + np.einsum("bk,bk,bk->b", square, u, others(square * v))

    @cached_property
    def _diagonal(self) -> Array:
        """Diagonal of P; shape (B, k). One column is an intercept."""
        if self.x.shape[1] == 1:
            return self.w * self.inverse[:, :, 0] * others(self.w)
        leverage = np.einsum("ki,bij,kj->bk", self.x, self.inverse, self.x, optimize=True)
        return self.w * (1 - self.w * leverage)

    def _p(self) -> Array:
        """P itself; shape (B, k, k)."""
        wx = self.w[:, :, None] * self.x
        p = -wx @ self.inverse @ wx.transpose(0, 2, 1)
        at = np.arange(self.w.shape[1])
        p[:, at, at] = self._diagonal
        return p

    def log_det(self) -> Array:
        """log |X'WX|; shape (B,)."""
        return -np.linalg.slogdet(self.inverse)[1]


def cross(w: Array, x: Array) -> Array:
    """X'WX of each row of w (B, k) with the shared design x (k, P); shape (B, P, P)."""
    k, p = x.shape
    return (w @ (x[:, :, None] * x[:, None, :]).reshape(k, p * p)).reshape(-1, p, p)


def others(x: Array) -> Array:
    """Sum of each row of x (B, k) without the entry itself, and without a difference."""
    out = np.zeros_like(x)
    np.cumsum(x[:, :-1], axis=1, out=out[:, 1:])
    out[:, :-1] += np.cumsum(x[:, :0:-1], axis=1)[:, ::-1]
    return out


def weighted_fit(y: Array, w: Array, x: Array, inverse: Array | None = None) -> Weighted:
    """Fit y (B, k) on x (k, P) with weights w (B, k); inverse of X'WX where it is at hand."""
    if inverse is None:
        xwx = cross(w, x)
        inverse = 1 / xwx if x.shape[1] == 1 else np.linalg.inv(xwx).astype(np.float64)
    beta = np.einsum("bij,bj->bi", inverse, (w * y) @ x)
    return Weighted(w, beta, inverse, y - beta @ x.T, x)
