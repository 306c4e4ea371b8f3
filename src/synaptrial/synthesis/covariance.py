"""Covariances of sampling errors within studies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.arrays import Array, effects, floats, labelled


def codes(where: str, labels: Sequence[object], k: int) -> np.ndarray:
    """Whole numbers in place of labels (k,); equal as text is equal. Raises InputError."""
    if len(labels) != k:
        raise InputError(where, f"{len(labels)} labels", f"{k}, one for each effect")
    return np.unique(labelled(where, labels), return_inverse=True)[1]


def impute_covariance(vi: ArrayLike, study: Sequence[object], rho: float) -> Array:
    """Sampling covariances (k, k) when all errors within a study correlate at rho.

    vi (k,) sampling variances; study (k,) labels. Raises InputError where the result would not be
    positive definite: rho must lie between -1 / (n - 1), n the largest study, and 1.
    """
    v = floats("vi", vi, positive=True)
    code = codes("study", study, v.size)
    most = int(np.max(np.bincount(code)))
    lowest = -1 / (most - 1) if most > 1 else -1.0
    if not lowest < rho < 1:
        raise InputError("rho", f"{rho:g}", f"above {lowest:.3g} and below 1")
    same = code[:, None] == code
    covariance = np.where(same, rho, 0.0) * np.sqrt(v[:, None] * v)
    np.fill_diagonal(covariance, v)
    return covariance


def sampling(yi: ArrayLike, v: ArrayLike, study: np.ndarray) -> tuple[Array, Array]:
    """Effects (k,) and their variances (k,) or covariances (k, k), checked. Raises InputError."""
    matrix = np.asarray(v, dtype=np.float64)
    if matrix.ndim != 2:
        return effects(yi, matrix)
    y = floats("yi", yi)
    if matrix.shape != (y.size, y.size) or not np.isfinite(matrix).all():
        raise InputError("v", f"shape {matrix.shape}", f"finite numbers, ({y.size}, {y.size})")
    if not np.allclose(matrix, matrix.T, rtol=1e-8, atol=0):
        raise InputError("v", "a matrix that is not symmetric", "covariances")
    across = (matrix != 0) & (study[:, None] != study)
    if across.any():
        i, j = np.argwhere(across)[0]
        raise InputError(f"v[{i}, {j}]", f"{matrix[i, j]:g}", "0 between different studies")
    _positive_definite(matrix, study)
    return y, matrix


def _positive_definite(matrix: Array, study: np.ndarray) -> None:
    for code in np.unique(study):
        rows = np.flatnonzero(study == code)
        block = matrix[np.ix_(rows, rows)]
        if np.linalg.eigvalsh(block)[0] <= 0:
            raise InputError(
                "v",
                f"covariances of rows {rows.tolist()} that are not positive definite",
                "variances above 0 and correlations below 1",
            )
