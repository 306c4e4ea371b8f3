"""Disposition of ketamine and norketamine, one enantiomer, in the arterial frame.

Amounts in mg of ketamine equivalents, volumes in L, time in h. Three-compartment parent, two
transit compartments to norketamine (two compartments); gut and mucosal depots by route.

    dC/dt  = inputs - (CL + Q2 + Q3) C/V1 + Q2 P1/V2 + Q3 P2/V3
    dT1/dt = CL C/V1 + (1 - s) phi - kt T1,  dT2/dt = kt (T1 - T2),  kt = 2/MTT_NK
    dN/dt  = fm kt T2 - (CLN + QN) N/VN1 + QN NP/VN2,  dNP/dt = QN (N/VN1 - NP/VN2)

``phi`` is swallowed drug leaving the gut; a share ``s`` of it survives gut and liver, the rest
is metabolised on the first pass. Venous samples and effect sites follow the arterial
concentration with first-order delays. No inversion of enantiomers is known in man.
Source of the structure: Kamp 2020 (disposition), Simons 2022 (norketamine), Perez-Ruixo 2021
(swallowed drug); values and sources in the parameter set ``rec_ptsd_v0``.
"""

from __future__ import annotations

from collections.abc import Mapping

import jax
import jax.numpy as jnp

from synaptrial.engine.linear import LinearSystem
from synaptrial.pharmacology.published import MOLAR_MASS

Array = jax.Array
Values = Mapping[str, Array]

MG_PER_L_TO_NG_PER_ML = 1000.0
REFERENCE_WEIGHT_KG = 70.0

CORE_STATES = ("central", "p1", "p2", "t1", "t2", "nk", "nk_p", "venous")
EFFECT_STATES = ("effect", "pressure")
HYDROXY_STATES = ("hnk", "hnk_p")
ROUTE_STATES = {
    "iv": (),
    "im": ("muscle",),
    "sc": ("subcutis",),
    "intranasal": ("nose", "nose_gut"),
    "sublingual": ("mucosa", "film_gut", "gut_transit"),
    "oral": ("oral_gut",),
}
ROUTE_CHANNELS = {
    "iv": ("central",),
    "im": (),
    "sc": (),
    "intranasal": ("nose_gut",),
    "sublingual": ("mucosa", "film_gut"),
    "oral": ("oral_gut",),
}


def scaled(par: Values, weight_kg: Array) -> dict[str, Array]:
    """Volumes and clearances at a body weight, by allometry (exponents in the set)."""
    size = weight_kg / REFERENCE_WEIGHT_KG
    volume, clearance = size ** par["volume_exponent"], size ** par["clearance_exponent"]
    out = dict(par)
    for name in ("V1", "V2", "V3", "VN1", "VN2", "VH1", "VH2"):
        if name in par:
            out[name] = par[name] * volume
    for name in ("CL", "Q2", "Q3", "CLN", "QN", "CLH", "QH"):
        if name in par:
            out[name] = par[name] * clearance
    return out


def system(
    par: Values, routes: tuple[str, ...], *, effects: bool = True, hydroxy: bool = False
) -> LinearSystem:
    """The linear block of one enantiomer.

    par: values (P,) already `scaled`, with `CL` and `CLN` of this enantiomer. `effects` adds the
    effect sites (needs ke0_dissociation and ke0_pressure); `hydroxy` adds hydroxynorketamine,
    which no check supports: not usable for conclusions.
    """
    states = CORE_STATES + (EFFECT_STATES if effects else ())
    states += HYDROXY_STATES if hydroxy else ()
    for route in routes:
        states += ROUTE_STATES[route]
    channels = tuple(dict.fromkeys(c for route in routes for c in ROUTE_CHANNELS[route]))
    block = LinearSystem(states, channels)
    _parent(block, par)
    _norketamine(block, par)
    if hydroxy:
        _hydroxynorketamine(block, par)
    _absorption(block, par, routes)
    to_ng_per_ml = MG_PER_L_TO_NG_PER_ML / par["V1"]
    block.follow("venous", "central", jnp.log(2.0) / par["venous_half_life"], to_ng_per_ml)
    if effects:
        block.follow("effect", "central", par["ke0_dissociation"], to_ng_per_ml)
        block.follow("pressure", "central", par["ke0_pressure"], to_ng_per_ml)
    return block


def _parent(block: LinearSystem, par: Values) -> None:
    block.flow("central", "p1", par["Q2"] / par["V1"])
    block.flow("p1", "central", par["Q2"] / par["V2"])
    block.flow("central", "p2", par["Q3"] / par["V1"])
    block.flow("p2", "central", par["Q3"] / par["V3"])
    block.flow("central", "t1", par["CL"] / par["V1"])


def _norketamine(block: LinearSystem, par: Values) -> None:
    transit = 2.0 / par["MTT_NK"]
    block.flow("t1", "t2", transit)
    block.flow("t2", "nk", transit * par["fm"])
    block.lose("t2", transit * (1 - par["fm"]))
    block.flow("nk", "nk_p", par["QN"] / par["VN1"])
    block.flow("nk_p", "nk", par["QN"] / par["VN2"])
    block.lose("nk", par["CLN"] / par["VN1"])


def _hydroxynorketamine(block: LinearSystem, par: Values) -> None:
    block.add("hnk", "nk", par["fh"] * par["CLN"] / par["VN1"])
    block.flow("hnk", "hnk_p", par["QH"] / par["VH1"])
    block.flow("hnk_p", "hnk", par["QH"] / par["VH2"])
    block.lose("hnk", par["CLH"] / par["VH1"])


def _absorption(block: LinearSystem, par: Values, routes: tuple[str, ...]) -> None:
    if "im" in routes:
        block.flow("muscle", "central", par["ka_im"])
    if "sc" in routes:
        block.flow("subcutis", "central", par["ka_sc"])
    if "intranasal" in routes:
        block.flow("nose", "central", par["ka_nasal"])
        _first_pass(block, "nose_gut", par["ka_swallowed"], par["swallowed_systemic"])
    if "oral" in routes:
        _first_pass(block, "oral_gut", par["ka_oral"], par["oral_systemic"])
    if "sublingual" in routes:
        block.flow("mucosa", "central", par["ka_sl"])
        block.flow("film_gut", "gut_transit", par["ka_sl_swallowed"])
        block.flow("gut_transit", "t1", 1.0 / par["MTT_gut"])


def _first_pass(block: LinearSystem, gut: str, ka: Array, survives: Array) -> None:
    block.lose(gut, ka)
    block.add("central", gut, ka * survives)
    block.add("t1", gut, ka * (1 - survives))


def concentrations(states: Mapping[str, Array], par: Values) -> dict[str, Array]:
    """Arterial plasma concentrations in ng/mL: parent, norketamine (of its own mass), venous."""
    out = {
        "parent": states["central"] / par["V1"] * MG_PER_L_TO_NG_PER_ML,
        "norketamine": states["nk"]
        / par["VN1"]
        * (MG_PER_L_TO_NG_PER_ML * MOLAR_MASS["norketamine"] / MOLAR_MASS["ketamine"]),
        "venous": states["venous"],
    }
    if "hnk" in states:
        ratio = MOLAR_MASS["hydroxynorketamine"] / MOLAR_MASS["ketamine"]
        out["hydroxynorketamine"] = states["hnk"] / par["VH1"] * (MG_PER_L_TO_NG_PER_ML * ratio)
    return out
