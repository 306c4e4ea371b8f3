"""A made-up result from closed-form curves: for tests of pages only, it says nothing on ketamine.

Awkward on purpose: two studies, five arms, an observation without interval, one of an arm that
was not simulated, an arm that extrapolates, no sessions in one study, midazolam in one arm only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

Z = {"q025": -1.96, "q25": -0.674, "q75": 0.674, "q975": 1.96}
ARMS = [
    ("FEDER2021 ketamine", "FEDER2021", "drug", 0.5),
    ("FEDER2021 midazolam", "FEDER2021", "control", 0.0),
    ("ABDALLAH2022 ketamine 0.5 mg/kg", "ABDALLAH2022", "drug", 0.5),
    ("ABDALLAH2022 ketamine 0.2 mg/kg", "ABDALLAH2022", "drug", 0.2),
    ("ABDALLAH2022 saline", "ABDALLAH2022", "control", 0.0),
]
DOSES_H = {
    "FEDER2021": [0.0, 48.0, 96.0, 168.0, 216.0, 264.0],
    "ABDALLAH2022": [84.0 * i for i in range(8)],
}
SESSIONS_H = {"FEDER2021": [], "ABDALLAH2022": [24.0 + 168.0 * i for i in range(4)]}


@dataclass(frozen=True)
class Result:
    summary: dict[str, Any]
    courses: pd.DataFrame


@dataclass(frozen=True)
class Stage:
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def stages() -> list[Stage]:
    return [
        Stage("ketamine arterial", ("doses", "weight"), ("s_ketamine", "r_ketamine")),
        Stage("midazolam plasma", ("doses", "weight"), ("midazolam",)),
        Stage("norketamine", ("s_ketamine", "r_ketamine"), ("s_norketamine", "r_norketamine")),
        Stage(
            "NMDA occupancy",
            ("s_ketamine", "r_ketamine", "s_norketamine", "r_norketamine"),
            ("occupancy",),
        ),
        Stage("dissociation", ("s_ketamine", "r_ketamine"), ("cadss",)),
        Stage("blood pressure and heart rate", ("s_ketamine", "r_ketamine"), ("sbp", "dbp", "hr")),
        Stage("sedation", ("midazolam",), ("sedation",)),
        Stage("fast plasticity", ("occupancy",), ("plasticity_fast",)),
        Stage("slow plasticity", ("plasticity_fast",), ("plasticity_slow",)),
        Stage("SSRI onset", ("daily drug",), ("ssri",)),
        Stage(
            "extinction learning",
            ("sessions", "plasticity_slow", "occupancy", "midazolam"),
            ("learning",),
        ),
        Stage(
            "circuits",
            ("plasticity_fast", "plasticity_slow", "learning", "ssri"),
            ("amygdala", "prefrontal", "default_mode"),
        ),
        Stage("belief", ("cadss", "allocation"), ("belief",)),
        Stage("nonspecific change", ("belief",), ("nonspecific",)),
        Stage(
            "severities",
            ("amygdala", "prefrontal", "default_mode", "learning", "ssri", "nonspecific"),
            ("cluster_b", "cluster_c", "cluster_d", "cluster_e", "mood"),
        ),
        Stage("CAPS-5", ("cluster_b", "cluster_c", "cluster_d", "cluster_e"), ("CAPS5",)),
        Stage("MADRS", ("mood",), ("MADRS",)),
        Stage("leaving", ("CAPS5", "cadss"), ("retained",)),
    ]


def _pulse(time_h: np.ndarray, doses: list[float], rise: float, fall: float) -> np.ndarray:
    since = time_h[:, None] - np.asarray(doses)[None, :]
    after = np.maximum(since, 0.0)
    return np.sum(np.exp(-after / fall) - np.exp(-after / rise), axis=1)


def _curves(dose: float, kind: str, doses: list[float], t: np.ndarray) -> dict[str, Any]:
    """variable -> (unit, mean, patient SD, SE of the mean)."""
    k = dose / 0.5
    conc = 150.0 * k * _pulse(t, doses, 0.25, 2.0)
    slow = k * (1 - np.exp(-_pulse(t, doses, 8.0, 220.0) / 2.0))
    drop = 6.0 * (1 - np.exp(-t / 200.0)) + 9.0 * slow
    out: dict[str, Any] = {"caps5_total": ("points", 41.0 - drop, 11.0, 2.4)}
    for cluster, share in zip("bcde", (0.25, 0.11, 0.37, 0.27), strict=True):
        out[f"caps5_{cluster}"] = ("points", share * (41.0 - drop), 11.0 * share + 1, 2.4 * share)
    out |= {
        "mood": ("points", 24.0 - 0.8 * drop, 7.0, 2.0),
        "glutamate": ("share", k * _pulse(t, doses, 0.1, 0.5) / 2, 0.05, 0.02),
        "plasticity_fast": ("fraction", k * _pulse(t, doses, 1.0, 12.0) / 1.5, 0.08, 0.03),
        "plasticity_slow": ("fraction", slow, 0.1, 0.05),
        "amygdala": ("relative", 1 - 0.3 * slow, 0.1, 0.05),
        "prefrontal": ("relative", 1 - 0.4 * slow, 0.1, 0.05),
        "default_mode": ("relative", 1 - 0.2 * slow, 0.1, 0.05),
        "emotion_regulation": ("relative", 1 - 0.3 * slow, 0.1, 0.05),
        "learning": ("fraction", 0.0 * t, 0.0, 0.0),
        "belief": ("probability", 0.5 + 0.4 * k * (1 - np.exp(-t / 10.0)), 0.15, 0.05),
        "retained": ("share", np.exp(-t / 9000.0), 0.0, 0.02),
    }
    first = t <= 24.0
    t24, c24 = t[first], conc[first]
    acute = {
        "conc_s": ("ng/mL", c24 / 2, 0.15, 0.08),
        "conc_r": ("ng/mL", c24 / 2.1, 0.15, 0.08),
        "conc_s_nk": ("ng/mL", k * 20 * _pulse(t24, doses[:1], 1.0, 8.0), 0.3, 0.1),
        "conc_r_nk": ("ng/mL", k * 22 * _pulse(t24, doses[:1], 1.0, 9.0), 0.3, 0.1),
        "conc_venous": ("ng/mL", 0.9 * c24, 0.2, 0.08),
        "occupancy": ("fraction", c24 / (c24 + 120.0), 0.1, 0.05),
        "cadss": ("points", k * 22 * _pulse(t24, doses[:1], 0.3, 0.7), 0.6, 0.15),
        "sbp_change_mmhg": ("mmHg", k * 22 * _pulse(t24, doses[:1], 0.3, 0.9), 0.5, 0.15),
        "dbp_change_mmhg": ("mmHg", k * 14 * _pulse(t24, doses[:1], 0.3, 0.9), 0.5, 0.15),
        "hr_change_bpm": ("bpm", k * 8 * _pulse(t24, doses[:1], 0.3, 0.9), 0.5, 0.15),
    }
    if kind == "control" and dose == 0.0 and len(doses) == 6:
        acute["conc_midazolam"] = ("ng/mL", 60 * _pulse(t24, doses[:1], 0.2, 3.0), 0.3, 0.1)
        acute["sedation"] = ("fraction", 0.6 * _pulse(t24, doses[:1], 0.3, 2.0), 0.3, 0.1)
    for name, (unit, mean, patient, se) in acute.items():
        out[name] = (unit, mean, patient * mean, se * mean)
    return out


def _frame(label: str, study: str, kind: str, dose: float, n_courses: int) -> pd.DataFrame:
    t = np.unique(np.concatenate([np.linspace(0, 24, 145), np.arange(24, 57 * 24, 6.0)]))
    rng = np.random.default_rng(len(label))
    parts = []
    for variable, (unit, mean, patient, se) in _curves(dose, kind, DOSES_H[study], t).items():
        time_h = t[: len(mean)]
        statistics = {"mean": mean, "patient_q50": mean}
        for q, z in Z.items():
            statistics[f"patient_{q}"] = mean + z * patient
            statistics[f"mean_{q}"] = mean + z * se
            statistics[f"new_trial_{q}"] = mean + 1.5 * z * se
        if variable == "caps5_total":
            for i in range(n_courses):
                walk = np.cumsum(rng.normal(0, 0.3, len(t)))
                statistics[f"course_{i:03d}"] = mean + rng.normal(0, patient) + walk
        if variable == "caps5_total" or np.all(mean >= 0):
            statistics = {k: np.maximum(v, 0.0) for k, v in statistics.items()}
        for statistic, value in statistics.items():
            parts.append(
                pd.DataFrame(
                    {
                        "arm": label,
                        "variable": variable,
                        "unit": unit,
                        "time_h": time_h,
                        "statistic": statistic,
                        "value": value,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def _difference(courses: pd.DataFrame, arm: tuple, other: tuple) -> pd.DataFrame:
    total = courses[courses.variable == "caps5_total"].set_index("arm")
    keep = ["mean", *(f"{k}_{q}" for k in ("mean", "new_trial") for q in Z)]
    a, b = (
        total.loc[x[0]].pivot(index="time_h", columns="statistic", values="value")
        for x in (arm, other)
    )
    width = a[keep].sub(a["mean"], axis=0)
    difference = width.add(a["mean"] - b["mean"], axis=0)
    tidy = difference.reset_index().melt("time_h", value_name="value")
    return tidy.assign(arm=f"{arm[0]} minus {other[0]}", variable="caps5_difference", unit="points")


def _interval(centre: float, sd: float) -> dict[str, float]:
    return {q: centre + z * sd for q, z in Z.items()}


def _scale(mean: float, sd: float, se: float) -> dict[str, Any]:
    return {
        "mean": mean,
        "median": mean - 0.4,
        "patient": _interval(mean, sd) | {"q50": mean},
        "mean_interval": _interval(mean, se),
        "new_trial": _interval(mean, 1.5 * se),
        "sd": sd,
        "response_30": 1 / (1 + math.exp((mean - 30) / 6)),
        "mc_se": 0.04,
        "new_trial_mc_se": {"q025": 0.1, "q975": 0.1},
    }


def _arm(index: int, label: str, study: str, kind: str, dose: float) -> dict[str, Any]:
    t = np.array([1.0, 7.0, 14.0, 28.0, 56.0]) * 24
    curves = _curves(dose, kind, DOSES_H[study], t)
    caps, mood = curves["caps5_total"][1], curves["mood"][1]
    peak = {"mean_curve_max": 40 * dose, "mean_of_personal_maxima": 52 * dose}
    peak |= {"personal_maxima_q025": 10 * dose, "personal_maxima_q975": 90 * dose}
    return {
        "label": label,
        "protocol_id": label.lower().replace(" ", "_").replace("/", "_"),
        "study": study,
        "colour_index": index,
        "kind": kind,
        "arm_n": 15,
        "setting": {"blinding": "double", "control": "psychoactive", "allocation_share": 0.5},
        "extrapolation": [],
        "events": {"doses_h": DOSES_H[study], "sessions_h": SESSIONS_H[study]},
        "nearest_evidence": {
            "study": study,
            "dose": f"{dose} mg/kg",
            "doses": str(len(DOSES_H[study])),
            "route": "iv",
            "duration": "unknown",
        },
        "visits": [
            {
                "day": float(h / 24),
                "retained": 0.9,
                "scale": {
                    "CAPS5": _scale(float(c), 11.0, 2.4),
                    **{f"CAPS5_{k}": _scale(float(c) / 4, 3.0, 0.6) for k in "bcde"},
                    "PCL5": _scale(float(c), 12.0, 2.6),
                    "MADRS": _scale(float(m), 7.0, 2.0),
                },
            }
            for h, c, m in zip(t, caps, mood, strict=True)
        ],
        "acute": {
            "cadss_peak": peak | {"mean_curve_time_min": 40.0},
            "sbp_change_mmhg": peak,
            "dbp_change_mmhg": peak,
            "hr_change_bpm": peak,
        },
        "latent_response": {
            "response_30": {
                "reached": _share(0.5 + 0.4 * dose),
                "lost_within": [
                    {"days": d, **_share(0.02 + dose * d / 100)} for d in (7.0, 14.0, 28.0)
                ],
                "median_days_held": 30.0 if dose else None,
            }
        },
        "adverse_events": _events(study) if kind == "drug" else [],
        "adherence": None,
    }


def _share(mean: float) -> dict[str, Any]:
    interval = {"q025": mean - 0.02, "q975": mean + 0.1}
    return {"mean": mean, "mc_se": 0.01, "mean_interval": interval, "new_trial": interval}


def _events(study: str) -> list[dict[str, Any]]:
    """A count, a percentage of an unknown number, no event in anybody, and nothing known."""
    trial = {
        "study": study, "what": "nausea", "events": 5, "n": 20, "share": 0.25, "low": 0.0866,
        "high": 0.491, "dose": "0.5 mg/kg", "ptsd": "yes", "note": "first day", "mark": "READ",
        "sources": [study], "rows": ["made:up"],
    }  # fmt: skip
    unknown = {"events": None, "n": None, "low": None, "high": None, "ptsd": "unknown", "note": ""}
    none = {"events": 0, "n": 1320, "share": 0.0, "low": 0.0, "high": 0.0028}
    trials = {
        "nausea": [trial, trial | unknown], "any_serious": [trial | none], "headache": [],
    }  # fmt: skip
    return [
        {"drug": "racemic ketamine, IV", "term": k, "trials": v,
         "unknown": "" if v else "no count was read for racemic ketamine, IV"}
        for k, v in trials.items()
    ]  # fmt: skip


def _contrast(study: str, arm: str, comparator: str, scale: str, day: float, diff: float) -> Any:
    return {
        "study": study,
        "arm": arm,
        "comparator": comparator,
        "scale": scale,
        "day": day,
        "mean": diff,
        "mean_interval": _interval(diff, 3.0),
        "new_trial": _interval(diff, 4.5),
        "arm_n": [15, 15],
        "sd_change": 12.0,
        "g": -diff / 12.0,
        "g_new_trial": {"q025": -diff / 12.0 - 0.8, "q975": -diff / 12.0 + 0.8},
        "mc_se": 0.03,
        "of_which_belief": 0.3 * diff,
        "of_which_belief_interval": {"q025": 0.3 * diff - 1.0, "q975": 0.3 * diff + 1.0},
        "equal_belief": 0.5,
        "p_no_benefit": 0.5 * (1 + math.erf(0.7 * diff / 3.0 / math.sqrt(2))),
        "p_no_difference": 0.5 * (1 + math.erf(diff / 3.0 / math.sqrt(2))),
    }


def _observed(
    study: str, arm: str, day: float, value: float, half: float | None, comparator: str = ""
) -> Any:
    return {
        "study": study,
        "arm": arm,
        "scale": "CAPS5",
        "day": day,
        "days": [day],
        "statistic": "difference" if comparator else "mean",
        "comparator": comparator,
        "value": value,
        "low": None if half is None else value - half,
        "high": None if half is None else value + half,
        "mark": "READ",
        "source": study,
        "locator": "Table 2",
        "row": f"{study}:{day:g}d",
        "made_a_prior": False,
        "predicted": None
        if half is None
        else {"mean": value, "low": value - 9, "high": value + 9, "days": [day]},
    }


def make_result(n_courses: int = 30) -> Result:
    arms = [_arm(i, *arm) for i, arm in enumerate(ARMS)]
    courses = pd.concat([_frame(*arm, n_courses) for arm in ARMS], ignore_index=True)
    pairs = [(0, 1), (2, 4), (3, 4)]
    courses = pd.concat([courses, *(_difference(courses, ARMS[a], ARMS[b]) for a, b in pairs)])
    contrasts = []
    for day, d in ((1.0, -3.0), (14.0, -6.0), (28.0, -4.0), (56.0, -2.0)):
        contrasts.append(_contrast("FEDER2021", ARMS[0][0], ARMS[1][0], "CAPS5", day, d))
        contrasts.append(_contrast("ABDALLAH2022", ARMS[2][0], ARMS[4][0], "CAPS5", day, d))
        contrasts.append(_contrast("ABDALLAH2022", ARMS[3][0], ARMS[4][0], "CAPS5", day, d / 2))
        contrasts.append(_contrast("ABDALLAH2022", ARMS[2][0], ARMS[4][0], "MADRS", day, d))
    excess = [
        {"study": "FEDER2021", "arm": ARMS[0][0], "comparator": ARMS[1][0], "arm_n": [15, 15],
         "definition": "response_30", "days": d, **_share(d / 200)}
        for d in (7.0, 14.0)
    ]  # fmt: skip
    summary = {
        "title": "FEDER2021 and ABDALLAH2022 side by side",
        "status": "prior, not yet calibrated",
        "statement": "Research tool. Not for treating patients.",
        "notices": ["FEDER2021: ketamine: the label says 1 mg/kg, the doses say 0.5."],
        "extrapolation": [
            "ABDALLAH2022 ketamine 0.2 mg/kg: no controlled PTSD trial gave this dose (made up).",
        ],
        "arms": arms,
        "contrasts": contrasts,
        "excess_loss": excess,
        "observed": [
            _observed("FEDER2021", ARMS[0][0], 14.0, 30.0, 5.0),
            _observed("FEDER2021", ARMS[1][0], 14.0, 36.0, 5.0),
            _observed("ABDALLAH2022", ARMS[2][0], 28.0, 31.0, None),
            _observed("FEDER2021", ARMS[0][0], 14.0, -9.0, 6.0, ARMS[1][0]),
            _observed("ABDALLAH2022", "an arm not simulated", 28.0, 33.0, 4.0),
        ],
        "definitions": {
            "CAPS5": {
                "response_30": {
                    "text": "a fall of 30% or more from baseline",
                    "test": "fall_fraction_at_least",
                    "value": 0.3,
                    "mark": "READ",
                    "source": "FEDER2021",
                }
            }
        },
        "assumptions": [
            {"text": "Slow state's half-life, median 9 d", "mark": "ASSUMED", "source": "DESIGN"},
            {"text": "Infusion of 40 min", "mark": "RECALLED", "source": "FEDER2021"},
        ],
        "recorded": [
            {"text": "share of veterans = 0.2", "mark": "READ", "source": "FEDER2021"},
        ],
        "sources": [
            {
                "key": "FEDER2021",
                "citation": "Made-up citation for tests",
                "doi": "10.0000/test",
                "used_for": ["protocol", "published scores"],
            },
            {
                "key": "ABDALLAH2022",
                "citation": "Made-up citation for tests",
                "doi": "",
                "used_for": ["protocol"],
            },
        ],
        "run": {
            "version": "0.0",
            "digests": {"feder2021_ketamine": "ab12cd34" * 8},
            "parameters_by_mark": {"ASSUMED": 2, "READ": 3},
            "seed": 1,
            "unblinding": True,
            "chunk": 20,
            "patients": 40,
            "draws": 500,
            "seconds": 2.5,
            "cores": 2,
            "peak_mib": 512,
        },
    }
    return Result(summary, courses)
