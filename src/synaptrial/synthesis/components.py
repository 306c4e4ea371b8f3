"""Variance components by restricted or full maximum likelihood, for independent blocks of effects.

    y ~ N(X beta, M),   M = V + sum_j theta_j K_j,   theta_j >= 0

V (sampling) and the kernels K_j (which effects share a random effect) are block diagonal, and only
blocks are ever factorised: blocks of one size are stacked and handled together. With W = M^-1,
C = (X'WX)^-1 and u = W (y - X beta), score and information are those of Harville 1977
(doi 10.1080/01621459.1977.10480998). The restricted likelihood holds + log|X'X| / 2, as R's
metafor does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.arrays import Array, well_conditioned

FARTHEST = 1e5
SINGULAR = 1e-12  # share of a variance that the others leave: less is rounding


@dataclass(frozen=True)
class Batch:
    """b blocks of n effects: rows (b, n), y (b, n), x (b, n, P), v (b, n, n), k (q, b, n, n)."""

    rows: np.ndarray
    y: Array
    x: Array
    v: Array
    k: Array


@dataclass(frozen=True)
class Fit:
    """Generalised least squares at given theta: w and u by batch, beta (P,), c = (X'WX)^-1.

    Where M is singular there is none: loglik is -inf, and the rest is empty or NaN.
    """

    w: tuple[Array, ...]
    u: tuple[Array, ...]
    beta: Array
    c: Array
    rss: float
    loglik: float


@dataclass(frozen=True)
class Slope:
    """Score (q,), observed and expected information (q, q) of the likelihood in theta."""

    score: Array
    observed: Array
    expected: Array


@dataclass(frozen=True)
class Components:
    """The problem: batches that cover k effects, design x (k, P), and which likelihood."""

    batches: tuple[Batch, ...]
    y: Array
    x: Array
    v: Array
    kernels: tuple[np.ndarray, ...]
    restricted: bool

    @property
    def q(self) -> int:
        return len(self.batches[0].k)

    @cached_property
    def constant(self) -> float:
        k, p = self.x.shape
        if not self.restricted:
            return -0.5 * k * np.log(2 * np.pi)
        xx = np.linalg.slogdet(self.x.T @ self.x)[1]
        return float(0.5 * xx - 0.5 * (k - p) * np.log(2 * np.pi))

    @cached_property
    def scales(self) -> tuple[float, float]:
        """A typical sampling variance, and the unweighted residual variance."""
        typical = float(np.median(np.concatenate([_diagonals(b.v).ravel() for b in self.batches])))
        beta = np.linalg.lstsq(self.x, self.y, rcond=None)[0]
        rest = max(self.y.size - self.x.shape[1], 1)
        return typical, float(np.sum((self.y - self.x @ beta) ** 2) / rest)

    def fit(self, theta: Array) -> Fit:
        """beta, its covariance and the log-likelihood at theta (q,)."""
        w: list[Array] = []
        wx: list[Array] = []
        log_det = 0.0
        xwx, xwy = np.zeros((self.x.shape[1],) * 2), np.zeros(self.x.shape[1])
        for b in self.batches:
            inverted = _inverse(b.v + np.tensordot(theta, b.k, 1))
            if inverted is None:
                return Fit((), (), np.nan * xwy, np.nan * xwx, np.nan, -np.inf)
            precision, logs = inverted
            w.append(precision)
            wx.append(precision @ b.x)
            log_det += logs
            xwx += np.einsum("bnp,bnr->pr", b.x, wx[-1])
            xwy += np.einsum("bnp,bn->p", wx[-1], b.y)
        c = inverse(xwx)
        beta = c @ xwy
        residual = [b.y - b.x @ beta for b in self.batches]
        u = [(wi @ r[..., None])[..., 0] for wi, r in zip(w, residual, strict=True)]
        rss = float(sum(np.sum(a * r) for a, r in zip(u, residual, strict=True)))
        loglik = self.constant - 0.5 * (log_det + rss)
        if self.restricted:
            loglik -= 0.5 * np.linalg.slogdet(xwx)[1]
        return Fit(tuple(w), tuple(u), beta, c, rss, float(loglik))

    def slope(self, fit: Fit) -> Slope:
        """Derivatives of the log-likelihood at a fit."""
        q, p, c = self.q, self.x.shape[1], fit.c
        trace, quadratic, g = np.zeros(q), np.zeros(q), np.zeros((q, p))
        a, b = np.zeros((q, p, p)), np.zeros((q, q, p, p))
        double, middle = np.zeros((q, q)), np.zeros((q, q))
        for batch, w, u in zip(self.batches, fit.w, fit.u, strict=True):
            wk, wx = w @ batch.k, w @ batch.x
            ku, kwx = (batch.k @ u[..., None])[..., 0], batch.k @ wx
            wku, wkwx = (w @ ku[..., None])[..., 0], w @ kwx
            trace += np.einsum("qbnn->q", wk)
            quadratic += np.einsum("bn,qbn->q", u, ku)
            g += np.einsum("bnp,qbn->qp", wx, ku)
            double += np.einsum("ibnm,jbmn->ij", wk, wk)
            middle += np.einsum("ibn,jbn->ij", ku, wku)
            a += np.einsum("bnp,qbnr->qpr", wx, kwx)
            b += np.einsum("ibnp,jbnr->ijpr", kwx, wkwx)
        if self.restricted:
            ca = c @ a
            trace = trace - np.einsum("qpp->q", ca)
            double = double - 2 * np.einsum("pr,ijrp->ij", c, b)
            double = double + np.einsum("ipr,jrp->ij", ca, ca)
        expected = 0.5 * double
        return Slope(0.5 * (quadratic - trace), middle - g @ c @ g.T - expected, expected)

    def score(self, fit: Fit) -> Array:
        """Derivatives (q,) of the log-likelihood at a fit."""
        trace, quadratic = np.zeros(self.q), np.zeros(self.q)
        for batch, w, u in zip(self.batches, fit.w, fit.u, strict=True):
            quadratic += np.einsum("bn,qbnm,bm->q", u, batch.k, u, optimize=True)
            if self.restricted:
                wx = w @ batch.x
                w = w - wx @ fit.c @ wx.transpose(0, 2, 1)
            trace += np.einsum("qbnm,bmn->q", batch.k, w)
        return 0.5 * (quadratic - trace)

    def covariance(self, theta: Array, rows: np.ndarray) -> Array:
        """M of some rows (n,); shape (n, n)."""
        m = _cut(self.v, rows[None])[0]
        for t, kernel in zip(theta, self.kernels, strict=True):
            m = m + t * _cut(kernel, rows[None], labels=True)[0]
        return m

    def trace_p(self, fit: Fit) -> float:
        """tr(P) with P = W - W X C X'W; NaN without a fit."""
        if not fit.w:
            return np.nan
        total = 0.0
        for batch, w in zip(self.batches, fit.w, strict=True):
            wx = w @ batch.x
            total += float(np.einsum("bnn->", w) - np.einsum("bnp,pr,bnr->", wx, fit.c, wx))
        return total


def components(
    y: Array,
    x: Array,
    v: Array,
    kernels: Sequence[np.ndarray],
    block: np.ndarray,
    *,
    restricted: bool,
) -> Components:
    """Cut the problem into blocks.

    y (k,), x (k, P); v (k,) variances or (k, k) covariances; kernels: (k, k) each, or labels (k,)
    of the units that share a random effect; block (k,): labels of independent blocks. Raises
    InputError where effects scatter so far that rounding hides their sampling errors.
    """
    errors = v if v.ndim == 1 else np.diag(v)
    well_conditioned(x, errors)
    _check_scatter(y, x, errors)
    batches = []
    for rows in _stacks(block):
        kernel = np.stack([_cut(k, rows, labels=True) for k in kernels]) if kernels else None
        empty = np.zeros((0, *rows.shape, rows.shape[1]))
        batches.append(
            Batch(rows, y[rows], x[rows], _cut(v, rows), empty if kernel is None else kernel)
        )
    return Components(tuple(batches), y, x, v, tuple(kernels), restricted)


def _check_scatter(y: Array, x: Array, v: Array) -> None:
    se = np.sqrt(v)
    weighted = x / se[:, None]
    apart = np.abs(y / se - weighted @ np.linalg.lstsq(weighted, y / se, rcond=None)[0])
    if apart.max() > FARTHEST:
        raise InputError(
            f"yi[{int(np.argmax(apart))}]",
            f"an effect {apart.max():.3g} standard errors from the others",
            f"effects within {FARTHEST:g} standard errors of one another", "Is vi a variance?",
        )  # fmt: skip


def _stacks(block: np.ndarray) -> Iterator[np.ndarray]:
    """Positions of the rows of each block, (b, n) for every size n."""
    order = np.argsort(block, kind="stable")
    cuts = np.flatnonzero(np.diff(block[order])) + 1
    groups = np.split(order, cuts)
    for size in sorted({len(g) for g in groups}):
        yield np.stack([g for g in groups if len(g) == size])


def _cut(values: np.ndarray, rows: np.ndarray, *, labels: bool = False) -> Array:
    """Blocks (b, n, n) of a matrix; of a diagonal; or of 'has the same label'."""
    if values.ndim == 2:
        return values[rows[:, :, None], rows[:, None, :]]
    here = values[rows]
    if labels:
        return (here[:, :, None] == here[:, None, :]).astype(np.float64)
    return here[:, :, None] * np.eye(rows.shape[1])


def inverse(matrix: np.ndarray) -> Array:
    """Inverse of a matrix, or of each of a stack."""
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def _diagonals(blocks: np.ndarray) -> Array:
    return np.diagonal(blocks, axis1=1, axis2=2)


def singular(m: Array) -> bool:
    """Whether any of the symmetric blocks (b, n, n) is singular, or indefinite."""
    return _inverse(m) is None


def _inverse(m: Array) -> tuple[Array, float] | None:
    """Inverse of each symmetric positive definite block, and the sum of their log-determinants;
    None where a block is not definite, or only by what rounding leaves."""
    try:
        lower = np.linalg.cholesky(m)
    except np.linalg.LinAlgError:
        return None
    pivots = _diagonals(lower)
    if (pivots**2 <= SINGULAR * _diagonals(m)).any():
        return None
    root = inverse(lower)
    return root.transpose(0, 2, 1) @ root, float(2 * np.sum(np.log(pivots)))
