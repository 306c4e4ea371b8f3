"""When the latent CAPS-5 total first meets a definition of response, and when it is lost again.

Read between the edges of the slow mesh, not at visits: neither time depends on how often a
patient is seen. Each interval is a parabola through both ends that holds the interval's area.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from synaptrial.domain.scales import SCALES

Array = jax.Array | np.ndarray

DEFINITIONS = SCALES["CAPS5"].response
KEYS = tuple(d.key for d in DEFINITIONS)
REACHED, LOST = 0, 1


def times_h(edges_h: Array, total: jax.Array, area: Array) -> Array:
    """Hours at which each response is first reached and then lost, (len(KEYS), 2, P), inf where
    not within the horizon.

    edges_h: (T,); total, area: (T, P) latent total at the edges, the start first, and its
    integral. Baseline is the patient's own total at the start. A response that comes and goes
    within one interval of the mesh is not seen.
    """
    return jnp.stack([_of_one(edges_h, total, area, d.fall_from(total[0])) for d in DEFINITIONS])


def _of_one(edges_h: Array, total: jax.Array, area: Array, fall: Array) -> Array:
    level = total[0] - fall
    holds = total <= level
    lost = jax.lax.cummax(holds.astype(jnp.int8)).astype(bool) & ~holds
    return jnp.stack(
        [_crossing(edges_h, total, area, level, x, sign) for x, sign in ((holds, -1), (lost, 1))]
    )


def _crossing(
    edges_h: Array, total: Array, area: Array, level: Array, beyond: Array, sign: int
) -> Array:
    """The time at which `total` crosses `level` in the interval that ends at the first edge
    `beyond` it, (P,); sign: of the slope there."""
    end = jnp.clip(beyond.argmax(axis=0), 1, len(edges_h) - 1)
    own = jnp.arange(total.shape[1])
    length = edges_h[end] - edges_h[end - 1]
    a, b = total[end - 1, own], total[end, own]
    mean = (area[end, own] - area[end - 1, own]) / jnp.maximum(length, 1e-12)
    bend = 6 * mean - 3 * (a + b)  # a + (b - a) s + bend s (1 - s) has this mean over 0 <= s <= 1
    slope, gap = b - a + bend, level - a
    root = slope + sign * jnp.sqrt(jnp.maximum(slope**2 - 4 * bend * gap, 0.0))
    share = jnp.clip(2 * gap / jnp.where(root == 0, sign, root), 0, 1)
    return jnp.where(beyond.any(axis=0), edges_h[end - 1] + share * length, jnp.inf)
