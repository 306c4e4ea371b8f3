"""Weighted least squares for many data sets at once, and the traces that heterogeneity needs.

Everything is batched over the first axis: B data sets of k effects share one design (k, P). A
study that is left out has weight 0. With W the weights and P = W - W X (X'WX)^-1 X'W (the
residual-forming matrix of the random-effects literature), only P x P matrices are ever inverted.
"""

from __future__ import annotations

from dataclasses import dataclass

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
        w, squares = self.w, self.w * self.w
        if v is not None:
            w, squares = w * v, squares * v
        return w.sum(axis=1) - _trace(self.inverse, cross(squares, self.x))

    def trace_p_p(self, v: Array | None = None, u: Array | None = None) -> Array:
        """tr(PP), or tr(PVPU) for diagonal V and U given as v, u (B, k); shape (B,)."""
        squares = self.w * self.w
        sv = squares if v is None else squares * v
        su = squares if u is None else squares * u
        both = sv if u is None else sv * u
        left = self.inverse @ cross(sv, self.x)
        right = left if v is u else self.inverse @ cross(su, self.x)
        once = _trace(self.inverse, cross(self.w * both, self.x))
        return both.sum(axis=1) - 2 * once + _trace(left, right)

    def log_det(self) -> Array:
        """log |X'WX|; shape (B,)."""
        return -np.linalg.slogdet(self.inverse)[1]


def cross(w: Array, x: Array) -> Array:
    """X'WX of each row of w (B, k) with the shared design x (k, P); shape (B, P, P)."""
    k, p = x.shape
    return (w @ (x[:, :, None] * x[:, None, :]).reshape(k, p * p)).reshape(-1, p, p)


def _trace(a: Array, b: Array) -> Array:
    """tr(AB) of each pair; a, b (B, P, P)."""
    return np.einsum("bij,bji->b", a, b)


def weighted_fit(y: Array, w: Array, x: Array, inverse: Array | None = None) -> Weighted:
    """Fit y (B, k) on x (k, P) with weights w (B, k); inverse of X'WX where it is at hand."""
    if inverse is None:
        xwx = cross(w, x)
        inverse = 1 / xwx if x.shape[1] == 1 else np.linalg.inv(xwx).astype(np.float64)
    beta = np.einsum("bij,bj->bi", inverse, (w * y) @ x)
    return Weighted(w, beta, inverse, y - beta @ x.T, x)
