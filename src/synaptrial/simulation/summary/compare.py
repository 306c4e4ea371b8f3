"""What the simulation says of each published result: predicted beside observed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from synaptrial.domain.scales import SCALES, Definition
from synaptrial.domain.setting import MOOD_SCALES
from synaptrial.simulation.cohort.enrol import Cohort
from synaptrial.simulation.run.arm import ArmResult
from synaptrial.simulation.summary.contrasts import difference
from synaptrial.simulation.summary.intervals import DrawMeans
from synaptrial.simulation.summary.shared import arm_n, score_means, tidy_number
from synaptrial.simulation.summary.visits import last_treatment_day

Simulated = Mapping[str, tuple[ArmResult, Cohort]]
Row = Mapping[str, Any]
NEAR = 0.1  # of the published day: a visit as near as this stands for it
STAND_IN = "CAPS5"  # its fall stands beside that of a scale that is not simulated
RESPONSE = "response_30"  # of the trial that reports how long it lasts


def with_predictions(observed: Sequence[Row], results: Simulated) -> list[dict[str, Any]]:
    """Observed rows, each with `predicted`: mean and 95% of a new trial of the same size, and
    the visit days that they were read at. None where no visit lies within a tenth of a day of the
    row, where the simulation defines nothing like it, or for a mean of a study whose baseline was
    not read, so that it cannot be told from where its patients started."""
    return [{**row, "predicted": _predict(row, results)} for row in observed]


def _predict(row: Row, results: Simulated) -> dict[str, Any] | None:
    result, cohort = results[row["arm"]]
    statistic, n = row["statistic"], arm_n(result)
    if statistic == "dropout":
        if row["day"] > result.arm.protocol.horizon_days:
            return None
        left = result.leaving_h <= 24 * row["day"]
        return _said(score_means(left, cohort), n, [row["day"]], share=True)
    if statistic == "days_to_loss":
        return _days_to_loss(result, cohort, n)
    visits = [visit_near(result, day) for day in row["days"]]
    if None in visits:
        return None
    days = [result.visit_days[v] for v in visits if v is not None]
    if row["comparator"]:
        return _difference(row, results, days[-1])
    at = [v for v in visits if v is not None]
    if statistic == "fall_share":
        return _said(_fall(result, cohort, STAND_IN, at, of_mean=True), n, days)
    scores = result.scores.get(row["scale"])
    if scores is None:
        return None
    if statistic == "mean" and not _starts_as_published(result, row["scale"]):
        return None
    if statistic == "mean":
        return _said(score_means(scores[:, at].mean(axis=1), cohort), n, days)
    if statistic == "change":
        return _said(score_means(scores[:, at].mean(axis=1) - scores[:, 0], cohort), n, days)
    if statistic == "within_arm_d":
        return _said(_fall(result, cohort, row["scale"], at, of_mean=False), n, days)
    definition = _definition(row["scale"], statistic)
    if definition is None:
        return None
    met = definition.holds(scores[:, 0], scores[:, at[-1]])
    return _said(score_means(met, cohort), n, days, share=True)


def _starts_as_published(result: ArmResult, scale: str) -> bool:
    """Whether the arm stands at its study's baseline: else only changes can be compared."""
    mood = scale in MOOD_SCALES
    return any((b.scale in MOOD_SCALES) == mood for b in result.arm.setting.baseline)


def visit_near(result: ArmResult, day: float) -> int | None:
    """The visit next to a day, if it is no further off than a tenth of it; day 0 is itself."""
    v = int(np.argmin([abs(d - day) for d in result.visit_days]))
    near = abs(result.visit_days[v] - day) <= NEAR * day
    return v if near and (v == 0) == (day == 0) else None


def _definition(scale: str, key: str) -> Definition | None:
    response = SCALES[scale].response if scale in SCALES else ()
    return next((d for d in response if d.key == key), None)


def _fall(result: ArmResult, cohort: Cohort, scale: str, at: list[int], of_mean: bool) -> DrawMeans:
    """Fall from day 0 over the mean at day 0, or over the SD between patients at day 0."""
    scores = result.scores[scale].astype(float)
    first = score_means(scores[:, 0], cohort)
    unit = first.centre[0] if of_mean else np.sqrt(first.variance.mean())
    return score_means((scores[:, 0] - scores[:, at].mean(axis=1)) / unit, cohort)


def _difference(row: Row, results: Simulated, day: float) -> dict[str, Any] | None:
    (a, cohort), (b, _) = (results[row[k]] for k in ("arm", "comparator"))
    found = difference(a, b, row["scale"], day, cohort) if row["scale"] in a.scores else None
    if found is None:
        return None
    if row["statistic"] == "difference":
        return _said(found.trial, found.n[0], [day])
    if row["statistic"] == "smd" and found.sd > 0:
        return _said(found.trial, found.n[0], [day], over=found.sd)
    return None


def _days_to_loss(result: ArmResult, cohort: Cohort, n: int) -> dict[str, Any] | None:
    """Median days from the end of treatment to the first visit without response, among those
    with response at the first visit after it; halfway between the visits around the loss.

    The interval is over draws, with as many responders as an arm of n patients has in a draw,
    chosen at random. Who never loses it counts as losing it at the last visit.
    """
    end = last_treatment_day(result)
    days = np.array(result.visit_days)
    after = np.flatnonzero((days >= end) & (days > 0))
    definition = _definition(STAND_IN, RESPONSE)
    if len(after) < 2 or definition is None:
        return None
    scores = result.scores[STAND_IN]
    met = definition.holds(scores[:, :1], scores)[:, after]
    lost = ~met
    first = np.where(lost.any(axis=1), lost.argmax(axis=1), len(after) - 1)
    middle = (days[after][first] + days[after][np.maximum(first - 1, 0)]) / 2
    since = np.where(lost.any(axis=1), middle, days[-1]) - days[after[0]]
    draw = np.arange(len(since)) // cohort.n_patients
    if not met[:, 0].any():
        return None
    rng = np.random.default_rng([cohort.seed, 7])
    medians = []
    for d in range(cohort.draws.n_draws):
        own = since[(draw == d) & met[:, 0]]
        if len(own):
            some = max(1, round(n * len(own) / cohort.n_patients))
            medians.append(np.median(rng.choice(own, some)))
    low, high = np.quantile(medians, [0.025, 0.975])
    return {
        "mean": tidy_number(np.median(since[met[:, 0]])),
        "low": tidy_number(low),
        "high": tidy_number(high),
        "days": [float(d) for d in days[after]],
    }


def _said(
    means: DrawMeans, n: int, days: Sequence[float], share: bool = False, over: float = 1.0
) -> dict[str, Any]:
    """share: of patients, where the normal error of sampling may leave 0 to 1; over: the unit."""
    interval = means.new_trial_interval(n)
    low, high = float(interval["q025"][0]) / over, float(interval["q975"][0]) / over
    if share:
        low, high = max(low, 0.0), min(high, 1.0)
    return {
        "mean": tidy_number(means.centre[0] / over),
        "low": tidy_number(low),
        "high": tidy_number(high),
        "days": [float(d) for d in days],
    }
