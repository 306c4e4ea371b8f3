"""Words of the registry in our vocabulary: what is not sure stays unknown."""

from __future__ import annotations

import pytest

from synaptrial.evidence import vocabulary
from synaptrial.exchange.registry import vocabulary as words


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


def test_terms() -> None:
    assert words.term_of("Suicide attempt") == "suicide_attempt"
    assert words.term_of("Blood pressure increased") == "bp_rise"
    assert words.term_of("Cough") == "other"
    assert words.term_of("Number of falls") == "other"
    assert words.term_of("Restless legs syndrome") == "other"
    assert words.term_of("Pulmonary hypertension") == "other"
    assert words.term_of("Hypertension") == "bp_rise"


def test_every_word_is_in_the_vocabulary_of_the_base() -> None:
    assert {value for _, value in words.TERMS} <= set(vocabulary.TERMS)
