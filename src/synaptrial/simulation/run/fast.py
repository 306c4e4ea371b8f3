"""The fast layer: plasma and effect sites, linear blocks advanced exactly on the doses' mesh."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp

from synaptrial.engine.linear import LinearMarch, march, propagators
from synaptrial.engine.mesh import LEVELS
from synaptrial.pharmacology import ketamine, midazolam
from synaptrial.pharmacology.dosing import SHARES
from synaptrial.simulation.plan.arm_plan import Structure

Array = jax.Array
Arrays = Mapping[str, Array]
ENANTIOMERS = ("s", "r")


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
        out[f"pressure_{e}"] = states["pressure"][:, own]
        out["venous"] = out["venous"] + conc["venous"][:, own]
    return out


def _shares(structure: Structure) -> dict[str, Callable[[Arrays], Array]]:
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
