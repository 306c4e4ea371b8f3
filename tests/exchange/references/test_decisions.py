"""Screening decisions inside the notes of other programs. All notes are made up."""

from __future__ import annotations

import pytest

from synaptrial.exchange.references.decisions import decision_of, is_decision


@pytest.mark.parametrize(
    ("notes", "screening", "reason"),
    [
        (["ASReview_relevant"], "included", ""),
        (["seen on a Monday; ASReview_irrelevant, copy at home"], "excluded", ""),
        (["<div><p>ASReview_relevant</p></div>"], "included", ""),
        (["ASReview_not_seen"], "", ""),
        (["ASReview_validate_relevant"], "", ""),  # a label to check against, no decision
        (["ASReview_prior; ASReview_relevant"], "included", ""),
        (["screening: excluded; reason: no control"], "excluded", "no control"),
        (["<p>screening: excluded; reason: no control</p>"], "excluded", "no control"),
        (["Copy at home. screening: included"], "included", ""),
        (["Copy at home screening: included"], "included", ""),  # two lines of one note
        (["screening: included patients were adults"], "", ""),  # prose of an abstract
        (["ASReview_irrelevant", "screening: included"], "included", ""),  # ours wins
        (['RAYYAN-INCLUSION: {"Ann"=>"Included"}'], "included", ""),
        (['RAYYAN-INCLUSION: {"Ann"=>"Excluded", "Bo"=>"Excluded"} | '
          "RAYYAN-EXCLUSION-REASONS: wrong drug,animals"], "excluded", "wrong drug,animals"),
        (['RAYYAN-INCLUSION: {"Ann"=>"Maybe"}'], "", ""),
        (["asreview_label: 1"], "included", ""),
        (["included: 0"], "excluded", ""),
        (["included: 12 trials"], "", ""),
        ([], "", ""),
    ],
)  # fmt: skip
def test_decisions(notes: list[str], screening: str, reason: str) -> None:
    assert decision_of(notes) == (screening, reason, False)


@pytest.mark.parametrize(
    "notes",
    [
        ["ASReview_relevant", "ASReview_irrelevant"],
        ['RAYYAN-INCLUSION: {"Ann"=>"Included", "Bo"=>"Excluded"}'],
        ["screening: included", "screening: excluded"],
    ],
)
def test_notes_that_say_both_decide_nothing(notes: list[str]) -> None:
    assert decision_of(notes) == ("", "", True)


def test_a_note_of_ours_alone() -> None:
    assert is_decision("screening: excluded; reason: no control")
    assert not is_decision("Copy at home. screening: included")
    assert not is_decision("screening: included. Copy at home")
