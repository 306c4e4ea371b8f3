"""Change that no drug makes: natural course and conduct of the study, and expectancy.

    dE/dt = ln2 / nonspecific_half_life (nonspecific_change (1 + contact_gain contact) - E)
    L     = nonspecific_late_change v (1 - 2^(-treated / nonspecific_late_half_life))
    N     = E + L
    dX/dt = ln2 / expectancy_half_life (expectancy v belief - X)
    v     = veteran_ratio ^ veteran_share

N, X in log-odds of severity; E is over within weeks, L goes on for months while the study treats.
treated: hours since the first declared treatment, placebo included, up to the last. Belief is the
patient's probability of having been given the active drug: the allocation share at first; after
doses it follows what was felt,

    belief = expit(logit(share) + slope (felt_max - felt_reference)),

and it relaxes back to the share with belief_half_life after a dose (else an effect of belief
would never fade). felt: dissociation plus a weight of sedation, 0 to 1. The slope depends on the
kind of control (inert or active). With functional unblinding switched off belief stays at the
share, and all arms of a study then differ only by what is in them.
In an open study belief is 1 if anything credible is given, any session or drug, and 0 if not. It
stands while treatment goes on and fades to 0 with belief_half_life after the last declared dose,
session or day of a daily drug.
Regression to the mean is not here: it follows from the entry rule.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from synaptrial.engine.cascade import Affine, Readout, Stage
from synaptrial.mechanism.common import NO_TOP, Array, Values, logit, veteran_factor, zero


def belief(share: Array, felt_max: Array, slope: Array, reference: Array) -> Array:
    """Probability that the patient gives to having had the active drug. Shapes broadcast."""
    return jax.nn.sigmoid(logit(share) + slope * (felt_max - reference))


def _early(s: Values, p: Values) -> tuple[Array, Array]:
    k = p["rate_nonspecific"]
    aim = p["nonspecific_change"] * (1 + p["contact_gain"] * s["contact"])
    return k * aim, k


def _late(s: Values, p: Values) -> Array:
    reached = -jnp.expm1(-p["rate_nonspecific_late"] * s["treated_h"])
    return p["nonspecific_late_change"] * veteran_factor(p) * reached


def _expectancy(s: Values, p: Values) -> tuple[Array, Array]:
    k = p["rate_expectancy"]
    return k * p["expectancy"] * veteran_factor(p) * s["belief"], k


STAGES: tuple[Stage, ...] = (
    Affine(
        "nonspecific_early",
        ("contact",),
        ("rate_nonspecific", "nonspecific_change", "contact_gain"),
        _early,
        zero,
        unit="log-odds",
        bounds=(-NO_TOP, NO_TOP),
        doc="nonspecific change, weeks",
    ),
    Readout(
        "nonspecific_late",
        ("treated_h",),
        ("rate_nonspecific_late", "nonspecific_late_change", "veteran_ratio", "veteran_share"),
        _late,
        unit="log-odds",
        bounds=(-NO_TOP, NO_TOP),
        doc="nonspecific change, months",
    ),
    Readout(
        "nonspecific",
        ("nonspecific_early", "nonspecific_late"),
        (),
        lambda s, p: s["nonspecific_early"] + s["nonspecific_late"],
        unit="log-odds",
        bounds=(-NO_TOP, NO_TOP),
        doc="nonspecific change",
    ),
    Affine(
        "expectancy_state",
        ("belief",),
        ("rate_expectancy", "expectancy", "veteran_ratio", "veteran_share"),
        _expectancy,
        zero,
        unit="log-odds",
        bounds=(-NO_TOP, NO_TOP),
        doc="expectancy",
    ),
)
