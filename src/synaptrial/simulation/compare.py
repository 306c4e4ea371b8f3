"""What the simulation says of each published result: predicted beside observed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from synaptrial.domain.scales import SCALES
from synaptrial.simulation.cohort import Cohort
from synaptrial.simulation.intervals import DrawMeans
from synaptrial.simulation.run import ArmResult
from synaptrial.simulation.summary import arm_n, contrast, holds, score_means, tidy_number

Simulated = Mapping[str, tuple[ArmResult, Cohort]]


def with_predictions(
    observed: Sequence[Mapping[str, Any]], results: Simulated
) -> list[dict[str, Any]]:
    """Observed rows, each with `predicted` (mean and 95% of a new trial of the same size), or
    None where that day or scale was not simulated."""
    return [{**row, "predicted": _predict(row, results)} for row in observed]


def _predict(row: Mapping[str, Any], results: Simulated) -> dict[str, float] | None:
    result, cohort = results[row["arm"]]
    day, scale, n = row["day"], row["scale"], arm_n(result)
    if row["statistic"] == "dropout":
        left = result.leaving_h <= 24 * day
        return _said(score_means(left, cohort), n)
    if day not in result.visit_days:
        return None
    v = result.visit_days.index(day)
    if row["statistic"] == "mean":
        return _said(score_means(result.scores[scale][:, v], cohort), n)
    if row["statistic"] == "difference":
        arms = {k: results[k][0] for k in (row["arm"], row["comparator"])}
        c = contrast(row["arm"], row["comparator"], arms, scale, v, day, cohort)
        return {"mean": c["mean"], "low": c["new_trial"]["q025"], "high": c["new_trial"]["q975"]}
    definition = next(d for d in SCALES[scale].response if d.key == row["statistic"])
    scores = result.scores[scale]
    return _said(score_means(holds(definition, scores[:, 0], scores[:, v]), cohort), n)


def _said(means: DrawMeans, n: int) -> dict[str, float]:
    interval = means.new_trial_interval(n)
    low, high = float(interval["q025"][0]), float(interval["q975"][0])
    if np.all((means.mean >= 0) & (means.mean <= 1)):  # a share: the normal error may leave 0..1
        low, high = max(low, 0.0), min(high, 1.0)
    return {
        "mean": tidy_number(means.centre[0]),
        "low": tidy_number(low),
        "high": tidy_number(high),
    }
