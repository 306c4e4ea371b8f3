"""The whole model: fast layer (plasma, receptor, acute effects) and slow layer (the rest).

The fast layer is linear blocks, advanced exactly on a mesh aligned with the doses; its signals
at fixed nodes are projected onto the coarser mesh of the slow layer, a cascade of affine
scalars. `run` advances a chunk of patients through both.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import jax
import jax.numpy as jnp

from synaptrial.engine.cascade import Cascade
from synaptrial.engine.linear import LinearMarch, march, propagators
from synaptrial.engine.mesh import LEVELS
from synaptrial.mechanism import circuits, learning, leaving, nonspecific, plasticity, severity, ssri
from synaptrial.mechanism.common import derived
from synaptrial.mechanism.nonspecific import belief
from synaptrial.pharmacology import acute, ketamine, midazolam, receptor
from synaptrial.pharmacology.dosing import SHARES
from synaptrial.pharmacology.frames import ArterialConcentration
from synaptrial.simulation.plan import Structure

Array = jax.Array
Arrays = Mapping[str, Array]

EXOGENOUS = (
    "drive", "belief", "felt", "contact", "in_study", "ssri_mg_per_h", "on_ssri",
    "near_ketamine", "near_midazolam", *(f"session_{k}" for k in learning.KINDS),
)  # fmt: skip
CASCADE = Cascade(
    plasticity.STAGES
    + learning.STAGES
    + ssri.STAGES
    + circuits.STAGES
    + nonspecific.STAGES
    + severity.STAGES
    + leaving.STAGES,
    EXOGENOUS,
)
COURSE = (
    "caps5_total", "caps5_b", "caps5_c", "caps5_d", "caps5_e", "mood", "plasticity_fast",
    "plasticity_slow", "plasticity", "amygdala", "prefrontal", "default_mode", "learning", "ssri",
    "belief", "expectancy_state", "nonspecific", "leaving", "area_caps5_b", "area_caps5_c",
    "area_caps5_d", "area_caps5_e", "area_mood",
)  # fmt: skip
ENANTIOMERS = ("s", "r")


def fast_layer(
    structure: Structure, arrays: Arrays, tables: Arrays, par: Arrays, multiplier: Array
) -> dict[str, Array]:
    """Signals at all fast nodes, each (n_steps, P): arterial conc_*, venous, effect sites.

    multiplier: (n_events, P) scales each dose (0: not given).
    """
    n = multiplier.shape[1]
    dose = (arrays["per_kg"][:, None] * par["weight_kg"] + arrays["flat"][:, None]) * multiplier
    panels = LinearMarch(
        arrays["family"], arrays["level"], arrays["segment"], arrays["starts"]
    )
    out: dict[str, Array] = {}
    if structure.ketamine_routes:
        out |= _ketamine(structure, arrays, tables, par, dose, panels, n)
    if structure.midazolam:
        block = midazolam.system(par_of(par, "mdz_"))
        props = propagators(block, arrays["longest_h"], LEVELS, 0, n)
        rates, boluses = _inputs(
            block.states, block.channels, "midazolam", structure.midazolam_tables, tables, dose,
            {"all": jnp.ones(n)}, n,
        )  # fmt: skip
        start = jnp.zeros((len(block.states), n))
        path, _ = march(
            block, props, panels, structure.substeps, rates, boluses, start, ("central", "effect")
        )
        out["conc_midazolam"] = path["central"] / par["mdz_V1"] * 1000.0
        out["midazolam_effect"] = path["effect"]
    return out


def par_of(par: Arrays, prefix: str) -> dict[str, Array]:
    """Parameters whose names carry a prefix, without it; others as they are."""
    own = {k[len(prefix) :]: v for k, v in par.items() if k.startswith(prefix)}
    return {**par, **own}


def _ketamine(
    structure: Structure,
    arrays: Arrays,
    tables: Arrays,
    par: Arrays,
    dose: Array,
    panels: LinearMarch,
    n: int,
) -> dict[str, Array]:
    kinds = ENANTIOMERS if structure.has_r else ENANTIOMERS[:1]
    both = len(kinds)
    twice = lambda x: jnp.concatenate([jnp.broadcast_to(x, (n,))] * both)  # noqa: E731
    stacked = {k: twice(v) if jnp.ndim(v) and v.shape[-1] == n else v for k, v in par.items()}
    for name in ("CL", "CLN"):
        stacked[name] = jnp.concatenate(
            [jnp.broadcast_to(par[f"{name}_{e.upper()}"], (n,)) for e in kinds]
        )
    values = ketamine.scaled(stacked, stacked["weight_kg"])
    block = ketamine.system(values, structure.ketamine_routes)
    m = both * n
    props = propagators(block, arrays["longest_h"], LEVELS, 0, m)
    part = arrays["share_s"][:, None]
    dose = dose * arrays["is_ketamine"][:, None]
    dose2 = jnp.concatenate([dose * part, dose * (1 - part)][:both], axis=1)
    shares = {k: f(values) * jnp.ones(m) for k, f in _shares(structure).items()}
    rates, boluses = _inputs(
        block.states, block.channels, "ketamine", structure.ketamine_tables, tables, dose2,
        shares, m,
    )  # fmt: skip
    outputs = ("central", "nk", "venous", "effect", "pressure")
    start = jnp.zeros((len(block.states), m))
    states, _ = march(
        block, props, panels, structure.substeps, rates, boluses, start, outputs
    )
    conc = ketamine.concentrations(states, values)
    out: dict[str, Array] = {"venous": jnp.zeros((states["venous"].shape[0], n))}
    for i, e in enumerate(kinds):
        own = slice(i * n, (i + 1) * n)
        out[f"conc_{e}"] = conc["parent"][:, own]
        out[f"conc_{e}_nk"] = conc["norketamine"][:, own]
        out[f"effect_{e}"] = states["effect"][:, own]
        out["venous"] = out["venous"] + conc["venous"][:, own]
    out["pressure_s"] = states["pressure"][:, :n]
    return out


def _shares(structure: Structure) -> dict:  # type: ignore[type-arg]
    used = {key.split(":")[1] for _, key in structure.ketamine_tables}
    return {k: SHARES[k] for k in used}


def _inputs(
    states: tuple[str, ...],
    channels: tuple[str, ...],
    drug: str,
    keys: tuple[tuple[str, str], ...],
    tables: Arrays,
    dose: Array,
    shares: Arrays,
    n: int,
) -> tuple[Array, Array]:
    """Rates (n_segments, n_channels, n) and boluses (n_segments, n_states, n)."""
    some = next(iter(tables.values()))
    rates = [jnp.zeros((some.shape[0], n)) for _ in channels]
    boluses = [jnp.zeros((some.shape[0], n)) for _ in states]
    for kind, key in keys:
        state, share = key.split(":")
        amount = (tables[f"{drug}|{kind}|{key}"] @ dose) * shares[share]
        if kind == "rate":
            rates[channels.index(state)] += amount
        else:
            boluses[states.index(state)] += amount
    stack = lambda x: jnp.stack(x, axis=1) if x else jnp.zeros((some.shape[0], 0, n))  # noqa: E731
    return stack(rates), stack(boluses)


def cascade_for(structure: Structure) -> tuple[Cascade, tuple[str, ...]]:
    """The slow layer without stages that stay at zero in this arm, and the names of those."""
    idle: tuple[str, ...] = ()
    if not structure.ketamine_routes:
        idle += tuple(s.name for s in plasticity.STAGES)
    if not structure.sessions:
        idle += tuple(s.name for s in learning.STAGES)
    if not structure.ssri:
        idle += tuple(s.name for s in ssri.STAGES)
    return CASCADE.without(idle), idle


def receptor_signals(fast: Arrays, par: Arrays) -> dict[str, Array]:
    """Occupancy and plasticity drive at all fast nodes."""
    out: dict[str, Array] = {}
    if "conc_s" in fast:
        conc = {
            k: ArterialConcentration(fast[f"conc_{k}"])
            for k in ("s", "r", "s_nk", "r_nk")
            if f"conc_{k}" in fast
        }
        out["occupancy"] = receptor.occupancy(conc, par)
        out["drive"] = receptor.plasticity_drive(conc, par)
    return out


def acute_signals(fast: Arrays, nodes: Array, par: Arrays) -> dict[str, Array]:
    """Shares of the largest dissociation, pressure rise and sedation at some fast nodes."""
    out: dict[str, Array] = {}
    if "conc_s" in fast:
        s = ArterialConcentration(fast["effect_s"][nodes])
        r = ArterialConcentration(fast["effect_r"][nodes]) if "effect_r" in fast else None
        out["dissociation"] = acute.dissociation(s, r, par)
        out["pressure"] = acute.pressure(ArterialConcentration(fast["pressure_s"][nodes]), par)
    if "midazolam_effect" in fast:
        out["sedation"] = acute.sedation(fast["midazolam_effect"][nodes], par)
    return out


def given_before(arrays: Arrays, multiplier: Array) -> Array:
    """Ketamine doses given before each event, (n_events, P)."""
    given = jnp.minimum(multiplier, 1.0) * arrays["is_ketamine"][:, None]
    return jnp.cumsum(given, axis=0) - given


def slow_inputs(
    arrays: Arrays,
    signals: Arrays,
    par: Arrays,
    multiplier: Array,
    share: Array,
    slope: Array,
) -> tuple[dict[str, Array], Array]:
    """Exogenous signals of the slow layer, each (n, 3, P) or (n, 3, 1), and felt (n_events, P)."""
    n_int = arrays["slow_length_h"].shape[0]
    n_events, n = multiplier.shape
    flat = lambda x: jnp.broadcast_to(x[:, None, None], (n_int, 3, 1))  # noqa: E731
    out = {
        k: flat(arrays[k])
        for k in ("contact", "in_study", "ssri_mg_per_h", "on_ssri",
                  *(f"session_{k}" for k in learning.KINDS))
    }  # fmt: skip
    given = jnp.minimum(multiplier, 1.0)
    for k in ("near_ketamine", "near_midazolam"):
        out[k] = jnp.broadcast_to((arrays[k] @ given)[:, None, :], (n_int, 3, n))
    before = given_before(arrays, multiplier)
    felt = jnp.zeros((n_events, n))
    out["drive"] = jnp.zeros((n_int, 3, 1))
    if "drive" in signals:
        drive = signals["drive"] * (par["drive_attenuation"] ** before)[arrays["event_of_node"]]
        out["drive"] = (arrays["project"] @ drive).reshape(n_int, 3, n)
    sensed = acute_signals(signals, arrays["felt_nodes"].ravel(), par)
    peak = {k: v.reshape(n_events, -1, n).max(axis=1) for k, v in sensed.items()}
    if "dissociation" in peak:
        felt = felt + peak["dissociation"] * par["dissociation_attenuation"] ** before
    if "sedation" in peak:
        felt = felt + par["felt_sedation_weight"] * peak["sedation"]
    felt = felt * given
    seen = jax.lax.cummax(felt, axis=0)
    beliefs = belief(share, seen, slope, par["felt_reference"])
    last = arrays["event_before"]
    none = (last < 0)[:, None]
    at = jnp.maximum(last, 0)
    start = jnp.broadcast_to(share, (n_int, n))
    believed = jnp.where(none, start, beliefs[at])[:, None, :]
    fading = jnp.exp(-arrays["since_dose_h"][:, :, None] * par["rate_belief"])
    felt_now = jnp.where(none, 0.0, felt[at])
    out["belief"] = share + (believed - share) * fading
    out["felt"] = jnp.broadcast_to(felt_now[:, None, :], (n_int, 3, n))
    return out, felt


CONCENTRATIONS = ("conc_s", "conc_r", "conc_s_nk", "conc_r_nk", "venous", "conc_midazolam")


@partial(jax.jit, static_argnums=0)
def run(
    structure: Structure,
    arrays: Arrays,
    tables: Arrays,
    par: Arrays,
    multiplier: Array,
    share: Array,
    slope: Array,
) -> tuple[dict[str, Array], dict[str, Array], Array]:
    """One chunk of patients through the whole protocol.

    par: parameters (P,) or (1,); multiplier: (n_events, P); share: allocation share as belief
    at the start (scalar); slope: unblinding slope (P,) or (1,), 0 to switch the path off.
    Returns courses (n_intervals, 2, P) by name, acute signals (n_acute, P) by name, and what
    was felt at each dose (n_events, P).
    """
    n = multiplier.shape[1]
    par = derived(par)
    cascade, idle = cascade_for(structure)
    signals: dict[str, Array] = {}
    acute_out: dict[str, Array] = {}
    if structure.drugged:
        signals = fast_layer(structure, arrays, tables, par, multiplier)
        signals |= receptor_signals(signals, par)
        window = arrays["acute_nodes"]
        acute_out = {
            k: signals[k][window] for k in (*CONCENTRATIONS, "occupancy") if k in signals
        } | acute_signals(signals, window, par)
    given, felt = slow_inputs(arrays, signals, par, multiplier, share, slope)
    given |= {k: jnp.zeros((arrays["slow_length_h"].shape[0], 3, 1)) for k in idle}
    start = {k: jnp.broadcast_to(v, (n,)) for k, v in cascade.initial(par).items()}
    courses, _ = cascade.march(arrays["slow_length_h"], given, par, start, COURSE)
    return courses, acute_out, felt
