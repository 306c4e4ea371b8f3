"""Adverse events and dispersion types of a ClinicalTrials.gov record, in our vocabulary.

Names of dispersion types: ClinicalTrials.gov API v2, study data structure and results data element
definitions (clinicaltrials.gov/data-api).
"""

from __future__ import annotations

import re

from synaptrial.exchange.words.named import has

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
    (r"agitation|restless(?! legs?)", "agitation"),
    (r"insomnia", "insomnia"),
    (r"\bnumb(?!er)|hypoa?esthesia", "numbness"),
    (r"(?<!pulmonary )(?<!portal )(?<!ocular )(?<!intracranial )hypertens"
     r"|blood pressure.*(increas|elevat|rais)|(increas|elevat|rais).*blood pressure",
     "bp_rise"),
    (r"tachycard|heart rate.*increas|increas.*(heart rate|pulse)", "tachycardia"),
    (r"psychosis|psychotic", "psychosis"),
    (r"cystitis|urinary|dysuria|micturition", "urinary"),
)  # fmt: skip
_CONFIDENCE = re.compile(r"(\d+(?:\.\d+)?)\s*%?\s*(?:confidence|ci\b)")


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
