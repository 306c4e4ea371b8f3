"""What the parts of a summary share: rounding, sizes of arms, means over draws, pairs of arms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from synaptrial.simulation.cohort.enrol import Cohort
from synaptrial.simulation.run.arm import ArmResult
from synaptrial.simulation.run.tally import Moments
from synaptrial.simulation.summary.intervals import EDGES, DrawMeans, from_patients

DEFAULT_ARM_N = 30
PATIENT = {"q025": 0.025, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q975": 0.975}
DIGITS = 6


def tidy_number(x: float) -> float:
    """Six significant digits: below that lies rounding of sums."""
    return float(f"{float(x):.{DIGITS}g}")


def tidy(values: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Tidy numbers of quantities at one time, each (1,)."""
    return {k: tidy_number(v[0]) for k, v in values.items()}


def edges(interval: Mapping[str, np.ndarray]) -> dict[str, float]:
    """The 95% of an interval at one time, without its middle half."""
    return tidy({k: interval[k] for k in EDGES})


def arm_n(result: ArmResult) -> int:
    """Patients of the arm in a new trial: as published, else a stated default."""
    return result.arm.protocol.arm_n or DEFAULT_ARM_N


def draw_means(moments: Moments, cohort: Cohort, at: np.ndarray | slice = slice(None)) -> DrawMeans:
    """Draw means of a latent course at some of its times; single patients were not kept."""
    mean = moments.mean()[:, at]
    unknown = np.full(mean.shape[1], np.nan)
    return DrawMeans(
        mean, moments.variance()[:, at], moments.halves()[:, at], cohort.draws.study, unknown
    )


def score_means(scores: np.ndarray, cohort: Cohort) -> DrawMeans:
    """Draw means of recorded scores (S * N,)."""
    by_draw = scores.reshape(cohort.draws.n_draws, cohort.n_patients, 1).astype(float)
    return from_patients(by_draw, cohort.draws.study)


def said_share(means: DrawMeans, n: int, low: float = 0.0) -> dict[str, Any]:
    """A share at one time with its intervals, of an arm of n patients in a new trial; `low` -1
    for a difference of shares. Intervals end where a share does."""
    both = {"mean_interval": means.mean_interval(), "new_trial": means.new_trial_interval(n)}
    return {
        "mean": tidy_number(means.centre[0]),
        "mc_se": tidy_number(means.mc_se[0]),
        **{k: edges({q: np.clip(x, low, 1.0) for q, x in v.items()}) for k, v in both.items()},
    } | not_resolved(means)


def not_resolved(means: DrawMeans, **others: DrawMeans) -> dict[str, list[str]]:
    """Intervals of one time that also hold the error of the finite number of patients, under the
    key `not_resolved`; nothing where there are none. others: by name, `mean` intervals of parts."""
    names = [k for k, v in means.unresolved().items() if v[0]]
    names += [k for k, m in others.items() if m.unresolved()["mean_interval"][0]]
    return {"not_resolved": names} if names else {}


def pairs(results: Mapping[str, ArmResult]) -> list[tuple[str, str]]:
    """Each drug arm with each control arm."""
    kind = {k: r.arm.protocol.kind for k, r in results.items()}
    return [(a, b) for a in kind for b in kind if kind[a] == "drug" and kind[b] == "control"]
