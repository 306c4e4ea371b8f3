"""The words of the page of a review: names of analyses, links to its parts, signs of judgements."""

from __future__ import annotations

import math
from typing import Any

from synaptrial.reporting.kit.cells import Cell, Chip, Link, Part
from synaptrial.reporting.kit.forest import RISKS
from synaptrial.reporting.kit.numbers import number, say
from synaptrial.reporting.kit.theme import scale_name

OUTCOMES = {
    "ptsd": "Severity of PTSD",
    "mood": "Depression",
    "response": "Response",
    "dropout": "Leaving the study",
}
MEASURES = {
    "SMD": "standardised difference",
    "MD": "difference in points",
    "RR": "risk ratio",
}
EVENTS = {
    "response_30": "fall of 30%",
    "response_50": "fall of 50%",
    "response": "response",
    "dropout": "left",
}
SIGNS = {
    "supported": "\u2713",
    "weakened": "\u2193",
    "contested": "\u2260",
    "contradicted": "\u2717",
    "untested": "\u25cb",
    "evidence not obtained": "?",
}
DOMAINS = {
    "randomisation": "R",
    "deviations": "D",
    "missing": "M",
    "measurement": "O",
    "selection_of_result": "S",
    "overall": "A",
    "period_carryover": "P",
}
DOMAIN_WORDS = (
    "Risk of bias: R randomisation, D deviations from the intended treatment, M missing outcomes,"
    " O measurement of the outcome, S selection of the result, A overall, P period and carryover"
    " of a crossover; + low, \u2212 some concerns, \u00d7 high, \u00b7 not judged."
)
INTERVAL = ("estimate", "ci_low", "ci_high")  # keys of an estimate with its limits
Row = dict[str, Any]


def now_words(document: Row) -> str:
    """The head of what is known now, or was in the year that the review was asked for."""
    return "Now" if document["as_of"] == "now" else f"As of {document['as_of']}"


def window_words(document: Row, window: str) -> str:
    """A window in days from the first dose."""
    if window == "any":
        return "whole study"
    after, until = document["windows_days"][window]
    if after == 0:
        return f"up to day {say(until)}"
    last = window == list(document["windows_days"])[-1]
    return f"after day {say(after)}" + ("" if last else f" to day {say(until)}")


def analysis_title(document: Row, a: Row) -> str:
    """Outcome, part, window and measure of an analysis."""
    name = OUTCOMES.get(a["outcome"], scale_name(a["outcome"]))
    part = "" if a["part"] == "total" else f", {a['part']}"
    return f"{name}{part}, {window_words(document, a['window'])}: {MEASURES[a['measure']]}"


def on_page(a: Row, value: Any) -> Any:
    """A number of an analysis on the scale that the page shows: ratios, not their logarithms."""
    return math.exp(value) if a["measure"] == "RR" and not isinstance(value, str) else value


def study_link(document: Row, name: str) -> Part:
    """A link to the study's row, else to the source of that name, else the name."""
    if any(s["study"] == name for s in document["studies"]):
        return Link(name, name, "study")
    return Link(name, name) if name in document["sources"] else name


def source_link(document: Row, key: str, locator: str = "") -> Part:
    text = f"{key}, {locator}" if locator.strip("- ") else key
    return Link(text, key) if key in document["sources"] else text


def row_links(document: Row, rows: list[str]) -> tuple[Part, ...]:
    return tuple(Link(r, r, "row") if r in document["rows"] else r for r in rows)


def listed(parts: tuple[Part, ...], absent: str) -> Cell:
    """Some parts in one cell, or what stands there without any."""
    return parts or absent


def verdict_chip(verdict: str) -> Chip:
    return Chip(f"{SIGNS[verdict]} {verdict}", verdict.split()[-1])


def risk_chip(judgement: str, domain: str = "") -> Chip:
    """Sign and word of a judgement, with the domain that it is of."""
    text = f"{domain.replace('_', ' ')}: {judgement}" if domain else judgement
    return Chip(f"{RISKS[judgement][0]} {text}", "risk-" + judgement.replace(" ", "-"))


def mark_chip(mark: str) -> Cell:
    """A mark; what is from memory stands out."""
    return Chip("RECALLED", "recalled") if mark == "RECALLED" else mark


def measured(effect: Row) -> str:
    """Scale or event of an effect, and its day."""
    name = EVENTS.get(effect["scale"], scale_name(effect["scale"]))
    return f"{name}, day {say(effect['day'])}"


def label_of(effect: Row) -> str:
    """The label of an effect in a figure."""
    mark = "RECALLED: " if effect["mark"] == "RECALLED" else ""
    return f"{mark}{effect['study']}, {measured(effect)}"


def p_words(p: Any) -> str:
    if isinstance(p, str):
        return p
    return "<0.001" if p < 0.001 else number(p, 3)
