"""From the sums of simulated arms to the summary and the tidy courses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from synaptrial.domain.scales import SCALES, Definition
from synaptrial.simulation.bounds import within_bounds
from synaptrial.simulation.cohort import Cohort
from synaptrial.simulation.intervals import DrawMeans, from_patients
from synaptrial.simulation.model import CASCADE
from synaptrial.simulation.recording import COURSE_TOPS, SCORES
from synaptrial.simulation.run import ArmResult
from synaptrial.simulation.tally import Histogram, Moments
from synaptrial.simulation.tidy import Piece

DEFAULT_ARM_N = 30
PATIENT = {"q025": 0.025, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q975": 0.975}
DIGITS = 6
LOSS = (
    " loss_of_{key}_since_day_D: of the patients with this response at day D, the first visit"
    " after the last treatment, the share without it now."
)
MEANING = {
    "fall_fraction_at_least": "A fall from day 0 of {percent:g}% or more." + LOSS,
    "fall_points_at_least": "A fall from day 0 of {value:g} points or more." + LOSS,
    "score_at_most": "A score of {value:g} or less.",
}
UNITS = {
    "conc_s": "ng/mL", "conc_r": "ng/mL", "conc_s_nk": "ng/mL", "conc_r_nk": "ng/mL",
    "conc_venous": "ng/mL", "conc_midazolam": "ng/mL", "occupancy": "share", "cadss": "points",
    "sbp_change_mmhg": "mmHg", "dbp_change_mmhg": "mmHg", "hr_change_bpm": "beats/min",
    "sedation": "share", "retained": "share", "belief": "probability",
    "caps5_difference": "points",
} | {s.name: s.unit for s in CASCADE.stages}  # fmt: skip


def tidy_number(x: float) -> float:
    """Six significant digits: below that lies rounding of sums."""
    return float(f"{float(x):.{DIGITS}g}")


def arm_n(result: ArmResult) -> int:
    """Patients of the arm in a new trial: as published, else a stated default."""
    return result.arm.protocol.arm_n or DEFAULT_ARM_N


def draw_means(moments: Moments, cohort: Cohort) -> DrawMeans:
    """Latent courses carry no errors and share their patients: no inner variance is taken off."""
    mean = moments.mean()
    return DrawMeans(mean, moments.variance(), np.zeros(mean.shape[1]), cohort.draws.study)


# ------------------------------------------------------------------ courses


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
    means = draw_means(moments, cohort)
    out = [_frame(label, name, time_h, "mean", means.centre)]
    quantiles = histogram.quantiles(list(PATIENT.values()))
    out += [
        _frame(label, name, time_h, f"patient_{k}", q)
        for k, q in zip(PATIENT, quantiles, strict=True)
    ]
    for k, v in means.mean_interval().items():
        out.append(_frame(label, name, time_h, f"mean_{k}", v))
    for k, v in means.new_trial_interval(arm_n(result)).items():
        out.append(_frame(label, name, time_h, f"new_trial_{k}", v))
    return out


def _frame(label: str, name: str, time_h: np.ndarray, statistic: str, value: np.ndarray) -> Piece:
    return label, name, UNITS[name], statistic, time_h, within_bounds(name, value)


# ------------------------------------------------------------------ visits


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


def score_means(scores: np.ndarray, cohort: Cohort) -> DrawMeans:
    """Draw means of recorded scores (S * N,)."""
    by_draw = scores.reshape(cohort.draws.n_draws, cohort.n_patients, 1).astype(float)
    return from_patients(by_draw, cohort.draws.study)


def _visit_scale(result: ArmResult, cohort: Cohort, scale: str, v: int) -> dict[str, Any]:
    values = result.scores[scale][:, v]
    means = score_means(values, cohort)
    quantiles = np.quantile(values, list(PATIENT.values()), method="inverted_cdf")
    out: dict[str, Any] = {
        "mean": tidy_number(means.centre[0]),
        "mc_se": tidy_number(means.mc_se[0]),
        "sd": tidy_number(np.sqrt(means.variance.mean())),
        "median": float(quantiles[2]),
        "patient": {k: float(q) for k, q in zip(PATIENT, quantiles, strict=True)},
        "mean_interval": {k: tidy_number(x[0]) for k, x in means.mean_interval().items()},
        "new_trial": {
            k: tidy_number(x[0]) for k, x in means.new_trial_interval(arm_n(result)).items()
        },
    }
    if scale in SCALES and v > 0:
        out |= _definitions(result, scale, v)
    return out


def _definitions(result: ArmResult, scale: str, v: int) -> dict[str, float]:
    """Response, remission and loss of response; the definition stands in the key."""
    scores = result.scores[scale]
    out = {}
    for d in SCALES[scale].response:
        met = holds(d, scores[:, 0], scores[:, v])
        out[d.key] = tidy_number(met.mean())
        reference = reference_visit(result)
        if v > reference:
            had = holds(d, scores[:, 0], scores[:, reference])
            key = f"loss_of_{d.key}_since_day_{result.visit_days[reference]:g}"
            if had.any():
                out[key] = tidy_number((~met[had]).mean())
    for d in SCALES[scale].remission:
        out[d.key] = tidy_number(holds(d, scores[:, 0], scores[:, v]).mean())
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


def holds(d: Definition, baseline: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Which patients meet a definition, (P,)."""
    if d.test == "score_at_most":
        return score <= d.value
    fall = baseline.astype(float) - score
    if d.test == "fall_points_at_least":
        return fall >= d.value
    return (baseline > 0) & (fall >= d.value * baseline)


def reference_visit(result: ArmResult) -> int:
    """First visit at or after the last dose or session: loss of response counts from there."""
    p = result.arm.protocol
    times = [e.time_h for e in p.dose_events()] + [s.time_h for s in p.session_events()]
    times += [s.end_h for s in p.daily_segments()]
    last = max(times, default=0.0) / 24.0
    later = [v for v, d in enumerate(result.visit_days) if d >= last and v > 0]
    return later[0] if later else len(result.visit_days) - 1


# ------------------------------------------------------------------ contrasts


def pairs(results: Mapping[str, ArmResult]) -> list[tuple[str, str]]:
    """Each drug arm with each control arm."""
    kind = {k: r.arm.protocol.kind for k, r in results.items()}
    return [(a, b) for a in kind for b in kind if kind[a] == "drug" and kind[b] == "control"]


def contrasts(results: Mapping[str, ArmResult], cohort: Cohort) -> list[dict[str, Any]]:
    """Each drug arm minus each control arm: mean changes from baseline at common visits.
    Negative favours the drug arm."""
    out = []
    for a, b in pairs(results):
        for scale in ("CAPS5", "PCL5", "MADRS"):
            for v, day in enumerate(results[a].visit_days):
                if day > 0 and day in results[b].visit_days:
                    row = contrast(a, b, results, scale, v, day, cohort)
                    if row["sd_change"] > 0:  # else all patients change alike: no g
                        out.append(row)
    return out


def contrast(
    a: str, b: str, results: Mapping[str, ArmResult], scale: str, v: int, day: float, cohort: Cohort
) -> dict[str, Any]:
    """Difference of mean changes at one visit; g is NaN where all patients change alike."""
    ra, rb = results[a], results[b]
    w = rb.visit_days.index(day)
    x = ra.scores[scale][:, v].astype(float) - ra.scores[scale][:, 0]
    y = rb.scores[scale][:, w].astype(float) - rb.scores[scale][:, 0]
    ma, mb, both = (score_means(c, cohort) for c in (x, y, x - y))
    n = arm_n(ra), arm_n(rb)
    # arms of a trial hold different patients: their sampling variances add (per patient of a)
    trial = DrawMeans(
        both.mean, ma.variance + mb.variance * n[0] / n[1], both.inner, cohort.draws.study
    )
    sd = float(np.sqrt((ma.variance + mb.variance).mean() / 2))
    per_sd = 1 / sd if sd > 0 else float("nan")
    interval = {k: q[0] for k, q in trial.new_trial_interval(n[0]).items()}
    return {
        "study": ra.arm.protocol.study,
        "arm": a,
        "comparator": b,
        "scale": scale,
        "day": day,
        "mean": tidy_number(both.centre[0]),
        "mc_se": tidy_number(both.mc_se[0]),
        "mean_interval": {k: tidy_number(q[0]) for k, q in both.mean_interval().items()},
        "new_trial": {k: tidy_number(q) for k, q in interval.items()},
        "arm_n": list(n),
        "sd_change": tidy_number(sd),
        "g": tidy_number(-both.centre[0] * per_sd),
        "g_new_trial": {"q025": tidy_number(-interval["q975"] * per_sd),
                        "q975": tidy_number(-interval["q025"] * per_sd)},
        "p_no_benefit": tidy_number((both.without_study()[:, 0] >= 0).mean()),
    }  # fmt: skip


def contrast_courses(results: Mapping[str, ArmResult], cohort: Cohort) -> list[Piece]:
    """Latent CAPS-5 difference over time between arms, at the times that both have."""
    frames: list[Piece] = []
    for a, b in pairs(results):
        ra, rb = results[a], results[b]
        common = np.intersect1d(np.round(ra.time_h, 6), np.round(rb.time_h, 6))
        ia, ib = (np.searchsorted(np.round(r.time_h, 6), common) for r in (ra, rb))
        ma, mb = (draw_means(r.moments["caps5_total"], cohort) for r in (ra, rb))
        n = arm_n(ra), arm_n(rb)
        variance = ma.variance[:, ia] + mb.variance[:, ib] * n[0] / n[1]
        mean = ma.mean[:, ia] - mb.mean[:, ib]
        both = DrawMeans(mean, variance, np.zeros(mean.shape[1]), cohort.draws.study)
        label = f"{a} minus {b}"
        frames.append(_frame(label, "caps5_difference", common, "mean", both.centre))
        for k, q in both.mean_interval().items():
            frames.append(_frame(label, "caps5_difference", common, f"mean_{k}", q))
        for k, q in both.new_trial_interval(n[0]).items():
            frames.append(_frame(label, "caps5_difference", common, f"new_trial_{k}", q))
    return frames


# ------------------------------------------------------------------ acute


def acute(result: ArmResult, cohort: Cohort) -> dict[str, Any]:
    """Peaks after the first dose: of the mean curve, and of persons, which are not the same."""
    out: dict[str, Any] = {}
    for key, curve in (
        ("cadss_peak", "cadss"), ("sbp_rise", "sbp_change_mmhg"), ("dbp_rise", "dbp_change_mmhg"),
        ("hr_rise", "hr_change_bpm"),
    ):  # fmt: skip
        personal = result.maxima[key]
        low, high = np.quantile(personal, [0.025, 0.975])
        entry = {
            "mean_curve_max": 0.0,
            "mean_of_personal_maxima": tidy_number(personal.mean()),
            "personal_maxima_q025": tidy_number(low),
            "personal_maxima_q975": tidy_number(high),
        }
        if curve in result.acute_moments:
            mean = result.acute_moments[curve].mean().mean(axis=0)
            entry["mean_curve_max"] = tidy_number(mean.max())
            entry["mean_curve_time_min"] = tidy_number(60 * result.plan.acute_h[mean.argmax()])
        out[curve if key != "cadss_peak" else key] = entry
    if "sedation" in result.acute_moments:  # of midazolam; personal maxima are not kept
        mean = result.acute_moments["sedation"].mean().mean(axis=0)
        out["sedation"] = {
            "mean_curve_max": tidy_number(mean.max()),
            "mean_curve_time_min": tidy_number(60 * result.plan.acute_h[mean.argmax()]),
        }
    return out
