"""The whole model: fast layer (plasma, receptor, acute effects) and slow layer (the rest).

The fast layer is linear blocks, advanced exactly on a mesh aligned with the doses; its signals
at fixed nodes are projected onto the coarser mesh of the slow layer, a cascade of affine
scalars. `run` advances a chunk of patients through both.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from synaptrial.engine.cascade import Cascade
from synaptrial.engine.linear import LinearMarch, march, propagators
from synaptrial.engine.mesh import LEVELS, projected
from synaptrial.mechanism import (
    circuits,
    learning,
    leaving,
    nonspecific,
    plasticity,
    severity,
    ssri,
)
from synaptrial.mechanism.common import derived
from synaptrial.mechanism.nonspecific import belief
from synaptrial.pharmacology import acute, ketamine, midazolam, receptor
from synaptrial.pharmacology.dosing import SHARES
from synaptrial.pharmacology.frames import ArterialConcentration
from synaptrial.simulation.plan import Structure

Array = jax.Array
Arrays = Mapping[str, Array]

EXOGENOUS = (
    "drive", "belief", "felt", "contact", "ssri_mg_per_h", "on_ssri", "in_therapy",
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


class Given(NamedTuple):
    """Per-patient multipliers of the declared treatment; 1 is as declared, 0 not given.

    doses: (n_events, P); daily, sessions: (n_intervals, P) or (n_intervals, 1).
    """

    doses: Array | np.ndarray
    daily: Array | np.ndarray
    sessions: Array | np.ndarray


def fast_layer(
    structure: Structure, arrays: Arrays, tables: Arrays, par: Arrays, multiplier: Array
) -> dict[str, Array]:
    """Signals at all fast nodes, each (n_steps, P): arterial conc_*, venous, effect sites.

    multiplier: (n_events, P) scales each dose (0: not given).
    """
    n = multiplier.shape[1]
    dose = (arrays["per_kg"][:, None] * par["weight_kg"] + arrays["flat"][:, None]) * multiplier
    panels = LinearMarch(arrays["family"], arrays["level"], arrays["segment"], arrays["starts"])
    out: dict[str, Array] = {}
    if structure.ketamine_routes:
        out |= _ketamine(structure, arrays, tables, par, dose, panels, n)
    if structure.midazolam:
        block = midazolam.system(par_of(par, "mdz_"))
        props = propagators(block, arrays["step_h"], LEVELS, structure.squarings, n)
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
    props = propagators(block, arrays["step_h"], LEVELS, structure.squarings, m)
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
    states, _ = march(block, props, panels, structure.substeps, rates, boluses, start, outputs)
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


def dissociation_site(sites: Arrays, par: Arrays) -> ArterialConcentration:
    """The effect site of dissociation, R counted by its weight."""
    s = ArterialConcentration(sites["effect_s"])
    r = ArterialConcentration(sites["effect_r"]) if "effect_r" in sites else None
    return acute.as_s(s, r, par)


def acute_signals(sites: Arrays, par: Arrays) -> dict[str, Array]:
    """Shares of the largest dissociation, pressure rise and sedation, from the effect sites."""
    out: dict[str, Array] = {}
    if "effect_s" in sites:
        out["dissociation"] = acute.dissociation(dissociation_site(sites, par), par)
        out["pressure"] = acute.pressure(ArterialConcentration(sites["pressure_s"]), par)
    if "midazolam_effect" in sites:
        out["sedation"] = acute.sedation(sites["midazolam_effect"], par)
    return out


def effect_sites(fast: Arrays, nodes: Array, weights: Array | None = None) -> dict[str, Array]:
    """Effect-site signals at some fast nodes, or between them by `weights` (..., k) of `nodes`."""
    names = ("effect_s", "effect_r", "pressure_s", "midazolam_effect")
    found = {k: fast[k][nodes] for k in names if k in fast}
    if weights is None:
        return found
    return {k: jnp.einsum("eikp,eik->eip", v, weights) for k, v in found.items()}


def given_before(arrays: Arrays, multiplier: Array) -> Array:
    """Ketamine doses given before each event, (n_events, P)."""
    given = jnp.minimum(multiplier, 1.0) * arrays["is_ketamine"][:, None]
    return jnp.cumsum(given, axis=0) - given


def felt_at_events(arrays: Arrays, signals: Arrays, par: Arrays, multiplier: Array) -> Array:
    """What is felt at its height after each event, 0 to 1, (n_events, P).

    Effects rise with their site, so the highest level of the site gives the strongest effect."""
    n_events, n = multiplier.shape
    sites = effect_sites(signals, arrays["felt_nodes"], arrays["felt_weights"])
    felt = jnp.zeros((n_events, n))
    if "effect_s" in sites:
        highest = ArterialConcentration(dissociation_site(sites, par).ng_per_ml.max(axis=1))
        before = given_before(arrays, multiplier)
        share = acute.dissociation(highest, par)
        felt = felt + share * par["dissociation_attenuation"] ** before
    if "midazolam_effect" in sites:
        share = acute.sedation(sites["midazolam_effect"].max(axis=1), par)
        felt = felt + par["felt_sedation_weight"] * share
    return felt * jnp.minimum(multiplier, 1.0)


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
    before = given_before(arrays, multiplier)
    out["drive"] = jnp.zeros((n_int, 3, 1))
    if "drive" in signals:
        # a product, not a gather: the compiler would take the power anew for each that it reads
        kept = arrays["event_of_interval"] @ (par["drive_attenuation"] ** before)
        drive = projected(arrays["project_first"], arrays["project_weights"], signals["drive"])
        out["drive"] = drive * kept[:, None]
    felt = felt_at_events(arrays, signals, par, multiplier)
    believed, out["felt"] = _belief(arrays, par, felt, given, share, slope)
    out["belief"] = believed * jnp.exp(-arrays["since_open_h"][:, :, None] * par["rate_belief"])
    return out, felt


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
        signals |= receptor_signals(signals, par)
        window = arrays["acute_nodes"]
        acute_out = {
            k: signals[k][window] for k in (*CONCENTRATIONS, "occupancy") if k in signals
        } | acute_signals(effect_sites(signals, window), par)
    given, felt = slow_inputs(arrays, signals, par, given_share, share, slope)
    given |= {k: jnp.full((1, 1, 1), v) for k, v in rest.items()}
    start = {k: jnp.broadcast_to(v, (n,)) for k, v in cascade.initial(par).items()}
    courses, _ = cascade.march(arrays["slow_length_h"], given, par, start, COURSE)
    return {k: v[:, 1] for k, v in courses.items()}, acute_out, felt
