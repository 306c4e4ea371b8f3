"""Rating scales: ranges, clusters, definitions of response and remission, recall windows.

A score rates the time since the first treatment, at most `recall_days`, unless the protocol
declares another window for the visit. ASSUMED for all scales; trials that rate at 24 h change the
window of the form, and what they changed it to was not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from pydantic import Field

from synaptrial.domain.document import Document, FieldMark
from synaptrial.domain.sources import Mark


class Definition(Document):
    """A named outcome: a fall from baseline (fraction or points), or a score at or below."""

    key: str
    test: Literal["fall_fraction_at_least", "fall_points_at_least", "score_at_most"]
    value: float
    known: FieldMark

    def holds(self, baseline: Any, score: Any) -> Any:
        """Whether a patient meets the definition; for arrays (P,) of scores, which patients do."""
        if self.test == "score_at_most":
            return score <= self.value
        return (baseline > 0) & (baseline - score >= self.fall_from(baseline))

    def fall_from(self, baseline: Any) -> Any:
        """Points of a fall that meets the definition; not for a score at or below."""
        return self.value if self.test == "fall_points_at_least" else self.value * baseline


class Scale(Document):
    """One rating scale; higher is worse on all of them. Points, unless said otherwise."""

    key: str
    name: str
    rater: Literal["clinician", "self"]
    minimum: float = 0.0
    maximum: float
    step: float = 1.0
    clusters: Mapping[str, float] = Field(default_factory=dict)  # key -> maximum, minimum is 0
    known: FieldMark
    recall_days: float
    recall_known: FieldMark
    response: tuple[Definition, ...] = ()
    remission: tuple[Definition, ...] = ()


def _known(mark: Mark, source: str, locator: str = "", reason: str = "") -> FieldMark:
    return FieldMark(mark=mark, source=source, locator=locator, reason=reason)


_READ, _RECALLED, _DERIVED = Mark.READ, Mark.RECALLED, Mark.DERIVED
_WEEK = FieldMark(
    mark=Mark.ASSUMED,
    reason="past-week and past-month forms exist; repeated ratings need the past week",
)
_WEEK_RECALLED = _known(_RECALLED, "WEISS1997", "instruction of the scale: past seven days")

_SCALES = (
    Scale(
        key="CAPS5",
        name="Clinician-Administered PTSD Scale for DSM-5",
        rater="clinician",
        maximum=80,
        clusters={"b": 20, "c": 8, "d": 28, "e": 24},
        known=_known(_READ, "NCT04124614", "outcome text: item counts, items scored 0-4"),
        recall_days=7,
        recall_known=_WEEK,
        response=(
            Definition(
                key="response_30",
                test="fall_fraction_at_least",
                value=0.30,
                known=_known(_READ, "FEDER2021", "response: fall of 30% or more"),
            ),
            Definition(
                key="response_10_points",
                test="fall_points_at_least",
                value=10,
                known=_known(_READ, "MARX2022", "commonly used threshold"),
            ),
        ),
        remission=(
            Definition(
                key="remission_score_8",
                test="score_at_most",
                value=8,
                known=_known(_READ, "MARX2022", "return to the non-PTSD population, veterans"),
            ),
        ),
    ),
    Scale(
        key="CAPS4",
        name="Clinician-Administered PTSD Scale for DSM-IV",
        rater="clinician",
        maximum=136,
        clusters={"b": 40, "c": 56, "d": 40},
        known=_known(_DERIVED, "NCT01339689", "outcome text: range and cluster B; C, D from items"),
        recall_days=7,
        recall_known=_WEEK,
        response=(
            Definition(
                key="response_30",
                test="fall_fraction_at_least",
                value=0.30,
                known=_known(_READ, "ZOHAR2002", "with CGI-I 1 or 2, which is not modelled"),
            ),
        ),
        remission=(
            Definition(
                key="remission_score_20",
                test="score_at_most",
                value=20,
                known=_known(_READ, "DAVIDSON2006", "venlafaxine trial"),
            ),
        ),
    ),
    Scale(
        key="PCL5",
        name="PTSD Checklist for DSM-5",
        rater="self",
        maximum=80,
        clusters={"b": 20, "c": 8, "d": 28, "e": 24},
        known=_known(_READ, "BLANCHARD2023", "20 items scored 0-4"),
        recall_days=7,
        recall_known=_WEEK,
        response=(
            Definition(
                key="response_30",
                test="fall_fraction_at_least",
                value=0.30,
                known=_known(_READ, "DUEK2023", "deposited scores: fall of 30% or more"),
            ),
            Definition(
                key="response_50",
                test="fall_fraction_at_least",
                value=0.50,
                known=_known(_READ, "OKTOP2024", "response: fall of 50% or more"),
            ),
            Definition(
                key="response_10_points",
                test="fall_points_at_least",
                value=10,
                known=_known(_READ, "MARX2022", "commonly used threshold"),
            ),
        ),
        remission=(
            Definition(
                key="remission_score_28",
                test="score_at_most",
                value=28,
                known=_known(_READ, "MARX2022", "return to the non-PTSD population, veterans"),
            ),
        ),
    ),
    Scale(
        key="IESR",
        name="Impact of Event Scale, revised",
        rater="self",
        maximum=88,
        clusters={"intrusion": 32, "avoidance": 32, "hyperarousal": 24},
        known=_known(_READ, "AHRQ2018", "total range, Table 4; cluster ranges RECALLED"),
        recall_days=7,
        recall_known=_WEEK_RECALLED,
    ),
    Scale(
        key="MADRS",
        name="Montgomery-Asberg Depression Rating Scale",
        rater="clinician",
        maximum=60,
        known=_known(_READ, "SALLOUM2019", "10 items scored 0-6"),
        recall_days=7,
        recall_known=FieldMark(mark=Mark.ASSUMED, reason="no window was read; weekly in trials"),
        response=(
            Definition(
                key="response_50",
                test="fall_fraction_at_least",
                value=0.50,
                known=_known(_READ, "SALLOUM2019", "definition of response"),
            ),
        ),
        remission=(
            Definition(
                key="remission_score_10",
                test="score_at_most",
                value=10,
                known=_known(_READ, "SALLOUM2019", "definition of remission"),
            ),
            Definition(
                key="remission_score_12",
                test="score_at_most",
                value=12,
                known=_known(_READ, "LII2023", "Extended Data Table 1, note"),
            ),
        ),
    ),
    Scale(
        key="PHQ9",
        name="Patient Health Questionnaire, nine items",
        rater="self",
        maximum=27,
        known=_known(_RECALLED, "KROENKE2001", "nine items scored 0-3"),
        recall_days=14,
        recall_known=_known(_RECALLED, "KROENKE2001", "instruction: last two weeks"),
        response=(
            Definition(
                key="response_50",
                test="fall_fraction_at_least",
                value=0.50,
                known=_known(_RECALLED, "KROENKE2001", "commonly used threshold"),
            ),
        ),
    ),
    Scale(
        key="CADSS",
        name="Clinician-Administered Dissociative States Scale",
        rater="clinician",
        maximum=92,
        known=_known(_RECALLED, "BREMNER1998", "23 items scored 0-4"),
        recall_days=0,
        recall_known=_known(_RECALLED, "BREMNER1998", "rates the present state"),
    ),
)

SCALES: Mapping[str, Scale] = MappingProxyType({scale.key: scale for scale in _SCALES})
# Recorded at every visit, so a rule may ask for them. CADSS is of the hours after a dose only.
SCORED = ("CAPS5", "PCL5", "MADRS", "IESR", "CAPS4", "PHQ9")
