"""The shared speed problem, its reference, its error measure and the form of its results."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from scipy.integrate import solve_ivp

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))

from benchmarks import measure, meta_analysis, reference, run  # noqa: E402
from benchmarks import problem as pb  # noqa: E402

SCHEMA = ROOT / "src" / "synaptrial" / "data" / "schemas" / "bench.schema.json"


@pytest.fixture(scope="module")
def few():
    sample = pb.patients(3)
    return sample, reference.solve(sample)


def test_sixty_observations_each_in_one_segment():
    times = pb.observation_times()
    assert len(times) == 60 and np.diff(times).min() > 1e-6
    assert times[0] == pytest.approx(2 / 3) and times[-1] == pb.HORIZON
    owners = np.concatenate([np.arange(s.first, s.last) for s in pb.segments()])
    assert owners.tolist() == list(range(60))
    for seg in pb.segments():
        inside = times[seg.first : seg.last]
        assert ((inside > seg.start) & (inside <= seg.stop)).all()


def test_segments_join_and_carry_eight_doses():
    segs = pb.segments()
    assert [s.stop for s in segs[:-1]] == [s.start for s in segs[1:]]
    assert (segs[0].start, segs[-1].stop) == (0.0, pb.HORIZON)
    given = [(s.stop - s.start) * s.rate for s in segs if s.rate]
    assert given == pytest.approx([35.0] * 8)  # 0.5 mg/kg, 70 kg


def test_patients_do_not_depend_on_how_many_are_asked_for():
    many = pb.patients(20_000)
    assert (pb.patients(7) == many[:7]).all()
    typical = [getattr(pb.TYPICAL, name) for name in pb.VARYING]
    assert np.median(many, axis=0) == pytest.approx(typical, rel=0.02)
    assert np.log(many).std(axis=0) == pytest.approx(pb.LOG_SD, rel=0.03)


def test_derivatives_conserve_amount_and_rest_at_baseline():
    patient = pb.patients(1)[0]
    state = np.array([10.0, 4.0, 0.2, 0.3, 50.0])
    change = pb.derivatives(state, 52.5, patient)
    assert change[0] + change[1] == pytest.approx(52.5 - patient[0] * 10.0 / patient[1])
    assert pb.derivatives(pb.initial_state(), 0.0, patient) == pytest.approx(np.zeros(5))


def test_derivatives_follow_the_closed_form_of_two_compartments():
    patient = pb.patients(1)[0]
    cl, v1 = patient[:2]
    k10, k12, k21 = cl / v1, pb.TYPICAL.Q / v1, pb.TYPICAL.Q / pb.TYPICAL.V2
    total, product = k10 + k12 + k21, k10 * k21
    alpha = (total + np.sqrt(total**2 - 4 * product)) / 2
    beta = product / alpha
    t, stop = np.array([0.2, 0.6, 1.0, 3.0, 8.0]), pb.INFUSION

    def infused(rate_constant, other):
        # one exponential of the bolus response, convolved with the infusion
        size = (k21 - rate_constant) / (other - rate_constant) * pb.RATE / v1 / rate_constant
        return size * (
            np.exp(-rate_constant * np.maximum(t - stop, 0)) - np.exp(-rate_constant * t)
        )

    expected = infused(alpha, beta) + infused(beta, alpha)
    state, found = pb.initial_state(), []
    for a, b in zip([0.0, 0.2, 0.6, stop, 1.0, 3.0], [0.2, 0.6, stop, 1.0, 3.0, 8.0], strict=True):
        rate = pb.RATE if b <= stop else 0.0
        run_ = solve_ivp(
            lambda _, y, r=rate: pb.derivatives(y, r, patient), (a, b), state, "DOP853",
            rtol=1e-11, atol=1e-13,
        )  # fmt: skip
        state = run_.y[:, -1]
        if b != stop:
            found.append(state[0] / v1)
    assert found == pytest.approx(expected, rel=1e-9)


def test_reference_agrees_with_matrix_exponentials_and_a_second_solver(few):
    sample, made = few
    exact = reference.exact_concentration(sample)[:, :, None]
    assert pb.errors(made[:, :, :1], exact)[0] < 1e-10
    second = reference.solve_one_by_one(sample[:1], "LSODA", rtol=1e-11)
    assert pb.errors(second, made[:1]).max() < 1e-8


def test_errors_are_relative_with_a_floor():
    true = np.array([[[1.0], [1e-9]]])  # one patient, two times, one output
    assert pb.errors(true * [[[1.01], [1.0]]], true) == pytest.approx([0.01])
    assert pb.errors(true + [[[0.0], [1e-4]]], true) == pytest.approx([0.01])  # over 1% of 1.0


def test_the_loosest_sufficient_tolerance_is_chosen(few):
    sample, made = few
    tried = []

    def rough(patients, rtol):
        tried.append(rtol)
        return made * (1 + 3 * rtol)

    grid = (1e-3, 3e-4, 1e-4, 3e-5, 1e-5)
    assert measure.loosest_sufficient(rough, sample, made, grid) == 3e-5
    assert tried == [1e-3, 3e-4, 1e-4, 3e-5]
    failing = measure.loosest_sufficient(lambda p, r: made * np.nan, sample, made, grid)
    assert failing == 1e-5


def _row(engine, speed, error, **more):
    return {
        "engine": engine, "version": "1", "model_class": "general ODE", "cores": 2,
        "patients_per_s": speed, "worst_error": error, **more,
    }  # fmt: skip


def test_ratio_leaves_out_rows_that_miss_the_tolerance():
    peers = [
        _row("right", 100.0, 9e-5),
        _row("wrong", 900.0, 2e-4),
        _row("absent", None, None, reason="not installed"),
    ]
    assert run.ratio_to_fastest_peer(_row("ours", 3000.0, 5e-5), peers) == pytest.approx(30.0)
    assert run.ratio_to_fastest_peer(_row("ours", 3000.0, 5e-4), peers) is None
    assert run.ratio_to_fastest_peer(_row("ours", 3000.0, 5e-5), peers[1:]) is None


def test_a_peer_that_cannot_run_keeps_its_row():
    row = run.row_of("peers.no_such_engine", "Nobody", "no-such-engine", "general ODE", "luck")
    assert row["patients_per_s"] is None and "luck" in row["reason"]
    assert "Nobody" in run.table([row])
    document = {
        "problem": pb.NAME, "tolerance": pb.TOLERANCE, "rows": [row, _row("A", 1.0, 1e-5)],
        "ratio_to_fastest_peer": None, "measures": [], "meta_analysis": _refits(),
        "machine": {"processor": "x", "cores": 2, "python": "3"},
    }  # fmt: skip
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document, schema)
    del row["reason"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)


def _refits() -> dict[str, object]:
    """Rows of both sorts: an engine that is there, and one that is not."""
    here = meta_analysis.row("Synaptrial", "synaptrial", "REML", meta_analysis.ours("REML"), 300)
    gone = meta_analysis.row("Nobody", "no-such-package", "PM", meta_analysis.ours("PM"), 300)
    return {"problem": "refits", "rows": [here, gone], "ratios": {}}


def test_refits_agree_with_a_search_that_shares_no_code():
    found = _refits()
    here, gone = found["rows"]
    assert here["worst_error"] < 1e-9 and here["refits_per_s"] > 0
    assert gone["refits_per_s"] is None and "no-such-package" in gone["reason"]
    assert any("error of tau2" in line for line in run.meta_lines(found))


def test_our_engine_solves_the_problem_and_converges_at_fourth_order(few):
    from benchmarks import ours

    sample, true = few
    default = ours.Engine(ours.plan(ours.SUBSTEPS, ours.FIRST_PANEL_H), size=3, threads=1)
    assert pb.errors(default(sample), true).max() < pb.TOLERANCE
    coarse, fine = (
        pb.errors(ours.Engine(ours.plan(substeps, 0.17), 3, 1)(sample), true)
        for substeps in (6, 12)
    )
    assert np.log2(coarse / fine).min() > 3.7


def test_our_engine_gives_each_patient_the_same_whatever_the_chunk(few):
    from benchmarks import ours

    sample, _ = few
    made = ours.plan(ours.SUBSTEPS, ours.FIRST_PANEL_H)
    one, two = ours.Engine(made, 2, 2)(sample), ours.Engine(made, 3, 1)(sample)
    assert pb.errors(one, two).max() < 1e-10
