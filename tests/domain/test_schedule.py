import pytest
from pydantic import ValidationError

from synaptrial.domain.schedule import Scheduled


def test_explicit_days_in_hours():
    assert Scheduled(days=(0, 2, 4.5), at_h=1).times_h() == (1, 49, 109)


def test_every_and_count():
    assert Scheduled(every_days=3.5, count=8).times_h() == tuple(84.0 * k for k in range(8))


def test_start_day_shifts_the_series():
    assert Scheduled(start_day=28, every_days=7, count=2).times_h() == (672, 840)


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({}, ("days",)),
        ({"every_days": 7}, ("count",)),
        ({"count": 3}, ("every_days",)),
        ({"count": 1}, ()),
    ],
)
def test_an_unknown_schedule_names_what_is_missing(fields, missing):
    schedule = Scheduled(**fields)
    assert schedule.missing_schedule() == missing
    assert bool(schedule.times_h()) == (not missing)


def test_two_forms_at_once_are_refused():
    with pytest.raises(ValidationError, match="one form of schedule"):
        Scheduled(days=(0,), count=2)


def test_days_that_repeat_are_refused():
    with pytest.raises(ValidationError, match="days that increase"):
        Scheduled(days=(0, 2, 2))
