"""The pharmacokinetic evidence and who claims it: fixed before any result is looked at."""

from __future__ import annotations

import pytest

from synaptrial.domain.sources import Mark
from synaptrial.exchange.bundled import bundled, load_parameter_set, load_sources

from .conftest import table

OBSERVATIONS = table("pk_observations.csv")
CLAIMS = table("pk_claims.csv")
BY_ID = {row["row_id"]: row for row in OBSERVATIONS}


def test_every_observation_is_claimed_or_refused_with_a_reason() -> None:
    assert len(BY_ID) == len(OBSERVATIONS) == 194
    assert {claim["row_id"] for claim in CLAIMS} == set(BY_ID)
    for claim in CLAIMS:
        if claim["use"] == "unclaimed":
            assert not claim["model"] and claim["note"], claim
            assert sum(c["row_id"] == claim["row_id"] for c in CLAIMS) == 1, claim
        else:
            assert claim["use"] in {"held_out", "calibrated", "self_consistency"}, claim
            assert claim["model"] in bundled("parameter_sets"), claim


def test_no_row_is_claimed_twice_by_one_model() -> None:
    pairs = [(claim["row_id"], claim["model"]) for claim in CLAIMS]
    assert len(pairs) == len(set(pairs))


def test_a_calibrated_row_says_what_it_was_used_for() -> None:
    assert all(claim["note"] for claim in CLAIMS if claim["use"] == "calibrated")


@pytest.mark.parametrize("model", sorted({c["model"] for c in CLAIMS} - {""}))
def test_frames_are_not_mixed(model: str) -> None:
    """A model claims rows of its own sampling site; the recommended one has a venous delay."""
    frame = load_parameter_set(model).frame
    sites = {BY_ID[c["row_id"]]["site"] for c in CLAIMS if c["model"] == model}
    if model == "rec_ptsd_v0":
        assert sites == {"arterial", "venous"}
    elif frame:
        assert sites == {frame}


def test_self_consistency_is_a_model_against_its_own_paper() -> None:
    own = {"perez_ruixo2021": "PEREZRUIXO2021", "simons2022": "SIMONS2022"}
    studies = {
        (c["model"], BY_ID[c["row_id"]]["study"]) for c in CLAIMS if c["use"] == "self_consistency"
    }
    assert studies == set(own.items())


@pytest.mark.parametrize("row", OBSERVATIONS, ids=lambda row: row["row_id"])
def test_row_is_complete(row: dict[str, str]) -> None:
    assert row["mark"] in {"READ", "DIGITISED", "RECALLED"}
    assert row["source"] in load_sources()
    assert row["site"] in {"arterial", "venous"} and row["site_mark"] in set(Mark)
    assert float(row["weight_kg"]) > 0 and row["weight_mark"] in set(Mark)
    assert row["given"] in {"racemic", "s", "unknown"}
    assert bool(row["given_mark"]) == (row["given"] != "unknown")
    assert row["salt_or_base"] in {"base", "hydrochloride", "unknown"}
    assert bool(row["salt_mark"]) == (row["salt_or_base"] != "unknown")
    assert bool(row["value"]) != bool(row["low"] and row["high"])
    assert (row["quantity"] == "concentration") == bool(row["time_h"])
    assert (row["mark"] == "DIGITISED") == (
        "digitised" in row["locator"] and row["quantity"] in {"concentration", "Cmax"}
    )
    doses = [row[c].split(";") for c in ("route", "dose", "dose_unit", "start_h", "duration_h")]
    assert len({len(part) for part in doses}) == 1, doses


def test_recalled_and_unknown_stay_visible() -> None:
    assert [r["row_id"] for r in OBSERVATIONS if r["mark"] == "RECALLED"] == [
        "GRANT1981:IM0.5:K:Cmax"
    ]
    assert sum(r["salt_or_base"] == "unknown" for r in OBSERVATIONS) == 143
