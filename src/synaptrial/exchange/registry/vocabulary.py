"""Words of a ClinicalTrials.gov record in the vocabulary of the evidence base.

Nothing is guessed: what is not in a table here stays unknown and the row says why. Names of
parameter and dispersion types: ClinicalTrials.gov API v2, study data structure and results data
element definitions (clinicaltrials.gov/data-api).
"""

from __future__ import annotations

import re

from synaptrial.exchange.words.change import speaks_of_change
from synaptrial.exchange.words.named import Named, has

# paramType -> statistic; the second for a title that speaks of change.
STATISTICS = {
    "MEAN": ("mean", "change"),
    "LEAST_SQUARES_MEAN": ("mean", "change"),
    "MEDIAN": ("median", ""),
    "COUNT_OF_PARTICIPANTS": ("count", "count"),
}
# paramType of an analysis -> statistic.
CONTRASTS = (
    (r"cohen|hedges|standardi[sz]ed mean difference", "smd"),
    (r"mean difference|\bLS ?means?\b.*difference|difference in (LS )?means?", "difference"),
    (r"odds ratio", "odds_ratio"),
    (r"risk ratio|relative risk|\bRR\b", "risk_ratio"),
    (r"hazard ratio", "hazard_ratio"),
    (r"risk difference", "risk_difference"),
)
# Terms of adverse events (MedDRA preferred terms and what they were called) -> ours.
TERMS = (
    (r"suicid\w* attempt|attempted suicide", "suicide_attempt"),
    (r"suicid", "suicidality"),
    (r"dissociat|depersonali[sz]|dereali[sz]", "dissociation"),
    (r"\bnausea\b", "nausea"),
    (r"vomiting", "vomiting"),
    (r"dizz", "dizziness"),
    (r"vertigo", "vertigo"),
    (r"headache", "headache"),
    (r"sedat", "sedation"),
    (r"somnolen|drows|sleepi", "somnolence"),
    (r"diarrh", "diarrhoea"),
    (r"decreased appetite|appetite decreas|loss of appetite", "decreased_appetite"),
    (r"fatigue", "fatigue"),
    (r"blurred|vision blur", "blurred_vision"),
    (r"dry mouth", "dry_mouth"),
    (r"anxiety|panic", "anxiety"),
    (r"agitation|restless", "agitation"),
    (r"insomnia", "insomnia"),
    (r"numb|hypoa?esthesia", "numbness"),
    (r"hypertens|blood pressure.*(increas|elevat|rais)|(increas|elevat|rais).*blood pressure",
     "bp_rise"),
    (r"tachycard|heart rate.*increas|increas.*(heart rate|pulse)", "tachycardia"),
    (r"psychosis|psychotic", "psychosis"),
    (r"cystitis|urinary|dysuria|micturition", "urinary"),
)  # fmt: skip
_CONFIDENCE = re.compile(r"(\d+(?:\.\d+)?)\s*%?\s*(?:confidence|ci\b)")


def statistic_of(param: str, title: str, unit: str) -> Named:
    """Statistic of a measure from its paramType, title and unit."""
    if param == "NUMBER":
        return _number_of(unit)
    if param not in STATISTICS:
        return Named("", (f"statistic not recognised: {param or 'paramType missing'}",))
    as_score, as_change = STATISTICS[param]
    if not speaks_of_change(title):
        return Named(as_score, _adjusted(param))
    if not as_change:
        return Named("", ("statistic not recognised: median change",))
    if as_change == "change" and has(r"%|percent", unit):
        return Named("percent_change", _adjusted(param))
    return Named(as_change, _adjusted(param))


def _number_of(unit: str) -> Named:
    if has(r"percent|%", unit):
        return Named("percent")
    if re.fullmatch(r"(participants?|subjects?|patients?|people)", unit.strip(), re.IGNORECASE):
        return Named("count")
    return Named("", (f"statistic not recognised: a number of {unit or 'no unit'}",))


def _adjusted(param: str) -> tuple[str, ...]:
    return ("adjusted mean (least squares)",) if param == "LEAST_SQUARES_MEAN" else ()


def contrast_of(param: str) -> Named:
    """Statistic of a comparison of groups from its paramType."""
    found = _first(CONTRASTS, param)
    return Named(found) if found else Named("", (f"contrast not recognised: {param or 'none'}",))


def term_of(text: str) -> str:
    """Term of an adverse event; ``other`` where none of ours fits."""
    return _first(TERMS, text) or "other"


def dispersion_of(text: str) -> str:
    """Kind of a dispersionType: sd, se, ci95 (or another percentage), iqr, range; or empty.

    The API gives words ("Standard Deviation", "95% Confidence Interval"), some extracts give names
    ("STANDARD_DEVIATION", "CONFIDENCE_95").
    """
    plain = text.replace("_", " ").replace("-", " ").lower().strip()
    for start, kind in (("standard deviation", "sd"), ("standard error", "se"), ("inter", "iqr"),
                        ("full range", "range")):  # fmt: skip
        if plain.startswith(start):
            return kind
    named = {"confidence 975": "97.5"}.get(plain)
    percent = re.fullmatch(r"confidence (\d+)", plain) or _CONFIDENCE.match(plain)
    return f"ci{float(named or percent[1]):g}" if percent else ""


def _first(table: tuple[tuple[str, str], ...], text: str) -> str:
    return next((value for pattern, value in table if has(pattern, text)), "")
