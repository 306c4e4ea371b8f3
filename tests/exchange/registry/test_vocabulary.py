"""Words of the registry in our vocabulary: what is not sure stays unknown."""

from __future__ import annotations

import pytest

from synaptrial.evidence import vocabulary
from synaptrial.exchange.registry import vocabulary as words


@pytest.mark.parametrize(
    ("param", "title", "unit", "statistic"),
    [
        ("MEAN", "CAPS-5", "score on a scale", "mean"),
        ("MEAN", "Change in CAPS-5", "score on a scale", "change"),
        ("MEAN", "Change in CAPS-5", "percent change", "percent_change"),
        ("LEAST_SQUARES_MEAN", "CAPS-5", "score", "mean"),
        ("MEDIAN", "CAPS-5", "score", "median"),
        ("MEDIAN", "Change in CAPS-5", "score", ""),
        ("COUNT_OF_PARTICIPANTS", "Response", "Participants", "count"),
        ("NUMBER", "Response", "percentage of participants", "percent"),
        ("NUMBER", "Response", "participants", "count"),
        ("NUMBER", "Response", "events", ""),
        ("GEOMETRIC_MEAN", "Concentration", "ng/mL", ""),
        ("", "Response", "", ""),
    ],
)
def test_statistics(param: str, title: str, unit: str, statistic: str) -> None:
    found, flags = words.statistic_of(param, title, unit)
    assert found == statistic
    assert bool(flags) == (not statistic or param == "LEAST_SQUARES_MEAN")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Standard Deviation", "sd"),
        ("STANDARD_DEVIATION", "sd"),
        ("Standard Error", "se"),
        ("Standard Error of the Mean", "se"),
        ("95% Confidence Interval", "ci95"),
        ("97.5% Confidence Interval", "ci97.5"),
        ("CONFIDENCE_95", "ci95"),
        ("CONFIDENCE_975", "ci97.5"),
        ("90% Confidence Interval", "ci90"),
        ("Inter-Quartile Range", "iqr"),
        ("INTER_QUARTILE_RANGE", "iqr"),
        ("Full Range", "range"),
        ("", ""),
        ("NA", ""),
        ("Geometric Coefficient of Variation", ""),
        ("CONFIDENCE_OTHER", ""),
    ],
)
def test_dispersion_types(text: str, kind: str) -> None:
    assert words.dispersion_of(text) == kind


def test_terms_and_contrasts() -> None:
    assert words.term_of("Suicide attempt") == "suicide_attempt"
    assert words.term_of("Blood pressure increased") == "bp_rise"
    assert words.term_of("Cough") == "other"
    assert words.contrast_of("Mean Difference (Final Values)").value == "difference"
    assert words.contrast_of("Odds Ratio (OR)").value == "odds_ratio"
    assert words.contrast_of("Slope").value == ""


def test_every_word_is_in_the_vocabulary_of_the_base() -> None:
    assert {value for _, value in words.TERMS} <= set(vocabulary.TERMS)
    assert {value for _, value in words.CONTRASTS} <= set(vocabulary.CONTRASTS)
    told = {s for pair in words.STATISTICS.values() for s in pair if s}
    assert told <= set(vocabulary.STATISTICS)
