"""Textbook formulas on whole matrices, slow and plain, to hold the block code against."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize


def same(labels):
    labels = np.asarray(labels)
    return (labels[:, None] == labels).astype(float)


def log_likelihood(y, x, m, restricted=True):
    k, p = x.shape
    w = np.linalg.inv(m)
    xwx = x.T @ w @ x
    beta = np.linalg.solve(xwx, x.T @ w @ y)
    r = y - x @ beta
    half = np.linalg.slogdet(m)[1] + r @ w @ r
    if not restricted:
        return -0.5 * (half + k * np.log(2 * np.pi))
    half += np.linalg.slogdet(xwx)[1] - np.linalg.slogdet(x.T @ x)[1]
    return -0.5 * (half + (k - p) * np.log(2 * np.pi))


def most_likely(y, x, v, kernels, restricted=True):
    """Variances by Nelder and Mead on their square roots, from several starts."""

    def worse(root):
        m = v + sum(t**2 * kernel for t, kernel in zip(root, kernels, strict=True))
        return -log_likelihood(y, x, m, restricted)

    options = {"xatol": 1e-10, "fatol": 1e-13, "maxiter": 20000, "maxfev": 20000}
    starts = [np.full(len(kernels), s) for s in (0.05, 0.5, 2.0)]
    found = [minimize(worse, s, method="Nelder-Mead", options=options) for s in starts]
    best = min(found, key=lambda f: f.fun)
    return best.x**2, -best.fun


def cr2(y, x, m, labels):
    """Bell and McCaffrey's covariance and Satterthwaite df from whole N x N matrices."""
    k = y.size
    w = np.linalg.inv(m)
    c = np.linalg.inv(x.T @ w @ x)
    s = np.eye(k) - x @ c @ x.T @ w
    e = s @ y
    meat, rows = np.zeros_like(c), []
    for label in np.unique(labels):
        i = np.flatnonzero(labels == label)
        d = np.linalg.cholesky(m[np.ix_(i, i)]).T
        values, vectors = np.linalg.eigh(d @ (s[i] @ m @ s[i].T) @ d.T)
        kept = values > 1e-10 * values.max()
        root = (vectors[:, kept] * values[kept] ** -0.5) @ vectors[:, kept].T
        g = d.T @ root @ d @ w[np.ix_(i, i)] @ x[i] @ c
        meat += np.outer(g.T @ e[i], g.T @ e[i])
        rows.append(s[i].T @ g)
    df = []
    for j in range(x.shape[1]):
        q = np.stack([row[:, j] for row in rows])
        spread = q @ m @ q.T
        df.append(np.trace(spread) ** 2 / np.sum(spread**2))
    return meat, np.array(df)
