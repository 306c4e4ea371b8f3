"""When a patient leaves the study."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

Array = jax.Array | np.ndarray


def leaving_time_h(edges_h: Array, hazard: Array, unit: Array) -> Array:
    """Time at which each patient leaves, (P,), inf if not within the horizon.

    hazard: (n_edges, P) cumulative; unit: (P,) unit exponential draws.
    """
    over = hazard > unit
    first = over.argmax(axis=0)
    left = over.any(axis=0)
    j = jnp.clip(first, 1, len(edges_h) - 1)
    cols = jnp.arange(hazard.shape[1])
    low, high = hazard[j - 1, cols], hazard[j, cols]
    share = jnp.clip((unit - low) / jnp.maximum(high - low, 1e-300), 0, 1)
    return jnp.where(left, edges_h[j - 1] + share * (edges_h[j] - edges_h[j - 1]), jnp.inf)
