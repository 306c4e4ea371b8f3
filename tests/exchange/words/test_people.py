"""Words on the people that a number is of. All are made up."""

from __future__ import annotations

import pytest

from synaptrial.exchange.words.people import is_subgroup, part_in


@pytest.mark.parametrize(
    ("title", "population", "part"),
    [
        ("CAPS-5", "", ""),
        ("CAPS-5", "All randomised participants", ""),
        ("CAPS-5", "Participants who received at least one dose", ""),
        ("CAPS-5", "Intention to treat", ""),
        ("CAPS-5 (Per Protocol)", "", "Per Protocol"),
        ("CAPS-5 in completers", "", "completers"),
        ("CAPS-5", "The per-protocol set", "per-protocol"),
        ("CAPS-5", "mITT", "mITT"),
        ("CAPS-5", "Responders only", "Responders only"),
        ("CAPS-5", "Participants with a rating at week 4.", "Participants with a rating at week 4"),
        ("Number of participants with a response", "", ""),
    ],
)
def test_parts_of_the_people(title: str, population: str, part: str) -> None:
    assert part_in(title, population) == part


@pytest.mark.parametrize("label", ["Male", "Women", "Site 2", "With sertraline", "PP only"])
def test_subgroups(label: str) -> None:
    assert is_subgroup(label)


def test_those_with_an_event_are_no_subgroup() -> None:
    assert is_subgroup("With response")
    assert not is_subgroup("With response", of_event=True)
    assert is_subgroup("Response, women", of_event=True)


@pytest.mark.parametrize("label", ["", "Week 4", "Total", "Remission", "CAPS-5"])
def test_labels_of_everybody(label: str) -> None:
    assert not is_subgroup(label)
