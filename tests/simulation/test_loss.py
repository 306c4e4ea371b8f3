"""Loss of latent response: estimates against SciPy, times against a curve in closed form, and
nothing of it from the number of visits."""

from __future__ import annotations

import json

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats
from tests.mechanism.modified import simulated
from tests.simulation.test_compare import made_up

from synaptrial.domain.arm import Arm
from synaptrial.exchange.store import to_json
from synaptrial.facade import load_arm
from synaptrial.simulation.run.response import KEYS, LOST, REACHED, times_h
from synaptrial.simulation.summary import loss
from synaptrial.simulation.summary.survival import Held

INF = np.inf


@pytest.mark.filterwarnings("ignore:The confidence interval is undefined")
def test_kaplan_meier_equals_scipy() -> None:
    rng = np.random.default_rng(3)
    groups, n = 5, 40
    days = np.round(rng.exponential(20, (groups, n)))  # with ties
    followed = np.round(rng.uniform(5, 60, (groups, n)))
    had = rng.random((groups, n)) < 0.8
    lost = had & (days <= followed)
    held = Held(np.where(had, np.minimum(days, followed), INF), lost, np.where(had, followed, 0.0))
    for day in (7.0, 14.0, 28.0):
        share, variance = held.lost_by(day)
        for g in range(groups):
            own, seen = held.days[g], lost[g]
            censored = own[had[g] & ~seen]
            found = stats.ecdf(stats.CensoredData(uncensored=own[seen], right=censored)).sf
            assert share[g] == pytest.approx(1 - found.evaluate(day))
            low = found.confidence_interval(method="linear").low.evaluate(day)
            se = (found.evaluate(day) - low) / stats.norm.ppf(0.975)
            assert np.sqrt(variance[g]) == pytest.approx(se)
    first = stats.ecdf(
        stats.CensoredData(uncensored=held.days[0][lost[0]], right=held.days[0][had[0] & ~lost[0]])
    ).sf
    times = first.quantiles[first.probabilities <= 0.5]
    assert held.median() == times[0]


def test_a_share_is_known_only_while_somebody_is_followed() -> None:
    held = Held(np.array([[3.0, INF], [INF, INF]]), np.array([[True, False], [False, False]]),
                np.array([[20.0, 0.0], [0.0, 0.0]]))  # fmt: skip
    assert np.array_equal(held.lost_by(14.0)[0], [1.0, np.nan], equal_nan=True)
    assert np.isnan(held.lost_by(21.0)[0]).all()
    censored = Held(np.array([[9.0]]), np.array([[False]]), np.array([[9.0]]))
    assert censored.median() is None


def curve(t: np.ndarray) -> np.ndarray:
    """Falls from 40 to 20 and comes back, each patient at his own pace."""
    pace = np.array([1.0, 1.7, 0.4])
    return 40 - 20 * np.sin(np.outer(t / 100, pace)) ** 2


@pytest.mark.parametrize("step", [2.0, 9.0])
def test_times_are_those_of_the_curve_whatever_the_mesh(step: float) -> None:
    t = np.append(np.arange(0, 300, step), 300.0)
    pace = np.array([1.0, 1.7, 0.4])
    area = 30 * t[:, None] + 5 / (pace / 100) * np.sin(2 * np.outer(t / 100, pace))
    found = np.asarray(times_h(jnp.asarray(t), jnp.asarray(curve(t)), jnp.asarray(area)))
    for k, fall in ((KEYS.index("response_30"), 12.0), (KEYS.index("response_10_points"), 10.0)):
        at = np.arcsin(np.sqrt(fall / 20)) / pace * 100
        back = np.pi / pace * 100 - at
        np.testing.assert_allclose(found[k, REACHED], at, atol=0.02)
        late = back > 300
        np.testing.assert_allclose(found[k, LOST][~late], back[~late], atol=0.02)
        assert np.isinf(found[k, LOST][late]).all()
    assert late.sum() == 1


def test_who_never_responds_reaches_and_loses_nothing() -> None:
    t, flat = jnp.arange(5.0), jnp.full((5, 2), 30.0)
    assert np.isinf(np.asarray(times_h(t, flat, t[:, None] * 30.0))).all()


def test_more_visits_change_no_latent_time() -> None:
    """The observed score is asked more often and finds more losses; the latent one does not."""
    arm = load_arm("FEDER2021_KET")
    often = sorted({*arm.protocol.visits_days, *range(1, 56)})
    seen = arm.protocol.model_copy(update={"visits_days": tuple(float(d) for d in often)})
    few, many = simulated([arm, Arm(seen, arm.setting)], patients=8, draws=16, unblinding=True)
    for key in KEYS:
        a, b = few.response_h[key], many.response_h[key]
        assert (np.isfinite(a) == np.isfinite(b)).mean() > 0.99
        both = np.isfinite(a) & np.isfinite(b)
        assert np.quantile(np.abs(a[both] - b[both]), 0.99) < 0.5  # hours


def test_the_excess_over_control_is_what_is_said() -> None:
    """Made up: a drug that half lose on day 10, a control that a fifth lose on day 20."""
    results = {k: made_up(k) for k in ("FEDER2021_KET", "FEDER2021_MDZ")}
    cohort = results["FEDER2021_KET"][1]
    rng = np.random.default_rng(2)
    for (name, (r, _)), (share, day) in zip(results.items(), ((0.5, 10), (0.2, 20)), strict=True):
        reached = np.full(cohort.size, 24.0)
        lost = np.where(rng.random(cohort.size) < share, 24.0 * (1 + day), INF)
        r.response_h |= {k: np.stack([reached, lost]) for k in KEYS}
        found = loss.latent_response(r, cohort)["response_30"]
        assert found["reached"]["mean"] == 1.0, name
        means = {row["days"]: row["mean"] for row in found["lost_within"]}
        assert list(means) == [7.0, 14.0, 28.0]  # day 56 is the horizon: nobody is followed so long
        assert means[28.0] == pytest.approx(np.isfinite(lost).mean(), abs=1e-5)
        assert means[7.0] == 0
        assert found["median_days_held"] == (
            pytest.approx(10) if np.isfinite(lost).mean() >= 0.5 else None
        )
    rows = loss.excess_loss({k: r for k, (r, _) in results.items()}, cohort)
    by_day = {r["days"]: r for r in rows if r["definition"] == "response_30"}
    assert by_day[7.0]["mean"] == 0
    assert by_day[14.0]["mean"] > by_day[28.0]["mean"] > 0
    for row in rows:
        assert -1 <= row["new_trial"]["q025"] <= row["new_trial"]["q975"] <= 1
    json.loads(to_json(rows))


def test_an_arm_in_which_nobody_responds_has_no_loss() -> None:
    r, cohort = made_up("FEDER2021_MDZ")
    r.response_h |= {k: np.full((2, cohort.size), INF) for k in KEYS}
    for entry in loss.latent_response(r, cohort).values():
        assert (entry["reached"]["mean"], entry["lost_within"]) == (0, [])
        assert entry["median_days_held"] is None
