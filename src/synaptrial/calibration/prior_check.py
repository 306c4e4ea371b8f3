"""What the prior says before any fit: two published trials and a single infusion.

A check of coverage, not a fit: the published values decide no number of the model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from synaptrial.calibration.sides import criterion, sides
from synaptrial.domain.arm import Arm
from synaptrial.domain.document import digest_of
from synaptrial.evidence.observed import observations, table_arms
from synaptrial.evidence.tables import Row
from synaptrial.simulation.basis import STATEMENT, STATUS, Evidence
from synaptrial.simulation.cohort.build import build_cohort
from synaptrial.simulation.cohort.enrol import Cohort
from synaptrial.simulation.cohort.models import Models
from synaptrial.simulation.observation.chance import correlation
from synaptrial.simulation.options import Options
from synaptrial.simulation.run.arm import ArmResult, simulate_arm
from synaptrial.simulation.summary import mixture
from synaptrial.simulation.summary.compare import with_predictions
from synaptrial.simulation.summary.contrasts import Difference, difference, no_better
from synaptrial.simulation.summary.intervals import QUANTILES, DrawMeans
from synaptrial.simulation.summary.provenance import all_models, rows_of_priors
from synaptrial.simulation.summary.shared import arm_n, tidy_number

SINGLE = ("FEDER2014_KET", "FEDER2014_MDZ")
TRIALS = (
    ("FEDER2021_KET", "FEDER2021_MDZ", 14.0),
    ("ABDALLAH2022_KET05", "ABDALLAH2022_PBO", 28.0),
    ("ABDALLAH2022_KET02", "ABDALLAH2022_PBO", 28.0),
)
PROTOCOLS = tuple(dict.fromkeys([*SINGLE, *(name for a, b, _ in TRIALS for name in (a, b))]))
# day -> row of the table of meta-analyses whose value the 95% range must cover
POOLED = {1.0: "BORGOGNA2024:24h", 7.0: "BORGOGNA2024:1w"}
# rows shown beside it: what midazolam as control asks to be compared with, and less favourable
ALSO = {
    1.0: ("BORGOGNA2024:24h_active", "BORGOGNA2024:biascorrected"),
    7.0: ("BORGOGNA2024:biascorrected",),
}
PUBLISHED = "FEDER2021:KET-MDZ:CAPS5:14d:diff"
NO_BENEFIT = (0.05, 0.40)
DEFINITIONS = {
    "difference": "ketamine minus control in change from baseline; negative favours ketamine",
    "g": "difference over the SD of change, turned so that positive favours ketamine, with the "
    "correction for small samples. Single infusion: latent CAPS-5 with the error of two readings "
    "in the SD; a score over the past week cannot show 24 h, so no recall window is applied",
    "new_trial": "range over draws for one new trial with the published arm sizes: uncertainty "
    "of parameters, variance between studies, sampling of patients; belief follows what is felt",
    "pooled_g": "value of a meta-analysis with its 95% interval, by row; that of any control is "
    "the one to be covered, though the control simulated here is active",
    "percentile": "share of new trials, in percent, with a g at or below the pooled value",
    "p_no_benefit": "share of draws in which the mean over patients of the difference that the "
    "drug itself makes is 0 or worse. The effect of belief is off (functional unblinding switched "
    "off); variance between studies is inside, sampling of patients is not. In the measure of the "
    "entry. The same definition as in summary.json",
    "p_no_difference": "the same share with belief at work, as blinded patients would show it",
    "sides": "of all arms with published means, changes and responders: the rows and studies in "
    "which the mean prediction improves more than was observed, by time. Rows behind a prior are "
    "in it and named (made_a_prior)",
}  # fmt: skip


def prior_check(
    arms: Mapping[str, Arm],
    models: Mapping[str, Models],
    evidence: Evidence,
    meta_analyses: Sequence[Row],
    options: Options,
    version: str,
    progress: Callable[[int], None] = lambda n: None,
) -> dict[str, Any]:
    """Simulate arms and compare with the rows POOLED and PUBLISHED, and all of them with what was
    published of them: on which side the errors lie.

    arms: those named in PROTOCOLS and others; models: by population. Returns the content of
    prior_check.json; `holds` says whether all criteria are met. Raises InputError for options that
    cannot be used.
    """
    options.check()
    rows = {row["row_id"]: row for row in (*evidence.outcomes, *meta_analyses)}
    runs = _Runs(arms, models, options, progress)
    single = [_single(runs, day, rows) for day in POOLED]
    trials = [_trial(runs, a, b, day) for a, b, day in TRIALS]
    windows = sides(_observed(runs, evidence, models))
    criteria = [*_criteria(single), criterion(windows)]
    return {
        "title": "What the prior says before any fit",
        "status": STATUS,
        "statement": STATEMENT,
        "definitions": DEFINITIONS,
        "criteria": criteria,
        "holds": all(c["holds"] for c in criteria),
        "single_infusion": single,
        "trials": trials,
        "published": _published(runs, rows[PUBLISHED]),
        "sides": windows,
        "run": {
            "version": version,
            "seed": options.seed,
            "draws": options.draws,
            "patients": options.patients,
            "digests": _digests(arms, models),
        },
    }


class _Runs:
    """Simulated pairs of arms, kept because the checks share them."""

    def __init__(
        self,
        arms: Mapping[str, Arm],
        models: Mapping[str, Models],
        options: Options,
        progress: Callable[[int], None],
    ) -> None:
        self.arms, self.models, self.options, self.progress = arms, models, options, progress
        self._cohorts: dict[str, Cohort] = {}
        self._done: dict[tuple[str, bool], ArmResult] = {}

    def cohort(self, name: str) -> Cohort:
        """Patients and draws of an arm's setting; arms of one setting share them."""
        setting = self.arms[name].setting
        key = digest_of(setting)
        if key not in self._cohorts:
            o = self.options
            self._cohorts[key] = build_cohort(
                self.models[setting.population], setting, o.patients, o.draws, o.seed
            )
        return self._cohorts[key]

    def of(self, name: str, unblinding: bool = True) -> ArmResult:
        """One arm, with or without the effect of belief on what is felt."""
        key = (name, unblinding)
        if key not in self._done:
            self._done[key] = simulate_arm(
                self.arms[name], self.cohort(name), cores=self.options.cores,
                chunk=self.options.chunk, unblinding=unblinding, progress=self.progress,
            )  # fmt: skip
        return self._done[key]


def _observed(
    runs: _Runs, evidence: Evidence, models: Mapping[str, Models]
) -> list[dict[str, Any]]:
    """Published results of all arms, each with its prediction."""
    of_arm = table_arms(evidence.arms)
    names = {of_arm[name]: name for name in runs.arms if name in of_arm}
    of_priors = rows_of_priors(all_models(models))
    seen = {name: (runs.of(name), runs.cohort(name)) for name in names.values()}
    return with_predictions(observations(evidence.outcomes, names, of_priors), seen)


def _latent_mean(r: ArmResult) -> np.ndarray:
    return r.moments["caps5_total"].mean()


def _latent_halves(r: ArmResult) -> np.ndarray:
    return r.moments["caps5_total"].halves()


def _change(course: np.ndarray, edge: int) -> np.ndarray:
    """Change from time 0 in each draw, (S,)."""
    change: np.ndarray = course[:, edge] - course[:, 0]
    return change


def _edge(r: ArmResult, day: float) -> int:
    return int(np.argmin(np.abs(r.time_h - 24.0 * day)))


def _variance_of_change(r: ArmResult, day: float) -> float:
    """Between patients within a draw, from the sampled courses less the variance of draw means."""
    path = r.courses["caps5_total"].astype(float)
    between = _change(_latent_mean(r), _edge(r, day)).var()
    return max(float((path[_edge(r, day)] - path[0]).var() - between), 0.0)


def _difference(runs: _Runs, a: str, b: str, day: float, unblinding: bool = True) -> DrawMeans:
    """Difference of latent change as DrawMeans of one time; `variance` is for arm a's size."""
    ra, rb = runs.of(a, unblinding), runs.of(b, unblinding)
    cohort = runs.cohort(a)
    fixed = cohort.draws.parameters
    apart = 1 - correlation(0.0, day)
    reading = fixed["caps5_error_sd"].value ** 2
    reading += apart * fixed["symptom_fluctuation_sd"].value ** 2
    va, vb = (_variance_of_change(r, day) + 2 * reading for r in (ra, rb))
    mean, halves = (
        (_change(x(ra), _edge(ra, day)) - _change(x(rb), _edge(rb, day)))[:, None]
        for x in (_latent_mean, _latent_halves)
    )
    variance = np.full_like(mean, va + vb * arm_n(ra) / arm_n(rb))
    return DrawMeans(mean, variance, halves, cohort.draws.study, np.full(1, np.nan))


def _new_trial(means: DrawMeans, n: int) -> dict[str, float]:
    values = means.new_trial_quantiles(n, list(QUANTILES.values()))[:, 0]
    return {k: tidy_number(v) for k, v in zip(QUANTILES, values, strict=True)}


def _turned(quantiles: Mapping[str, float], factor: float) -> dict[str, float]:
    """Quantiles of a quantity times a negative factor."""
    values = reversed(list(quantiles.values()))
    return {k: tidy_number(factor * v) for k, v in zip(quantiles, values, strict=True)}


def _no_benefit(runs: _Runs, a: str, b: str, day: float) -> dict[str, float]:
    """Chance of no benefit of the drug itself, and of no difference with belief at work."""
    return {
        "p_no_benefit": tidy_number(no_better(_difference(runs, a, b, day, unblinding=False))),
        "p_no_difference": tidy_number(no_better(_difference(runs, a, b, day))),
    }


def _pooled(row: Row, share_below: Callable[[float], float]) -> dict[str, Any]:
    """A pooled value and where it lies among the new trials; share_below: of them, by g."""
    value, low, high = (float(row[k]) for k in ("value", "low", "high"))
    return {
        "row": row["row_id"],
        "versus": f"{row['versus']} control",
        "value": value,
        "low": low,
        "high": high,
        "source": row["source"],
        "mark": row["mark"],
        "percentile": tidy_number(100 * share_below(value)),
    }


def _single(runs: _Runs, day: float, rows: Mapping[str, Row]) -> dict[str, Any]:
    a, b = SINGLE
    ra, rb = runs.of(a), runs.of(b)
    n = arm_n(ra), arm_n(rb)
    latent = _difference(runs, a, b, day)
    # the SD of one arm's change: `variance` holds that of a and, by arm sizes, that of b
    sd = float(np.sqrt(latent.variance.mean() / (1 + n[0] / n[1])))
    small = 1 - 3 / (4 * (sum(n) - 2) - 1)
    new_trial = _new_trial(latent, n[0])
    mean, sampling = latent.corrected(), latent.sampling_sd(n[0])

    def share_below(g: float) -> float:  # a larger g is a more negative difference
        return float(1 - mixture.cdf(mean, sampling, np.array([-g * sd / small]))[0])

    return {
        "arms": [a, b],
        "arm_n": list(n),
        "day": day,
        "measure": "latent CAPS-5 change",
        "sd_change": tidy_number(sd),
        "mean": tidy_number(latent.centre[0]),
        "new_trial": new_trial,
        "g": {
            "mean": tidy_number(-small * latent.centre[0] / sd),
            "new_trial": _turned(new_trial, -small / sd),
        },
        "pooled_g": _pooled(rows[POOLED[day]], share_below),
        "also_pooled": [_pooled(rows[name], share_below) for name in ALSO[day]],
        **_no_benefit(runs, a, b, day),
    }


def _recorded(runs: _Runs, a: str, b: str, day: float, unblinding: bool = True) -> Difference:
    ra, rb = runs.of(a, unblinding), runs.of(b, unblinding)
    found = difference(ra, rb, "CAPS5", day, runs.cohort(a))
    if found is None:
        raise ValueError(f"{a} and {b} have no common visit on day {day:g}")
    return found


def _trial(runs: _Runs, a: str, b: str, day: float) -> dict[str, Any]:
    """The same numbers as a contrast of a summary, by the same definitions."""
    found = _recorded(runs, a, b, day)
    return {
        "arms": [a, b],
        "arm_n": list(found.n),
        "day": day,
        "measure": "recorded CAPS-5 change",
        "mean": tidy_number(found.means.centre[0]),
        "mc_se": tidy_number(found.means.mc_se[0]),
        "new_trial": _new_trial(found.trial, found.n[0]),
        "p_no_benefit": tidy_number(no_better(_recorded(runs, a, b, day, unblinding=False).means)),
        "p_no_difference": tidy_number(no_better(found.means)),
    }


def _published(runs: _Runs, row: Row) -> dict[str, Any]:
    """Where the published FEDER2021 difference lies in what the prior predicts."""
    a, b, day = TRIALS[0]
    value, se = float(row["value"]), float(row["se"])
    found = _recorded(runs, a, b, day)
    mean, at = found.trial.corrected(), np.array([value])
    share = mixture.cdf(mean, found.trial.sampling_sd(found.n[0]), at)
    with_se = mixture.cdf(mean, np.full_like(mean, se), at)
    return {
        "row": row["row_id"],
        "value": value,
        "se": se,
        "percentile": tidy_number(100 * share[0]),
        "percentile_with_published_se": tidy_number(100 * with_se[0]),
        "note": "Share of new trials, in percent, with a difference as favourable or more so. "
        "Reported whatever it is; nothing was set to move it.",
    }


def _criteria(single: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    out = []
    for s in single:
        low, high = s["g"]["new_trial"]["q025"], s["g"]["new_trial"]["q975"]
        out.append(
            {
                "what": f"95% range of g on day {s['day']:g} covers the pooled value",
                "found": [low, high],
                "accepted": f"a range with {s['pooled_g']['value']:g} in it",
                "holds": bool(low <= s["pooled_g"]["value"] <= high),
            }
        )
    for s in single:
        p = s["p_no_benefit"]
        out.append(
            {
                "what": f"chance of no benefit on day {s['day']:g}",
                "found": p,
                "accepted": f"{NO_BENEFIT[0]:g} to {NO_BENEFIT[1]:g}",
                "holds": bool(NO_BENEFIT[0] <= p <= NO_BENEFIT[1]),
            }
        )
    return out


def _digests(arms: Mapping[str, Arm], models: Mapping[str, Models]) -> dict[str, str]:
    out = {}
    for name, arm in arms.items():
        out[name] = arm.protocol.digest
        out[f"setting {name}"] = arm.setting.digest
    for m in models.values():
        out |= {f"set {s.id}": digest_of(s) for s in m.sets}
    return out
