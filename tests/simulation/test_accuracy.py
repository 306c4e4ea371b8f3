"""The engine reports its own error by halving the mesh."""

from __future__ import annotations

import pytest

from synaptrial import facade
from synaptrial.domain.errors import InputError
from synaptrial.facade import simulation
from synaptrial.facade.loading import load_arms
from synaptrial.simulation.accuracy import mesh_errors
from synaptrial.simulation.cohort.build import build_cohort

COARSE = {"slow_offsets_h": (2.0, 24.0), "kick_offsets_h": (8.0, 48.0)}


def test_a_coarser_mesh_has_a_larger_error() -> None:
    arm = facade.load_arm("FEDER2014_KET")
    cohort = build_cohort(facade.load_models(arm.setting.population), arm.setting, 4, 2, 1)
    usual, coarse = (mesh_errors(arm, cohort, **mesh) for mesh in ({}, COARSE))
    assert 0 < max(usual.values()) < 0.02
    assert all(coarse[k] > 3 * usual[k] for k in ("plasticity_fast", "amygdala", "caps5_total"))


def test_the_worst_course_is_named(monkeypatch) -> None:
    errors = {"mood": 0.001, "belief": 0.002}
    monkeypatch.setattr(simulation, "mesh_errors", lambda arm, cohort: errors)
    (row,) = facade.mesh_error("FEDER2014_KET")
    assert (row["protocol"], row["course"], row["worst_error"]) == (
        "FEDER2014_KET",
        "belief",
        0.002,
    )


def test_an_arm_given_twice_is_refused() -> None:
    with pytest.raises(InputError, match="given twice"):
        facade.mesh_error(["FEDER2014_KET", "FEDER2014_KET"])


def test_one_protocol_needs_no_list() -> None:
    assert [a.protocol.id for a in load_arms("FEDER2014_KET")] == ["FEDER2014_KET"]
