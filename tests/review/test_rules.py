"""Verdict rules on constructed results: every verdict is reachable, and each threshold decides."""

from __future__ import annotations

import pytest

from synaptrial.review import rules
from synaptrial.review.rules import Count, Interval
from synaptrial.review.verdicts import Ground, Signal, Verdict

FOR, LEANS, UNCLEAR, NONE, AGAINST = (
    Signal.FOR, Signal.LEANS, Signal.UNCLEAR, Signal.NONE, Signal.AGAINST,
)  # fmt: skip
WORTH = {"worthwhile": 0.5, "negligible": 0.2}


def ground(signal: Signal, trials: int = 1, sized: bool = True) -> Ground:
    return Ground(signal, trials, signal.value, sized)


@pytest.mark.parametrize(
    ("interval", "signal"),
    [
        ((0.8, 0.3, 1.3), FOR),
        ((0.8, 0.1, 1.5), LEANS),  # certainly positive, perhaps negligible
        ((0.4, 0.3, 0.5), LEANS),  # certainly positive, smaller than worthwhile
        ((0.2, -0.2, 0.6), UNCLEAR),
        ((0.1, -0.2, 0.4), NONE),
        ((-0.6, -1.0, -0.2), AGAINST),
    ],
)
def test_signal_of_an_interval(interval: tuple[float, float, float], signal: Signal) -> None:
    assert rules.signal_of(Interval(*interval), **WORTH) is signal


@pytest.mark.parametrize(
    "doubt", [{"next_trial_low": -0.1}, {"all_high_bias": True}, {"all_inert": True}]
)
def test_a_doubt_takes_the_size_but_not_the_direction(doubt: dict[str, float]) -> None:
    assert rules.signal_of(Interval(0.8, 0.3, 1.3), **WORTH, **doubt) is LEANS


def test_words_never_show_a_size() -> None:
    assert rules.signal_of_words("favours_drug") is LEANS
    assert rules.signal_of_words("no_difference") is NONE
    assert rules.signal_of_words("favours_control") is AGAINST


@pytest.mark.parametrize(
    ("grounds", "known", "verdict"),
    [
        ([], 0, Verdict.UNTESTED),
        ([], 2, Verdict.NOT_OBTAINED),
        ([ground(FOR, 2)], 2, Verdict.SUPPORTED),
        ([ground(FOR), ground(FOR)], 2, Verdict.SUPPORTED),
        ([ground(FOR)], 1, Verdict.WEAKENED),
        ([ground(LEANS, 6)], 6, Verdict.WEAKENED),
        ([ground(FOR, 2), ground(UNCLEAR)], 3, Verdict.WEAKENED),
        ([ground(UNCLEAR), ground(NONE)], 2, Verdict.WEAKENED),
        ([ground(LEANS), ground(NONE)], 2, Verdict.WEAKENED),
        ([ground(FOR), ground(NONE, sized=False)], 2, Verdict.CONTESTED),
        ([ground(LEANS), ground(AGAINST)], 2, Verdict.CONTESTED),
        ([ground(AGAINST)], 1, Verdict.CONTRADICTED),
        ([ground(NONE)], 1, Verdict.CONTRADICTED),
        ([ground(NONE, sized=False)], 1, Verdict.WEAKENED),
        ([ground(NONE, sized=False)] * 2, 2, Verdict.CONTRADICTED),
    ],
)
def test_benefit(grounds: list[Ground], known: int, verdict: Verdict) -> None:
    assert rules.benefit(grounds, known=known, needed=2).verdict is verdict


@pytest.mark.parametrize(
    ("counts", "known", "verdict"),
    [
        ([], 0, Verdict.UNTESTED),
        ([], 1, Verdict.NOT_OBTAINED),
        ([Count(45, 50)], 1, Verdict.SUPPORTED),
        ([Count(45, 50, randomised=False)], 1, Verdict.WEAKENED),
        ([Count(7, 13)], 1, Verdict.WEAKENED),
        ([Count(5, 50)], 1, Verdict.CONTRADICTED),
        ([Count(5, 50), Count(500, 500, randomised=False)], 2, Verdict.CONTRADICTED),
    ],
)
def test_share(counts: list[Count], known: int, verdict: Verdict) -> None:
    assert rules.share(counts, at_least=0.5, known=known).verdict is verdict


@pytest.mark.parametrize(
    ("counts", "known", "verdict"),
    [
        ([], 0, Verdict.UNTESTED),
        ([], 1, Verdict.NOT_OBTAINED),
        ([Count(0, 72)], 1, Verdict.SUPPORTED),
        ([Count(0, 71)], 1, Verdict.WEAKENED),
        ([Count(0, 72), Count(1, 9)], 2, Verdict.CONTRADICTED),
    ],
)
def test_none_seen(counts: list[Count], known: int, verdict: Verdict) -> None:
    assert rules.none_seen(counts, upper=0.05, known=known).verdict is verdict


@pytest.mark.parametrize(
    ("days", "known", "verdict"),
    [
        ([], 0, Verdict.UNTESTED),
        ([], 1, Verdict.NOT_OBTAINED),
        ([20.0, 40.0], 2, Verdict.SUPPORTED),
        ([20.0], 1, Verdict.WEAKENED),
        ([20.0, 400.0], 2, Verdict.CONTESTED),
        ([400.0], 1, Verdict.CONTRADICTED),
    ],
)
def test_ends_within(days: list[float], known: int, verdict: Verdict) -> None:
    assert rules.ends_within(days, limit=90, known=known, needed=2).verdict is verdict


@pytest.mark.parametrize(
    ("direct", "borrowed", "known", "verdict"),
    [
        ([], [], 0, Verdict.UNTESTED),
        ([], [], 1, Verdict.NOT_OBTAINED),
        ([True, True], [], 2, Verdict.SUPPORTED),
        ([True], [2.0], 2, Verdict.SUPPORTED),
        ([True], [], 1, Verdict.WEAKENED),
        ([], [2.0, 2.0], 2, Verdict.WEAKENED),
        ([True], [2.0, 9.0], 3, Verdict.WEAKENED),
        ([True, False], [], 2, Verdict.CONTESTED),
        ([True], [9.0], 2, Verdict.CONTESTED),
        ([False], [2.0], 2, Verdict.CONTRADICTED),
    ],
)
def test_brief(direct: list[bool], borrowed: list[float], known: int, verdict: Verdict) -> None:
    assert rules.brief(direct, borrowed, limit=4, known=known, needed=2).verdict is verdict


@pytest.mark.parametrize(
    ("filling", "verdict"),
    [(0, Verdict.SUPPORTED), (1, Verdict.WEAKENED), (2, Verdict.CONTRADICTED)],
)
def test_gap(filling: int, verdict: Verdict) -> None:
    assert rules.gap(filling, looked_at=5, needed=2, what="trials").verdict is verdict


@pytest.mark.parametrize(
    ("differences", "known", "verdict"),
    [
        ([], 0, Verdict.UNTESTED),
        ([], 1, Verdict.NOT_OBTAINED),
        ([Interval(0.0, -0.3, 0.3)], 1, Verdict.SUPPORTED),
        ([Interval(-0.3, -0.9, 0.3)], 1, Verdict.WEAKENED),
        ([Interval(-0.8, -1.2, -0.4)], 1, Verdict.CONTRADICTED),
    ],
)
def test_same_as(differences: list[Interval], known: int, verdict: Verdict) -> None:
    assert rules.same_as(differences, margin=0.5, known=known).verdict is verdict


@pytest.mark.parametrize(
    ("effects", "known", "verdict"),
    [
        ([], 0, Verdict.UNTESTED),
        ([], 1, Verdict.NOT_OBTAINED),
        ([Interval(0.23, 0.12, 0.33)], 1, Verdict.SUPPORTED),
        ([Interval(0.4, 0.2, 0.6)], 1, Verdict.WEAKENED),
        ([Interval(0.2, 0.1, 0.3), Interval(0.9, 0.6, 1.2)], 2, Verdict.CONTESTED),
        ([Interval(0.9, 0.6, 1.2)], 1, Verdict.CONTRADICTED),
    ],
)
def test_limited(effects: list[Interval], known: int, verdict: Verdict) -> None:
    assert rules.limited(effects, worthwhile=0.5, known=known).verdict is verdict


@pytest.mark.parametrize(
    ("ratio", "difference", "known", "verdict"),
    [
        (None, None, 0, Verdict.UNTESTED),
        (None, None, 1, Verdict.NOT_OBTAINED),
        (Interval(2.0, 1.2, 3.3), 0.08, 1, Verdict.SUPPORTED),
        (Interval(2.0, 1.2, 3.3), 0.02, 1, Verdict.WEAKENED),
        (Interval(1.3, 0.9, 1.9), 0.08, 1, Verdict.WEAKENED),
        (Interval(0.7, 0.5, 0.9), -0.03, 1, Verdict.CONTRADICTED),
    ],
)
def test_harm(
    ratio: Interval | None, difference: float | None, known: int, verdict: Verdict
) -> None:
    assert rules.harm(ratio, difference, margin=0.05, known=known).verdict is verdict


ABSENT, PRESENT = Interval(0.1, -0.2, 0.4), Interval(0.4, 0.2, 0.6)


@pytest.mark.parametrize(
    ("early", "late", "known", "verdict"),
    [
        ([], [PRESENT], 0, Verdict.UNTESTED),
        ([], [PRESENT], 1, Verdict.NOT_OBTAINED),
        ([ABSENT], [PRESENT], 1, Verdict.SUPPORTED),
        ([ABSENT], [ABSENT], 1, Verdict.WEAKENED),
        ([ABSENT, PRESENT], [PRESENT], 2, Verdict.CONTESTED),
        ([PRESENT], [PRESENT], 1, Verdict.CONTRADICTED),
    ],
)
def test_delayed(early: list[Interval], late: list[Interval], known: int, verdict: Verdict) -> None:
    assert rules.delayed(early, late, known=known).verdict is verdict


@pytest.mark.parametrize(
    ("signals", "direct", "verdict"),
    [
        ([], True, Verdict.UNTESTED),
        ([FOR, LEANS], True, Verdict.SUPPORTED),
        ([FOR, FOR], False, Verdict.WEAKENED),
        ([FOR], True, Verdict.WEAKENED),
        ([NONE], True, Verdict.WEAKENED),
        ([FOR, NONE], True, Verdict.CONTESTED),
        ([NONE, AGAINST], True, Verdict.CONTRADICTED),
    ],
)
def test_described(signals: list[Signal], direct: bool, verdict: Verdict) -> None:
    assert rules.described(signals, direct=direct, known=0, needed=2).verdict is verdict


@pytest.mark.parametrize(
    ("found", "as_printed", "obtained", "direct", "verdict"),
    [
        (True, True, True, True, Verdict.SUPPORTED),
        (True, False, True, True, Verdict.WEAKENED),
        (True, True, True, False, Verdict.WEAKENED),
        (True, True, False, True, Verdict.NOT_OBTAINED),
        (False, False, False, True, Verdict.NOT_OBTAINED),
    ],
)
def test_reference(
    found: bool, as_printed: bool, obtained: bool, direct: bool, verdict: Verdict
) -> None:
    ruling = rules.reference(found=found, as_printed=as_printed, obtained=obtained, direct=direct)
    assert ruling.verdict is verdict
