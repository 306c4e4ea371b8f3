"""What concentrations do at once: occupancy, plasticity drive, acute effects, what is felt."""

from __future__ import annotations

from collections.abc import Mapping

import jax
import jax.numpy as jnp

from synaptrial.mechanism.tolerance import WHOLE_MG_PER_KG, before_doses, shifted
from synaptrial.pharmacology import acute, receptor
from synaptrial.pharmacology.frames import ArterialConcentration

Array = jax.Array
Arrays = Mapping[str, Array]


def receptor_signals(
    fast: Arrays, par: Arrays, arrays: Arrays, multiplier: Array
) -> dict[str, Array]:
    """Occupancy, and plasticity drive at the tolerance of the dose that acts, at all fast nodes."""
    out: dict[str, Array] = {}
    if "conc_s" in fast:
        conc = {
            k: ArterialConcentration(fast[f"conc_{k}"])
            for k in ("s", "r", "s_nk", "r_nk")
            if f"conc_{k}" in fast
        }
        out["occupancy"] = receptor.occupancy(conc, par)
        met = tolerance(arrays, par, multiplier)[arrays["dose_of_node"]]
        out["drive"] = shifted(receptor.plasticity_drive(conc, par), par["drive_tolerance"] * met)
    return out


def _site(sites: Arrays, name: str, weight: Array) -> ArterialConcentration:
    """An effect site of S, R counted by its weight."""
    s, r = (sites.get(f"{name}_{e}") for e in "sr")
    return acute.as_s(
        ArterialConcentration(s), None if r is None else ArterialConcentration(r), weight
    )


def dissociation_site(sites: Arrays, par: Arrays) -> ArterialConcentration:
    """The effect site of dissociation."""
    return _site(sites, "effect", par["dissociation_r_weight"])


def acute_signals(sites: Arrays, par: Arrays) -> dict[str, Array]:
    """Shares of the largest dissociation, pressure rise and sedation, from the effect sites."""
    out: dict[str, Array] = {}
    if "effect_s" in sites:
        out["dissociation"] = acute.dissociation(dissociation_site(sites, par), par)
        site = _site(sites, "pressure", par["pressure_r_weight"])
        out["pressure"] = acute.pressure(site, par)
    if "midazolam_effect" in sites:
        out["sedation"] = acute.sedation(sites["midazolam_effect"], par)
    return out


def effect_sites(fast: Arrays, nodes: Array, weights: Array | None = None) -> dict[str, Array]:
    """Effect-site signals at some fast nodes, or between them by `weights` (..., k) of `nodes`."""
    names = ("effect_s", "effect_r", "pressure_s", "pressure_r", "midazolam_effect")
    found = {k: fast[k][nodes] for k in names if k in fast}
    if weights is None:
        return found
    return {k: jnp.einsum("eikp,eik->eip", v, weights) for k, v in found.items()}


def tolerance(arrays: Arrays, par: Arrays, multiplier: Array) -> Array:
    """Tolerance, 0 to 1, as each event meets it, (n_events, P)."""
    return before_doses(arrays["gap_h"][:, None], weight_of_doses(arrays, par, multiplier), par)


def weight_of_doses(arrays: Arrays, par: Arrays, multiplier: Array) -> Array:
    """How much each dose of ketamine counts for tolerance, 0 to 1, (n_events, P)."""
    by_weight = arrays["per_kg"][:, None] + arrays["flat"][:, None] / par["weight_kg"]
    share = jnp.minimum(by_weight * multiplier / WHOLE_MG_PER_KG, 1.0)
    return share * arrays["is_ketamine"][:, None]


def felt_at_events(arrays: Arrays, signals: Arrays, par: Arrays, multiplier: Array) -> Array:
    """What is felt at its height after each event, 0 to 1, (n_events, P).

    Effects rise with their site, so the highest level of the site gives the strongest effect."""
    n_events, n = multiplier.shape
    sites = effect_sites(signals, arrays["felt_nodes"], arrays["felt_weights"])
    felt = jnp.zeros((n_events, n))
    if "effect_s" in sites:
        highest = ArterialConcentration(dissociation_site(sites, par).ng_per_ml.max(axis=1))
        share = acute.dissociation(highest, par)
        met = tolerance(arrays, par, multiplier)
        felt = felt + shifted(share, par["dissociation_tolerance"] * met)
    if "midazolam_effect" in sites:
        share = acute.sedation(sites["midazolam_effect"].max(axis=1), par)
        felt = felt + par["felt_sedation_weight"] * share
    return felt * jnp.minimum(multiplier, 1.0)
