"""Loss of latent response: how many reach it, how soon it is lost, and what a control loses.

Times are those of the latent course (`simulation.run.response`), so that nothing here depends on
how often patients are seen. Who has not lost it is censored at the horizon.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from synaptrial.simulation.cohort.enrol import Cohort
from synaptrial.simulation.run.arm import ArmResult
from synaptrial.simulation.run.response import DEFINITIONS, REACHED
from synaptrial.simulation.summary.intervals import BLOCKS, DrawMeans
from synaptrial.simulation.summary.shared import (
    arm_n,
    pairs,
    said_share,
    score_means,
    tidy_number,
)
from synaptrial.simulation.summary.survival import Held

DAYS = (7.0, 14.0, 28.0, 56.0)  # since the response was first reached
LATENT = "CAPS5_latent"  # in `definitions`
TEXT = {
    "fall_fraction_at_least": "A fall of the latent total by {percent:g}% or more of its own start",
    "fall_points_at_least": "A fall of the latent total by {value:g} points or more from its start",
}
MEANING = (
    ", read between the edges of the mesh and not at visits. Lost: the first time after it was"
    " reached that the total is above that level again; while doses go on, it may be reached anew."
)


@dataclass(frozen=True)
class _Lost:
    """Share that has lost it, by draw: of all patients of a draw (S,), with the variance of one
    patient (S,); of its halves (S, 2) and blocks (S, B). NaN where nobody is at risk."""

    share: np.ndarray
    variance: np.ndarray
    halves: np.ndarray
    blocks: np.ndarray

    def minus(self, other: _Lost, n: tuple[int, int]) -> _Lost:
        """Two arms of a trial, of different patients; variance per patient of this arm."""
        return _Lost(
            self.share - other.share,
            self.variance + other.variance * n[0] / n[1],
            self.halves - other.halves,
            self.blocks - other.blocks,
        )

    def means(self, study: np.ndarray) -> DrawMeans | None:
        """Over the draws in which somebody is at risk; None unless these are half of all."""
        own = np.isfinite(self.share)
        if own.sum() < max(2, len(own) / 2):
            return None
        halves = (self.halves[:, :1] - self.halves[:, 1:]) / 2
        halves = halves[np.isfinite(halves[:, 0])]
        share = self.share[own, None]
        if len(halves) < 2:  # all that is seen may come from the finite number of patients
            halves = share - share.mean()
        blocks = [b[np.isfinite(b)].mean() for b in self.blocks.T if np.isfinite(b).any()]
        patients = np.var(blocks, ddof=1) / len(blocks) if len(blocks) > 1 else 0.0
        return DrawMeans(share, self.variance[own, None], halves, study[own], np.array([patients]))


def latent_response(result: ArmResult, cohort: Cohort) -> dict[str, Any]:
    """By definition: share who ever reach it, shares of these who have lost it within DAYS of
    reaching it, and the days by which half have lost it (None: not within the horizon)."""
    return {
        d.key: {
            "reached": said_share(score_means(_reached(result, d.key), cohort), arm_n(result)),
            "lost_within": [
                {"days": day} | said_share(means, arm_n(result))
                for day in DAYS
                if (means := _lost(result, d.key, cohort, day).means(cohort.draws.study))
            ],
            "median_days_held": _median(result, d.key),
        }
        for d in DEFINITIONS
    }


def excess_loss(results: Mapping[str, ArmResult], cohort: Cohort) -> list[dict[str, Any]]:
    """Each drug arm minus each control arm: share that has lost the response within DAYS."""
    out = []
    for a, b in pairs(results):
        ra, rb = results[a], results[b]
        n = arm_n(ra), arm_n(rb)
        for d in DEFINITIONS:
            for day in DAYS:
                lost = [_lost(r, d.key, cohort, day) for r in (ra, rb)]
                means = lost[0].minus(lost[1], n).means(cohort.draws.study)
                if means is None:
                    continue
                head = {
                    "study": ra.arm.protocol.study, "arm": a, "comparator": b,
                    "definition": d.key, "days": day,
                }  # fmt: skip
                out.append(head | said_share(means, n[0], -1.0) | {"arm_n": list(n)})
    return out


def definitions() -> dict[str, dict[str, Any]]:
    """What the keys of latent response mean."""
    return {
        d.key: {
            "text": TEXT[d.test].format(value=d.value, percent=100 * d.value) + MEANING,
            "test": d.test,
            "value": d.value,
            "mark": str(d.known.mark),
            "source": d.known.source,
        }
        for d in DEFINITIONS
    }


def _reached(result: ArmResult, key: str) -> np.ndarray:
    return np.isfinite(result.response_h[key][REACHED])


def _held(result: ArmResult, key: str, n_draws: int) -> Held:
    """Draws as groups."""
    reached, lost = (x.reshape(n_draws, -1) / 24 for x in result.response_h[key].astype(float))
    horizon = result.arm.protocol.horizon_days
    has = np.isfinite(reached)
    start = np.where(has, reached, 0.0)
    days = np.where(has, np.minimum(lost, horizon) - start, np.inf)
    return Held(days, np.isfinite(lost), np.where(has, horizon - start, 0.0))


def _lost(result: ArmResult, key: str, cohort: Cohort, day: float) -> _Lost:
    n = cohort.n_patients
    held = _held(result, key, cohort.draws.n_draws)
    share, variance = held.lost_by(day)
    parts = [
        np.stack([held.among(p).lost_by(day)[0] for p in _split(n, k)], axis=1)
        for k in (2, min(BLOCKS, n))
    ]
    return _Lost(share, n * variance, *parts)


def _split(n: int, k: int) -> list[slice]:
    ends = [n * i // k for i in range(k + 1)]
    return [slice(a, b) for a, b in zip(ends[:-1], ends[1:], strict=True)]


def _median(result: ArmResult, key: str) -> float | None:
    median = _held(result, key, 1).median()
    return None if median is None else tidy_number(median)
