"""Contrasts of drug and control that the rows of a study hold, and their conversion to effects.

Rows and conversions are signed drug less control on scales where higher is worse: negative
favours the drug.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from synaptrial.evidence.tables import Row, number
from synaptrial.review.tables import Tables, is_drug
from synaptrial.synthesis.effects import (
    EffectSize,
    Quantity,
    effect_from_estimate,
    effect_from_means,
    se_from_ci,
    smd_from_test,
)

FIRST_PERIOD = "first period"
AS_PRINTED = "as printed; not known whether corrected for small samples"


@dataclass(frozen=True)
class Contrast:
    """Two arms compared on a scale on a day, by one row or by a row of each arm."""

    arm: Row
    versus: Row
    scale: str
    day: float
    rows: tuple[Row, ...]

    @property
    def statistic(self) -> str:
        return self.rows[0]["statistic"]

    @property
    def n(self) -> tuple[int, int]:
        """Patients analysed by arm where stated, else randomised; 0 where neither was read."""
        own = [number(r, "n") for r in self.rows] if len(self.rows) == 2 else [None, None]
        given = (own[0] or number(self.arm, "n"), own[1] or number(self.versus, "n"))
        return int(given[0] or 0), int(given[1] or 0)


def contrasts(tables: Tables, study: str, part: str, *, recalled: bool) -> Iterator[Contrast]:
    """All contrasts of a study on a part of a scale that have a day and a number."""
    rows = [r for r in tables.outcomes if r["study"] == study and _fit(r, part, recalled)]
    crossover = tables.study(study).get("design") == "crossover"
    rows = [r for r in rows if not crossover or of_first_period(r)]
    for row in rows:
        arm, versus = tables.arm(study, row["arm"]), tables.arm(study, row["versus"])
        if arm and versus and is_drug(arm) and not is_drug(versus):
            if row["statistic"] in ("difference", "smd"):
                yield Contrast(arm, versus, row["scale"], float(row["day"]), (row,))
    alone = [r for r in rows if not r["versus"] and r["statistic"] in ("change", "mean")]
    for a in alone:
        for b in alone:
            arm, versus = tables.arm(study, a["arm"]), tables.arm(study, b["arm"])
            if arm and versus and is_drug(arm) and not is_drug(versus) and _same(a, b):
                yield Contrast(arm, versus, a["scale"], float(a["day"]), (a, b))


def standardised(contrast: Contrast) -> EffectSize | str:
    """Standardised difference, drug less control, or what is missing for one.

    By arm with SD and n: Hedges' g. Printed with an interval: as printed. A difference with an
    SE or an interval: by t and the arms' sizes to g.
    """
    if len(contrast.rows) == 2:
        return _from_arms(contrast, "SMD")
    (row,) = contrast.rows
    value, se = number(row, "value"), _se(row)
    if value is None or se is None:
        return "a standard error, an interval or SDs"
    if contrast.statistic == "smd":
        found = effect_from_estimate("SMD", yi=value, sei=se)
        return replace(found, trace=(*found.trace, AS_PRINTED))
    if not all(contrast.n):
        return "sizes of the arms"
    n1, n2 = contrast.n
    test = Quantity(value / _value(se), (*_steps(se), f"t = {value:g} / {_value(se):.6g}"))
    return smd_from_test(ti=test, n1i=n1, n2i=n2)


def in_points(contrast: Contrast) -> EffectSize | str:
    """Difference in points of the scale, drug less control, or what is missing for one."""
    if len(contrast.rows) == 2:
        return _from_arms(contrast, "MD")
    (row,) = contrast.rows
    value, se = number(row, "value"), _se(row)
    if contrast.statistic != "difference":
        return "a difference in points"
    if value is None or se is None:
        return "a standard error or an interval"
    return effect_from_estimate("MD", yi=value, sei=se)


def _from_arms(contrast: Contrast, measure: str) -> EffectSize | str:
    a, b = contrast.rows
    m1, m2, sd1, sd2 = (number(r, k) for k in ("value", "sd") for r in (a, b))
    if m1 is None or m2 is None or sd1 is None or sd2 is None or not all(contrast.n):
        return "SDs or sizes of the arms"
    n1, n2 = contrast.n
    found = effect_from_means(measure, m1i=m1, sd1i=sd1, n1i=n1, m2i=m2, sd2i=sd2, n2i=n2)
    what = "changes from baseline by arm" if contrast.statistic == "change" else "scores by arm"
    return replace(found, trace=(what, *found.trace))


def _se(row: Row) -> float | Quantity | None:
    se, low, high = (number(row, k) for k in ("se", "low", "high"))
    if se is None and low is not None and high is not None:
        return se_from_ci(ci_low=low, ci_high=high)
    return se


def _value(se: float | Quantity) -> float:
    return float(se.value) if isinstance(se, Quantity) else se


def _steps(se: float | Quantity) -> tuple[str, ...]:
    return se.trace if isinstance(se, Quantity) else ()


def _fit(row: Row, part: str, recalled: bool) -> bool:
    readable = row["usable"] == "yes" or (recalled and row["mark"] == "RECALLED")
    return row["part"] == part and not row["event"] and bool(row["day"]) and readable


def of_first_period(row: Row) -> bool:
    """A crossover counts by its first period. A RECALLED row that was asked for passes: which
    period it is from is then said to be unknown."""
    said = f"{row['label']} {row['derivation']}".lower()
    return FIRST_PERIOD in said or row["mark"] == "RECALLED"


def _same(a: Row, b: Row) -> bool:
    keys = ("scale", "day", "statistic")
    return all(a[k] == b[k] for k in keys) and float(a["day"]) > 0
