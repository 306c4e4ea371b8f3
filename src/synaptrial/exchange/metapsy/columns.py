"""Columns of a Metapsy data set: their names, what they hold, and which of them nothing reads.

Format: the Metapsy data standard (docs.metapsy.org/data-preparation/format). Data sets differ in
the names of baseline columns; a selection has renamed ones.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from synaptrial.evidence.tables import Row

NEEDED = ("study", "condition_arm1", "condition_arm2", "instrument")
KEPT = ("multi_arm1", "multi_arm2", "outcome_type", "rating", "rob", "n_arm1", "n_arm2")
_RENAMED = {"arm1": "condition_arm1", "arm2": "condition_arm2", "yi": ".g", "vi": ".g_var"}
# Parts of a baseline column in any order: baseline_m_arm1, m_baseline_arm1, mean_pre_arm1.
_BASELINE, _VALUE = ("baseline", "base", "bl", "pre"), {"m": "m", "mean": "m", "sd": "sd", "n": "n"}
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d+)?|[.,]\d+)([eE][+-]?\d+)?")


class ArmColumns(NamedTuple):
    """Columns of one number of an arm, with {} for its side; sd is empty for a count."""

    value: str
    sd: str
    n: str


ARM_KINDS: Mapping[str, ArmColumns] = {
    "mean": ArmColumns("mean_arm{}", "sd_arm{}", "n_arm{}"),
    "change": ArmColumns("mean_change_arm{}", "sd_change_arm{}", "n_change_arm{}"),
    "baseline": ArmColumns("baseline_m_arm{}", "baseline_sd_arm{}", "baseline_n_arm{}"),
    "count": ArmColumns("event_arm{}", "", "totaln_arm{}"),
}
# Columns of an effect, those of its spread, and what the spread is.
EFFECTS = (
    (".g", ".g_se", "standard error"),
    (".g", ".g_var", "variance"),
    ("precalc_g", "precalc_g_se", "standard error"),
)
LOG_RR = ((".log_rr", ".log_rr_se"), ("precalc_log_rr", "precalc_log_rr_se"))
_OTHERS = ("time", "time_weeks")


def our_name(column: str) -> str:
    """The name of the standard for a column of a data set."""
    parts = column.split("_")
    before = [p for p in parts if p in _BASELINE]
    value = [_VALUE[p] for p in parts if p in _VALUE]
    arm = [p for p in parts if p in ("arm1", "arm2")]
    if len(parts) == 3 and len(before) == len(value) == len(arm) == 1:
        return f"baseline_{value[0]}_{arm[0]}"
    return _RENAMED.get(column, column)


def unread(rows: Iterable[Row], written: Mapping[str, str]) -> tuple[str, ...]:
    """Columns, as the file names them, that hold numbers and that no rule reads."""
    arms = itertools.product(ARM_KINDS.values(), (1, 2))
    read = {name.format(side) for kind, side in arms for name in kind if name}
    read |= {*NEEDED, *KEPT, *_OTHERS}
    read |= {column for pair in (*(e[:2] for e in EFFECTS), *LOG_RR) for column in pair}
    numbers = {c for row in rows for c, cell in row.items() if _NUMBER.fullmatch(cell)}
    return tuple(name for ours, name in written.items() if ours in numbers - read)
