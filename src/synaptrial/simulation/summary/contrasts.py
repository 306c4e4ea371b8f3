"""Differences between arms, and what of them belief makes.

`results` are arms as blinded patients would show them. `equal` are the scores of the same
patients where belief is the same in all arms: what these differ by, the treatment itself makes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from synaptrial.simulation.cohort.enrol import Cohort
from synaptrial.simulation.run.arm import ArmResult
from synaptrial.simulation.summary.intervals import DrawMeans
from synaptrial.simulation.summary.shared import (
    arm_n,
    edges,
    not_resolved,
    pairs,
    score_means,
    tidy,
    tidy_number,
)

SCALES = ("CAPS5", "PCL5", "MADRS")
Scores = Mapping[str, np.ndarray]  # scale -> (S * N, V)


@dataclass(frozen=True)
class Difference:
    """Of mean changes between two arms at one visit. means: of the patients of this run, who are
    the same in both arms; trial: of a new trial, with n patients in each; sd: of change."""

    means: DrawMeans
    trial: DrawMeans
    n: tuple[int, int]
    sd: float


def contrasts(
    results: Mapping[str, ArmResult], equal: Mapping[str, Scores], cohort: Cohort
) -> list[dict[str, Any]]:
    """Each drug arm minus each control arm: mean changes from baseline at common visits.
    Negative favours the drug arm."""
    out = []
    own = {k: r.scores for k, r in results.items()}
    for a, b in pairs(results):
        for scale in SCALES:
            for day in results[a].visit_days[1:]:
                found = difference(results[a], results[b], scale, day, cohort)
                if found and found.sd > 0:  # else all patients change alike: no g
                    with_it, without = (
                        _change(results[a], scores[a], scale, day)
                        - _change(results[b], scores[b], scale, day)
                        for scores in (own, equal)
                    )
                    head = {
                        "study": results[a].arm.protocol.study, "arm": a, "comparator": b,
                        "scale": scale, "day": day,
                    }  # fmt: skip
                    belief = score_means(with_it - without, cohort)
                    head |= _row(found, score_means(without, cohort), belief)
                    out.append(head | {"equal_belief": _equal_belief(results[a])})
    return out


def _equal_belief(result: ArmResult) -> float:
    """The belief to be on the active treatment that all arms share where it is made equal: the
    share allocated to it; 1 in an open study, whose setting says so."""
    return tidy_number(result.arm.setting.allocation_share)


def difference(
    a: ArmResult, b: ArmResult, scale: str, day: float, cohort: Cohort
) -> Difference | None:
    """Arm a minus arm b at a visit; None where one of them has no visit that day."""
    if day not in a.visit_days or day not in b.visit_days:
        return None
    x, y = (_change(r, r.scores, scale, day) for r in (a, b))
    ma, mb, both = (score_means(c, cohort) for c in (x, y, x - y))
    n = arm_n(a), arm_n(b)
    trial = DrawMeans(both.mean, ma.minus(mb, n).variance, both.halves, both.study, both.patients)
    return Difference(both, trial, n, float(np.sqrt((ma.variance + mb.variance).mean() / 2)))


def no_better(means: DrawMeans) -> float:
    """Share of draws in which the mean difference is 0 or above: no better than the other arm.
    Between-study variance is inside, the error of the finite number of patients taken off."""
    return float((means.corrected()[:, 0] >= 0).mean())


def _change(result: ArmResult, scores: Scores, scale: str, day: float) -> np.ndarray:
    seen = scores[scale].astype(float)
    change: np.ndarray = seen[:, result.visit_days.index(day)] - seen[:, 0]
    return change


def _row(found: Difference, without: DrawMeans, belief: DrawMeans) -> dict[str, Any]:
    """without: the difference at equal belief; belief: what that takes from the difference."""
    centre = found.means.centre[0]
    interval = tidy(found.trial.new_trial_interval(found.n[0]))
    return {
        "mean": tidy_number(centre),
        "mc_se": tidy_number(found.means.mc_se[0]),
        "of_which_belief": tidy_number(belief.centre[0]),
        "of_which_belief_interval": edges(belief.mean_interval()),
        "mean_interval": tidy(found.means.mean_interval()),
        "new_trial": interval,
        "arm_n": list(found.n),
        "sd_change": tidy_number(found.sd),
        "g": tidy_number(-centre / found.sd),
        "g_new_trial": {
            "q025": tidy_number(-interval["q975"] / found.sd),
            "q975": tidy_number(-interval["q025"] / found.sd),
        },
        "p_no_benefit": tidy_number(no_better(without)),
        "p_no_difference": tidy_number(no_better(found.means)),
    } | not_resolved(found.trial, of_which_belief_interval=belief)
