"""Which arms are compared with each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synaptrial import facade
from synaptrial.domain.arm import Arm
from synaptrial.domain.errors import InputError
from synaptrial.simulation.cohort.grouping import by_setting

KNOWN = facade.load_evidence().bundled
KET, MDZ = KNOWN["FEDER2021_KET"], KNOWN["FEDER2021_MDZ"]
OTHER = KNOWN["ABDALLAH2022_PBO"]


def own(arm: Arm, study: str) -> Arm:
    return replace(arm, protocol=arm.protocol.model_copy(update={"id": "OWN", "study": study}))


def groups(**arms: Arm) -> list[list[str]]:
    return [list(g) for g in by_setting(arms)]


def test_an_arm_without_a_study_joins_the_study_of_its_setting() -> None:
    assert groups(mine=own(KET, ""), mdz=MDZ, other=OTHER) == [["mine", "mdz"], ["other"]]


def test_a_study_of_its_own_stays_apart() -> None:
    assert groups(mine=own(KET, "MYTRIAL"), mdz=MDZ) == [["mine"], ["mdz"]]


def test_two_studies_of_one_setting_leave_it_alone() -> None:
    twin = own(MDZ, "TWIN")
    assert groups(mdz=MDZ, twin=twin, mine=own(KET, "")) == [["mdz"], ["twin"], ["mine"]]


def test_arms_without_a_study_group_by_setting() -> None:
    assert groups(a=own(KET, ""), b=own(OTHER, ""), c=own(MDZ, "")) == [["a", "c"], ["b"]]


def test_one_study_has_one_setting() -> None:
    odd = replace(KET, setting=KET.setting.model_copy(update={"control": "inert"}))
    with pytest.raises(InputError, match=r"setting\.control"):
        by_setting({"a": MDZ, "b": odd})
