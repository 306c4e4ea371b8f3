"""The model does what the starting review (Liriano, Hatten and Schwartz 2019) describes.

Drug minus control with the nonspecific path off, conditional on a positive drug effect; the
companion tests set the effect to zero and see no separation.
"""

from __future__ import annotations

import numpy as np
import pytest
from tests.mechanism.modified import (
    QUIET,
    WEEKLY,
    course,
    difference,
    fixed,
    made,
    parameter,
    positive,
    simulated,
)

from synaptrial.domain.arm import Arm
from synaptrial.domain.setting import Setting
from synaptrial.exchange.bundled import load_table
from synaptrial.facade import load_arm
from synaptrial.simulation.run.arm import ArmResult

DAY = 24.0
NO_DRUG_EFFECT = {"drug_effect": fixed(0.0), "mood_drug_effect": fixed(0.0)}
SMALL = {"patients": 8, "draws": 16}  # enough where every draw must agree
WAITLIST = Setting(blinding="open", control="waitlist", contact_hours_per_week=0)
ROWS = {row["row_id"]: row for row in load_table("acute")}
Pair = tuple[ArmResult, ArmResult]


@pytest.fixture(scope="module")
def single() -> Pair:
    """One infusion and midazolam, beneficial drug, nonspecific path off."""
    a, b = simulated(
        ["FEDER2014_KET", "FEDER2014_MDZ"], drug_effect=positive("drug_effect"), **QUIET
    )
    return a, b


@pytest.fixture(scope="module")
def repeated() -> Pair:
    """Six infusions in two weeks, otherwise alike."""
    a, b = simulated(
        ["FEDER2021_KET", "FEDER2021_MDZ"], drug_effect=positive("drug_effect"), **QUIET
    )
    return a, b


def test_relief_within_24_h_of_one_infusion(single: Pair) -> None:
    d = difference(*single, [4.0, DAY])
    assert (d[:, 1] < 0).all()
    assert d[:, 1].mean() < -3
    assert d[:, 0].mean() < 0.3 * d[:, 1].mean()  # visible within hours


def test_all_clusters_and_mood_take_part(single: Pair) -> None:
    for name in ("caps5_b", "caps5_c", "caps5_d", "caps5_e", "mood"):
        assert difference(*single, [DAY], name).mean() < 0


def test_benefit_of_one_dose_is_lost_over_days_to_weeks(single: Pair) -> None:
    days = np.arange(1, 14.01, 0.1)
    d = difference(*single, days * DAY).mean(axis=0)
    half = days[np.argmax(d > 0.5 * d[0])]
    assert 3 < half < 14
    assert (np.diff(d[days > 2]) > 0).all()


def test_repeated_doses_hold_longer_than_one(single: Pair, repeated: Pair) -> None:
    last = repeated[0].arm.protocol.dose_events()[-1].time_h
    # of the severity at the start, which an entry rule makes higher in the trial of one infusion
    start = [pair[0].moments["caps5_total"].mean()[:, 0].mean() for pair in (single, repeated)]
    after_one = difference(*single, [14 * DAY]).mean() / start[0]
    after_six = difference(*repeated, [last + 14 * DAY]).mean() / start[1]
    assert after_six < 1.2 * after_one < 0


def test_dissociation_fades_within_2_h(single: Pair) -> None:
    ketamine, control = single
    mean, t = ketamine.acute_moments["cadss"].mean().mean(axis=0), ketamine.plan.acute_h
    assert mean.max() > 10
    assert np.interp(2.0, t, mean) < 0.10 * mean.max()
    assert np.interp(4.0, t, mean) < 0.03 * mean.max()
    assert "cadss" not in control.acute_moments  # the drug adds nothing


def test_control_scores_what_saline_scores(single: Pair) -> None:
    """Goldway 2025: CADSS 3.55 (SD 5.06) on saline, 24.94 after a bolus of ketamine."""
    ketamine, control = (r.maxima["cadss_peak"] for r in single)
    saline = ROWS["GOLDWAY2025:SAL:CADSS:bolus:mean"]
    assert control.mean() == pytest.approx(float(saline["value"]), abs=0.7)
    assert control.std() == pytest.approx(float(saline["sd"]), abs=0.9)
    assert 0.3 < (control == 0).mean() < 0.6
    assert (ketamine >= control).all()  # the same people, with the drug's part added


def test_cadss_scale_is_what_ketamine_adds_to_saline() -> None:
    by_drug = float(ROWS["GOLDWAY2025:KET:CADSS:bolus:mean"]["value"]) - float(
        ROWS["GOLDWAY2025:SAL:CADSS:bolus:mean"]["value"]
    )
    assert parameter("cadss_max").value == pytest.approx(by_drug / 0.82, rel=0.02)


@pytest.mark.parametrize("vital", ["sbp_change_mmhg", "dbp_change_mmhg", "hr_change_bpm"])
def test_pressure_and_pulse_return_within_2_to_4_h(single: Pair, vital: str) -> None:
    mean, t = single[0].acute_moments[vital].mean().mean(axis=0), single[0].plan.acute_h
    assert mean.max() > 4
    assert 0.5 < t[mean.argmax()] < 0.8  # as the infusion ends
    assert np.interp(2.0, t, mean) < 0.15 * mean.max()
    assert np.interp(4.0, t, mean) < 0.05 * mean.max()


@pytest.mark.parametrize(
    "arms", [("FEDER2014_KET", "FEDER2014_MDZ"), ("FEDER2021_KET", "FEDER2021_MDZ")]
)
def test_no_drug_effect_makes_no_separation(arms: tuple[str, str]) -> None:
    """Nonspecific path on, functional unblinding off: arms differ only by what is in them."""
    a, b = simulated(arms, **SMALL, **NO_DRUG_EFFECT)
    for name in ("caps5_total", "caps5_b", "caps5_e", "mood"):
        assert np.abs(a.moments[name].mean() - b.moments[name].mean()).max() < 1e-9
    assert course(b, [14 * DAY]).mean() < course(b, [0.0]).mean() - 3  # the path is on


def test_with_unblinding_belief_alone_separates() -> None:
    """Shows that the companion test can fail: the same arms, belief at work."""
    a, b = simulated(["FEDER2014_KET", "FEDER2014_MDZ"], unblinding=True, **NO_DRUG_EFFECT)
    assert difference(a, b, [DAY]).mean() < -0.5
    belief = difference(a, b, [DAY, 14 * DAY], "belief").mean(axis=0)
    assert belief[0] > belief[1] > 0


def test_superiority_of_a_course_fades_belief_included() -> None:
    a, b = simulated(["FEDER2021_KET", "FEDER2021_MDZ"], unblinding=True)
    d14, d28, d56 = difference(a, b, [14 * DAY, 28 * DAY, 56 * DAY]).mean(axis=0)
    assert d14 < 0
    assert d28 > 0.65 * d14
    assert d56 > 0.25 * d14


@pytest.mark.parametrize("effect", ["positive", "none"])
def test_response_to_the_drug_is_more_transient_than_that_to_a_control(effect: str) -> None:
    """Judged by the contrast, natural course at work: of responses reached within four weeks,
    more are lost again within four weeks after one dose of ketamine than after midazolam. No
    visit enters, so the number of them explains nothing."""
    loaded = [load_arm(n) for n in ("FEDER2014_KET", "FEDER2014_MDZ")]
    longer = [Arm(a.protocol.model_copy(update={"horizon_days": 56.0}), a.setting) for a in loaded]
    changes = {"drug_effect": positive("drug_effect")} if effect == "positive" else NO_DRUG_EFFECT
    lost = []
    for r in simulated(longer, **changes):
        reached, gone = r.response_h["response_30"]
        early = reached < 28 * DAY
        lost.append((gone[early] <= reached[early] + 28 * DAY).mean())
    excess = lost[0] - lost[1]
    assert excess > 0.1 if effect == "positive" else excess == 0


@pytest.mark.parametrize(
    ("arm", "effect"),
    [
        ("BRADY2000_SERTRALINE", "ssri_effect_sertraline"),
        ("MARSHALL2001_PAROXETINE20", "ssri_effect_paroxetine"),
    ],
)
def test_ssri_takes_weeks(arm: str, effect: str) -> None:
    a, b = simulated([arm, "BRADY2000_PLACEBO"], **{effect: positive(effect)}, **QUIET)
    d1, w1, w4, w12 = difference(a, b, [DAY, 7 * DAY, 28 * DAY, 84 * DAY]).mean(axis=0)
    assert w12 < -1
    assert d1 > 0.1 * w12
    assert w1 > 0.5 * w12
    assert w12 < w4 < w1


def test_no_ssri_effect_makes_no_separation() -> None:
    """On one mesh: that of sertraline is finer, and errors of integration would show."""
    nothing = {"ssri_effect_sertraline": fixed(0.0), "mood_ssri_effect": fixed(0.0)}
    arms = ["BRADY2000_SERTRALINE", "BRADY2000_PLACEBO"]
    (fine,) = simulated(arms[:1], **SMALL)
    a, b = simulated(arms, breaks_h=fine.plan.slow.edges_h, **SMALL, **nothing)
    for name in ("caps5_total", "mood"):
        assert np.abs(a.moments[name].mean() - b.moments[name].mean()).max() < 1e-9


def test_untreated_stays_at_its_baseline() -> None:
    (r,) = simulated([made(WAITLIST, "control", 84)], **SMALL, **QUIET)
    for name in ("caps5_total", "mood"):
        assert (r.courses[name] == r.courses[name][0]).all()
        mean = r.moments[name].mean()
        assert (mean == mean[:, :1]).all()


def test_sessions_count_not_calendar_time() -> None:
    massed = made(WAITLIST, "drug", 84, sessions=[
        {"kind": "exposure", "days": [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]}])  # fmt: skip
    weekly = made(WAITLIST, "drug", 84, sessions=WEEKLY)
    a, b = simulated([massed, weekly], **QUIET)
    early, late = (course(a, [h]) - course(a, [0.0]) for h in (21 * DAY, 84 * DAY))
    spaced_early, spaced_late = (course(b, [h]) - course(b, [0.0]) for h in (21 * DAY, 84 * DAY))
    assert late.mean() < -5
    assert late.mean() == pytest.approx(spaced_late.mean(), rel=0.1)
    assert early.mean() < 1.5 * spaced_early.mean()  # and what differs is when


def test_midazolam_near_a_session_weakens_learning_in_the_median() -> None:
    """Signed: against the same doses without the modulation most draws lose, some do not."""
    dose = {"drug": "midazolam", "route": "iv", "amount_mg_per_kg": 0.045, "infusion_min": 40}
    near = made(
        WAITLIST, "drug", 35,
        sessions=[{"kind": "exposure", "every_days": 7, "count": 4, "at_h": 2}],
        doses=[dose | {"every_days": 7, "count": 4}],
    )  # fmt: skip
    (a,) = simulated([near], draws=200, patients=4, **QUIET)
    (b,) = simulated([near], draws=200, patients=4, near_midazolam_modulation=fixed(0.0), **QUIET)
    d = difference(a, b, [35 * DAY], "learning")
    assert np.median(d) < 0
    assert 0.6 < (d < 0).mean() < 0.9


def test_mood_moves_within_hours_as_in_nasal_trials() -> None:
    """An 2021: -6.16 of -9.96 MADRS points at 2 to 4 h, belief included."""
    a, b = simulated(["FEDER2014_KET", "FEDER2014_MDZ"], unblinding=True)
    early, day = difference(a, b, [3.0, DAY], "mood").mean(axis=0)
    assert early / day == pytest.approx(6.16 / 9.96, abs=0.12)
