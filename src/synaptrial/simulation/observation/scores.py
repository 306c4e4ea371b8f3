"""From latent severity to scores: fluctuation, errors, floors, rounding, links between scales."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import expit, logit, ndtri

from synaptrial.domain.scales import SCALES

Array = Any  # of NumPy or JAX: what enrols works in NumPy, what records is compiled
Values = Mapping[str, Array]

MAXIMUM, TOTAL_MAXIMUM = SCALES["CAPS5"].clusters, SCALES["CAPS5"].maximum
CLUSTERS = tuple(MAXIMUM)
ITEMS = {"b": 5, "c": 2, "d": 7, "e": 6}
TOTAL_ITEMS = sum(ITEMS.values())


def normals(uniform: jax.Array | np.ndarray) -> jax.Array:
    """Standard normals from uniforms, elementwise."""
    return ndtri(jnp.clip(uniform, 1e-15, 1 - 1e-15))


def recorded(x: Array, maximum: float) -> Array:
    """Whole points within 0 and the maximum."""
    return x.round().clip(0, maximum)


def rated(latent: Values, par: Values, errors: Array, week: Array) -> dict[str, Array]:
    """CAPS-5 clusters as a rater records them, each of the shape of `week`.

    latent: b, c, d, e in points, the recall window applied; errors (..., 4) and week (...):
    standard normals. A bad week moves all clusters together."""
    out = {}
    for i, k in enumerate(CLUSTERS):
        error = par["caps5_error_sd"] * np.sqrt(MAXIMUM[k] / TOTAL_MAXIMUM) * errors[..., i]
        out[k] = recorded(latent[k] + _of_week(k, par, week) + error, MAXIMUM[k])
    return out


def caps4(caps5_total: Array, par: Values) -> Array:
    """CAPS-IV total from that of CAPS-5."""
    return recorded(par["caps4_per_caps5"] * caps5_total, SCALES["CAPS4"].maximum)


def scores(
    latent: Values, expectancy: Array, par: Values, errors: Array, person: Array, week: Array
) -> dict[str, Array]:
    """Recorded scores of all visits, each (V, P), whole points.

    latent: caps5_b .. caps5_e and pcl5_b .. pcl5_e (CAPS-5 points), madrs and phq9 (MADRS points),
    each over the recall window of that scale. expectancy: log-odds at the visit; self-report loads
    on it by its own share. errors (V, P, 12), person (P,), week (V, P, 2): standard normals.
    """
    out: dict[str, Array] = {}
    extra = (par["self_report_expectancy_share"] - par["rater_expectancy_share"]) * expectancy
    bad = week[..., 0]
    by_rater = rated({k: latent[f"caps5_{k}"] for k in CLUSTERS}, par, errors[..., :4], bad)
    reports = []
    for i, k in enumerate(CLUSTERS):
        top = MAXIMUM[k]
        out[f"CAPS5_{k}"] = by_rater[k]
        inside = jnp.clip(latent[f"pcl5_{k}"] / top, 1e-9, 1 - 1e-9)
        reported = (
            top * expit(logit(inside) - extra)
            + _of_week(k, par, bad)
            + par["pcl5_offset"] * ITEMS[k]
            + par["pcl5_person_sd"] * person * ITEMS[k] / TOTAL_ITEMS
            + par["pcl5_error_sd"] * np.sqrt(top / TOTAL_MAXIMUM) * errors[..., 4 + i]
        )
        reports.append(recorded(reported, top))
        out[f"PCL5_{k}"] = reports[-1]
    out["CAPS5"] = sum(by_rater.values())
    out["PCL5"] = sum(reports)
    out["IESR"] = recorded(par["iesr_per_pcl5"] * out["PCL5"], SCALES["IESR"].maximum)
    out["CAPS4"] = caps4(out["CAPS5"], par)
    r = par["mood_fluctuation_correlation"]
    low = par["mood_fluctuation_sd"] * (r * bad + jnp.sqrt(1 - r**2) * week[..., 1])
    mood = low + par["madrs_error_sd"] * errors[..., 8]
    out["MADRS"] = recorded(latent["madrs"] + mood, SCALES["MADRS"].maximum)
    as_madrs = recorded(latent["phq9"] + mood, SCALES["MADRS"].maximum)
    out["PHQ9"] = recorded(par["phq9_per_madrs"] * as_madrs, SCALES["PHQ9"].maximum)
    return out


def _of_week(cluster: str, par: Values, week: Array) -> Array:
    return par["symptom_fluctuation_sd"] * MAXIMUM[cluster] / TOTAL_MAXIMUM * week
