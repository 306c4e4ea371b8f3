"""Recorded scores at visits: means, intervals, responders, and what is lost again."""

from __future__ import annotations

from typing import Any

import numpy as np

from synaptrial.domain.scales import SCALES
from synaptrial.simulation.cohort.enrol import Cohort
from synaptrial.simulation.run.arm import ArmResult
from synaptrial.simulation.run.recording import SCORES
from synaptrial.simulation.summary.shared import (
    PATIENT,
    arm_n,
    not_resolved,
    score_means,
    tidy,
    tidy_number,
)

LOSS = (
    " loss_of_{key}_since_day_D: of the patients with this response at day D, the share without it"
    " now. first_loss_of_{key}_since_day_D: the share who have been without it at this visit or at"
    " one since day D. Day D is the first visit that looks back on untreated days only. Both rise"
    " with errors of rating, and first_loss_of_ with the number of visits, each of which is one"
    " more chance: what a treatment itself loses is told by latent response."
)
MEANING = {
    "fall_fraction_at_least": "A fall from day 0 of {percent:g}% or more." + LOSS,
    "fall_points_at_least": "A fall from day 0 of {value:g} points or more." + LOSS,
    "score_at_most": "A score of {value:g} or less.",
}


def visits(result: ArmResult, cohort: Cohort) -> list[dict[str, Any]]:
    """Per visit and scale: mean, median, the three intervals, responder shares; as if all
    patients stayed on treatment, and the share still in the study."""
    out = []
    for v, day in enumerate(result.visit_days):
        entry: dict[str, Any] = {
            "day": day,
            "retained": tidy_number((result.leaving_h > 24 * day).mean()),
            "scale": {},
        }
        for scale in SCORES:
            entry["scale"][scale] = _visit_scale(result, cohort, scale, v)
        out.append(entry)
    return out


def _visit_scale(result: ArmResult, cohort: Cohort, scale: str, v: int) -> dict[str, Any]:
    values = result.scores[scale][:, v]
    means = score_means(values, cohort)
    quantiles = np.quantile(values, list(PATIENT.values()), method="inverted_cdf")
    n = arm_n(result)
    out: dict[str, Any] = {
        "mean": tidy_number(means.centre[0]),
        "mc_se": tidy_number(means.mc_se[0]),
        "sd": tidy_number(np.sqrt(means.variance.mean())),
        "median": float(quantiles[2]),
        "patient": {k: float(q) for k, q in zip(PATIENT, quantiles, strict=True)},
        "mean_interval": tidy(means.mean_interval()),
        "new_trial": tidy(means.new_trial_interval(n)),
        "new_trial_mc_se": tidy(means.new_trial_edge_se(n)),
    } | not_resolved(means)
    if scale in SCALES and v > 0:
        out |= _definitions(result, scale, v)
    return out


def _definitions(result: ArmResult, scale: str, v: int) -> dict[str, float]:
    """Response, remission and loss of response; the definition stands in the key."""
    scores = result.scores[scale]
    out = {}
    reference = reference_visit(result, SCALES[scale].recall_days)
    for d in SCALES[scale].response:
        met = d.holds(scores[:, :1], scores)
        out[d.key] = tidy_number(met[:, v].mean())
        had = met[:, reference]
        if v > reference and had.any():
            since = f"{d.key}_since_day_{result.visit_days[reference]:g}"
            out[f"loss_of_{since}"] = tidy_number((~met[had, v]).mean())
            ever = ~met[had, reference + 1 : v + 1].all(axis=1)
            out[f"first_loss_of_{since}"] = tidy_number(ever.mean())
    for d in SCALES[scale].remission:
        out[d.key] = tidy_number(d.holds(scores[:, 0], scores[:, v]).mean())
    return out


def definitions() -> dict[str, dict[str, dict[str, Any]]]:
    """What the keys of response, remission and loss of response mean, by scale."""
    out: dict[str, dict[str, dict[str, Any]]] = {}
    for scale in SCORES:
        if scale not in SCALES:
            continue
        for d in (*SCALES[scale].response, *SCALES[scale].remission):
            out.setdefault(scale, {})[d.key] = {
                "text": MEANING[d.test].format(value=d.value, percent=100 * d.value, key=d.key),
                "test": d.test,
                "value": d.value,
                "mark": str(d.known.mark),
                "source": d.known.source,
            }
    return out


def reference_visit(result: ArmResult, recall_days: float) -> int:
    """First visit that looks back on days after the last dose or session only: loss of response
    counts from there. The last visit where there is none."""
    clear = last_treatment_day(result) + recall_days
    later = [v for v, d in enumerate(result.visit_days) if d >= clear and v > 0]
    return later[0] if later else len(result.visit_days) - 1


def last_treatment_day(result: ArmResult) -> float:
    """Day of the last dose or session, or of the end of a daily drug; 0 without any."""
    p = result.arm.protocol
    times = [e.time_h for e in p.dose_events()] + [s.time_h for s in p.session_events()]
    times += [s.end_h for s in p.daily_segments()]
    return max(times, default=0.0) / 24.0
