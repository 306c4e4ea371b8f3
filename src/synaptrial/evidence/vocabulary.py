"""Closed vocabularies of the evidence tables. What does not fit is kept in `flag` or `note`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

from synaptrial.domain.sources import Mark
from synaptrial.evidence import grade

MARKS = tuple(Mark)
NEVER_USABLE = (Mark.RECALLED, Mark.ASSUMED)
YES_NO = ("yes", "no")
YES_NO_UNKNOWN = ("yes", "no", "unknown")

KETAMINE_PTSD = "ketamine_ptsd"
STUDY_KINDS = (
    KETAMINE_PTSD, "ketamine_depression", "medication_ptsd", "psychotherapy_ptsd",
    "review_ptsd", "review_depression", "scale_study", "other",
)  # fmt: skip
RANDOMISED = ("parallel", "crossover")
DESIGNS = (*RANDOMISED, "single_arm", "observational", "review", "pooled")
POPULATION_KINDS = ("civilian", "military", "mixed")
BLINDING = ("none", "single", "double")
CONTROLS = (
    "inert", "psychoactive", "active", "waitlist", "usual_care", "supportive", "mixed", "none",
)  # fmt: skip

DRUGS = (
    "ketamine", "midazolam", "fentanyl", "ketorolac", "saline", "placebo", "sertraline",
    "paroxetine", "fluoxetine", "citalopram", "venlafaxine", "desipramine", "naltrexone",
    "brexpiprazole", "cyclobenzaprine", "mdma", "methylone", "ssri", "snri", "antidepressant",
    "medication", "none", "unknown", "other",
)  # fmt: skip
ENANTIOMERS = ("racemic", "s", "r")
ROUTES = ("iv", "im", "sc", "intranasal", "sublingual", "oral")
DOSE_UNITS = ("mg/kg", "mg", "ug", "mg/day")
THERAPIES = ("none", "exposure", "reactivation", "supportive", "other")

SCALE_KEYS = (
    "CAPS5", "CAPS4", "PCL5", "PCL4", "IESR", "IES", "PSSI", "PTSD_ANY", "MADRS", "HAMD", "HAMD6",
    "PHQ9", "DEPRESSION_ANY", "CADSS", "CGIS", "CGII", "NONE",
)  # fmt: skip
OTHER_SCALES = ("DTS", "SPRINT", "SIPTSD", "SDS")  # described, no outcome on them
PARTS = (
    "total", "b", "c", "d", "e", "clusters", "reexperiencing", "avoidance", "numbing",
    "avoidance_numbing", "hyperarousal",
)  # fmt: skip
EVENTS = (
    "response", "response_30", "response_50", "response_10_points", "non_response", "remission",
    "relapse", "response_duration", "loss_of_diagnosis", "diagnosis", "dropout", "completed",
    "in_study", "ae_stop", "no_ae_stop", "serious_ae", "worsening", "suicidality",
    "negative_screen", "entered_period_2", "completed_period_2", "late_share", "superiority",
    "randomised", "adverse_event",
)  # fmt: skip
RATIOS = ("odds_ratio", "risk_ratio", "hazard_ratio")
CONTRASTS = ("difference", "smd", "risk_difference", *RATIOS)
STATISTICS = (
    "mean", "change", "within_arm_d", "percent", "percent_change", "count", "median", "time",
    "t_statistic", "qualitative", *CONTRASTS,
)  # fmt: skip
AWAITS = "awaits confirmation"  # why an imported row is not usable yet

TERMS = (
    "any", "any_serious", "death", "suicide_attempt", "suicidality", "dissociation", "nausea",
    "vomiting", "dizziness", "vertigo", "headache", "somnolence", "fatigue", "blurred_vision",
    "dry_mouth", "anxiety", "agitation", "insomnia", "numbness", "bp_rise", "tachycardia",
    "psychosis", "urinary", "liver", "sedation", "diarrhoea", "decreased_appetite", "sexual",
    "abnormal_heart_rate", "other",
)  # fmt: skip
AE_STATISTICS = ("count", "percent", "qualitative")
COLLECTED = ("systematic", "non_systematic")

ACUTE_QUANTITIES = (
    "sbp", "dbp", "hr", "bp", "cadss", "adverse event", "large bp rise", "hypertension",
)  # fmt: skip
ACUTE_STATISTICS = (
    "mean", "change", "mean_of_personal_maxima", "time_of_personal_maximum", "time_of_peak",
    "time_back_to_baseline", "duration", "percent", "odds_ratio", "qualitative",
)  # fmt: skip
ACUTE_UNITS = ("mmHg", "beats/min", "points", "%", "min", "h", "ratio")

POOLED_STATISTICS = ("Hedges g", "mean difference", "odds ratio", "risk ratio", "t test")
POOLED_VERSUS = ("any", "passive", "active", "mixed", "none")
DIRECTIONS = (
    "positive favours ketamine", "negative favours ketamine", "above 1 = more with ketamine",
    "below 1 favours ketamine", "positive = worse with ketamine",
)  # fmt: skip

PK_GIVEN = ("racemic", "s", "r", "unknown")
PK_SITES = ("venous", "arterial")
PK_SALTS = ("base", "salt", "unknown")
PK_RACES = ("caucasian", "asian", "japanese")
PK_ANALYTES = ("ketamine", "norketamine", "hydroxynorketamine", "drug-related")
PK_ENANTIOMERS = ("S", "R", "S+R", "each")
PK_QUANTITIES = (
    "concentration", "Cmax", "AUC", "Tmax", "AUC_per_dose", "F", "AUC_ratio_to_parent", "half_life",
    "renal_excretion", "range",
)  # fmt: skip
PK_AVERAGING = ("mean", "mean curve", "geometric mean", "median", "model", "not stated")
PK_UNITS = (
    "nmol/mL", "ng/mL", "ng.h/mL", "min", "h", "ug.h/L", "ng.min/mL", "ug/L", "ug.h/L per mg", "%",
    "ratio", "% of dose",
)  # fmt: skip
PK_USES = ("held_out", "calibrated", "self_consistency", "unclaimed")

# Records that are one sample, all or in part: their sets are connected.
SAME_PEOPLE = ("same sample", "subsample", "secondary analysis")
# pool: one of the trials that the other record pools; extension: went on with its patients. These
# forbid the pair only: two trials in one pool have no patient in common.
OVERLAP_KINDS = (*SAME_PEOPLE, "pool", "extension")
CERTAINTY = ("yes", "probable")

_ROB2 = ("deviations", "missing", "measurement", "selection_of_result", "overall")
BIAS_DOMAINS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "RoB2": ("randomisation", *_ROB2),
        "RoB2-crossover": ("randomisation", "period_carryover", *_ROB2),
        "ROBINS-I": ("confounding", "selection_of_participants", "classification", *_ROB2),
    }
)
NOT_JUDGED = "not judged"
# From best to worst; `no information` and `not judged` have no rank.
BIAS_LEVELS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "RoB2": ("low", "some concerns", "high"),
        "RoB2-crossover": ("low", "some concerns", "high"),
        "ROBINS-I": ("low", "moderate", "serious", "critical"),
    }
)
BIAS_JUDGEMENTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "RoB2": (*BIAS_LEVELS["RoB2"], NOT_JUDGED),
        "RoB2-crossover": (*BIAS_LEVELS["RoB2-crossover"], NOT_JUDGED),
        "ROBINS-I": (*BIAS_LEVELS["ROBINS-I"], "no information", NOT_JUDGED),
    }
)
# Which tool a design takes.
BIAS_TOOL = MappingProxyType(
    {
        "parallel": "RoB2",
        "crossover": "RoB2-crossover",
        "single_arm": "ROBINS-I",
        "observational": "ROBINS-I",
    }
)


def _all(of_tool: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for words in of_tool.values() for word in words))


ALL_BIAS_DOMAINS, ALL_BIAS_JUDGEMENTS = _all(BIAS_DOMAINS), _all(BIAS_JUDGEMENTS)

GRADE_DOMAINS = (*grade.DOMAINS, "certainty")
NOT_RATED = "not rated"
GRADE_STEPS, GRADE_CERTAINTY = tuple(grade.STEPS), grade.LEVELS
GRADE_RATINGS = (NOT_RATED, *GRADE_STEPS, *GRADE_CERTAINTY)

Query = Literal[
    "sd-small", "sd-tiny", "se-large", "smd-large", "ci-uneven", "half-interval",
    "change-positive", "gain-negative", "contrast-positive", "difference-sign", "arms-few",
    "arms-many", "dose-large", "tool-design",
]  # fmt: skip
QUERIES: tuple[str, ...] = get_args(Query)  # what `check` may ask
