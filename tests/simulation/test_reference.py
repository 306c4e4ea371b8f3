"""The whole model on its two meshes against SciPy at 1e-10, and what must hold of any run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.support import reference
from tests.support.prepared import (
    ORAL_AND_NASAL,
    PATIENTS,
    SEED,
    Prepared,
    bundled_arm,
    made_arm,
    prepared,
    relative_errors,
)

from synaptrial.facade import load_models
from synaptrial.simulation.cohort.build import build_cohort
from synaptrial.simulation.run import arm as simulation
from synaptrial.simulation.run.inputs import Given

TOLERANCE = 1e-4  # of the value, or of 1% of the patient's largest one
# Hidden drivers fall to a thousandth of their peak between doses, and mood may be driven near 0:
# there the error is held to the same share of the patient's largest value.
# The surge lasts an hour or two, a few intervals of the mesh; it is a line in a figure, and all
# that follows from it is held to the tolerance.
SURGE = 5e-4
BY_PEAK = (
    "glutamate", "plasticity", "plasticity_fast", "plasticity_slow", "mood", "area_mood",
)  # fmt: skip
INFUSION = {
    "drug": "ketamine", "enantiomer": "racemic", "route": "iv", "amount_mg_per_kg": 0.5,
    "infusion_min": 40.0, "days": (0.0,),
}  # fmt: skip


@pytest.fixture(scope="module")
def feder() -> Prepared:
    return prepared(bundled_arm("FEDER2021_KET"))


@pytest.fixture(scope="module")
def other_routes() -> Prepared:
    """Racemic ketamine by mouth and S-ketamine by nose."""
    return prepared(made_arm(14.0, (1.0, 7.0, 14.0), **ORAL_AND_NASAL))


def check(arm: Prepared) -> None:
    """All latent courses and acute signals within the tolerance."""
    truth = reference.solve(arm.case(), arm.edges_h[1:])
    courses, acute, _ = arm.run()
    real = len(arm.edges_h) - 1
    ends = {k: np.asarray(v)[:real] for k, v in courses.items()}
    errors = {k: relative_errors(v, truth[k]) for k, v in ends.items() if k not in BY_PEAK}
    if acute:
        hours = arm.plan.acute_h + arm.plan.events[0].time_h
        seen = reference.plasma(arm.case(), hours)
        errors |= {
            k: relative_errors(np.asarray(v)[: len(hours)], seen[k]) for k, v in acute.items()
        }
    wrong = {k: f"{e:.1e}" for k, e in errors.items() if not e < TOLERANCE}
    for k in BY_PEAK:
        e, most = peak_errors(ends[k], truth[k]), SURGE if k == "glutamate" else TOLERANCE
        wrong |= {k: f"{e:.1e} of peak"} if not e < most else {}
    assert not wrong


def peak_errors(found: np.ndarray, truth: np.ndarray) -> float:
    """Largest error over times and patients, relative to the patient's own largest value."""
    peak = np.abs(truth).max(axis=0)
    return float((np.abs(found - truth) / np.where(peak > 0, peak, 1.0)).max())


def test_reference_agrees_with_a_stiff_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oracle itself: an explicit and an implicit method, on the first two days."""
    case = prepared(bundled_arm("DUEK2023_KET", 5.0)).case()
    times = np.array([0.5, 1.5, 2.0, 6.0, 25.0, 30.0])
    explicit = reference.solve(case, times)
    monkeypatch.setattr(reference, "METHOD", "LSODA")
    implicit = reference.solve(case, times)
    for name, course in explicit.items():
        assert relative_errors(implicit[name], course) < 1e-7, name


def test_feder_ketamine_equals_scipy(feder: Prepared) -> None:
    check(feder)


def test_feder_midazolam_equals_scipy() -> None:
    check(prepared(bundled_arm("FEDER2021_MDZ")))


def test_duek_with_sessions_equals_scipy() -> None:
    check(prepared(bundled_arm("DUEK2023_KET")))


def test_sertraline_equals_scipy() -> None:
    check(prepared(bundled_arm("BRADY2000_SERTRALINE")))


@pytest.mark.parametrize("end_day", [56.0, 21.0])
def test_an_ssri_taken_before_equals_scipy(end_day: float) -> None:
    """One that goes on, and one that is tapered and stopped, each with an infusion."""
    lower = ((7.0, 100.0), (14.0, 50.0)) if end_day < 56 else ()
    steps = [{"day": d, "mg_per_day": mg} for d, mg in ((0.0, 150.0), *lower)]
    arm = made_arm(
        56.0, (7.0, 28.0, 56.0), doses=(INFUSION,),
        daily=({"drug": "sertraline", "steps": steps, "end_day": end_day, "taken_before": True},),
    )  # fmt: skip
    check(prepared(arm))


def test_oral_and_nasal_equal_scipy(other_routes: Prepared) -> None:
    check(other_routes)


def test_sessions_before_at_and_after_two_doses_equal_scipy() -> None:
    """Sessions at 0, 1 and 4 h, doses at 1 and 3 h: the first is near none, the last near two."""
    sessions = tuple(
        {"kind": kind, "days": (0.0,), "at_h": at}
        for kind, at in (("reactivation", 0.0), ("supportive", 1.0), ("exposure", 4.0))
    )
    doses = tuple(INFUSION | {"at_h": at} for at in (1.0, 3.0))
    arm = prepared(made_arm(7.0, (1.0, 7.0), doses=doses, sessions=sessions))
    check(arm)
    near = arm.plan.arrays["near_ketamine"]
    at = {h: int(np.argmin(np.abs(arm.edges_h - h))) for h in (0.0, 1.0, 4.0)}
    assert [near[at[h]].sum() for h in at] == [0.0, 1.0, 2.0] and near.sum() == 3.0


def test_a_long_infusion_r_ketamine_and_a_racemic_spray_equal_scipy() -> None:
    """The acute window holds the end of the infusion, and R raises pressure by its weight."""
    infusion = {
        "drug": "ketamine", "enantiomer": "racemic", "route": "iv", "amount_mg": 300.0,
        "infusion_min": 1800.0, "days": (0.0,),
    }  # fmt: skip
    by_r = infusion | {"enantiomer": "r", "infusion_min": 40.0, "amount_mg": 30.0, "days": (4.0,)}
    spray = {
        "drug": "ketamine", "enantiomer": "racemic", "route": "intranasal", "amount_mg": 50.0,
        "devices": 2, "days": (6.0,),
    }  # fmt: skip
    arm = prepared(made_arm(9.0, (3.0, 9.0), doses=(infusion, by_r, spray)))
    check(arm)
    assert 48.0 < arm.plan.acute_h[-1] <= 54.0
    check(prepared(made_arm(3.0, (3.0,), doses=(by_r | {"days": (0.0,)},))))


# gradients, on the arm by mouth and by nose


def summary(arm: Prepared, par: dict, slope: jax.Array, given: Given) -> jax.Array:
    """Mean latent CAPS-5 at the last edge, day 14."""
    courses = arm.run(par=par, slope=slope, given=given)[0]
    return courses["caps5_total"][len(arm.edges_h) - 2].mean()


NAMES = (
    "CL_S", "V1", "ka_oral", "fast_on", "slow_half_life", "drug_effect", "potency_r",
    "severity_half_life", "expectancy", "unblinding_slope_inert",
)  # fmt: skip


def test_gradients_equal_central_differences(other_routes: Prepared) -> None:
    """Ten parameters, each scaled by one factor in all patients; in patient 0 absorption, transit
    and disposition share one rate, and patient 1 gets no dose."""
    arm = other_routes
    base = {k: v.copy() for k, v in arm.par.items()}
    base["ka_oral"][0] = 2.0 / base["MTT_NK"][0]
    base["ka_nasal"][0] = base["ka_swallowed"][0] = base["ka_oral"][0]
    doses = np.array(arm.given.doses)
    doses[:, 1] = 0.0
    given = arm.given._replace(doses=doses)

    def scaled(factors: dict) -> jax.Array:
        par = {k: jnp.asarray(v) * factors.get(k, 1.0) for k, v in base.items()}
        return summary(arm, par, par["unblinding_slope_inert"], given)

    ones = {k: jnp.ones(PATIENTS) for k in NAMES}
    found = {k: np.asarray(v) for k, v in jax.grad(scaled)(ones).items()}
    assert all(np.isfinite(v).all() for v in found.values())
    largest = max(abs(v.sum()) for v in found.values())
    for name in NAMES:
        h = 1e-4
        up, down, up2, down2 = (
            float(scaled({**ones, name: jnp.full(PATIENTS, 1.0 + d)}))
            for d in (h, -h, 2 * h, -2 * h)
        )
        expected = (8 * (up - down) - (up2 - down2)) / (12 * h)
        # what matters less than a millionth of the largest is compared on that scale
        assert found[name].sum() == pytest.approx(expected, rel=1e-5, abs=1e-6 * largest), name
    for name in ("CL_S", "V1", "ka_oral", "fast_on", "drug_effect", "potency_r"):
        assert found[name][1] == 0.0, f"{name} of a patient without a dose"


# controls


def test_dose_zero_equals_saline(feder: Prepared) -> None:
    protocol = feder.arm.protocol
    dose = protocol.doses[0]
    saline = dose.model_copy(
        update={"drug": "saline", "enantiomer": None, "amount_mg_per_kg": None, "amount_mg": None}
    )
    nothing = dose.model_copy(update={"amount_mg_per_kg": 0.0})
    arms = {
        name: prepared(replace(feder.arm, protocol=protocol.model_copy(update={"doses": (d,)})))
        for name, d in (("saline", saline), ("nothing", nothing))
    }
    np.testing.assert_array_equal(arms["nothing"].edges_h, arms["saline"].edges_h)
    plain = arms["saline"].courses()
    for name, course in arms["nothing"].courses().items():
        np.testing.assert_allclose(course, plain[name], rtol=1e-10, atol=1e-10)


def test_without_unblinding_inert_and_active_settings_are_the_same(feder: Prepared) -> None:
    """Same drug, other kind of control: only with the path on does belief differ."""
    inert = replace(feder.arm, setting=feder.arm.setting.model_copy(update={"control": "inert"}))
    other = prepared(inert)
    off = np.zeros(PATIENTS)
    mine, theirs = feder.courses(slope=off), other.courses(slope=off)
    for name, course in mine.items():
        np.testing.assert_array_equal(course, theirs[name])
    assert np.abs(feder.courses()["belief"] - other.courses()["belief"]).max() > 0.01
    share = np.full_like(mine["belief"], feder.share)
    np.testing.assert_allclose(mine["belief"], share, rtol=1e-12)


# the same patients and the same trajectories, whatever the machinery


def cohort_of(feder: Prepared, patients: int, draws: int = 2) -> simulation.Cohort:
    setting = feder.arm.setting
    return build_cohort(load_models(setting.population), setting, patients, draws, SEED)


@pytest.mark.parametrize("entry", [False, True])
def test_patients_are_the_same_bit_for_bit(feder: Prepared, entry: bool) -> None:
    name = "BRADY2000_SERTRALINE" if entry else "FEDER2021_KET"
    setting = bundled_arm(name).setting
    assert (setting.entry is not None) == entry
    models = load_models(setting.population)
    few, many = (build_cohort(models, setting, n, 3, SEED) for n in (5, 11))
    for draw in range(3):
        mine = few.chunk(5 * draw, 5 * draw + 5)[1]
        theirs = many.chunk(11 * draw, 11 * draw + 5)[1]
        pieces = [many.chunk(11 * draw + i, 11 * draw + i + 1)[1] for i in range(5)]
        for k, v in mine.items():
            np.testing.assert_array_equal(v, theirs[k])
            alone = np.concatenate([p[k] for p in pieces])
            np.testing.assert_array_equal(np.broadcast_to(v, 5), alone)


@pytest.fixture(scope="module")
def runs(feder: Prepared) -> Iterator[dict[str, simulation.ArmResult]]:
    """FEDER2021 in 2 draws of 10 patients: chunks of 8 and 4, one thread and two."""
    cohort = cohort_of(feder, 10)
    yield {
        "plain": simulation.simulate_arm(feder.arm, cohort, chunk=PATIENTS),
        "threads": simulation.simulate_arm(feder.arm, cohort, chunk=PATIENTS, cores=2),
        "chunks": simulation.simulate_arm(feder.arm, cohort, chunk=4),
    }


@pytest.mark.parametrize("other", ["threads", "chunks"])
def test_trajectories_do_not_depend_on_threads_or_chunks(
    runs: dict[str, simulation.ArmResult], other: str
) -> None:
    mine, theirs = runs["plain"], runs[other]
    for name, courses in mine.courses.items():
        # kept in single precision, so this is equality but for one last bit
        np.testing.assert_allclose(courses, theirs.courses[name], rtol=2e-7, atol=1e-10)
    for name, moments in mine.moments.items():
        # sums are whole numbers of small units; a value on the edge of one may round to the next
        assert np.abs(moments.total - theirs.moments[name].total).max() <= 2
    for name, scores in mine.scores.items():
        np.testing.assert_array_equal(scores, theirs.scores[name])
    np.testing.assert_allclose(mine.leaving_h, theirs.leaving_h, rtol=1e-6)


def test_trajectories_do_not_depend_on_chunks_in_double_precision(feder: Prepared) -> None:
    """Each half of the patients, repeated to fill the chunk, gives the same numbers."""
    whole = feder.courses()
    for half in (slice(0, PATIENTS // 2), slice(PATIENTS // 2, PATIENTS)):
        part = {k: np.tile(v[half], 2) for k, v in feder.par.items()}
        found = feder.courses(par=part, slope=np.tile(feder.slope[half], 2))
        for name, course in whole.items():
            np.testing.assert_allclose(found[name][:, : PATIENTS // 2], course[:, half], rtol=1e-10)


def test_more_visits_change_trajectories_within_the_mesh_error_only(feder: Prepared) -> None:
    """A visit adds an edge to the mesh, so the last digits move; what is sampled adds none."""
    protocol = feder.arm.protocol
    days = tuple(sorted({*protocol.visits_days, 3.0, 9.5, 24.0}))
    more = prepared(replace(feder.arm, protocol=protocol.model_copy(update={"visits_days": days})))
    _, mine, theirs = np.intersect1d(feder.edges_h[1:], more.edges_h[1:], return_indices=True)
    assert len(mine) >= len(feder.edges_h) - 4 and len(more.edges_h) > len(feder.edges_h)
    other = more.courses()
    for name, course in feder.courses().items():
        assert relative_errors(other[name][theirs], course[mine]) < TOLERANCE, name
