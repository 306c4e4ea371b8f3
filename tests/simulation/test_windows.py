"""Windows of readings, and that no reading depends on which other days are observed."""

from __future__ import annotations

import numpy as np
import pytest
from tests.support.prepared import made_arm

from synaptrial.domain.arm import Arm
from synaptrial.domain.document import Refused
from synaptrial.facade import load_arm, load_models
from synaptrial.simulation.cohort.build import build_cohort
from synaptrial.simulation.run.arm import simulate_arm
from synaptrial.simulation.run.recording import SCORES
from synaptrial.simulation.run.windows import window_mean, window_rows, windows_h

DOSE = {"drug": "ketamine", "enantiomer": "racemic", "route": "iv", "amount_mg_per_kg": 0.5,
        "infusion_min": 40}  # fmt: skip


def observed_on(arm: Arm, days: tuple[float, ...]) -> Arm:
    """The same arm, observed on these days too."""
    every = tuple(sorted({*arm.protocol.visits_days, *days}))
    return Arm(arm.protocol.model_copy(update={"visits_days": every}), arm.setting)


@pytest.mark.parametrize("name", ["FEDER2021_KET", "OKTOP2024_ORAL", "FOA2018_PE_SPACED"])
def test_another_visit_changes_no_score(name: str) -> None:
    arm = load_arm(name)
    more = observed_on(arm, (0.5, 1.0, 2.3, 9.5, 13.0, 15.0, 20.25, 27.0))
    cohort = build_cohort(load_models(arm.setting.population), arm.setting, 20, 2, 4)
    few, many = (simulate_arm(a, cohort) for a in (arm, more))
    for v, day in enumerate(few.visit_days):
        at = many.visit_days.index(day)
        for scale in SCORES:
            np.testing.assert_array_equal(few.scores[scale][:, v], many.scores[scale][:, at])
    np.testing.assert_array_equal(few.leaving_h, many.leaving_h)
    np.testing.assert_array_equal(few.courses["caps5_total"], many.courses["caps5_total"])


def test_a_window_never_reaches_behind_the_first_treatment() -> None:
    arm = made_arm(28.0, (1.0, 3.0, 7.0, 28.0), doses=({**DOSE, "days": (2.0, 9.0)},))
    found = windows_h(arm.protocol, "CAPS5", (0.0, 1.0, 2.0, 3.0, 7.0, 28.0))
    assert found == [
        (-168.0, 0.0), (-144.0, 24.0), (-120.0, 48.0),  # before it
        (48.0, 72.0), (48.0, 168.0), (504.0, 672.0),
    ]  # fmt: skip


def test_a_declared_window_holds_for_its_scale_and_visit() -> None:
    windows = ({"scale": "CAPS5", "visits_days": (28.0,), "recall_days": 30.0},
               {"scale": "MADRS", "visits_days": (14.0,), "recall_days": 0.0})  # fmt: skip
    protocol = made_arm(28.0, (14.0, 28.0), windows=windows).protocol
    assert windows_h(protocol, "CAPS5", (14.0, 28.0)) == [(168.0, 336.0), (0.0, 672.0)]
    assert windows_h(protocol, "MADRS", (14.0, 28.0)) == [(336.0, 336.0), (504.0, 672.0)]
    assert windows_h(protocol, "PHQ9", (14.0, 28.0)) == [(0.0, 336.0), (336.0, 672.0)]


@pytest.mark.parametrize(
    ("days", "what"), [((3.0,), "day 3"), ((14.0, 14.0), "14"), ((14.0,), "14 of CAPS5 twice")]
)
def test_a_window_of_no_visit_or_of_one_twice_is_refused(days, what) -> None:
    one = {"scale": "CAPS5", "visits_days": days, "recall_days": 1.0}
    again = {**one, "visits_days": (14.0,)}
    with pytest.raises((Refused, ValueError), match=what):
        made_arm(28.0, (14.0, 28.0), windows=(one, again))


def test_means_and_moments_of_a_known_course() -> None:
    """A cubic area is read exactly, wherever the window starts and ends."""
    edges = np.array([0.0, 5.0, 30.0, 100.0])
    level = lambda t: np.where(t < 0, 20.0, 20.0 - 0.3 * t + 0.002 * t**2)  # noqa: E731
    area = lambda t: np.where(t < 0, 20.0 * t, 20 * t - 0.15 * t**2 + 0.002 * t**3 / 3)  # noqa: E731
    windows = [(-168.0, 0.0), (-10.0, 3.0), (2.0, 40.0), (30.0, 100.0), (50.0, 50.0), (5.0, 5.0)]
    rows = window_rows(edges, windows)
    found = np.asarray(window_mean(rows, area(edges)[:, None], level(edges)[:, None]))[:, 0]
    expected = [
        level(np.array(b)) if a == b else (area(np.array(b)) - area(np.array(a))) / (b - a)
        for a, b in windows
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-12)
