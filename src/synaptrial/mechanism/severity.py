"""Latent severities: four CAPS-5 clusters and depressed mood, each smoothly within its range.

    r_k = sum_c load_k_c (1 - c_c) + N + share X,  share = rater_expectancy_share
    T_k = max_k expit(logit(base_k / max_k) - r_k)
    dS_k/dt = ln2 / severity_half_life (T_k - S_k),  S_k(0) = base_k
    r_m = mood_drug_effect pi + mood_ssri_effect (U - U_0) + mood_nonspecific_share N
          + mood_expectancy_ratio share X

Untreated (no drug, no session, no belief, no conduct) the severity stays at its baseline,
exactly. Mood has its own drug effect: a drug may relieve depression and not PTSD; and hope moves
it more than PTSD.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from synaptrial.domain.scales import SCALES
from synaptrial.engine.cascade import Affine, Readout, Stage
from synaptrial.mechanism.circuits import CIRCUITS
from synaptrial.mechanism.common import NO_TOP, Array, Values

CLUSTER_MAX = SCALES["CAPS5"].clusters
MOOD_MAX = SCALES["MADRS"].maximum


def _target(name: str, relief: Array, maximum: float, p: Values) -> Array:
    return maximum * jax.nn.sigmoid(p[f"logit_{name}"] - relief)


def _hope(s: Values, p: Values) -> Array:
    return p["rater_expectancy_share"] * s["expectancy_state"]


def _cluster(name: str) -> Callable[[Values, Values], tuple[Array, Array]]:
    def equation(s: Values, p: Values) -> tuple[Array, Array]:
        by_circuits = sum(p[f"load_{name}_{c}"] * (1 - s[c]) for c in CIRCUITS)
        relief = by_circuits + s["nonspecific"] + _hope(s, p)
        k = p["rate_severity"]
        return k * _target(name, relief, CLUSTER_MAX[name], p), k

    return equation


def _start(name: str) -> Callable[[Values], Array]:
    return lambda p: CLUSTER_MAX[name] * p[f"base_{name}"]


def _area(name: str) -> Callable[[Values, Values], tuple[Array, None]]:
    return lambda s, p: (s[name], None)


def _mood(s: Values, p: Values) -> tuple[Array, Array]:
    relief = (
        p["mood_drug_effect"] * s["plasticity"]
        + p["mood_ssri_effect"] * (s["ssri"] - p["ssri_start"])
        + p["mood_nonspecific_share"] * s["nonspecific"]
        + p["mood_expectancy_ratio"] * _hope(s, p)
    )
    k = p["rate_severity"]
    return k * _target("mood", relief, MOOD_MAX, p), k


_SHARED = ("rate_severity", "rater_expectancy_share")

STAGES: tuple[Stage, ...] = (
    *(
        Affine(
            f"caps5_{k}",
            (*CIRCUITS, "nonspecific", "expectancy_state"),
            (*_SHARED, f"base_{k}", f"logit_{k}", *(f"load_{k}_{c}" for c in CIRCUITS)),
            _cluster(k),
            _start(k),
            unit="points",
            bounds=(0.0, CLUSTER_MAX[k]),
            doc=f"severity, cluster {k.upper()}",
        )
        for k in CLUSTER_MAX
    ),
    Affine(
        "mood",
        ("plasticity", "ssri", "nonspecific", "expectancy_state"),
        (
            *_SHARED,
            "base_mood",
            "logit_mood",
            "mood_drug_effect",
            "mood_ssri_effect",
            "ssri_start",
            "mood_nonspecific_share",
            "mood_expectancy_ratio",
        ),
        _mood,
        lambda p: MOOD_MAX * p["base_mood"],
        unit="points",
        bounds=(0.0, MOOD_MAX),
        doc="depressed mood",
    ),
    Readout(
        "caps5_total",
        tuple(f"caps5_{k}" for k in CLUSTER_MAX),
        (),
        lambda s, p: jnp.asarray(sum(s[f"caps5_{k}"] for k in CLUSTER_MAX)),
        unit="points",
        bounds=(0.0, SCALES["CAPS5"].maximum),
        doc="severity, CAPS-5 total",
    ),
    *(
        Affine(
            f"area_{name}",
            (name,),
            (),
            _area(name),
            lambda p: jnp.zeros(()),
            unit="point h",
            bounds=(0.0, NO_TOP),
            doc="for recall windows",
        )
        for name in (*(f"caps5_{k}" for k in CLUSTER_MAX), "mood")
    ),
)
