"""Courses of simulated arms over time, as pieces of a tidy table."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from synaptrial.simulation.cohort.enrol import Cohort
from synaptrial.simulation.run.arm import ArmResult
from synaptrial.simulation.run.march import CASCADE
from synaptrial.simulation.run.recording import COURSE_TOPS
from synaptrial.simulation.run.tally import Histogram, Moments
from synaptrial.simulation.summary.bounds import within_bounds
from synaptrial.simulation.summary.intervals import DrawMeans
from synaptrial.simulation.summary.shared import PATIENT, arm_n, draw_means, pairs
from synaptrial.simulation.summary.tidy import Piece

UNITS = {
    "conc_s": "ng/mL", "conc_r": "ng/mL", "conc_s_nk": "ng/mL", "conc_r_nk": "ng/mL",
    "conc_venous": "ng/mL", "conc_midazolam": "ng/mL", "occupancy": "share", "cadss": "points",
    "sbp_change_mmhg": "mmHg", "dbp_change_mmhg": "mmHg", "hr_change_bpm": "beats/min",
    "sedation": "share", "retained": "share", "belief": "probability",
    "caps5_difference": "points",
} | {s.name: s.unit for s in CASCADE.stages}  # fmt: skip


def courses(results: Mapping[str, ArmResult], cohort: Cohort, n_sampled: int) -> list[Piece]:
    """Pieces of the tidy table of all arms, by label."""
    frames: list[Piece] = []
    for label, r in results.items():
        for name in COURSE_TOPS:
            frames += _course(label, name, r.time_h, r.moments[name], r.histograms[name], r, cohort)
            sampled = r.courses[name][:, :n_sampled]
            for i in range(sampled.shape[1]):
                frames.append(_frame(label, name, r.time_h, f"course_{i:03d}", sampled[:, i]))
        for name in r.acute_moments:
            frames += _course(
                label, name, r.plan.acute_h, r.acute_moments[name], r.acute_histograms[name], r,
                cohort,
            )  # fmt: skip
        retained = (r.leaving_h[None, :] > r.time_h[:, None]).mean(axis=1)
        frames.append(_frame(label, "retained", r.time_h, "mean", retained))
    return frames


def _course(
    label: str,
    name: str,
    time_h: np.ndarray,
    moments: Moments,
    histogram: Histogram,
    result: ArmResult,
    cohort: Cohort,
) -> list[Piece]:
    quantiles = histogram.quantiles(list(PATIENT.values()))
    return [
        *_of_means(label, name, time_h, draw_means(moments, cohort), arm_n(result)),
        *(_frame(label, name, time_h, f"patient_{k}", q)
          for k, q in zip(PATIENT, quantiles, strict=True)),
    ]  # fmt: skip


def differences(results: Mapping[str, ArmResult], cohort: Cohort) -> list[Piece]:
    """Latent CAPS-5 difference over time between arms, at the times of either: linear between the
    other's, so that no dose of one arm is passed over."""
    frames: list[Piece] = []
    for a, b in pairs(results):
        ra, rb = results[a], results[b]
        every = np.unique(np.round([*ra.time_h, *rb.time_h], 6))
        common = every[every <= min(ra.time_h[-1], rb.time_h[-1]) + 1e-6]
        ma, mb = (
            draw_means(r.moments["caps5_total"], cohort).at(r.time_h, common) for r in (ra, rb)
        )
        both = ma.minus(mb, (arm_n(ra), arm_n(rb)))
        frames += _of_means(f"{a} minus {b}", "caps5_difference", common, both, arm_n(ra))
    return frames


def _of_means(label: str, name: str, time_h: np.ndarray, means: DrawMeans, n: int) -> list[Piece]:
    """Mean over draws, and the two intervals of means."""
    intervals = {"mean": means.mean_interval(), "new_trial": means.new_trial_interval(n)}
    return [
        _frame(label, name, time_h, "mean", means.centre),
        *(_frame(label, name, time_h, f"{kind}_{k}", v)
          for kind, interval in intervals.items() for k, v in interval.items()),
    ]  # fmt: skip


def _frame(label: str, name: str, time_h: np.ndarray, statistic: str, value: np.ndarray) -> Piece:
    return label, name, UNITS[name], statistic, time_h, within_bounds(name, value)
