"""Named numbers as a caller gives them: read, checked, and written into the trace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.arrays import LARGEST
from synaptrial.synthesis.effects.size import Array, EffectSize, Flags, Quantity, as_given, in_words

Numbers = ArrayLike | Quantity
SMALLEST = 1e-15  # of a number that others are divided by
WHOLE = ("ni", "n1i", "n2i")  # people; events may be fractions, as of tables with 1/2 added


@dataclass(frozen=True)
class Given:
    """Inputs by name, all of one shape: () for one study, (k,) for several."""

    values: dict[str, Array]
    trace: tuple[str, ...]

    def __getitem__(self, name: str) -> Array:
        return self.values[name]

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def need(self, ok: Callable[[Array], Flags], accepted: str, *names: str) -> Given:
        """Raises InputError at the first number of `names` that is not `ok`."""
        for name in names:
            if name in self.values:
                refuse(~ok(self[name]), name, self[name], accepted)
        return self

    def above(self, limit: float, *names: str) -> Given:
        self.need(lambda x: x > limit, f"a number above {limit:g}", *names)
        return self.need(lambda x: np.abs(x) >= SMALLEST, f"{SMALLEST:g} or more", *names)

    def not_0(self, accepted: str, *names: str) -> Given:
        self.need(lambda x: x != 0, accepted, *names)
        return self.need(lambda x: np.abs(x) >= SMALLEST, f"a size of {SMALLEST:g} or more", *names)

    def at_least(self, limit: float, *names: str) -> Given:
        return self.need(lambda x: x >= limit, f"a number of at least {limit:g}", *names)

    def effect(self, measure: str, yi: Array, vi: Array, formula: str) -> EffectSize:
        """The result; a study without a finite pair gets NaN in both, and a sentence."""
        out = np.isfinite(yi) & np.isfinite(vi)
        yi, vi = np.where(out, yi, np.nan), np.where(out, vi, np.nan)
        steps = [formula, f"{in_words('yi', as_given(yi))}; {in_words('vi', as_given(vi))}"]
        if not out.all():
            lost = ", ".join(str(i) for i in np.flatnonzero(~np.atleast_1d(out)))
            steps.append(f"no estimate for the studies at index {lost}")
        return EffectSize(measure, as_given(yi), as_given(vi), (*self.trace, *steps))

    def quantity(self, name: str, value: Array, formula: str) -> Quantity:
        refuse(~np.isfinite(value), name, value, "given numbers that make a finite one")
        shown = as_given(value)
        return Quantity(shown, (*self.trace, formula, in_words(name, shown)))


def read(**given: Numbers | None) -> Given:
    """Finite floats of one shape from what was given; names with None are left out.

    Raises InputError where a value is no finite number or the lengths differ.
    """
    named = {name: x for name, x in given.items() if x is not None}
    arrays = {name: _floats(name, x) for name, x in named.items()}
    lengths = {name: len(x) for name, x in arrays.items() if x.ndim}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{n} of {k}" for n, k in lengths.items())
        raise InputError(", ".join(lengths), f"lengths {found}", "one length for all studies")
    for name in WHOLE:
        if name in arrays:
            off = arrays[name] != np.floor(arrays[name])
            refuse(off, name, arrays[name], "a whole number", "Round what a design effect made")
    shape = np.broadcast_shapes(*(x.shape for x in arrays.values()))
    values = {name: np.broadcast_to(x, shape) for name, x in arrays.items()}
    before = _chained([x.trace for x in named.values() if isinstance(x, Quantity)])
    told = "; ".join(in_words(name, as_given(x)) for name, x in arrays.items())
    return Given(values, (*before, f"given: {told}"))


def refuse(bad: Flags, name: str, found: Array, accepted: str, advice: str = "") -> None:
    """Raises InputError that names the argument, and the index where there are several studies."""
    if not np.any(bad):
        return
    first = int(np.flatnonzero(np.atleast_1d(bad))[0])
    where = f"{name}[{first}]" if np.ndim(bad) else name
    raise InputError(where, f"{np.atleast_1d(found)[first]:g}", accepted, advice)


def missing(given: Given, measure: str, *names: str) -> None:
    """Raises InputError where a measure needs a number that was not given."""
    for name in names:
        if name not in given:
            raise InputError(name, "nothing", f"a number, needed for {measure}")


def _chained(traces: list[tuple[str, ...]]) -> list[str]:
    """Traces one after the other; what one has in common with an earlier one at its start (two
    results of one conversion) is told once."""
    out: list[str] = []
    for at, trace in enumerate(traces):
        told = max((_common_start(trace, earlier) for earlier in traces[:at]), default=0)
        out += trace[told:]
    return out


def _common_start(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _floats(name: str, x: Numbers) -> Array:
    raw = x.value if isinstance(x, Quantity) else x
    try:
        out = np.asarray(raw, dtype=float)
    except (TypeError, ValueError):
        raise InputError(name, repr(raw), "a number or a list of numbers") from None
    if out.ndim > 1 or not out.size:
        raise InputError(name, f"an array of shape {out.shape}", "a number, or one per study")
    refuse(~np.isfinite(out), name, out, "a finite number", "Leave the study out.")
    refuse(np.abs(out) > LARGEST, name, out, f"a size up to {LARGEST:g}", "Change the unit.")
    return out
