"""Daily sertraline or paroxetine: plasma, transporter, two-speed onset.

    dA/dt  = adherence * dose rate - CL/V A            (mg; a daily drug is a linear input)
    O      = C / (EC50 + C),  C = 1000 A / V           (ng/mL; saturated at usual doses)
    dU_i/dt = ln2 / half_life_i (O - U_i)
    U      = share U_fast + (1 - share) U_slow
    A(0), U_i(0): 0, or the steady state of the dose that the patient takes already

One drug at a time: CL/F, V/F and EC50 of the arm's drug come in as `ssri_cl`, `ssri_v`,
`ssri_ec50`. Absorption within the day is averaged out.
"""

from __future__ import annotations

from synaptrial.engine.cascade import Affine, Readout, Stage
from synaptrial.mechanism.common import NO_TOP, Array, Values


def occupancy(amount: Array, p: Values) -> Array:
    """Share of transporters that an amount in the body (mg) occupies, 0 to 1."""
    conc = 1000.0 * amount / p["ssri_v"]
    return conc / (p["ssri_ec50"] + conc)


def steady(mg_per_h: float, p: Values) -> tuple[Array, Array]:
    """Amount (mg) and state U of a patient who takes a dose since long."""
    amount = p["ssri_adherence"] * mg_per_h * p["ssri_v"] / p["ssri_cl"]
    return amount, occupancy(amount, p)


STAGES: tuple[Stage, ...] = (
    Affine(
        "ssri_amount",
        ("ssri_mg_per_h",),
        ("ssri_cl", "ssri_v", "ssri_adherence"),
        lambda s, p: (p["ssri_adherence"] * s["ssri_mg_per_h"], p["ssri_cl"] / p["ssri_v"]),
        lambda p: p["ssri_amount_start"],
        unit="mg",
        bounds=(0.0, NO_TOP),
        doc="SSRI in the body",
    ),
    Readout(
        "transporter",
        ("ssri_amount",),
        ("ssri_v", "ssri_ec50"),
        lambda s, p: occupancy(s["ssri_amount"], p),
        unit="share",
        bounds=(0.0, 1.0),
        doc="transporter occupancy",
    ),
    Affine(
        "ssri_fast",
        ("transporter",),
        ("rate_ssri_fast",),
        lambda s, p: (
            p["rate_ssri_fast"] * s["transporter"],
            p["rate_ssri_fast"],
        ),
        lambda p: p["ssri_start"],
        unit="share",
        bounds=(0.0, 1.0),
        doc="SSRI adaptation, weeks",
    ),
    Affine(
        "ssri_slow",
        ("transporter",),
        ("rate_ssri_slow",),
        lambda s, p: (
            p["rate_ssri_slow"] * s["transporter"],
            p["rate_ssri_slow"],
        ),
        lambda p: p["ssri_start"],
        unit="share",
        bounds=(0.0, 1.0),
        doc="SSRI adaptation, months",
    ),
    Readout(
        "ssri",
        ("ssri_fast", "ssri_slow"),
        ("ssri_fast_share",),
        lambda s, p: (
            p["ssri_fast_share"] * s["ssri_fast"] + (1 - p["ssri_fast_share"]) * s["ssri_slow"]
        ),
        unit="share",
        bounds=(0.0, 1.0),
        doc="SSRI adaptation",
    ),
)
