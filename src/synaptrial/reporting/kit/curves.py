"""The tidy courses of a result as arrays, thinned to what a picture can show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from synaptrial.reporting.kit.errors import ReportError

Array = NDArray[np.float64]
INTERVALS = ("new_trial", "mean", "patient")
EDGES = ("q025", "q25", "q75", "q975")


class Curves:
    """Courses by arm, variable and statistic; only `sample` of the patients' courses are kept.

    `courses` has the columns arm, variable, unit, time_h, statistic, value.
    """

    def __init__(self, courses: pd.DataFrame, sample: int = 20) -> None:
        statistic = courses["statistic"].astype("category")
        names = [str(s) for s in statistic.cat.categories]
        drawn = [s for s in sorted(names) if s.startswith("course_")][:sample]
        wanted = {s for s in names if not s.startswith("course_")} | set(drawn)
        keep = np.array([s in wanted for s in names])[statistic.cat.codes.to_numpy()]
        kept = courses[keep]
        values = kept["value"].to_numpy(dtype=float)
        times = kept["time_h"].to_numpy(dtype=float)
        if not np.isfinite(values).all() or not np.isfinite(times).all():
            raise ReportError("courses hold a number that is missing or infinite")
        parts = kept[["arm", "variable", "statistic"]].astype("category")
        groups = parts.groupby(["arm", "variable", "statistic"], observed=True, sort=False)
        self._rows: dict[tuple[str, str, str], NDArray[np.intp]] = dict(groups.indices)  # type: ignore[arg-type]  # stubs: one column
        self._values, self._times = values, times
        units = kept[["variable", "unit"]].drop_duplicates()
        self._units = dict(zip(units["variable"].astype(str), units["unit"], strict=True))
        self.sampled = tuple(drawn)

    def has(self, arm: str, variable: str, statistic: str = "mean") -> bool:
        return (arm, variable, statistic) in self._rows

    def unit(self, variable: str) -> str:
        return str(self._units[variable])

    def get(self, arm: str, variable: str, statistic: str) -> tuple[Array, Array]:
        """Times in hours, rising and each once, and values."""
        rows = self._rows.get((arm, variable, statistic))
        if rows is None:
            raise ReportError(f"courses lack {statistic} of {variable} in arm {arm}")
        time_h, first = np.unique(self._times[rows], return_index=True)
        return time_h, self._values[rows][first]

    def courses(self, arm: str, variable: str) -> list[str]:
        """The sampled patients that this arm has."""
        return [name for name in self.sampled if self.has(arm, variable, name)]

    def interval(self, arm: str, variable: str, wanted: Sequence[str] = INTERVALS) -> str:
        """The first of `wanted` whose four edges are there, or ''."""
        for kind in wanted:
            if all(self.has(arm, variable, f"{kind}_{e}") for e in EDGES):
                return kind
        return ""

    def nonzero(self, arm: str, variable: str) -> bool:
        """Whether there is something to draw: a drug that was not given has no curve."""
        return self.has(arm, variable) and bool(np.any(self.get(arm, variable, "mean")[1] != 0.0))


def thin(time_h: Array, values: Array, points: int) -> NDArray[np.intp]:
    """Indices of at most `points` (plus the extremes) of a curve, dense where it moves.

    Even steps along the curve's length, with both axes scaled to 1.
    """
    if len(time_h) <= points:
        return np.arange(len(time_h))
    span = max(float(np.ptp(values)), 1e-12)
    steps = np.hypot(np.diff(time_h) / np.ptp(time_h), np.diff(values) / span)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.searchsorted(along, np.linspace(0.0, along[-1], points))
    ends = [0, len(time_h) - 1, int(np.argmax(values)), int(np.argmin(values))]
    return np.unique(np.concatenate([np.clip(at, 0, len(time_h) - 1), ends]))
