"""GRADE: rules on plain numbers, and no certainty before all domains are rated."""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest
from pydantic import ValidationError
from scipy.stats import norm

from synaptrial.domain.errors import InputError
from synaptrial.evidence import grade, vocabulary


def judged(domain: str, rating: str = "not serious") -> grade.Judgement:
    return grade.Judgement.model_validate(
        {"domain": domain, "rating": rating, "reason": "made up for a test",
         "rated_by": "A. Tester", "rated_on": date(2026, 1, 2)}
    )  # fmt: skip


def test_information_size_gives_a_trial_of_the_power_asked_for() -> None:
    n = grade.optimal_information_size(5, sd=12)
    se = 12 * (4 / n) ** 0.5  # two arms of n/2
    power = norm.cdf(5 / se - norm.ppf(0.975))
    assert power == pytest.approx(0.8, abs=0.005)
    assert grade.optimal_information_size(-5, sd=12) == n
    with pytest.raises(InputError, match="other than 0"):
        grade.optimal_information_size(0)


@pytest.mark.parametrize(
    ("ci", "n", "rating"),
    [
        ((-9, -6), 500, "not serious"),
        ((-9, -6), 100, "serious"),  # too few people
        ((-9, -2), 500, "serious"),  # important or not
        ((-2, 2), 500, "not serious"),  # precisely no important effect
        ((-2, 9), 500, "serious"),
        ((-9, 9), 500, "very serious"),
        ((-9, -5), 500, "not serious"),  # the end of the interval is not inside it
    ],
)
def test_imprecision(ci: tuple[float, float], n: int, rating: str) -> None:
    finding = grade.imprecision(*ci, threshold=-5, n=n, optimal_n=200)
    assert finding.rating == rating
    assert f"{n} people of 200" in finding.reason


@pytest.mark.parametrize(
    ("pi", "rating"),
    [
        ((-10, -6), "not serious"),
        ((-13, -2), "serious"),
        ((-20, 6), "very serious"),
        (None, None),
        ((float("-inf"), float("inf")), None),
    ],
)
def test_inconsistency(pi: tuple[float, float] | None, rating: str | None) -> None:
    finding = grade.inconsistency((-9, -7), pi, threshold=5, tau2=4, i2=61.2, k=7)
    assert finding.rating == rating
    assert "tau 2, I2 61%, 7 studies" in finding.reason


def test_a_limit_that_the_mean_already_holds_is_imprecision_not_inconsistency() -> None:
    assert grade.inconsistency((-9, -4), (-9, -4), 5, 0, 0, 4).rating == "not serious"


def test_small_study_tests_say_nothing_below_ten_studies() -> None:
    assert "not assessable" in grade.publication_bias(9, 0.001).reason
    assert "show other effects" in grade.publication_bias(10, 0.04).reason
    assert "excludes none" in grade.publication_bias(10, 0.5).reason
    assert grade.publication_bias(10, 0.04).rating is None


def test_share_of_weight_by_risk_of_bias() -> None:
    finding = grade.bias_share([1, 2, 3, 4], ["high", "low", "some concerns", "not judged"])
    assert finding.reason == (
        "10% of the weight at high risk of bias, 30% with some concerns, 20% low, 40% not judged"
    )
    with pytest.raises(InputError, match="one judgement for each weight"):
        grade.bias_share([1], [])


def test_no_certainty_before_all_five_domains_are_rated() -> None:
    findings = [
        grade.imprecision(-9, -2, 5, 500, 200),
        grade.inconsistency((-9, -7), (-10, -6), 5, 1, 20, 5),
        grade.publication_bias(4, None),
        grade.bias_share([1], ["low"]),
    ]
    before = grade.certainty(findings, [])
    assert before.level is None
    assert before.missing == ("risk_of_bias", "indirectness", "publication_bias")
    entries = [judged(d) for d in before.missing]
    after = grade.certainty(findings, entries)
    assert (after.level, after.missing) == ("moderate", ())
    assert "A. Tester, 2026-01-02" in after.ratings["indirectness"][1]
    assert after.ratings["imprecision"][1].startswith("computed: ")


def test_a_person_overrides_what_was_computed_and_steps_add_up() -> None:
    findings = [grade.imprecision(-9, -2, 5, 500, 200)]
    entries = [judged(d) for d in grade.DOMAINS]
    assert grade.certainty(findings, entries).level == "high"
    severe = [judged(d, "very serious") for d in grade.DOMAINS]
    assert grade.certainty([], severe).level == "very low"
    assert grade.certainty([], entries, starts_at="low").level == "low"
    with pytest.raises(InputError, match="two judgements"):
        grade.certainty([], [*entries, entries[0]])


def test_a_judgement_needs_a_name_a_reason_and_a_date() -> None:
    whole = judged("indirectness").model_dump()
    for key in ("reason", "rated_by"):
        with pytest.raises(ValidationError):
            grade.Judgement.model_validate({**whole, key: " "})
    with pytest.raises(ValidationError):
        grade.Judgement.model_validate({**whole, "rated_on": "soon"})


def test_words_are_those_of_the_table() -> None:
    assert (*get_args(grade.Domain), "certainty") == vocabulary.GRADE_DOMAINS
    assert get_args(grade.Rating) == vocabulary.GRADE_STEPS
    assert get_args(grade.Level) == vocabulary.GRADE_CERTAINTY == grade.LEVELS


def test_a_threshold_of_zero_is_refused() -> None:
    with pytest.raises(InputError, match="an effect that matters"):
        grade.imprecision(-1, 1, 0, 10, 10)
