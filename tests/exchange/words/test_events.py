"""Events that titles name."""

from __future__ import annotations

from synaptrial.evidence import vocabulary
from synaptrial.exchange.words.events import EVENTS, event_of


def test_events() -> None:
    assert event_of("Number of responders").value == "response"
    assert event_of("Non-response").value == "non_response"
    assert event_of("Number who slept").value == ""


def test_every_event_is_in_the_vocabulary_of_the_base() -> None:
    assert {value for _, value in EVENTS} <= set(vocabulary.EVENTS)
