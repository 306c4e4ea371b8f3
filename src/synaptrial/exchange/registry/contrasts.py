"""Comparisons of groups in a ClinicalTrials.gov record.

The record lists the groups and does not say which is subtracted from which.
"""

from __future__ import annotations

import math

from synaptrial.evidence.tables import Row
from synaptrial.evidence.vocabulary import RATIOS
from synaptrial.exchange.evidence.awaiting import Number
from synaptrial.exchange.json_node import Node
from synaptrial.exchange.registry.arms import Arms
from synaptrial.exchange.registry.cells import (
    NUMBER,
    Flags,
    common,
    counted,
    if_complete,
    spread,
)
from synaptrial.exchange.registry.statistics import contrast_of
from synaptrial.exchange.registry.told import about, analysis, group_ids, titles_of
from synaptrial.exchange.words.change import change_in
from synaptrial.exchange.words.named import has
from synaptrial.exchange.words.scales import part_of, scale_of

_LOGARITHMS = r"\blog(?:arithms?)?\b(?![- ]?rank)|\blog[- ]?(?:odds|scale|transformed)"
_DIRECTION = "direction of the contrast: the record lists the groups and no order of subtraction"


def contrast(row_id: str, measure: Node, one: Node, arms: Arms) -> Number:
    """A comparison as a row of the outcomes, where nothing that such a row needs is unknown."""
    told, of = analysis(measure, one, arms.study), about(measure)
    if not told["value"]:
        return Number(row_id, told, flags=("no estimate: a p-value only",))
    titles, ids = titles_of(measure), group_ids(one)
    found = contrast_of(told["param_type"], told["unit"])
    flags: Flags = [_DIRECTION, *found.flags]
    row = common(told | {"group": titles.get(ids[0], "") if ids else ""}, arms, of, flags)
    row |= {"statistic": found.statistic, "value": told["value"], "note": told["comment"]}
    row["versus"] = arms.arm(titles.get(ids[1], "")) if len(ids) == 2 else ""
    if not row["versus"]:
        flags.append(f"a comparison of {len(ids)} groups")
    if found.statistic in ("difference", "smd"):
        row |= _of_scores(told, flags)
    else:
        row |= {**counted(told, flags), "events": "", "value": told["value"]}
    row |= spread(told, of, flags)
    if found.logged:
        row |= _raised(row, told, flags)
    elif has(_LOGARITHMS, told["comment"]):
        flags.append("a note speaks of logarithms: a ratio or its logarithm?")
        row["statistic"] = "" if found.statistic in RATIOS else found.statistic
    if of.unit:
        flags.append(f"unit of analysis: {of.unit}, not people")
        row["statistic"] = ""
    return if_complete(row_id, told, row, flags, ("arm", "versus", "scale", "part", "statistic"))


def _of_scores(told: Row, flags: Flags) -> Row:
    scale, part = scale_of(told["title"]), part_of(told["title"])
    flags += [*scale.flags, *part.flags]
    if change_in(told["title"]).kind == "fall":
        flags.append(f"sign: {change_in(told['title']).word} may count a fall as positive")
    return {"scale": scale.value, "part": part.value}


def _raised(row: Row, told: Row, flags: Flags) -> Row:
    """A ratio and its limits from their logarithms."""
    given = {c: row[c] for c in ("value", "low", "high") if NUMBER.fullmatch(row.get(c, ""))}
    raised: Row = {}
    for column, text in given.items():
        try:
            raised[column] = f"{math.exp(float(text)):.6g}"
        except OverflowError:
            flags.append(f"no logarithm of a ratio: {text}")
            return {"statistic": ""}
    if row.get("se"):
        flags.append("standard error of a logarithm: not used")
    said = ", ".join(f"{c} {text}" for c, text in given.items())
    flags.append("a logarithm in the record: base e taken")
    derivation = f"exp of the logarithm in the record ({told['param_type']}): {said}"
    return {**raised, "se": "", "mark": "DERIVED", "derivation": derivation}
