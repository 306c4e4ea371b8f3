"""Arms start where their study says its patients stood."""

from __future__ import annotations

import re

import numpy as np
import pytest

from synaptrial.domain.errors import InputError
from synaptrial.domain.setting import Baseline, EntryRule, Setting
from synaptrial.exchange.bundled import load_table
from synaptrial.facade import load_arm, load_models
from synaptrial.facade.loading import load_evidence
from synaptrial.simulation.cohort.baseline import day_0
from synaptrial.simulation.cohort.build import build_cohort

OPEN = Setting(blinding="open", control="none")


def start(setting: Setting, population: str = "adult_ptsd_trial") -> dict[str, np.ndarray]:
    cohort = build_cohort(load_models(population), setting, 500, 4, 2)
    return day_0(cohort, setting.baseline_reading)


@pytest.mark.parametrize("reading", ["new", "screening"])
def test_mean_and_sd_are_those_that_were_published(reading: str) -> None:
    setting = OPEN.model_copy(
        update={
            "baseline": (Baseline(scale="CAPS5", mean=44.0, sd=8.0),
                         Baseline(scale="MADRS", mean=33.0, sd=6.0)),
            "entry": EntryRule(scale="CAPS5", minimum=35.0), "baseline_reading": reading,
        }
    )  # fmt: skip
    found = start(setting)
    for b in setting.baseline:
        x = found[b.scale]
        assert x.mean() == pytest.approx(b.mean, abs=4 * b.sd / np.sqrt(500))
        assert x.std() == pytest.approx(b.sd, rel=0.15)


def test_without_an_sd_only_the_centre_moves() -> None:
    moved, plain = (
        start(OPEN.model_copy(update={"baseline": b}))["PCL5"]
        for b in ((Baseline(scale="PCL5", mean=40.0),), ())
    )
    assert moved.mean() == pytest.approx(40.0, abs=1.5)
    assert plain.mean() > 46


def test_a_baseline_out_of_reach_is_refused() -> None:
    impossible = OPEN.model_copy(update={"baseline": (Baseline(scale="CAPS5", mean=41.0, sd=1.0),)})
    with pytest.raises(InputError, match=r"setting\.baseline: found CAPS5 41 \(SD 1\)"):
        start(impossible)


def test_two_baselines_of_one_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="CAPS5 and PCL5"):
        Setting(
            blinding="open", control="none",
            baseline=(Baseline(scale="CAPS5", mean=40.0), Baseline(scale="PCL5", mean=50.0)),
        )  # fmt: skip


def test_bundled_baselines_are_those_of_the_evidence() -> None:
    """Each is the row that its locator names, or the mean of those of both arms."""
    rows = {r["row_id"]: r for r in load_table("outcomes")}
    for name in ("OKTOP2024_ORAL", "ROTHARMEL2022_IN", "SCHNURR2022_PE", "DUEK2023_KET"):
        for b in load_arm(name).setting.baseline:
            words = re.split(r"[ ,;]+|: ", b.mark_of("mean").locator)
            own = [rows[w] for w in words if w in rows]
            assert own, name
            assert b.mean == pytest.approx(np.mean([float(r["value"]) for r in own]))
            if len(own) == 1:
                assert b.sd == (float(own[0]["sd"]) if own[0]["sd"] else None)


def test_every_protocol_says_which_reading_is_the_baseline() -> None:
    for arm in load_evidence().bundled.values():
        assert "baseline_reading" in arm.setting.model_fields_set, arm.protocol.id


def test_an_entry_rule_that_nobody_meets_is_refused() -> None:
    setting = OPEN.model_copy(update={"entry": EntryRule(scale="CAPS5", minimum=79.0)})
    with pytest.raises(InputError, match="a threshold that at least 1 in 1000 reaches"):
        build_cohort(load_models("adult_ptsd_trial"), setting, 4000, 2, 1)
