"""Titles that speak of change, in the words that titles use. All titles are made up."""

from __future__ import annotations

import pytest

from synaptrial.exchange.words.change import change_in, speaks_of_percent


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("CAPS-5 total score", ""),
        ("CAPS-5 at baseline", ""),
        ("Change From Baseline in CAPS-5", "change"),
        ("Changes in CAPS-5", "change"),
        ("CAPS-5 changed by", "change"),
        ("Δ CAPS-5", "change"),
        ("Delta MADRS", "change"),
        ("Increase in PCL-5", "change"),
        ("Worsening of MADRS", "change"),
        ("Improvement in PCL-5", "fall"),
        ("Improvements in PCL-5", "fall"),
        ("Reductions of CAPS-5", "fall"),
        ("Decrease in symptoms", "fall"),
        ("Decline in MADRS", "fall"),
        ("Drop in MADRS", "fall"),
        ("Fall in MADRS score", "fall"),
        ("Reduction (change) in MADRS", "fall"),  # the word that leaves the sign open wins
        ("Difference in CAPS-5 Total Score Between Baseline and Week 4", "fall"),
        ("Baseline minus week 4 CAPS-5", "fall"),
        ("Pre-post difference in PCL-5", "fall"),
        ("CAPS-5 from baseline to week 4", "doubt"),
        ("CAPS-5 compared to baseline", "doubt"),
        ("CAPS-5 difference", "doubt"),
        # names of scales and of treatments, and words that only look alike
        ("Clinical Global Impression - Improvement", ""),
        ("Clinical Global Impression of Change", ""),
        ("CGI-Improvement", ""),
        ("PCL-5 after mindfulness-based stress reduction", ""),
        ("Dropouts", ""),
        ("Number of drop-outs", ""),
        ("Exchange of plasma", ""),
    ],
)
def test_change(title: str, kind: str) -> None:
    assert change_in(title).kind == kind


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("Percent change in CAPS-5", True),
        ("Percentage reduction", True),
        ("% change in CAPS-5", True),
        ("Change (%)", True),
        ("Change in CAPS-5 (95% CI)", False),
        ("A 50% fall in CAPS-5", False),
        ("score on a scale", False),
    ],
)
def test_percent(text: str, percent: bool) -> None:
    assert speaks_of_percent(text) == percent
