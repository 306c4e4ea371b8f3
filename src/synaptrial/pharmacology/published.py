"""Structures of published models, as plain numbers.

Each function turns values of one parameter set (floats, or arrays of one shape) into a
`Structure`: amounts in mg of ketamine (molar equivalents) that flow between named states at
first-order rates in 1/h. It works with NumPy and JAX alike. No venous-fitted model is a route
to an effect; these serve the comparison with published exposure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Rate = Any  # float or array
Values = Mapping[str, Any]

MOLAR_MASS = {"ketamine": 237.73, "norketamine": 223.70, "hydroxynorketamine": 239.70}  # g/mol


@dataclass(frozen=True)
class Input:
    """Where a share of a dose enters. ``duration_h`` None: as the dose says (infusion or bolus);
    0: at once; otherwise zero order over this time.
    """

    state: str
    share: Rate = 1.0
    duration_h: float | None = None


@dataclass(frozen=True)
class Structure:
    """A linear compartment model.

    transfers: (to, from) -> rate, 1/h; what leaves one state enters the other.
    losses: state -> rate, 1/h; what leaves for good.
    inputs: route -> shares of a dose. ``intranasal_next`` is a second or later nasal device.
    readouts: analyte -> (state, ng/mL of the analyte per mg of ketamine in the state).
    """

    frame: Literal["arterial", "venous", ""]
    states: tuple[str, ...]
    transfers: dict[tuple[str, str], Rate]
    losses: dict[str, Rate]
    inputs: dict[str, tuple[Input, ...]]
    readouts: dict[str, tuple[str, Rate]]


def _exchange(central: str, other: str, flow: Rate, v1: Rate, v2: Rate) -> dict[Any, Rate]:
    return {(other, central): flow / v1, (central, other): flow / v2}


def _per_mg(analyte: str, volume_l: Rate) -> Rate:
    """ng/mL of an analyte, in its own mass, per mg of ketamine equivalents."""
    return 1000.0 * MOLAR_MASS[analyte] / MOLAR_MASS["ketamine"] / volume_l


def _scale(weight_kg: Rate, exponent: Rate) -> Rate:
    return (weight_kg / 70.0) ** exponent


def kamp2020(p: Values, weight_kg: Rate) -> Structure:
    """Three compartments, arterial (KAMP2020)."""
    v = _scale(weight_kg, p["volume_exponent"])
    c = _scale(weight_kg, p["clearance_exponent"])
    v1, v2, v3 = p["V1"] * v, p["V2"] * v, p["V3"] * v
    return Structure(
        frame="arterial",
        states=("K", "K2", "K3"),
        transfers=_exchange("K", "K2", p["Q2"] * c, v1, v2)
        | _exchange("K", "K3", p["Q3"] * c, v1, v3),
        losses={"K": p["CL"] * c / v1},
        inputs={"iv": (Input("K"),)},
        readouts={"ketamine": ("K", _per_mg("ketamine", v1))},
    )


def domino1982(p: Values, weight_kg: Rate) -> Structure:
    """Three compartments by rate constants; sampling site not known (DOMINO1982)."""
    return Structure(
        frame="",
        states=("K", "K2", "K3"),
        transfers={
            ("K2", "K"): p["k12"],
            ("K3", "K"): p["k13"],
            ("K", "K2"): p["k21"],
            ("K", "K3"): p["k31"],
        },
        losses={"K": p["k10"]},
        inputs={"iv": (Input("K"),)},
        readouts={"ketamine": ("K", _per_mg("ketamine", p["V1_per_kg"] * weight_kg))},
    )


def fanta2015_otto2021(p: Values, weight_kg: Rate) -> Structure:
    """S-ketamine, three compartments, venous (FANTA2015, OTTO2021).

    Only V1 and CL scale with weight. The S-norketamine part is left out: no row claims it.
    """
    v1 = p["V1"] * _scale(weight_kg, p["volume_exponent"])
    return Structure(
        frame="venous",
        states=("K", "K2", "K3"),
        transfers=_exchange("K", "K2", p["Q2"], v1, p["V2"])
        | _exchange("K", "K3", p["Q3"], v1, p["V3"]),
        losses={"K": p["CL"] * _scale(weight_kg, p["clearance_exponent"]) / v1},
        inputs={"iv": (Input("K"),)},
        readouts={"ketamine": ("K", _per_mg("ketamine", v1))},
    )


def simons2022(p: Values, weight_kg: Rate) -> Structure:
    """S-ketamine film: mucosal and swallowed input, S-NK after two transit steps, S-HNK; arterial.

    F2 of the dose enters the gut, as published more than 1 - F1. The 1.12 min between
    norketamine and hydroxynorketamine are left out (SIMONS2022).
    """
    v = _scale(weight_kg, p["volume_exponent"])
    c = _scale(weight_kg, p["clearance_exponent"])
    v1, vn1, vh1 = p["V1"] * v, p["VN1"] * v, p["VH1"] * v
    kt = 2.0 / p["MTT_NK"]
    kn, fm, fh = p["CLN"] * c / vn1, p["fm"], p["fh"]
    return Structure(
        frame="arterial",
        states=("mouth", "gut", "portal", "K", "K2", "K3", "T1", "T2", "N", "N2", "H", "H2"),
        transfers=_exchange("K", "K2", p["Q2"] * c, v1, p["V2"] * v)
        | _exchange("K", "K3", p["Q3"] * c, v1, p["V3"] * v)
        | _exchange("N", "N2", p["QN"] * c, vn1, p["VN2"] * v)
        | _exchange("H", "H2", p["QH"] * c, vh1, p["VH2"] * v)
        | {
            ("K", "mouth"): p["KA1"],
            ("portal", "gut"): p["KA2"],
            ("T1", "portal"): 1.0 / p["MTT_gut"],
            ("T1", "K"): p["CL"] * c / v1,
            ("T2", "T1"): kt,
            ("N", "T2"): kt * fm,
            ("H", "N"): kn * fh,
        },
        losses={"T2": kt * (1 - fm), "N": kn * (1 - fh), "H": p["CLH"] * c / vh1},
        inputs={
            "iv": (Input("K"),),
            "sublingual": (Input("mouth", p["F1"], p["D1"]), Input("gut", p["F2"], p["D2"])),
        },
        readouts={
            "ketamine": ("K", _per_mg("ketamine", v1)),
            "norketamine": ("N", _per_mg("norketamine", vn1)),
            "hydroxynorketamine": ("H", _per_mg("hydroxynorketamine", vh1)),
        },
    )


def perez_ruixo2021(
    p: Values, age_y: Rate = 45.0, asian: Rate = 0.0, japanese: Rate = 0.0
) -> Structure:
    """Esketamine nasal spray with hepatic first pass, noresketamine; venous (PEREZRUIXO2021).

    ``asian`` (Japanese included) and ``japanese`` are 0 or 1. Body weight has no effect.
    """
    nose = p["FRn"] * (1 + (p["FRn_japanese"] - 1) * japanese)
    later = nose * p["nasal_next_factor"]
    k_el = p["k_el"] * (1 + (p["k_el_asian"] - 1) * asian)
    cln = p["CLN"] * (1 + (p["CLN_asian"] - 1) * asian)
    q_h = p["Q_h"] + p["Q_h_per_year_above_60"] * (age_y > 60) * (age_y - 60)
    v1, vn1, gut = p["V1"], p["VN1"], p["F_gut"]
    swallowed = p["swallowed_duration_nasal"]
    return Structure(
        frame="venous",
        states=("nose", "throat", "gut", "K", "K2", "K3", "liver", "N", "N2"),
        transfers=_exchange("K", "K2", p["Q2"], v1, p["V2"])
        | _exchange("K", "K3", p["Q3"], v1, p["V3"])
        | _exchange("N", "N2", p["QN"], vn1, p["VN2"])
        | _exchange("K", "liver", q_h, v1, p["V_h"])
        | {
            ("K", "nose"): p["ka_nasal"],
            ("liver", "throat"): p["ka_swallowed"] * gut,
            ("liver", "gut"): p["ka_oral"] * gut,
            ("N", "liver"): p["k_met"],
        },
        losses={
            "throat": p["ka_swallowed"] * (1 - gut),
            "gut": p["ka_oral"] * (1 - gut),
            "liver": k_el,
            "N": cln / vn1,
        },
        inputs={
            "iv": (Input("K"),),
            "oral": (Input("gut", 1.0, p["oral_duration"]),),
            "intranasal": (Input("nose", nose, 0.0), Input("throat", 1 - nose, swallowed)),
            "intranasal_next": (Input("nose", later, 0.0), Input("throat", 1 - later, swallowed)),
        },
        # apparent noresketamine volumes carry the ratio of masses: no conversion, as published
        readouts={"ketamine": ("K", 1000.0 / v1), "norketamine": ("N", 1000.0 / vn1)},
    )
