"""The prior before any fit: its check file, and the targets that the priors state."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tests.mechanism.modified import (
    WEEKLY,
    course,
    made,
    parameter,
    score_change,
    simulated,
    smd,
)
from typer.testing import CliRunner

from synaptrial.calibration import prior_check
from synaptrial.domain.setting import OPEN_LABEL, Setting
from synaptrial.exchange.bundled import load_sources, load_table
from synaptrial.facade import load_models
from synaptrial.interfaces.cli import app
from synaptrial.simulation.plan.readings import LIEBE_MIN, vitals_h
from synaptrial.simulation.run import acute_readings
from synaptrial.simulation.run.arm import ArmResult

FEW = ["--draws", "48", "--patients", "8", "--cores", "2"]
TABLES = ("outcomes", "acute", "meta_analyses")
ROWS = {row["row_id"]: row for name in TABLES for row in load_table(name)}


def command(*arguments: str):
    return CliRunner().invoke(app, ["prior-check", *arguments])


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> dict:
    out = tmp_path_factory.mktemp("check") / "prior_check.json"
    done = command("--out", str(out), *FEW)
    assert done.exit_code == 0, done.output
    assert [p.name for p in out.parent.iterdir()] == [out.name]  # nothing half-written beside it
    return json.loads(out.read_text(encoding="utf-8"))


def test_new_trial_ranges_cover_the_pooled_values(content: dict) -> None:
    pooled = {1.0: 0.35, 7.0: 0.24}  # as the table of meta-analyses must hold them
    for s in content["single_infusion"]:
        g = s["g"]["new_trial"]
        assert g["q025"] < pooled[s["day"]] < g["q975"]
        assert s["pooled_g"]["value"] == pooled[s["day"]]
        assert g["q025"] < 0 < g["q975"]
        assert s["pooled_g"]["source"] in load_sources()
    assert len(content["single_infusion"]) == 2


def test_active_control_is_shown_with_its_percentile(content: dict) -> None:
    """Midazolam is an active control: 0.24 (-0.30 to 0.78), and 0.20 corrected for bias."""
    day, week = content["single_infusion"]
    active = day["also_pooled"][0]
    assert (active["versus"], active["value"], active["low"]) == ("active control", 0.24, -0.3)
    assert week["also_pooled"][0]["value"] == 0.2
    for entry in (day["pooled_g"], active):
        row = ROWS[entry["row"]]
        assert [entry[k] for k in ("value", "low", "high")] == [
            float(row[k]) for k in ("value", "low", "high")
        ]
    assert active["percentile"] < day["pooled_g"]["percentile"]
    q = day["g"]["new_trial"]
    assert (active["percentile"] < 50) == (active["value"] < q["q50"])


def test_no_benefit_stays_possible(content: dict) -> None:
    for entry in content["single_infusion"] + content["trials"]:
        assert 0.05 <= entry["p_no_benefit"] <= 0.40
        assert entry["p_no_difference"] <= entry["p_no_benefit"]
    assert content["holds"]
    assert len(content["criteria"]) == 5


def test_trials_of_both_studies_are_predicted(content: dict) -> None:
    named = {(*t["arms"], t["day"]) for t in content["trials"]}
    assert named == set(prior_check.TRIALS)
    for t in content["trials"]:
        q = list(t["new_trial"].values())
        assert q == sorted(q)
        assert q[0] < t["mean"] < q[-1]


def test_published_result_has_its_percentile(content: dict) -> None:
    published = content["published"]
    row = ROWS[prior_check.PUBLISHED]
    assert (published["value"], published["se"]) == (float(row["value"]), float(row["se"]))
    feder = next(t for t in content["trials"] if t["arms"][0] == "FEDER2021_KET")
    below = published["value"] < feder["new_trial"]["q50"]
    assert below == (published["percentile"] < 50)
    assert 0 <= published["percentile"] <= 100


def test_file_says_what_made_it_and_carries_no_date(content: dict) -> None:
    run = content["run"]
    assert (run["seed"], run["draws"], run["patients"]) == (1, 48, 8)
    assert set(run) == {"version", "seed", "draws", "patients", "digests"}
    assert {"set circuits", *prior_check.PROTOCOLS} <= set(run["digests"])
    assert "variance between studies" in content["definitions"]["p_no_benefit"]
    assert "past week cannot show 24 h" in content["definitions"]["g"]


def test_failed_criterion_ends_with_status_1_and_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prior_check, "NO_BENEFIT", (0.9, 1.0))
    out = tmp_path / "check.json"
    done = command("--out", str(out), *FEW)
    assert done.exit_code == 1
    assert "FAILS: chance of no benefit" in done.output
    assert not json.loads(out.read_text(encoding="utf-8"))["holds"]


@pytest.mark.parametrize("bad", [["--draws", "0"], ["--patients", "0"], ["--seed", "-1"]])
def test_bad_numbers_leave_no_file(tmp_path: Path, bad: list[str]) -> None:
    out = tmp_path / "check.json"
    done = command("--out", str(out), *bad)
    assert type(done.exception).__name__ == "InputError"
    assert not list(tmp_path.iterdir())


def test_file_must_have_a_folder(tmp_path: Path) -> None:
    done = command("--out", str(tmp_path / "none" / "check.json"))
    assert type(done.exception).__name__ == "InputError"


# ------------------------------------------------------------------ targets that priors state


@pytest.fixture(scope="module")
def ssri() -> dict[str, ArmResult]:
    """All draws share their persons: with 32 of them an SMD moved by 0.1 with who was drawn, and
    with 48 draws the fall of the control arm by 0.015."""
    names = ["BRADY2000_SERTRALINE", "MARSHALL2001_PAROXETINE20", "BRADY2000_PLACEBO"]
    return dict(zip(("ser", "par", "pbo"), simulated(names, patients=64, draws=240), strict=True))


def test_control_arm_improves_by_a_fifth_to_three_tenths(ssri: dict[str, ArmResult]) -> None:
    """In 2 to 4 weeks, regression to the mean after the entry rule included."""
    base = ssri["pbo"].scores["CAPS5"][:, 0].mean()
    for day in (14, 28):
        assert 0.20 <= -score_change(ssri["pbo"], "CAPS5", day).mean() / base <= 0.30


def test_change_scatters_as_in_trials(ssri: dict[str, ArmResult]) -> None:
    for arm in ssri.values():
        assert 9.5 < score_change(arm, "CAPS5", 28).std(axis=1).mean() < 12.5
        assert 10 < score_change(arm, "PCL5", 28).std(axis=1).mean() < 22


def test_ssri_effects_at_12_weeks(ssri: dict[str, ArmResult]) -> None:
    """CER 207: sertraline -0.20, paroxetine -0.44 to -0.56."""
    assert smd(ssri["ser"], ssri["pbo"], "CAPS5", 84) == pytest.approx(-0.20, abs=0.08)
    assert smd(ssri["par"], ssri["pbo"], "CAPS5", 84) == pytest.approx(-0.50, abs=0.1)


def test_exposure_against_waitlist() -> None:
    """CER 207: SMD -1.12 (-1.42 to -0.82) after treatment. A waitlist believes nothing."""
    waitlist = Setting(blinding="open", control="waitlist", contact_hours_per_week=0.25)
    arms = [made(waitlist, "drug", 84, sessions=WEEKLY), made(waitlist, "control", 84)]
    a, b = simulated(arms, patients=32, draws=240)
    assert smd(a, b, "CAPS5", 70) == pytest.approx(-1.12, abs=0.2)
    assert b.moments["belief"].mean().max() < 1e-5


def test_late_gain_of_an_open_ssri_is_that_of_its_row() -> None:
    """At the centre of the priors. LONDBORG2001: 20 to 25% of 36 weeks came after week 12, the
    acute phase blinded. KIM2008: -22.8 and -32.3 at 12 and 52 weeks, 29%, of which no prior was
    made; with half of the patients gone by then the simulated share is lower."""
    low, high = (
        float(ROWS[f"LONDBORG2001:SER:CAPS4.late_share:252d:percent.{k}"]["value"]) / 100
        for k in ("low", "high")
    )
    assert low <= _late_share("sertraline", 150, 36, BLINDED) <= high
    week12, week52 = (float(ROWS[f"KIM2008:PAR:CAPS4:{day}d:change"]["value"]) for day in (84, 364))
    assert 0.18 < _late_share("paroxetine", 20, 52, OPEN_LABEL) < 1 - week12 / week52


BLINDED = Setting(
    blinding="double", control="inert", allocation_share=0.5, contact_hours_per_week=1
)


def _late_share(drug: str, mg: float, weeks: int, setting: Setting) -> float:
    names = {n for s in load_models(setting.population).priors for n in s.parameter}
    centre = {n: {"uncertainty": 0.0, "study_sd": 0.0} for n in names}
    days = 7 * weeks
    daily = [{"drug": drug, "steps": [{"day": 0, "mg_per_day": mg}], "end_day": days}]
    (r,) = simulated([made(setting, "drug", days, daily=daily)], patients=64, draws=1, **centre)
    start, week12, end = course(r, [0.0, 12 * 168.0, weeks * 168.0])[0]
    return float((end - week12) / (end - start))


def test_exposure_and_present_centred_therapy_are_alike() -> None:
    """FOA2018: -7.29 and -7.31 on PSS-I. Whoever is treated openly hopes, in control arms too."""
    a, b = simulated(["FOA2018_PE_SPACED", "FOA2018_PCT"], draws=240)
    difference = (score_change(a, "CAPS5", 68) - score_change(b, "CAPS5", 68)).mean(axis=1)
    assert abs(difference.mean()) < 2.0  # 5 points before belief was mended
    assert abs(difference.mean()) < 2 * difference.std()
    for r in (a, b):
        belief = r.moments["belief"].mean().mean(axis=0)
        last_h = r.arm.protocol.session_events()[-1].time_h
        assert belief[r.time_h <= last_h].min() > 0.75  # six days from session to session
        assert belief[-1] < 0.2  # and is gone 12 weeks after the last one


def test_veterans_under_exposure_gain_less_and_half_of_them_leave() -> None:
    """SCHNURR2022: d 0.99 within the arm, all randomised; 55.8% and 46.6% left by week 16.
    Simulated scores are of all patients with all sessions, hence the larger d."""
    (r,) = simulated(["SCHNURR2022_PE"], patients=64, draws=240)
    change = score_change(r, "CAPS5", 90)
    d = -change.mean() / change.std(axis=1).mean()
    assert 0.89 < d < 1.35
    assert change.mean() > -16
    assert (r.leaving_h < 24 * 112).mean() == pytest.approx(0.51, abs=0.08)


LEAVING = {
    "FEDER2021_KET": ("FEDER2021:KET:dropout:14d:count", 14),
    "FEDER2021_MDZ": ("FEDER2021:MDZ:dropout:14d:count", 14),
    "ABDALLAH2022_KET05": ("ABDALLAH2022:KET05:dropout:56d:count", 56),
    "ABDALLAH2022_PBO": ("ABDALLAH2022:PBO:dropout:56d:count", 56),
}


@pytest.mark.parametrize("study", ["FEDER2021", "ABDALLAH2022"])
def test_published_dropout_is_plausible(study: str) -> None:
    """Counts lie within the 95% range predicted for arms of their size."""
    names = [n for n in LEAVING if n.startswith(study)]
    rng = np.random.default_rng(5)
    for name, r in zip(names, simulated(names, unblinding=True), strict=True):
        row, day = LEAVING[name]
        share = (r.leaving_h < 24 * day).reshape(r.moments["mood"].n_draws, -1).mean(axis=1)
        n, seen = int(float(ROWS[row]["n"])), float(ROWS[row]["events"])
        low, high = np.quantile(rng.binomial(n, np.repeat(share, 200)), [0.025, 0.975])
        assert low <= seen <= high, (name, low, seen, high)


@pytest.mark.parametrize("vital", acute_readings.VITALS)
def test_maxima_on_placebo_are_those_of_liebe_2017(vital: str) -> None:
    noise = np.random.default_rng(2).standard_normal((20_000, 40))
    par = {f"{v}_{k}": np.array([parameter(f"{v}_{k}").value])
           for v in acute_readings.VITALS for k in ("noise_sd", "max")}  # fmt: skip
    all_h = vitals_h(())
    rise, later = (
        acute_readings.personal_maxima(np.zeros(1), None, par, noise, at)[f"{vital}_rise"]
        for at in (all_h[: len(LIEBE_MIN)], all_h)
    )
    row = ROWS[f"LIEBE2017:PBO:{vital.upper()}:max:mean"]
    assert rise.mean() == pytest.approx(float(row["value"]), rel=0.03)
    assert (later >= rise).all() and later.mean() > rise.mean()


def test_maxima_under_ketamine_are_near_those_of_liebe_2017() -> None:
    """Two readings after the infusion's end add little: the pressure is falling by then."""
    setting = Setting(blinding="double", control="inert", allocation_share=0.5)
    (r,) = simulated(["FEDER2014_KET"], patients=32, draws=240, setting=setting)
    for vital in acute_readings.VITALS:
        row = ROWS[f"LIEBE2017:KET:{vital.upper()}:max:mean"]
        found = r.maxima[f"{vital}_rise"]
        assert found.mean() == pytest.approx(float(row["value"]), rel=0.2)
        within = found.reshape(240, -1).std(axis=1).mean()  # of one study, as a draw is
        assert within == pytest.approx(float(row["sd"]), rel=0.25)


def test_criteria_notice_a_range_that_misses() -> None:
    entry = {"day": 1.0, "p_no_benefit": 0.2, "pooled_g": {"value": 0.35},
             "g": {"new_trial": {"q025": 0.4, "q975": 0.9}}}  # fmt: skip
    first, second = prior_check._criteria([entry])
    assert not first["holds"]
    assert second["holds"]
