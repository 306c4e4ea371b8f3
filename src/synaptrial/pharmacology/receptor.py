"""Binding at the NMDA channel: competitive occupancy from unbound arterial concentrations.

A relative scale: no human measurement anchors it.
"""

from __future__ import annotations

from collections.abc import Mapping

import jax
import jax.numpy as jnp

from synaptrial.pharmacology.frames import ArterialConcentration, arterial_ng_per_ml
from synaptrial.pharmacology.published import MOLAR_MASS

Array = jax.Array
Analytes = Mapping[str, ArterialConcentration]


def bound_ratios(conc: Analytes, par: Mapping[str, Array]) -> dict[str, Array]:
    """fu C / Ki of each analyte (s, r, s_nk, r_nk); conc in ng/mL, Ki in umol/L."""
    parent, metabolite = MOLAR_MASS["ketamine"], MOLAR_MASS["norketamine"]
    mass = {"s": parent, "r": parent, "s_nk": metabolite, "r_nk": metabolite}
    fu = {"s": par["fu_s"], "r": par["fu_r"], "s_nk": par["fu_nk"], "r_nk": par["fu_nk"]}
    return {
        k: fu[k] * arterial_ng_per_ml(conc[k]) / (mass[k] * par[f"ki_{k}"])
        for k in mass
        if k in conc
    }


def occupancy(conc: Analytes, par: Mapping[str, Array]) -> Array:
    """Share of channels occupied by all analytes together, 0 to 1."""
    x = sum(bound_ratios(conc, par).values(), jnp.zeros(()))
    return x / (1 + x)


def plasticity_drive(conc: Analytes, par: Mapping[str, Array]) -> Array:
    """Drive of plasticity, 0 to 1: parent S and R, norketamine by its weight (default 0), with
    a possible turn-over at high occupancy. What drives benefit in man is open; potencies are
    parameters with wide priors.
    """
    ratio = bound_ratios(conc, par)
    x = ratio["s"]
    if "r" in ratio:  # R counted on S's affinity, times its potency relative to S
        x = x + par["potency_r"] * ratio["r"] * par["ki_r"] / par["ki_s"]
    x = x + par["potency_nk"] * sum(v for k, v in ratio.items() if k.endswith("nk"))
    occupied = x / (1 + x)
    turn = occupied / par["turnover_occupancy"]
    return occupied / (1 + turn**4)
