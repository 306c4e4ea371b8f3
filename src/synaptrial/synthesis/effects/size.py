"""What the functions here return: an effect size or a converted number, with its trace."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synaptrial.synthesis.arrays import Array as Array

Flags = NDArray[np.bool_]
Value = float | Array


@dataclass(frozen=True)
class EffectSize:
    """One effect per study.

    measure: name as in metafor's escalc ("SMD", "OR", ...). yi, vi: effect and its sampling
    variance, floats for one study or arrays (k,); ratios are on the log scale. NaN where a study
    carries no estimate, and then the trace says so. trace: what was given, which formula, what
    came out, in that order and with the steps of any conversion before.
    """

    measure: str
    yi: Value
    vi: Value
    trace: tuple[str, ...]

    @property
    def sei(self) -> Value:
        """Standard error, square root of vi."""
        return as_given(np.sqrt(self.vi))


@dataclass(frozen=True)
class Quantity:
    """A converted number (a standard deviation, a standard error, ...) that remembers its origin.

    Any function of this package takes it in place of a number and goes on with its trace.
    """

    value: Value
    trace: tuple[str, ...]


def as_given(values: Array) -> Value:
    """A float where one study was given, else the array."""
    return float(values) if np.ndim(values) == 0 else values


def in_words(name: str, values: Value) -> str:
    """`sd = 4.58`, or for more than three studies their number and their range."""
    flat = np.atleast_1d(values)
    if len(flat) <= 3:
        return f"{name} = {', '.join(f'{x:.6g}' for x in flat)}"
    known = flat[np.isfinite(flat)]
    span = f"{known.min():.6g} to {known.max():.6g}" if len(known) else "none known"
    return f"{name}: {len(flat)} values, {span}"
