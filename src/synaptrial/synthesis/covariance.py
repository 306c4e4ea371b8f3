"""Covariances of sampling errors within studies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.arrays import (
    VARIANCES,
    Array,
    check_range,
    effects,
    floats,
    labelled,
    too_large,
    variances,
    without_tiny,
)
from synaptrial.synthesis.components import Components, Fit, singular

RATIO = 1e16  # of two variances
NEGATIVE = 1e-10  # share of the largest eigenvalue: less below 0 is rounding
NO_TOP = 1e9  # condition of V + T at the end of a search that goes on towards a singular one


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
    v = variances("vi", vi)
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
        return effects(yi, matrix, ratio=RATIO)
    y = floats("yi", yi)
    if matrix.shape != (y.size, y.size) or not np.isfinite(matrix).all():
        raise InputError("v", f"shape {matrix.shape}", f"finite numbers, ({y.size}, {y.size})")
    too_large("v", matrix, VARIANCES[1])
    if not np.allclose(matrix, matrix.T, rtol=1e-8, atol=0):
        raise InputError("v", "a matrix that is not symmetric", "covariances")
    if (np.diag(matrix) <= 0).any():
        i = int(np.argmax(np.diag(matrix) <= 0))
        raise InputError(f"v[{i}, {i}]", f"{matrix[i, i]:g}", "variances above 0")
    check_range(y, np.diag(matrix), RATIO)
    across = (matrix != 0) & (study[:, None] != study)
    if across.any():
        i, j = np.argwhere(across)[0]
        raise InputError(f"v[{i}, {j}]", f"{matrix[i, j]:g}", "0 between different studies")
    check_covariances("v", matrix, study)
    return without_tiny(y, np.diag(matrix)), matrix


def check_covariances(where: str, matrix: Array, study: np.ndarray) -> None:
    """Raises InputError where the covariances (k, k) of a study have a negative eigenvalue."""
    for code in np.unique(study):
        rows = np.flatnonzero(study == code)
        values = np.linalg.eigvalsh(matrix[np.ix_(rows, rows)])
        if values[0] < -NEGATIVE * values[-1]:
            raise InputError(
                where,
                f"covariances of rows {rows.tolist()} that are not positive definite",
                "variances above 0 and correlations that can stand together",
            )


def without_error(problem: Components, fit: Fit, study: np.ndarray) -> tuple[str, ...]:
    """One sentence where V is singular and V + T is not. Raises InputError where V + T is singular
    as well, or where the likelihood has no top: the effects agree as exactly as V says."""
    found = _rows_without_error(problem.v, study)
    if not found:
        return ()
    rows = "; ".join(str(part) for part in found)
    if not fit.w or _condition(fit) > NO_TOP:
        raise InputError(
            "v",
            f"covariances by which a difference among rows {rows} has no sampling error",
            "covariances that are definite, or effects that differ beyond them",
            "Keep one of these rows, or lower their correlation",
        )
    return (
        f"The sampling covariances are singular: by them a difference among rows {rows} has no"
        " error. Q and I2 do not exist; the model is fitted, as the covariances with those of the"
        " random effects added are definite.",
    )


def _condition(fit: Fit) -> float:
    """The worst condition of the blocks, each scaled to a diagonal of 1."""
    roots = [np.sqrt(np.diagonal(w, axis1=1, axis2=2)) for w in fit.w]
    scaled = [w / r[:, :, None] / r[:, None] for w, r in zip(fit.w, roots, strict=True)]
    return float(max(np.max(np.linalg.cond(w)) for w in scaled))


def _rows_without_error(v: Array, study: np.ndarray) -> list[list[int]]:
    """Rows (from 0) of each study whose covariances are singular: a difference among them has no
    sampling error."""
    if v.ndim == 1:
        return []
    found = []
    for code in np.unique(study):
        rows = np.flatnonzero(study == code)
        block = v[np.ix_(rows, rows)]
        if singular(block[None]):
            scale = np.sqrt(np.diag(block))
            null = np.linalg.eigh(block / scale / scale[:, None])[1][:, 0]
            found.append(rows[np.abs(null) > 1e-6].tolist())
    return found
