"""No number that is not finite leaves a run."""

from __future__ import annotations

from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np

from synaptrial.domain.errors import NonFinite

Courses = Mapping[str, jax.Array | np.ndarray]


def require_finite(arm: str, courses: Courses, time_h: np.ndarray) -> None:
    """Raise NonFinite for the earliest number of a course that is not finite.

    courses: each (T, ...) at time_h or padded beyond it. What once is not finite stays so, hence
    the last row tells whether any is. Of several at one time the first in `courses` is named.
    """
    if not courses or np.isfinite(_last(courses)):
        return
    found = {}
    for name, course in courses.items():
        rows = np.asarray(course).reshape(len(course), -1)
        bad = np.flatnonzero(~np.isfinite(rows).all(axis=1))
        if len(bad):
            found[name] = float(time_h[min(bad[0], len(time_h) - 1)])
    first = min(found, key=lambda name: found[name])
    raise NonFinite(first, arm, found[first])


@jax.jit
def _last(courses: Courses) -> jax.Array:
    return sum((0.0 * x[-1].sum() for x in courses.values()), jnp.zeros(()))
