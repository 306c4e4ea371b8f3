"""What a measure of a ClinicalTrials.gov record reports, from its parameter type, title and unit.

Names of parameter types: ClinicalTrials.gov API v2, study data structure and results data element
definitions (clinicaltrials.gov/data-api). Where title and record disagree, nothing is chosen.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from synaptrial.evidence.vocabulary import RATIOS
from synaptrial.exchange.words.change import Change, change_in, speaks_of_percent
from synaptrial.exchange.words.named import Named, has

AVERAGES = {"MEAN": "mean", "LEAST_SQUARES_MEAN": "mean", "MEDIAN": "median"}
# paramType of an analysis -> statistic.
CONTRASTS = (
    (r"cohen|hedges|standardi[sz]ed mean difference", "smd"),
    (r"mean difference|\bLS ?means?\b.*difference|difference in (LS )?means?", "difference"),
    (r"odds ratio|\b(log|ln)[ (-]*OR\b", "odds_ratio"),
    (r"risk ratio|relative risk|\bRR\b|\b(log|ln)[ (-]*RR\b", "risk_ratio"),
    (r"hazards? ratio|\b(log|ln)[ (-]*HR\b", "hazard_ratio"),
    (r"risk difference", "risk_difference"),
)
_LOG = re.compile(
    r"\b(?:log|ln)(?:e|10)?\b(?![- ]?rank)|\blogarithm|\b(?:log|ln)(?:OR|RR|HR)\b", re.I
)
_PEOPLE = r"(?:participants?|subjects?|patients?|people|persons?|individuals?|adults|veterans)"
_WHOLE_PEOPLE = re.compile(rf"(?:number of )?(?:unique )?{_PEOPLE}\.?", re.IGNORECASE)
_SHARE = re.compile(
    rf"(?:percent(?:age)?|%)(?: \(%\))?(?: of (?:the )?(?:\w+ )?{_PEOPLE}.*)?\.?", re.IGNORECASE
)


class Average(NamedTuple):
    """statistic: of a measure, empty if nothing is sure; change: what says that it is one."""

    statistic: str
    change: Change = Change()
    flags: tuple[str, ...] = ()


def counted_of(param: str, unit: str) -> Named | None:
    """count or percent of people; None where the measure gives no count."""
    if param == "COUNT_OF_PARTICIPANTS":
        people = not unit or _WHOLE_PEOPLE.fullmatch(unit.strip())
        return Named("count") if people else Named("", (f"participants counted in {unit}: which?",))
    if param != "NUMBER":
        return None
    if _SHARE.fullmatch(unit.strip()):
        return Named("percent")
    if _WHOLE_PEOPLE.fullmatch(unit.strip()):
        return Named("count")
    return Named("", (f"statistic not recognised: a number of {unit or 'no unit'}",))


def average_of(param: str, title: str, labels: str, unit: str) -> Average:
    """Mean, median, change or percent change; labels: class and category below the title."""
    if param not in AVERAGES:
        return Average("", flags=(f"statistic not recognised: {param or 'paramType missing'}",))
    if disagreed := _other_average(param, f"{title} {labels} {unit}"):
        return Average("", flags=(disagreed,))
    flags: tuple[str, ...] = ()
    if param == "LEAST_SQUARES_MEAN":
        flags = ("adjusted mean (least squares)",)
    of_title, of_labels, of_unit = change_in(title), change_in(labels), change_in(unit)
    found = [c for c in (of_title, of_labels, of_unit) if c.kind]
    sure = [c for c in found if c.kind != "doubt"]
    percent = speaks_of_percent(unit)
    if not sure:
        if found:
            return Average("", found[0], (f"{found[0].word}: scores or changes?",))
        if percent or speaks_of_percent(title):
            return Average("", flags=("a score in percent: of what?",))
        return Average(AVERAGES[param], flags=flags)
    change = next((c for c in sure if c.kind == "fall"), sure[0])
    if param == "MEDIAN":
        return Average("", change, ("statistic not recognised: median change",))
    if change.kind == "fall":
        flags += (f"sign: {change.word} may count a fall as positive, ours is after minus before",)
    if of_title.kind in ("", "doubt"):
        flags += (f"only the class, category or unit speaks of change: {change.word}",)
    if percent:
        return Average("percent_change", change, flags)
    if speaks_of_percent(f"{title} {labels}"):
        return Average(
            "", change, (f"the title says percent, the unit {unit or 'nothing'}: which?",)
        )
    return Average("change", change, flags)


def _other_average(param: str, text: str) -> str:
    """Why a title contradicts the parameter type, or empty."""
    told = AVERAGES[param]
    other = ("a mean", r"\b(?:mean|average)\b") if told == "median" else ("a median", r"\bmedian")
    geometric, logarithms = ("a geometric mean", r"\bgeometric"), ("logarithms", _LOG.pattern)
    for word, pattern in (other, geometric, logarithms):
        if has(pattern, text):
            return f"the text speaks of {word}, the record of a {told}: which?"
    return ""


class Contrast(NamedTuple):
    """statistic: empty if not recognised; logged: its number is the logarithm of a ratio."""

    statistic: str
    logged: bool = False
    flags: tuple[str, ...] = ()


def contrast_of(param: str, unit: str = "") -> Contrast:
    """Statistic of a comparison of groups from its paramType."""
    found = next((value for pattern, value in CONTRASTS if has(pattern, param)), "")
    logged = _LOG.search(param) is not None
    if not found:
        return Contrast("", flags=(f"contrast not recognised: {param or 'none'}",))
    if logged and (found not in RATIOS or has("log ?10", param)):
        return Contrast("", flags=(f"contrast of logarithms: {param}",))
    if found == "difference" and (has("percent", param) or speaks_of_percent(unit)):
        return Contrast("", flags=("a difference in percent: of what?",))
    return Contrast(found, logged)
