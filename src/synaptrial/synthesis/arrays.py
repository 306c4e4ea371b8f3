"""Arrays of the room, and what is accepted as yi, vi and moderators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from synaptrial.domain.errors import InputError

Array = NDArray[np.float64]
# Moderators: columns by name (a mapping or a data frame), of numbers or (a factor) of words; or an
# array (k,) or (k, P - 1).
Mods = Mapping[str, Sequence[float] | Sequence[str]] | ArrayLike

# What double precision can pool without losing the digits that count.
LARGEST = 1e15  # of any number
VARIANCES = (1e-30, 1e30)
LARGEST_Z = 1e10  # an effect in its standard errors
SMALLEST_Z = 1e-100  # below, it is 0
LARGEST_RATIO = 1e12  # of two variances; methods that lose no digits by it take more
SHARPEST = 1e5  # condition of a design, weighted or not, whose columns have been scaled


def floats(
    name: str, values: ArrayLike, *, positive: bool = False, largest: float = LARGEST
) -> Array:
    """A one-dimensional array of finite numbers up to `largest`, above 0 where `positive`. Raises
    InputError."""
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
    too_large(name, array, largest)
    return array


def variances(name: str, values: ArrayLike) -> Array:
    """Sampling variances (k,). Raises InputError."""
    return floats(name, values, positive=True, largest=VARIANCES[1])


def too_large(name: str, array: Array, largest: float = LARGEST) -> None:
    """Raises InputError where a number, of an array of any shape, is beyond `largest`."""
    wrong = np.abs(array) > largest
    if wrong.any():
        at = np.unravel_index(int(np.argmax(wrong)), array.shape)
        raise InputError(
            _at(name, at), f"{array[at]:g}", f"sizes up to {LARGEST:g}", "Change the unit"
        )


def labelled(where: str, labels: Sequence[object]) -> list[str]:
    """Labels as text; what is missing (None, NaN, an empty text) is no label, so that studies
    without one are never taken for one study. Raises InputError."""
    words = []
    for i, label in enumerate(labels):
        missing = label is None or label != label
        words.append("" if missing else str(label).strip())
        if not words[-1]:
            raise InputError(f"{where}[{i}]", "no label", "a label for each", "Fill it")
    return words


def effects(yi: ArrayLike, vi: ArrayLike, *, ratio: float = LARGEST_RATIO) -> tuple[Array, Array]:
    """Effects and their sampling variances (not standard errors), shape (k,) each; ratio: how far
    apart two variances may be. Raises InputError."""
    y, v = floats("yi", yi), variances("vi", vi)
    if y.size != v.size:
        raise InputError("vi", f"{v.size} values", f"{y.size} values, as many as yi")
    check_range(y, v, ratio)
    return without_tiny(y, v), v


def without_tiny(y: Array, v: Array) -> Array:
    """Effects (k,) or (B, k) with 0 for those whose square beside any variance would be less than
    a double can hold."""
    return np.where(np.abs(y) < SMALLEST_Z * np.sqrt(v.min(axis=-1, keepdims=True)), 0.0, y)


def check_range(y: Array, v: Array, ratio: float = LARGEST_RATIO) -> None:
    """Raises InputError where effects y and variances v, (k,) or data sets (B, k), lie so far from
    one another, or from 1, that rounding would decide the result."""
    low, high = VARIANCES
    wrong = (v < low) | (v > high)
    if wrong.any():
        at = np.unravel_index(int(np.argmax(wrong)), v.shape)
        accepted = f"variances from {low:g} to {high:g}"
        raise InputError(_at("vi", at), f"{v[at]:g}", accepted, "Change the unit of the effects")
    wrong = np.abs(y) > LARGEST_Z * np.sqrt(v)
    if wrong.any():
        at = np.unravel_index(int(np.argmax(wrong)), v.shape)
        raise InputError(
            _at("yi", at), f"{y[at]:g} with a standard error of {np.sqrt(v[at]):g}",
            f"effects of up to {LARGEST_Z:g} standard errors", "Is vi a variance?",
        )  # fmt: skip
    least, most = v.min(axis=-1), v.max(axis=-1)
    if (most > ratio * least).any():
        row = int(np.argmax(most / least))
        found = f"from {np.ravel(least)[row]:g} to {np.ravel(most)[row]:g}"
        accepted = f"variances within a factor of {ratio:g}"
        raise InputError("vi", found, accepted, "Is one a standard error, or in another unit?")


def _at(name: str, at: Sequence[Any]) -> str:
    return f"{name}[{', '.join(map(str, at))}]"


def design(mods: Mods | None, k: int) -> tuple[Array, tuple[str, ...]]:
    """Design matrix (k, P), an intercept first, and the coefficients' names. Raises InputError."""
    columns, names = [np.ones(k)], ["intercept"]
    for name, values in _named(mods):
        part = _indicators(name, values) if _is_text(values) else {name: _numbers(name, values)}
        columns += part.values()
        names += part
    for name, column in zip(names, columns, strict=True):
        if column.shape != (k,):
            raise InputError(f"mods, {name}", f"shape {column.shape}", f"{k} values, as many as yi")
    x = np.column_stack(columns)
    determined(x)
    return x, tuple(names)


def determined(x: Array) -> None:
    """Raises InputError where the design (k, P) does not determine its coefficients."""
    size = np.abs(x).max(axis=0)
    enough = len(x) >= x.shape[1] and (size >= 1 / LARGEST).all()
    if not (enough and np.linalg.cond(x / size) <= SHARPEST):
        raise InputError(
            "mods",
            f"{x.shape[1]} coefficients for {len(x)} studies that do not determine them",
            "moderators that vary and are not, or nearly, combinations of one another",
            "Remove a moderator, or subtract a constant from one that varies little for its size",
        )


def well_conditioned(x: Array, v: Array) -> None:
    """Raises InputError where a few of the variances (k,) are so much smaller than the others that
    rounding decides the coefficients of the design (k, P)."""
    weighted = x / np.sqrt(v)[:, None]
    if np.linalg.cond(weighted / np.linalg.norm(weighted, axis=0)) > SHARPEST:
        raise InputError(
            "mods, vi", "studies of such different variances that rounding would decide",
            "variances that are more alike, or fewer moderators", "Is one in another unit?",
        )  # fmt: skip


def prediction_rows(mods: ArrayLike | None, names: Sequence[str]) -> Array:
    """Design (R, P) at moderators (R, P - 1), or of the mean alone; names (P,) of the coefficients,
    the intercept first. One moderator may be (R,), several at one point (P - 1,). Raises
    InputError."""
    wanted = f"values of {', '.join(names[1:])}" if len(names) > 1 else "none"
    if mods is None:
        if len(names) > 1:
            raise InputError("mods", "none", wanted)
        return np.ones((1, 1))
    try:
        rows = np.asarray(mods, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("mods", repr(mods)[:60], f"{wanted}, as numbers") from None
    if rows.ndim == 1:
        rows = rows[None] if len(names) > 2 else rows[:, None]
    if rows.ndim != 2 or rows.shape[1] != len(names) - 1:
        raise InputError("mods", f"shape {rows.shape}", f"rows of {wanted}")
    if not np.isfinite(rows).all():
        raise InputError("mods", "a value that is not finite", f"{wanted}, as numbers")
    too_large("mods", rows)
    return np.column_stack([np.ones(len(rows)), rows])


def _named(mods: Mods | None) -> list[tuple[str, Sequence[Any]]]:
    """Columns with their names; those of a plain array are mod1, mod2 and so on."""
    if mods is None:
        return []
    if isinstance(mods, Mapping) or (hasattr(mods, "items") and np.ndim(mods) == 2):
        return [(str(name), list(values)) for name, values in mods.items()]
    array = np.asarray(mods)
    array = array[:, None] if array.ndim == 1 else array
    if array.ndim != 2:
        raise InputError("mods", f"shape {array.shape}", "one row for each study")
    return [(f"mod{i + 1}", list(column)) for i, column in enumerate(array.T)]


def _is_text(values: Sequence[Any]) -> bool:
    return any(isinstance(value, str) for value in values)


def _numbers(name: str, values: Sequence[Any]) -> Array:
    try:
        return floats(f"mods, {name}", values)
    except InputError as wrong:
        raise InputError(wrong.where, wrong.found, "finite numbers, or words of a factor") from None


def _indicators(name: str, values: Sequence[Any]) -> dict[str, Array]:
    """A factor as columns of 0 and 1, one for each level but the first in alphabetical order."""
    wrong = [i for i, value in enumerate(values) if not isinstance(value, str) or not value.strip()]
    if wrong:
        found = repr(values[wrong[0]])
        accepted = "words for every study, or numbers for every study"
        raise InputError(f"mods, {name}[{wrong[0]}]", found, accepted, "Mend it, or leave it out")
    words = [str(value) for value in values]
    return {
        f"{name}: {level}": np.array([float(word == level) for word in words])
        for level in sorted(set(words))[1:]
    }
