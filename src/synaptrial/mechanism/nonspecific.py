"""Change that no drug makes: natural course and conduct of the study, and expectancy.

    dN/dt = ln2 / nonspecific_half_life (nonspecific_change (1 + contact_gain contact) - N)
    dX/dt = ln2 / expectancy_half_life (expectancy belief - X)

N, X in log-odds of severity. Belief is the patient's probability of having been given the
active drug: the allocation share at first (1 when open); after doses it follows what was felt,

    belief = expit(logit(share) + slope (felt_max - felt_reference)),

and it relaxes back to the share with belief_half_life after a dose (else an effect of belief
would never fade). felt: dissociation plus a weight of sedation, 0 to 1. The slope depends on the
kind of control (inert or active). With functional unblinding switched off belief stays at the
share, and all arms of a study then differ only by what is in them.
Regression to the mean is not here: it follows from the entry rule.
"""

from __future__ import annotations

import jax

from synaptrial.engine.cascade import Affine, Stage
from synaptrial.mechanism.common import Array, Values, logit, zero


def belief(share: Array, felt_max: Array, slope: Array, reference: Array) -> Array:
    """Probability that the patient gives to having had the active drug. Shapes broadcast."""
    return jax.nn.sigmoid(logit(share) + slope * (felt_max - reference))


def _nonspecific(s: Values, p: Values) -> tuple[Array, Array]:
    k = p["rate_nonspecific"]
    aim = p["nonspecific_change"] * (1 + p["contact_gain"] * s["contact"])
    return k * aim, k


def _expectancy(s: Values, p: Values) -> tuple[Array, Array]:
    k = p["rate_expectancy"]
    return k * p["expectancy"] * s["belief"], k


STAGES: tuple[Stage, ...] = (
    Affine(
        "nonspecific",
        ("contact",),
        ("rate_nonspecific", "nonspecific_change", "contact_gain"),
        _nonspecific,
        zero,
        unit="log-odds",
        doc="nonspecific change",
    ),
    Affine(
        "expectancy_state",
        ("belief",),
        ("rate_expectancy", "expectancy"),
        _expectancy,
        zero,
        unit="log-odds",
        doc="expectancy",
    ),
)
