"""What enters the slow layer: treatment as given, plasticity drive, belief, what was felt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from synaptrial.engine.mesh import projected
from synaptrial.mechanism import learning
from synaptrial.mechanism.nonspecific import belief
from synaptrial.simulation.run.signals import felt_at_events

Array = jax.Array
Arrays = Mapping[str, Array]


class Given(NamedTuple):
    """Per-patient multipliers of the declared treatment; 1 is as declared, 0 not given.

    doses: (n_events, P); daily, sessions: (n_intervals, P) or (n_intervals, 1).
    """

    doses: Array | np.ndarray
    daily: Array | np.ndarray
    sessions: Array | np.ndarray


def _belief(
    arrays: Arrays, par: Arrays, felt: Array, given: Array, share: Array, slope: Array
) -> tuple[Array, Array]:
    """Belief and what was felt at the last dose that was given, each (n, 3, P)."""
    n_events, n = felt.shape
    number = jnp.where(given > 0, jnp.arange(n_events)[:, None], -1)
    latest = jax.lax.cummax(number, axis=0)[jnp.maximum(arrays["event_before"], 0)]
    latest = jnp.where((arrays["event_before"] < 0)[:, None], -1, latest)  # (n_intervals, P)
    at = jnp.maximum(latest, 0)
    pick = lambda table: jnp.take_along_axis(table, at, axis=0)  # noqa: E731
    beliefs = belief(share, jax.lax.cummax(felt, axis=0), slope, par["felt_reference"])
    since_h = arrays["node_h"][:, :, None] - arrays["event_h"][at][:, None, :]
    fading = jnp.exp(-jnp.maximum(since_h, 0.0) * par["rate_belief"])
    believed = jnp.where(latest < 0, share, pick(beliefs))[:, None, :]
    felt_now = jnp.where(latest < 0, 0.0, pick(felt))[:, None, :]
    return share + (believed - share) * fading, jnp.broadcast_to(felt_now, since_h.shape)


def slow_inputs(
    arrays: Arrays,
    signals: Arrays,
    par: Arrays,
    given_share: Given,
    share: Array,
    slope: Array,
) -> tuple[dict[str, Array], Array]:
    """Exogenous signals of the slow layer, each (n, 3, P) or (n, 3, 1), and felt (n_events, P)."""
    multiplier = jnp.asarray(given_share.doses)
    n_int = arrays["slow_length_h"].shape[0]
    n_events, n = multiplier.shape
    flat = lambda x: jnp.broadcast_to(x[:, None, None], (n_int, 3, 1))  # noqa: E731
    out = {
        k: flat(arrays[k])
        for k in ("ssri_mg_per_h", "on_ssri", "in_therapy",
                  *(f"session_{k}" for k in learning.KINDS))
    }  # fmt: skip
    out["contact"] = arrays["contact"][:1, None, None]  # one setting, hence steady
    out["ssri_mg_per_h"] = out["ssri_mg_per_h"] * given_share.daily[:, None, :]
    out["on_ssri"] = out["on_ssri"] * jnp.minimum(given_share.daily, 1.0)[:, None, :]
    for k in (*(f"session_{k}" for k in learning.KINDS), "in_therapy"):
        out[k] = out[k] * given_share.sessions[:, None, :]
    given = jnp.minimum(multiplier, 1.0)
    for k in ("near_ketamine", "near_midazolam"):
        nearest = (arrays[k][:, :, None] * given).max(axis=1)  # two doses count once
        out[k] = jnp.broadcast_to(nearest[:, None, :], (n_int, 3, n))
    out["drive"] = jnp.zeros((n_int, 3, 1))
    if "drive" in signals:
        where = arrays["project_first"], arrays["project_weights"]
        # where occupancy turns over within an interval, its quadratic may leave the range
        out["drive"] = jnp.clip(projected(*where, signals["drive"]), 0.0, 1.0)
    felt = felt_at_events(arrays, signals, par, multiplier)
    believed, out["felt"] = _belief(arrays, par, felt, given, share, slope)
    out["treated_h"] = arrays["treated_h"][:, :, None]
    out["belief"] = believed * jnp.exp(-arrays["since_open_h"][:, :, None] * par["rate_belief"])
    return out, felt
