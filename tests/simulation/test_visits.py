"""What is said of visits: reference day, loss of response, the window of each scale."""

from __future__ import annotations

import numpy as np
import pytest
from tests.simulation.test_compare import made_up

from synaptrial.simulation.summary import visits


@pytest.mark.parametrize(
    ("name", "recall_days", "day"),
    [("FEDER2014_KET", 7, 7.0), ("FEDER2021_KET", 7, 21.0), ("FEDER2021_KET", 14, 28.0)],
)
def test_loss_counts_from_a_visit_that_looks_back_on_untreated_days(name, recall_days, day):
    result, _ = made_up(name)
    assert result.visit_days[visits.reference_visit(result, recall_days)] == day


def test_loss_now_and_loss_ever():
    """Of four responders at day 21: one stays, one loses it for good, one comes back, one late."""
    result, cohort = made_up("FEDER2021_KET")
    n = len(result.scores["CAPS5"])
    scores = np.full((n, len(result.visit_days)), 20, np.int16)
    scores[:, 0] = 40
    at = {d: v for v, d in enumerate(result.visit_days)}
    scores[1::4, at[28.0] :] = 40
    scores[2::4, at[28.0]] = 40
    scores[3::4, at[56.0]] = 40
    result.scores["CAPS5"] = scores
    found = {v["day"]: v["scale"]["CAPS5"] for v in visits.visits(result, cohort)}
    key = "loss_of_response_30_since_day_21"
    assert key not in found[21.0]
    assert [found[d][key] for d in (28.0, 42.0, 56.0)] == [0.5, 0.25, 0.5]
    assert [found[d][f"first_{key}"] for d in (28.0, 42.0, 56.0)] == [0.5, 0.5, 0.75]
