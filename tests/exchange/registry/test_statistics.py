"""What a measure reports: the record, its title and its unit must agree. All titles are made up."""

from __future__ import annotations

import pytest

from synaptrial.evidence import vocabulary
from synaptrial.exchange.registry.statistics import (
    AVERAGES,
    CONTRASTS,
    average_of,
    contrast_of,
    counted_of,
)

SCORE = "score on a scale"


@pytest.mark.parametrize(
    ("param", "title", "unit", "statistic"),
    [
        ("MEAN", "CAPS-5", SCORE, "mean"),
        ("LEAST_SQUARES_MEAN", "CAPS-5", SCORE, "mean"),
        ("MEDIAN", "CAPS-5", SCORE, "median"),
        ("MEAN", "Clinical Global Impression - Improvement", SCORE, "mean"),
        ("MEAN", "Change in CAPS-5", SCORE, "change"),
        ("MEAN", "Changes From Baseline in CAPS-5", SCORE, "change"),
        ("MEAN", "Improvements in PCL-5", SCORE, "change"),
        ("MEAN", "Difference in CAPS-5 Between Baseline and Week 4", SCORE, "change"),
        ("MEAN", "Change in CAPS-5", "percent change", "percent_change"),
        ("MEAN", "Percent Change in CAPS-5", "percentage", "percent_change"),
        ("MEAN", "CAPS-5 at week 4", "change in points", "change"),
        ("MEAN", "Percent Change in CAPS-5", SCORE, ""),
        ("MEAN", "CAPS-5", "percent of baseline", ""),
        ("MEAN", "CAPS-5 from baseline to week 4", SCORE, ""),
        ("MEAN", "Median CAPS-5", SCORE, ""),
        ("MEAN", "Geometric Mean of CAPS-5", SCORE, ""),
        ("MEAN", "Log-transformed PCL-5", SCORE, ""),
        ("MEDIAN", "Mean PCL-5", SCORE, ""),
        ("MEDIAN", "Change in CAPS-5", SCORE, ""),
        ("GEOMETRIC_MEAN", "Concentration", "ng/mL", ""),
        ("", "Response", "", ""),
    ],
)
def test_averages(param: str, title: str, unit: str, statistic: str) -> None:
    found = average_of(param, title, "", unit)
    assert found.statistic == statistic
    assert statistic or found.flags


def test_a_word_that_leaves_the_sign_open_is_flagged_and_so_is_change_in_a_class_alone() -> None:
    assert average_of("MEAN", "Change in PCL-5", "", SCORE).flags == ()
    for title in ("Improvements in PCL-5", "Drop of PCL-5", "Difference of PCL-5 from baseline"):
        assert average_of("MEAN", title, "", SCORE).flags[0].startswith("sign: "), title
    (flag,) = average_of("MEAN", "PCL-5", "Change at week 4", SCORE).flags
    assert flag == "only the class, category or unit speaks of change: Change"


@pytest.mark.parametrize(
    ("param", "unit", "statistic"),
    [
        ("COUNT_OF_PARTICIPANTS", "Participants", "count"),
        ("COUNT_OF_PARTICIPANTS", "", "count"),
        ("COUNT_OF_PARTICIPANTS", "Eyes", ""),
        ("NUMBER", "participants", "count"),
        ("NUMBER", "percentage of participants", "percent"),
        ("NUMBER", "% of randomized participants", "percent"),
        ("NUMBER", "%", "percent"),
        ("NUMBER", "percentage of visits", ""),
        ("NUMBER", "percent change", ""),
        ("NUMBER", "proportion of participants", ""),
        ("NUMBER", "events", ""),
        ("NUMBER", "", ""),
    ],
)
def test_counts_are_of_people(param: str, unit: str, statistic: str) -> None:
    found = counted_of(param, unit)
    assert found is not None
    assert found.value == statistic
    assert bool(found.flags) == (not statistic)


def test_an_average_is_no_count() -> None:
    assert counted_of("MEAN", "participants") is None


@pytest.mark.parametrize(
    ("param", "statistic", "logged"),
    [
        ("Mean Difference (Final Values)", "difference", False),
        ("Odds Ratio (OR)", "odds_ratio", False),
        ("Odds Ratio, log", "odds_ratio", True),
        ("Log Odds Ratio", "odds_ratio", True),
        ("ln(OR)", "odds_ratio", True),
        ("lnRR", "risk_ratio", True),
        ("Risk Ratio, log", "risk_ratio", True),
        ("Hazard Ratio, log", "hazard_ratio", True),
        ("Hazard ratio by log-rank test", "hazard_ratio", False),
        ("Odds ratio of a logistic regression", "odds_ratio", False),
        ("log10 Risk Ratio", "", False),
        ("Mean Difference of log scores", "", False),
        ("Log odds", "", False),
        ("Slope", "", False),
    ],
)
def test_contrasts_and_logarithms(param: str, statistic: str, logged: bool) -> None:
    found = contrast_of(param)
    assert found.statistic == statistic
    assert found.logged == logged
    assert bool(found.flags) == (not statistic)


def test_a_difference_in_percent_is_no_difference_of_scores() -> None:
    assert contrast_of("Mean Difference (Net)", "percent change").statistic == ""


def test_every_word_is_in_the_vocabulary_of_the_base() -> None:
    told = {value for _, value in CONTRASTS} | set(AVERAGES.values())
    assert told <= set(vocabulary.STATISTICS)
