"""What a simulation hands on: a summary for machines and tidy courses for figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Result:
    """summary: JSON-able, keys as in the schema. courses: arm, variable, unit, time_h,
    statistic, value."""

    summary: dict[str, Any]
    courses: pd.DataFrame
