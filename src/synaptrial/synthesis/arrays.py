"""Arrays of the room, and what is accepted as yi, vi and moderators."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from synaptrial.domain.errors import InputError

Array = NDArray[np.float64]


def floats(name: str, values: ArrayLike, *, positive: bool = False) -> Array:
    """A one-dimensional array of finite numbers, above 0 where `positive`. Raises InputError."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(name, repr(values)[:60], "numbers") from None
    if array.ndim != 1 or not array.size:
        raise InputError(name, f"shape {array.shape}", "one number for each study, at least one")
    wrong = ~np.isfinite(array) | (positive & (array <= 0))
    if wrong.any():
        i = int(np.argmax(wrong))
        accepted = "numbers above 0" if positive else "finite numbers"
        raise InputError(
            f"{name}[{i}]", f"{array[i]:g}", accepted, "Leave the study out, or mend it"
        )
    return array


def effects(yi: ArrayLike, vi: ArrayLike) -> tuple[Array, Array]:
    """Effects and their sampling variances (not standard errors), shape (k,) each."""
    y, v = floats("yi", yi), floats("vi", vi, positive=True)
    if y.size != v.size:
        raise InputError("vi", f"{v.size} values", f"{y.size} values, as many as yi")
    return y, v


def design(mods: ArrayLike | None, k: int, names: Sequence[str]) -> tuple[Array, tuple[str, ...]]:
    """Design matrix (k, P) with an intercept before the moderators, and the coefficients' names."""
    if mods is None:
        return np.ones((k, 1)), ("intercept",)
    columns = np.asarray(mods, dtype=np.float64)
    columns = columns[:, None] if columns.ndim == 1 else columns
    if columns.ndim != 2 or columns.shape[0] != k or not np.isfinite(columns).all():
        raise InputError(
            "mods", f"shape {columns.shape}", f"finite numbers, {k} rows with one column each"
        )
    names = tuple(names) or tuple(f"mod{i + 1}" for i in range(columns.shape[1]))
    if len(names) != columns.shape[1]:
        raise InputError("names", f"{len(names)} names", f"{columns.shape[1]}, one each moderator")
    x = np.column_stack([np.ones(k), columns])
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise InputError(
            "mods",
            f"{x.shape[1]} coefficients for {k} studies that do not determine them",
            "moderators that vary and are not combinations of one another",
            "Remove a moderator",
        )
    return x, ("intercept", *names)


def dummies(levels: Sequence[str]) -> tuple[Array, tuple[str, ...]]:
    """Indicator columns of a factor (k, levels - 1) and their names; the first level in
    alphabetical order is the reference."""
    names = sorted(set(levels))
    return np.array([[float(v == n) for n in names[1:]] for v in levels]), tuple(names[1:])
