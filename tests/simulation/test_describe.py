"""The diagram's parts against the functions that compute: no signal missing, none made up."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from tests.support.prepared import PATIENTS, made_arm, prepared

from synaptrial.domain.scales import SCORED
from synaptrial.mechanism.common import derived
from synaptrial.reporting.simulation.schematic import schematic
from synaptrial.simulation.observation import scores
from synaptrial.simulation.run import fast, march, recording, signals
from synaptrial.simulation.summary import describe

BOTH = (
    {"drug": "ketamine", "enantiomer": "racemic", "route": "iv", "amount_mg_per_kg": 0.5,
     "infusion_min": 40.0, "days": (0.0,)},
    {"drug": "midazolam", "route": "iv", "amount_mg_per_kg": 0.045, "infusion_min": 40.0,
     "days": (1.0,)},
)  # fmt: skip
OUTSIDE = {"doses", "weight", "daily drug", "sessions", "study conduct", "course of treatment"}


def outputs(*lists: tuple) -> list[str]:
    return [name for parts in lists for _, _, names in parts for name in names]


def test_parts_of_the_fast_layer_are_what_it_computes() -> None:
    arm = prepared(made_arm(7.0, (7.0,), doses=BOTH))
    plan, par = arm.plan, derived({k: jnp.asarray(v) for k, v in arm.par.items()})
    made = jax.eval_shape(
        partial(fast.fast_layer, plan.structure), plan.arrays, plan.tables, par, arm.given.doses
    )
    computed = set(made)
    computed |= set(
        jax.eval_shape(signals.receptor_signals, made, par, plan.arrays, arm.given.doses)
    )
    computed |= set(jax.eval_shape(signals.acute_signals, made, par))
    listed = outputs(describe.FAST)
    assert len(listed) == len(set(listed))
    assert set(listed) == computed | {"felt", "belief"}


def test_parts_of_the_observation_are_the_scores() -> None:
    par = {k: jnp.asarray(v) for k, v in prepared(made_arm(7.0, (7.0,))).par.items()}
    names = [f"{s}_{k}" for s in ("caps5", "pcl5") for k in scores.CLUSTERS]
    seen = {k: jnp.ones((1, PATIENTS)) for k in (*names, "madrs", "phq9")}
    found = jax.eval_shape(
        scores.scores, seen, jnp.zeros((1, PATIENTS)), par, jnp.zeros((1, PATIENTS, 12)),
        jnp.zeros(PATIENTS), jnp.zeros((1, PATIENTS, 2)),
    )  # fmt: skip
    totals = {k for k in found if not k.startswith(("CAPS5_", "PCL5_"))}
    assert set(outputs(describe.SCORES)) == totals == set(SCORED)
    assert set(outputs(describe.READINGS)) == set(recording.MAXIMA)


def test_every_input_comes_from_a_part_or_from_outside() -> None:
    parts = describe.model_stages()
    made = {name for part in parts for name in part.outputs}
    read = {name for part in parts for name in part.inputs}
    assert read - made == OUTSIDE
    known = {*march.EXOGENOUS, *outputs(describe.FAST, describe.SCORES, describe.READINGS)}
    assert set(describe.WORDS) <= known


def test_the_model_can_be_drawn() -> None:
    drawn = schematic(describe.model_stages())
    assert drawn.width == 900
    for word in ("IES-R score", "PHQ-9 score", "CAPS-IV score", "extinction learning"):
        assert word in drawn.text
