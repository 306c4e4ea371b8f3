"""What a protocol gives, in words, and whether its label agrees."""

from __future__ import annotations

import re

from synaptrial.domain.dose import PerKg, route_words
from synaptrial.domain.protocol import Protocol
from synaptrial.domain.rules import Titrate
from synaptrial.domain.treatment import Dose

NAMED_DOSE = re.compile(r"(\d+(?:\.\d+)?) ?(mg/kg|mg)(?![\w/])")
KINDS = {"s": "S-", "r": "R-"}


def dose_words(protocol: Protocol) -> str:
    """Every dose of a runnable protocol, e.g. "ketamine 0.5 mg/kg IV over 40 min x 6"."""
    given = [_dose(d) for d in protocol.doses]
    for drug in protocol.daily:
        steps = " then ".join(f"{s.mg_per_day:g}" for s in drug.segments())
        given.append(f"{drug.drug} {steps} mg a day")
    return "; ".join(given) or "no drug"


def _dose(d: Dose) -> str:
    words = f"{KINDS.get(d.enantiomer or '', '')}{d.drug}"
    if d.drug != "saline":
        amount, unit = _amount(d)
        words += f" {amount:g} {unit}"
    words += f" {route_words(d.route)}"
    if d.infusion_min:
        words += f" over {d.infusion_min:g} min"
    return f"{words} x {len(d.times_h())}{' as needed' if d.as_needed else ''}"


def _amount(d: Dose) -> tuple[float, str]:
    assert d.amount is not None
    if isinstance(d.amount, PerKg):
        return d.amount.mg_per_kg, "mg/kg"
    return d.amount.mg, "mg"


def label_conflict(protocol: Protocol) -> str:
    """The doses that the label of a runnable protocol names and that it does not give, or ''.

    Titrated doses are left out: a rule decides them."""
    if any(isinstance(r, Titrate) for r in protocol.rules):
        return ""
    given = {_amount(d) for d in protocol.doses}
    given |= {(s.mg_per_day, "mg") for s in protocol.daily_segments()}
    named = [(float(x), unit) for x, unit in NAMED_DOSE.findall(protocol.arm.replace("mg/d", "mg"))]
    return ", ".join(f"{x:g} {unit}" for x, unit in named if (x, unit) not in given)
