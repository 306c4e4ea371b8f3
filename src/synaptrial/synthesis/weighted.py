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
        return np.sum(self.w * self.residual**2, axis=1)

    def y_p_p_y(self) -> Array:
        """y'PPy; shape (B,)."""
        return np.sum((self.w * self.residual) ** 2, axis=1)

    def trace_p(self, v: Array | None = None) -> Array:
        """tr(P), or tr(PV) for a diagonal V given as v (B, k); shape (B,)."""
        v = np.ones_like(self.w) if v is None else v
        inner = cross(self.w**2 * v, self.x)
        return np.sum(self.w * v, axis=1) - np.einsum("bij,bji->b", self.inverse, inner)

    def trace_p_p(self, v: Array | None = None, u: Array | None = None) -> Array:
        """tr(PP), or tr(PVPU) for diagonal V and U given as v, u (B, k); shape (B,)."""
        v = np.ones_like(self.w) if v is None else v
        u = np.ones_like(self.w) if u is None else u
        once = self.inverse @ cross(self.w**3 * v * u, self.x)
        left = self.inverse @ cross(self.w**2 * v, self.x)
        right = self.inverse @ cross(self.w**2 * u, self.x)
        return (
            np.sum(self.w**2 * v * u, axis=1)
            - 2 * np.einsum("bii->b", once)
            + np.einsum("bij,bji->b", left, right)
        )

    def log_det(self) -> Array:
        """log |X'WX|; shape (B,)."""
        return -np.linalg.slogdet(self.inverse)[1]


def cross(w: Array, x: Array) -> Array:
    """X'WX of each row of w (B, k) with the shared design x (k, P); shape (B, P, P)."""
    k, p = x.shape
    return (w @ (x[:, :, None] * x[:, None, :]).reshape(k, p * p)).reshape(-1, p, p)


def weighted_fit(y: Array, w: Array, x: Array) -> Weighted:
    """Fit y (B, k) on x (k, P) with weights w (B, k)."""
    xwx = cross(w, x)
    inverse = 1 / xwx if x.shape[1] == 1 else np.linalg.inv(xwx)
    beta = np.einsum("bij,bj->bi", inverse, (w * y) @ x)
    return Weighted(w, beta, inverse, y - beta @ x.T, x)
