"""The slow layer, a cascade of affine scalars, and a chunk of patients through both layers.

Signals of the fast layer at fixed nodes are projected onto the coarser mesh of the slow layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import jax
import jax.numpy as jnp

from synaptrial.engine.cascade import Cascade
from synaptrial.mechanism import (
    circuits,
    learning,
    leaving,
    nonspecific,
    plasticity,
    regulation,
    severity,
    ssri,
)
from synaptrial.mechanism.common import derived
from synaptrial.simulation.plan.arm_plan import Structure
from synaptrial.simulation.run.fast import fast_layer
from synaptrial.simulation.run.inputs import Given, slow_inputs
from synaptrial.simulation.run.signals import acute_signals, effect_sites, receptor_signals

Array = jax.Array
Arrays = Mapping[str, Array]

EXOGENOUS = (
    "drive", "belief", "felt", "contact", "ssri_mg_per_h", "on_ssri", "in_therapy",
    "near_ketamine", "near_midazolam", "treated_h", *(f"session_{k}" for k in learning.KINDS),
)  # fmt: skip
CASCADE = Cascade(
    plasticity.STAGES
    + learning.STAGES
    + ssri.STAGES
    + circuits.STAGES
    + nonspecific.STAGES
    + severity.STAGES
    + regulation.STAGES
    + leaving.STAGES,
    EXOGENOUS,
)
COURSE = (
    "caps5_total", "caps5_b", "caps5_c", "caps5_d", "caps5_e", "mood", "glutamate",
    "plasticity_fast", "plasticity_slow", "plasticity", "amygdala", "prefrontal", "default_mode",
    "emotion_regulation", "learning", "ssri", "belief", "expectancy_state", "nonspecific",
    "leaving", "area_caps5_b", "area_caps5_c", "area_caps5_d", "area_caps5_e", "area_mood",
)  # fmt: skip
# the same, each after what it depends on
IN_ORDER = tuple(k for k in (*EXOGENOUS, *(s.name for s in CASCADE.stages)) if k in COURSE)


def resting(structure: Structure) -> dict[str, float]:
    """Stages of the slow layer that do not move in this arm, and where they rest."""
    rest: dict[str, float] = {}
    if not structure.ketamine_routes:
        rest |= {s.name: 0.0 for s in plasticity.STAGES}
    if not structure.sessions:
        rest |= {s.name: 0.0 for s in learning.STAGES}
    if not structure.ssri:
        rest |= {s.name: 0.0 for s in ssri.STAGES}
    if rest.keys() >= set(circuits.DRIVERS.values()):
        rest |= {s.name: 1.0 for s in circuits.STAGES}
    return rest


CONCENTRATIONS = ("conc_s", "conc_r", "conc_s_nk", "conc_r_nk", "venous", "conc_midazolam")


@partial(jax.jit, static_argnums=0)
def run(
    structure: Structure,
    arrays: Arrays,
    tables: Arrays,
    par: Arrays,
    given_share: Given,
    share: Array,
    slope: Array,
) -> tuple[dict[str, Array], dict[str, Array], Array]:
    """One chunk of patients through the whole protocol.

    par: parameters (P,) or (1,); given_share: what of the declared treatment is given; share:
    belief at the start (scalar); slope: unblinding slope (P,) or (1,), 0 to switch the path off.
    Returns courses at interval ends (n_intervals, P) by name, acute signals (n_acute, P) by name,
    and what was felt at each dose (n_events, P).
    """
    n = given_share.doses.shape[1]
    par = derived(par)
    rest = resting(structure)
    cascade = CASCADE.without(tuple(rest))
    signals: dict[str, Array] = {}
    acute_out: dict[str, Array] = {}
    if structure.drugged:
        doses = jnp.asarray(given_share.doses)
        signals = fast_layer(structure, arrays, tables, par, doses)
        signals |= receptor_signals(signals, par, arrays, doses)
        window = arrays["acute_nodes"]
        acute_out = {
            k: signals[k][window] for k in (*CONCENTRATIONS, "occupancy") if k in signals
        } | acute_signals(effect_sites(signals, window), par)
    given, felt = slow_inputs(arrays, signals, par, given_share, share, slope)
    given |= {k: jnp.full((1, 1, 1), v) for k, v in rest.items()}
    start = {k: jnp.broadcast_to(v, (n,)) for k, v in cascade.initial(par).items()}
    courses, _ = cascade.march(arrays["slow_length_h"], given, par, start, COURSE)
    return {k: v[:, 1] for k, v in courses.items()}, acute_out, felt
