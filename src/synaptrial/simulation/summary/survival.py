"""Kaplan-Meier estimates of many small groups at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Held:
    """How long each patient held something, in R groups of N: a row is a group.

    days: (R, N) until it was lost or until the end, inf for who never had it; lost: (R, N), else
    censored; followed: (R, N) days from when he had it to the end of the study.
    """

    days: np.ndarray
    lost: np.ndarray
    followed: np.ndarray

    def among(self, patients: slice) -> Held:
        """The same of some patients of each group."""
        return Held(self.days[:, patients], self.lost[:, patients], self.followed[:, patients])

    def lost_by(self, day: float) -> tuple[np.ndarray, np.ndarray]:
        """Share of those who had it that lost it within so many days, and its variance by
        Greenwood, each (R,); NaN in a group where nobody had it or was followed as long."""
        days, lost, at_risk = self._sorted()
        event = lost & (days <= day)
        kept = np.where(event, 1 - 1 / np.maximum(at_risk, 1), 1.0).prod(axis=1)
        of_each = np.where(event & (at_risk > 1), 1 / np.maximum(at_risk * (at_risk - 1), 1), 0.0)
        known = (np.isfinite(self.days) & (self.followed >= day)).any(axis=1)
        variance = kept**2 * of_each.sum(axis=1)
        return np.where(known, 1 - kept, np.nan), np.where(known, variance, np.nan)

    def median(self) -> float | None:
        """Days by which half of the first group have lost it; None where that is not reached."""
        days, lost, at_risk = (x[0] for x in self._sorted())
        kept = np.where(lost, 1 - 1 / np.maximum(at_risk, 1), 1.0).cumprod()
        half = np.flatnonzero((kept <= 0.5 + 1e-12) & np.isfinite(days))
        return float(days[half[0]]) if len(half) else None

    def _sorted(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Days in order, what was lost before what was censored on the same day; patients at risk
        just before each. All (R, N)."""
        order = np.lexsort((~self.lost, self.days), axis=1)
        days, lost = (np.take_along_axis(x, order, axis=1) for x in (self.days, self.lost))
        had = np.isfinite(days)
        return days, lost & had, had.sum(axis=1, keepdims=True) - np.arange(days.shape[1])
