"""Time frames as registries write them."""

from __future__ import annotations

import pytest

from synaptrial.exchange.words.times import (
    BEFORE_START,
    DAY_NUMBER,
    LONG_UNITS,
    named_times,
    parse_times,
)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("24 hours", [1]),
        ("24h", [1]),
        ("Measured at 24 hours", [1]),
        ("Week 2", [14]),
        ("one week", [7]),
        ("Baseline, 1 week post infusion", [0, 7]),
        ("Baseline (day 0), week 1", [0, 7]),
        ("Change from baseline to 2 weeks", [0, 14]),
        ("baseline to week 12", [0, 84]),
        ("1, 2 and 4 weeks", [7, 14, 28]),
        ("Weeks 1, 2, 4", [7, 14, 28]),
        ("24 hours after the first infusion", [1]),
        ("40 minutes post-infusion", [40 / 1440]),
    ],
)
def test_points_in_time_become_days(text: str, days: list[float]) -> None:
    times = parse_times(text)
    assert times.days == pytest.approx(days)
    assert times.flags == ()


@pytest.mark.parametrize(
    "text",
    [
        "up to 4 weeks",
        "Day 7-10",
        "1 week after last infusion",
        "30 minutes before the infusion",
        "Week 2 pre-infusion",
        "4 weeks post-treatment",
        "every 3 weeks until relapse",
        "Day 1, 2, 3 weeks",  # the 2 may be days or weeks
        "3",
        "1, 2",
    ],
)
def test_what_is_no_point_since_the_start_stays_unparsed(text: str) -> None:
    assert parse_times(text) == ((), ("time frame not parsed",))


def test_numbered_days_and_months_are_flagged() -> None:
    assert parse_times("Day 1, Day 7") == ((1, 7), (DAY_NUMBER,))
    assert parse_times("Day 1 post infusion") == ((1,), ())
    assert parse_times("12 months") == ((365.25,), (LONG_UNITS,))


@pytest.mark.parametrize("text", ["Day -7", "-24 hours", "Baseline (-30 min)", "Week −2, Week 4"])
def test_times_before_the_first_dose_are_no_days_after_it(text: str) -> None:
    assert parse_times(text) == ((), (BEFORE_START,))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Change at week 4", [28]),
        ("Change from baseline at day 7 post infusion", [7]),
        ("Reduction by week 2", [14]),
    ],
)
def test_times_of_a_change(text: str, days: list[float]) -> None:
    assert parse_times(text).days == pytest.approx(days)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("CAPS-5 at Week 4", [28]),
        ("CAPS-5, 24-hour and 7-day ratings", [1, 7]),
        ("CAPS-5 past-week version", []),
        ("PHQ-9", []),
    ],
)
def test_times_inside_a_text(text: str, days: list[float]) -> None:
    assert named_times(text) == pytest.approx(days)


def test_a_missing_time_frame_is_said() -> None:
    assert parse_times(" ").flags == ("time frame missing",)
