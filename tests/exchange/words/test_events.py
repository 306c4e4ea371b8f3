"""Events that titles name: the event, its opposite, or something that only sounds like it."""

from __future__ import annotations

import pytest

from synaptrial.evidence import vocabulary
from synaptrial.exchange.words.events import EVENTS, OPPOSITE, event_of


@pytest.mark.parametrize(
    ("texts", "event"),
    [
        (["Number of responders"], "response"),
        (["No. of Responders on the CAPS-5"], "response"),
        (["Treatment response"], "response"),
        (["CAPS-5 response"], "response"),
        (["Participants With Response (>= 50% Reduction in MADRS)"], "response"),
        (["Response to ketamine"], "response"),
        (["Response rate at week 4"], "response"),
        (["Remission Status on the CAPS-5", "Remission"], "remission"),
        (["Number of Participants in Remission", "Yes"], "remission"),
        (["Participants who relapsed"], "relapse"),
        (["Relapse", "", "Yes"], "relapse"),
        (["No longer meets criteria for PTSD"], "loss_of_diagnosis"),
        (["Loss of PTSD diagnosis"], "loss_of_diagnosis"),
        (["Response and remission", "Remission"], "remission"),
        (["Clinical status", "Responder"], "response"),
        # the opposite, where it has a name
        (["Non-response"], "non_response"),
        (["Nonresponders"], "non_response"),
        (["Response to Treatment", "No response"], "non_response"),
        (["Response to Treatment", "No"], "non_response"),
        (["Participants who did not respond"], "non_response"),
        (["Participants who didn't respond"], "non_response"),
        (["Failed to Respond"], "non_response"),
        (["Failure to achieve a clinical response"], "non_response"),
        (["Absence of response"], "non_response"),
        (["Response not achieved"], "non_response"),
        (["Responder", "Not achieved"], "non_response"),
        (["Treatment Response", "Non-Responder"], "non_response"),
    ],
)
def test_events(texts: list[str], event: str) -> None:
    assert event_of(*texts).value == event


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        (["Number who slept"], "event not recognised"),
        (["Response and remission"], "several events named"),
        (["Remission Status on the CAPS-5", "Not in remission"], "the opposite of remission"),
        (["Number of Participants in Remission", "No"], "the opposite of remission"),
        (["Number of Participants Without Relapse"], "the opposite of relapse"),
        (["Relapse-free participants"], "the opposite of relapse"),
        (["Nonremitters"], "the opposite of remission"),
        (["Participants Without Relapse", "No"], "relapse or its opposite?"),
        (["Not without relapse"], "relapse or its opposite?"),
        (["Responders, not counting those who left"], "response or its opposite?"),
        (["Participants Without Relapse", "Relapse"], "a denial in the title"),
        (["Treatment response", "Remission"], "the title names response, below it stands Rem"),
        (["Treatment response", "Mild"], "event not recognised"),
        # not of the illness
        (["Number of Participants With an Abnormal Startle Response"], "response of what?"),
        (["Participants With a Positive Response to a Vaccine"], "response of what?"),
        (["Antibody response"], "response of what?"),
        (["Startle", "Response"], "below it stands Response"),
        (["Peak response"], "response of what?"),
        (["Response time"], "response of what?"),
        (["Responders to a survey"], "response of what?"),
        (["Partial response"], "response of what?"),
        (["Loss of response"], "response of what?"),
        (["Remission of suicidal ideation"], "remission of what?"),
        (["Insomnia remission"], "remission of what?"),
        (["Alcohol relapse"], "relapse of what?"),
    ],
)
def test_what_only_sounds_like_an_event(texts: list[str], why: str) -> None:
    found = event_of(*texts)
    assert found.value == ""
    assert why in found.flags[0]


def test_a_condition_of_its_own_is_told() -> None:
    assert event_of("Sustained response").flags == (
        "response under a condition of its own: Sustained response",
    )


def test_every_event_is_in_the_vocabulary_of_the_base() -> None:
    assert {value for _, value in EVENTS} | set(OPPOSITE.values()) <= set(vocabulary.EVENTS)
