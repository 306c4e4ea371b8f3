"""What a reader must know of routes and forms that rest on numbers of another one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from synaptrial.domain.arm import Arm
from synaptrial.domain.dose import DoseEvent
from synaptrial.evidence.nearest import TYPICAL_WEIGHT_KG
from synaptrial.pharmacology.dosing import DEVICE_MG, SHARE_OF_S

Doses = Sequence[DoseEvent]
SUBCUTANEOUS = (
    "subcutaneous ketamine has the central values of intramuscular ketamine, with wider priors:"
    " no concentration after a subcutaneous dose in man was obtained, so this arm cannot be told"
    " from an intramuscular one."
)
NASAL_RACEMATE = (
    "what a nasal spray other than that of esketamine brings to plasma rests on one estimate,"
    " about 45% in three volunteers (YANAGIHARA2003); its rate and what later sprays bring are"
    " those of the esketamine device."
)
LARGE_SPRAY = (
    f"more than {DEVICE_MG:g} mg a device: the share that the nose takes up was estimated at that"
    " amount and falls with what is sprayed. State the devices that were used."
)
MOSTLY_R = (
    "pressure and pulse rest on an assumed weight of R-ketamine (pressure_r_weight): none were"
    " read for R-ketamine alone, and cardiac output did not rise with it (KAMP2021)."
)


def mostly_r(doses: Doses) -> bool:
    """Whether more than half of all ketamine is R."""
    mg = [(e.amount.in_mg(TYPICAL_WEIGHT_KG), SHARE_OF_S[e.enantiomer]) for e in doses]
    return sum(m * s for m, s in mg) < 0.499 * sum(m for m, _ in mg)


def _large_spray(e: DoseEvent) -> bool:
    return e.route == "intranasal" and e.amount.in_mg(TYPICAL_WEIGHT_KG) / e.devices > DEVICE_MG * (
        1 + 1e-9
    )


EXPOSURE: tuple[tuple[Callable[[Doses], bool], str], ...] = (
    (lambda d: any(e.route == "sc" for e in d), SUBCUTANEOUS),
    (lambda d: any(e.route == "intranasal" and e.enantiomer != "s" for e in d), NASAL_RACEMATE),
    (lambda d: any(map(_large_spray, d)), LARGE_SPRAY),
)
EFFECTS = ((mostly_r, MOSTLY_R),)


def borrowed(arms: Mapping[str, Arm], *, effects: bool) -> list[str]:
    """One sentence for each arm and borrowed number; `effects`: those of acute effects too."""
    rules = EXPOSURE + (EFFECTS if effects else ())
    out = []
    for label, arm in arms.items():
        doses = [e for e in arm.protocol.dose_events() if e.drug == "ketamine"]
        out += [f"{label}: {text}" for applies, text in rules if applies(doses)]
    return out
