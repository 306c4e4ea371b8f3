"""From latent severity to what is recorded: recall windows, errors, floors, rounding, readings.

All in numpy, after the engine. Errors come from counter-based streams: the error of a patient
at his n-th visit is the same in every arm, chunk and number of workers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import expit, logit, ndtri

from synaptrial.domain.scales import SCALES
from synaptrial.engine.mesh import SlowMesh

Values = Mapping[str, np.ndarray]

CLUSTERS = ("b", "c", "d", "e")
ITEMS = {"b": 5, "c": 2, "d": 7, "e": 6}
MAXIMUM = {k: SCALES["CAPS5"].clusters[k] for k in CLUSTERS}
TOTAL_ITEMS, TOTAL_MAXIMUM = 20, 80.0
ERRORS_PER_VISIT = 12  # a multiple of 4: the generator counts in blocks of four
STREAM_PERSON, STREAM_LEAVING, STREAM_READINGS, STREAM_VISIT = 40, 50, 60, 100


def normals(seed: int, stream: int, first: int, n: int, k: int) -> np.ndarray:
    """(n, k) standard normals of flat patients first..first+n-1; k is a multiple of 4."""
    bits = np.random.Philox(key=[seed, stream])
    bits.advance(first * (k // 4))
    uniform = np.random.Generator(bits).random((n, k))
    return ndtri(np.clip(uniform, 1e-15, 1 - 1e-15))


def window_mean(
    mesh: SlowMesh,
    area: np.ndarray,
    level: np.ndarray,
    base: np.ndarray,
    end_h: float,
    width_h: float,
) -> np.ndarray:
    """Mean of a latent score over the window that ends at a mesh edge, (P,).

    area, level: (n_edges, P) integral and value at the edges; base: value before time 0.
    The start of the window may lie anywhere: the area is interpolated by its cubic.
    """
    edges = mesh.edges_h
    i = int(np.argmin(np.abs(edges - end_h)))
    if width_h <= 0:
        return level[i]
    t = end_h - width_h
    if t <= 0:
        before = base * t
    else:
        j = min(int(np.searchsorted(edges, t, side="right")) - 1, len(edges) - 2)
        h = edges[j + 1] - edges[j]
        s = (t - edges[j]) / h
        before = (
            (1 + 2 * s) * (1 - s) ** 2 * area[j]
            + s**2 * (3 - 2 * s) * area[j + 1]
            + h * s * (1 - s) ** 2 * level[j]
            + h * s**2 * (s - 1) * level[j + 1]
        )
    return (area[i] - before) / width_h


def _recorded(x: np.ndarray, maximum: float) -> np.ndarray:
    return np.clip(np.round(x), 0, maximum)


def scores(
    latent: Values, expectancy: np.ndarray, par: Values, errors: np.ndarray, person: np.ndarray
) -> dict[str, np.ndarray]:
    """Recorded scores of one visit, each (P,), whole points.

    latent: b, c, d, e (CAPS-5 points) and mood (MADRS points), recall window applied.
    expectancy: log-odds at the visit; self-report loads on it by its own share. errors:
    (P, 12) and person: (P,) standard normals.
    """
    out: dict[str, np.ndarray] = {}
    extra = (par["self_report_expectancy_share"] - par["rater_expectancy_share"]) * expectancy
    totals: dict[str, np.ndarray] = {"CAPS5": np.zeros(()), "PCL5": np.zeros(())}
    for i, k in enumerate(CLUSTERS):
        top, part = MAXIMUM[k], np.sqrt(MAXIMUM[k] / TOTAL_MAXIMUM)
        rated = latent[k] + par["caps5_error_sd"] * part * errors[:, i]
        out[f"CAPS5_{k}"] = _recorded(rated, top)
        inside = np.clip(latent[k] / top, 1e-9, 1 - 1e-9)
        reported = (
            top * expit(logit(inside) - extra)
            + par["pcl5_offset"] * ITEMS[k]
            + par["pcl5_person_sd"] * person * ITEMS[k] / TOTAL_ITEMS
            + par["pcl5_error_sd"] * part * errors[:, 4 + i]
        )
        out[f"PCL5_{k}"] = _recorded(reported, top)
        for scale in totals:
            totals[scale] = totals[scale] + out[f"{scale}_{k}"]
    out |= totals
    out["MADRS"] = _recorded(
        latent["mood"] + par["madrs_error_sd"] * errors[:, 8], SCALES["MADRS"].maximum
    )
    out["IESR"] = _recorded(par["iesr_per_pcl5"] * out["PCL5"], SCALES["IESR"].maximum)
    out["CAPS4"] = _recorded(par["caps4_per_caps5"] * out["CAPS5"], SCALES["CAPS4"].maximum)
    out["PHQ9"] = _recorded(par["phq9_per_madrs"] * out["MADRS"], SCALES["PHQ9"].maximum)
    return out


LIEBE_MIN = (0, 5, 10, 15, 20, 25, 30, 35, 40)  # readings behind the maxima of Liebe 2017
READING_MIN = (*LIEBE_MIN, 60, 120)  # and its later ones
VITALS = ("sbp", "dbp", "hr")
NOISE_PER_VITAL = 13  # at least one for each reading


def personal_maxima(
    time_h: np.ndarray,
    pressure: np.ndarray | None,
    par: Values,
    noise: np.ndarray,
    reading_min: Sequence[int] = READING_MIN,
) -> dict[str, np.ndarray]:
    """Largest rise over the reading before the dose, per person, (P,), as a clinic records it.

    pressure: (n_acute, P) share of the maximal rise, None without ketamine; noise: (P, 40)
    standard normals. The maximum of noisy readings is above zero under placebo too, and it
    grows with the number of readings: compare maxima of equal reading times only.
    """
    at = np.array(reading_min) / 60.0
    n = noise.shape[0]
    rise = np.zeros((len(at), n))
    if pressure is not None:
        rise = _interpolate(time_h, pressure, at)
    out = {}
    for i, vital in enumerate(VITALS):
        first = i * NOISE_PER_VITAL
        e = par[f"{vital}_noise_sd"] * noise[:, first : first + len(at)].T
        reading = par[f"{vital}_max"] * rise + e
        out[f"{vital}_rise"] = reading[1:].max(axis=0) - reading[0]
    return out


def _interpolate(time_h: np.ndarray, values: np.ndarray, at_h: np.ndarray) -> np.ndarray:
    """Linear interpolation along the first axis, (len(at_h), P)."""
    j = np.clip(np.searchsorted(time_h, at_h, side="right") - 1, 0, len(time_h) - 2)
    w = ((at_h - time_h[j]) / (time_h[j + 1] - time_h[j]))[:, None]
    return (1 - np.clip(w, 0, 1)) * values[j] + np.clip(w, 0, 1) * values[j + 1]


def leaving_time_h(mesh: SlowMesh, hazard: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """Time at which each patient leaves, (P,), inf if not within the horizon.

    hazard: (n_edges, P) cumulative; unit: (P,) unit exponential draws.
    """
    edges = mesh.edges_h
    over = hazard > unit
    first = over.argmax(axis=0)
    left = over.any(axis=0)
    j = np.clip(first, 1, len(edges) - 1)
    cols = np.arange(hazard.shape[1])
    low, high = hazard[j - 1, cols], hazard[j, cols]
    share = np.clip((unit - low) / np.maximum(high - low, 1e-300), 0, 1)
    return np.where(left, edges[j - 1] + share * (edges[j] - edges[j - 1]), np.inf)


def unit_exponentials(seed: int, first: int, n: int) -> np.ndarray:
    """(n,) unit exponential draws that decide when a patient leaves."""
    bits = np.random.Philox(key=[seed, STREAM_LEAVING])
    bits.advance(first)
    return -np.log1p(-np.random.Generator(bits).random((n, 4))[:, 0])


def visit_index(mesh: SlowMesh, days: Sequence[float]) -> list[int]:
    """Edge index of each visit."""
    return [int(np.argmin(np.abs(mesh.edges_h - 24.0 * d))) for d in days]
