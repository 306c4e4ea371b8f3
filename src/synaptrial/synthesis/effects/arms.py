"""Several arms of one trial as one group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.effects.given import Given, read
from synaptrial.synthesis.effects.size import Quantity


@dataclass(frozen=True)
class CombinedArm:
    """Size, mean and SD of a combined group, to be given on in place of n1i, m1i, sd1i."""

    n: Quantity
    mean: Quantity
    sd: Quantity


def combine_arms(*, ni: ArrayLike, mi: ArrayLike, sdi: ArrayLike) -> CombinedArm:
    """Arms as if they had been one, from arrays (arms,) of sizes, means and SDs.

    The SD is what the people together have (Cochrane Handbook 6.5.2.10): within arms and between
    their means. Raises InputError.
    """
    given = read(ni=ni, mi=mi, sdi=sdi).above(0, "sdi").at_least(2, "ni")
    if given["ni"].ndim == 0 or given["ni"].size < 2:
        raise InputError("ni", "one arm", "two arms or more")
    n, m, sd = given["ni"], given["mi"], given["sdi"]
    total = np.sum(n)
    mean = np.sum(n * m) / total
    squares = np.sum((n - 1) * sd**2) + np.sum(n * (m - mean) ** 2)
    told = Given({}, (*given.trace, "arms combined as one group (Cochrane Handbook 6.5.2.10)"))
    return CombinedArm(
        told.quantity("n", np.asarray(total), "sum of the sizes"),
        told.quantity("mean", np.asarray(mean), "mean weighted by size"),
        told.quantity("SD", np.sqrt(squares / (total - 1)), "SD within arms and between means"),
    )


def combine_events(*, xi: ArrayLike, ni: ArrayLike) -> tuple[Quantity, Quantity]:
    """Events and people of arms (arms,) as one group: sums. Raises InputError."""
    given = read(xi=xi, ni=ni).at_least(0, "xi").above(0, "ni")
    formula = "arms combined as one group: sums (Cochrane Handbook 6.5.2.10)"
    events, people = np.asarray(np.sum(given["xi"])), np.asarray(np.sum(given["ni"]))
    return given.quantity("events", events, formula), given.quantity("n", people, formula)
