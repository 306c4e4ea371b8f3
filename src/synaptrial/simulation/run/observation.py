"""From latent severity to what is recorded: recall windows, errors, floors, rounding, readings.

After the engine. Errors come from counter-based streams: the error of a patient at his n-th
visit is the same in every arm, chunk and number of workers. What is done per patient is JAX, to be
compiled by the caller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import expit, logit, ndtri

from synaptrial.domain.scales import SCALES
from synaptrial.engine.mesh import SlowMesh

Array = jax.Array | np.ndarray
Values = Mapping[str, Array]

MAXIMUM, TOTAL_MAXIMUM = SCALES["CAPS5"].clusters, SCALES["CAPS5"].maximum
CLUSTERS = tuple(MAXIMUM)
ITEMS = {"b": 5, "c": 2, "d": 7, "e": 6}
TOTAL_ITEMS = sum(ITEMS.values())
ERRORS_PER_VISIT = 12  # a multiple of 4: the generator counts in blocks of four
STREAM_PERSON, STREAM_LEAVING, STREAM_READINGS, STREAM_VISIT = 40, 50, 60, 100


def uniforms(seed: int, stream: int, first: int, n: int, k: int) -> np.ndarray:
    """(n, k) numbers in 0..1 of flat patients first..first+n-1; k is a multiple of 4."""
    bits = np.random.Philox(key=[seed, stream])
    bits.advance(first * (k // 4))
    return np.random.Generator(bits).random((n, k))


def normals(uniform: Array) -> Array:
    """Standard normals from uniforms, elementwise."""
    return ndtri(jnp.clip(uniform, 1e-15, 1 - 1e-15))


def window_rows(
    mesh: SlowMesh, days: Sequence[float], width_h: float
) -> tuple[np.ndarray, np.ndarray]:
    """Edges (V, 3) and weights (V, 7) that give the mean of a latent score over the window that
    ends at each visit; see `window_mean`. days: ascending, from 0.

    A window is `width_h` long but never reaches back beyond the visit before (see domain.scales).
    The start of a window may lie anywhere: the area is interpolated by its cubic. Before time 0
    the score stands at its baseline, and at day 0 it is read without a window.
    """
    edges = mesh.edges_h
    rows, weights = np.zeros((len(days), 3), np.int32), np.zeros((len(days), 7))
    for n, day in enumerate(days):
        i = rows[n, 0] = visit_index(mesh, [day])[0]
        width = min(width_h, 24.0 * (day - days[n - 1])) if n else width_h
        start = 24.0 * day - width
        if day <= 0:
            weights[n, 5] = 1.0
        elif width <= 0:
            weights[n, 6] = 1.0
        elif start <= 0:
            weights[n, [0, 5]] = 1.0, -start
        else:
            j = min(int(np.searchsorted(edges, start, side="right")) - 1, i - 1)
            rows[n, 1:] = j, j + 1
            h = edges[j + 1] - edges[j]
            s = (start - edges[j]) / h
            weights[n, :5] = (
                1.0,
                -(1 + 2 * s) * (1 - s) ** 2,
                -(s**2) * (3 - 2 * s),
                -h * s * (1 - s) ** 2,
                -h * s**2 * (s - 1),
            )
        if day > 0 and width > 0:
            weights[n] /= width
    return rows, weights


def window_mean(rows: Array, weights: Array, area: Array, level: Array) -> Array:
    """Mean of a latent score over the window of each visit, (V, P).

    area, level: (n_edges, P) integral and value at the edges, time 0 first.
    """
    end, before, after = rows.T
    read = (area[end], area[before], area[after], level[before], level[after],
            jnp.broadcast_to(level[0], (len(end), *level.shape[1:])), level[end])  # fmt: skip
    return sum((w[:, None] * x for w, x in zip(weights.T, read, strict=True)), jnp.zeros(()))


def _recorded(x: Array, maximum: float) -> Array:
    return jnp.clip(jnp.round(x), 0, maximum)


def scores(
    latent: Values, expectancy: Array, par: Values, errors: Array, person: Array
) -> dict[str, Array]:
    """Recorded scores of all visits, each (V, P), whole points.

    latent: b, c, d, e (CAPS-5 points), mood and mood_phq9 (MADRS points), the recall window of
    their scale applied: that of the PHQ-9 is longer than that of the MADRS.
    expectancy: log-odds at the visit; self-report loads on it by its own share. errors:
    (V, P, 12) and person: (P,) standard normals.
    """
    out: dict[str, Array] = {}
    extra = (par["self_report_expectancy_share"] - par["rater_expectancy_share"]) * expectancy
    totals = {"CAPS5": jnp.zeros(()), "PCL5": jnp.zeros(())}
    for i, k in enumerate(CLUSTERS):
        top, part = MAXIMUM[k], np.sqrt(MAXIMUM[k] / TOTAL_MAXIMUM)
        rated = latent[k] + par["caps5_error_sd"] * part * errors[..., i]
        out[f"CAPS5_{k}"] = _recorded(rated, top)
        inside = jnp.clip(latent[k] / top, 1e-9, 1 - 1e-9)
        reported = (
            top * expit(logit(inside) - extra)
            + par["pcl5_offset"] * ITEMS[k]
            + par["pcl5_person_sd"] * person * ITEMS[k] / TOTAL_ITEMS
            + par["pcl5_error_sd"] * part * errors[..., 4 + i]
        )
        out[f"PCL5_{k}"] = _recorded(reported, top)
        for scale in totals:
            totals[scale] = totals[scale] + out[f"{scale}_{k}"]
    out |= totals
    error = par["madrs_error_sd"] * errors[..., 8]
    out["MADRS"] = _recorded(latent["mood"] + error, SCALES["MADRS"].maximum)
    out["IESR"] = _recorded(par["iesr_per_pcl5"] * out["PCL5"], SCALES["IESR"].maximum)
    out["CAPS4"] = _recorded(par["caps4_per_caps5"] * out["CAPS5"], SCALES["CAPS4"].maximum)
    mood = _recorded(latent["mood_phq9"] + error, SCALES["MADRS"].maximum)
    out["PHQ9"] = _recorded(par["phq9_per_madrs"] * mood, SCALES["PHQ9"].maximum)
    return out


VITALS = ("sbp", "dbp", "hr")
NOISE_PER_VITAL = 13  # at least one for each reading
NOISE_OF_CADSS = NOISE_PER_VITAL * len(VITALS)


def personal_maxima(
    time_h: Array,
    pressure: Array | None,
    par: Values,
    noise: Array,
    reading_h: Array,
) -> dict[str, Array]:
    """Largest rise over the reading before the dose, per person, (P,), as a clinic records it.

    pressure: (n_acute, P) share of the maximal rise, None without ketamine; noise: (P, 40)
    standard normals; reading_h: times of the readings, the first one before the dose. The maximum
    of noisy readings is above zero under placebo too, and it grows with the number of readings:
    compare maxima of as many readings only.
    """
    n = noise.shape[0]
    rise: Array = jnp.zeros((len(reading_h), n))
    if pressure is not None:
        rise = _interpolate(time_h, pressure, reading_h)
    out = {}
    for i, vital in enumerate(VITALS):
        first = i * NOISE_PER_VITAL
        e = par[f"{vital}_noise_sd"] * noise[:, first : first + len(reading_h)].T
        reading = par[f"{vital}_max"] * rise + e
        out[f"{vital}_rise"] = reading[1:].max(axis=0) - reading[0]
    return out


def cadss_peak(dissociation: Array | None, par: Values, noise: Array) -> Array:
    """Largest CADSS total of the session as a rater records it, whole points, (P,).

    dissociation: (n_acute, P) share of the largest effect of the drug, None without it; noise as
    in `personal_maxima`. To the drug's part comes what a person scores without any drug, which is
    0 in half of all people; it stays the same over the session, so it adds no maximum of noise.
    """
    own = jnp.maximum(par["cadss_undrugged_sd"] * noise[:, NOISE_OF_CADSS], 0.0)
    by_drug = 0.0 if dissociation is None else par["cadss_max"] * dissociation.max(axis=0)
    return _recorded(by_drug + own, SCALES["CADSS"].maximum)


def _interpolate(time_h: Array, values: Array, at_h: Array) -> Array:
    """Linear interpolation along the first axis, (len(at_h), P)."""
    j = jnp.clip(jnp.searchsorted(time_h, at_h, side="right") - 1, 0, len(time_h) - 2)
    gap = jnp.maximum(time_h[j + 1] - time_h[j], 1e-12)  # padding repeats the last time
    w = jnp.clip((at_h - time_h[j]) / gap, 0, 1)[:, None]
    return (1 - w) * values[j] + w * values[j + 1]


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


def unit_exponentials(seed: int, first: int, n: int) -> np.ndarray:
    """(n,) unit exponential draws that decide when a patient leaves."""
    bits = np.random.Philox(key=[seed, STREAM_LEAVING])
    bits.advance(first)
    return -np.log1p(-np.random.Generator(bits).random((n, 4))[:, 0])


def visit_index(mesh: SlowMesh, days: Sequence[float]) -> list[int]:
    """Edge index of each visit."""
    return [int(np.argmin(np.abs(mesh.edges_h - 24.0 * d))) for d in days]
