"""Rows of the published comparison, of power and of information size as plain documents."""

from __future__ import annotations

from typing import Any

from synaptrial.review.compare import Compared
from synaptrial.review.plain import NOT_READ, interval, number_or, text_or
from synaptrial.review.power_table import Information, TrialPower


def compared_document(c: Compared) -> dict[str, Any]:
    none = "none printed"
    row = c.row
    return {
        "row": row["row_id"],
        "source": row["source"],
        "year": number_or(c.year, NOT_READ),
        "outcome": row["outcome"],
        "when": text_or(row["day"] and f"day {row['day']}", text_or(row["time_note"])),
        "versus": text_or(row["versus"]),
        "statistic": text_or(row["statistic"], none),
        "direction": text_or(row["direction"], none),
        "studies": text_or(row["n_studies"]),
        "printed": interval(c.printed, none),
        "ours": interval(c.ours.interval if c.ours else None, "none could be read"),
        "ours_k": c.ours.k if c.ours else 0,
        "reproduced": interval(c.reproduced, "its inputs are not at hand"),
        "comparison": c.outcome,
        "reason": c.reason,
        "faults": list(c.faults),
        "note": text_or(row["note"], "none"),
    }


def power_document(p: TrialPower) -> dict[str, Any]:
    return {
        "study": p.pair.study,
        "year": number_or(p.pair.year, NOT_READ),
        "arm": p.pair.arm,
        "versus": p.pair.versus,
        "n_drug": p.pair.n_drug,
        "n_control": p.pair.n_control,
        "first_period": p.pair.crossover,
        "assumed": p.assumed.key,
        "assumed_says": p.assumed.what,
        "assumed_d": p.assumed.d,
        "power": p.power,
        "type_m": p.exaggeration,
        "type_s": p.wrong_sign,
        "detectable_d_at_80": p.detectable,
    }


def information_document(i: Information) -> dict[str, Any]:
    one = "not defined: nothing is pooled"
    return {
        "assumed": i.assumed.key,
        "assumed_says": i.assumed.what,
        "assumed_d": i.assumed.d,
        "needed": i.needed,
        "diversity": number_or(i.diversity, one),
        "needed_with_diversity": number_or(i.adjusted, one),
        "accrued": i.accrued,
    }
