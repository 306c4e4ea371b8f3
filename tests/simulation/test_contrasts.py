"""Differences between arms: what belief makes of them, and chances by one definition."""

from __future__ import annotations

import numpy as np
import pytest
from tests.simulation.test_compare import made_up

from synaptrial import facade
from synaptrial.domain.arm import Arm
from synaptrial.domain.errors import InputError
from synaptrial.domain.sources import Source
from synaptrial.execution import memory
from synaptrial.simulation.cohort.grouping import label_arms
from synaptrial.simulation.options import Options
from synaptrial.simulation.study import simulate
from synaptrial.simulation.summary import contrasts, provenance


def test_belief_is_told_from_the_treatment_itself():
    """Drug 10 points better as blinded patients show it, 4 points at equal belief."""
    results = {k: made_up(k) for k in ("FEDER2021_KET", "FEDER2021_MDZ")}
    cohort = results["FEDER2021_KET"][1]
    own = {k: r for k, (r, _) in results.items()}
    rng = np.random.default_rng(1)
    shape = own["FEDER2021_KET"].scores["CAPS5"].shape
    base = rng.integers(45, 60, shape).astype(np.int16)
    base[:, 0] = 60
    equal = {k: {s: base.copy() for s in contrasts.SCALES} for k in own}
    for r in own.values():
        r.scores |= {s: base.copy() for s in contrasts.SCALES}
    own["FEDER2021_KET"].scores["CAPS5"][:, 1:] -= 10
    equal["FEDER2021_KET"]["CAPS5"][:, 1:] -= 4
    equal["FEDER2021_KET"]["MADRS"][:, 1:] += 1
    rows = contrasts.contrasts(own, equal, cohort)
    caps = [r for r in rows if r["scale"] == "CAPS5"]
    assert len(caps) == len(own["FEDER2021_KET"].visit_days) - 1
    for r in caps:
        assert (r["mean"], r["of_which_belief"]) == (-10, -6)
        assert set(r["of_which_belief_interval"].values()) == {-6}
        assert r["equal_belief"] == 0.5
        assert (r["p_no_benefit"], r["p_no_difference"]) == (0, 0)
    harmed = [r for r in rows if r["scale"] == "MADRS"]
    assert all((r["mean"], r["of_which_belief"], r["p_no_benefit"]) == (0, -1, 1) for r in harmed)


@pytest.mark.parametrize("unblinding", [True, False])
def test_belief_has_a_part_only_where_it_is_at_work(unblinding):
    names = ["FEDER2014_KET", "FEDER2014_MDZ"]
    result = facade.simulate(names, patients=4, draws=4, chunk=16, unblinding=unblinding)
    rows = [r for r in result.summary["contrasts"] if r["scale"] == "PCL5"]
    assert any(r["of_which_belief"] for r in rows) == unblinding
    for r in rows:
        edges = list(r["of_which_belief_interval"].values())
        assert edges == sorted(edges)
        assert unblinding or not any(edges)
    if not unblinding:
        assert all(r["p_no_benefit"] == r["p_no_difference"] for r in rows)


def test_belief_is_made_equal_at_one_where_a_study_is_open():
    """Its part is what hope of a treatment makes; waiting patients have none."""
    arms = [facade.load_arm(n) for n in ("FEDER2014_KET", "FEDER2014_MDZ")]
    drug = {"blinding": "open", "control": "waitlist", "allocation_share": 1.0}
    setting = arms[0].setting.model_copy(update=drug)
    waiting = arms[1].protocol.model_copy(update={"doses": ()})
    result = simulate(
        [Arm(arms[0].protocol, setting), Arm(waiting, setting)],
        {setting.population: facade.load_models(setting.population)},
        facade.load_evidence(),
        Options(patients=8, draws=4, chunk=32, sampled=0),
    )
    rows = [r for r in result.summary["contrasts"] if r["scale"] == "CAPS5"]
    assert {r["equal_belief"] for r in rows} == {1}
    assert all(r["of_which_belief"] < 0 for r in rows)


def test_a_key_of_the_users_own_is_listed_as_such():
    arms = label_arms([facade.load_arm("FEDER2014_KET")])
    models = facade.load_models("adult_ptsd_trial")
    known = {"FEDER2014": Source(key="FEDER2014", citation="A paper", doi="10.1/1")}
    listed = provenance.sources(arms, models, [{"source": "MINE2026"}], known)
    mine = next(s for s in listed if s["key"] == "MINE2026")
    assert (mine["citation"], mine["doi"]) == ("cited in the protocol file", "")


@pytest.mark.parametrize("seed", [-1, 2**70])
def test_every_entry_checks_its_seed(seed):
    for call in (facade.mesh_error, facade.pk, facade.simulate):
        with pytest.raises(InputError, match="--seed"):
            call(["FEDER2014_KET"], seed=seed)


def test_peak_memory_where_the_system_does_not_say(monkeypatch):
    assert memory.peak_mib() > 1
    here = memory.peak_mib()
    monkeypatch.setattr(memory.sys, "platform", "darwin")
    assert memory.peak_mib() == pytest.approx(here / 1024, abs=1)
    monkeypatch.setitem(memory.sys.modules, "resource", None)  # the import fails, as on Windows
    assert memory.peak_mib() is None
