"""A changed copy of a bundled protocol is called so and takes no published result."""

from __future__ import annotations

from pathlib import Path

import pytest

from synaptrial import facade
from synaptrial.domain.arm import Arm
from synaptrial.domain.dose_words import dose_words, label_conflict
from synaptrial.exchange.bundled import bundled, text_of
from synaptrial.exchange.toml import protocol_file
from synaptrial.simulation.summary.notices import notices, regression, unchanged

KNOWN = facade.load_evidence().bundled
TEXT = text_of("protocols", "FEDER2021_KET")


def changed(*pairs: tuple[str, str]) -> Arm:
    text = TEXT
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    protocol, setting = protocol_file(text, "mine.toml")
    assert setting is not None
    return Arm(protocol, setting)


LOWER = ("amount_mg_per_kg = 0.5", "amount_mg_per_kg = 0.25")


def test_a_changed_dose_is_told_in_two_sentences() -> None:
    arm = changed(LOWER)
    assert not unchanged(arm, KNOWN)
    differs, label = notices({"mine": arm}, KNOWN)
    assert "bundled FEDER2021_KET in doses[0].amount_mg_per_kg;" in differs
    assert "label says 0.5 mg/kg" in label and "ketamine 0.25 mg/kg IV over 40 min x 6" in label


def test_an_id_arm_and_marks_of_its_own_leave_nothing_to_tell() -> None:
    arm = changed(
        LOWER, ('id = "FEDER2021_KET"', 'id = "MINE"'), ("Ketamine 0.5 mg", "Ketamine 0.25 mg")
    )
    assert notices({"mine": arm}, KNOWN) == [] and not unchanged(arm, KNOWN)


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('blinding = "double"', 'blinding = "single"', "setting.blinding"),
        ("9, 11]", "9, 12]", "doses[0].days"),
        ('reason = "six weeks', 'reason = "some weeks', "marks.horizon_days.reason"),
    ],
)
def test_any_other_change_is_told_too(old: str, new: str, where: str) -> None:
    (text,) = notices({"mine": changed((old, new))}, KNOWN)
    assert f" in {where};" in text


@pytest.mark.parametrize("name", bundled("protocols"))
def test_bundled_protocols_need_no_notice(name: str) -> None:
    arm = KNOWN[name]
    assert unchanged(arm, KNOWN)
    if not arm.protocol.missing():
        assert label_conflict(arm.protocol) == ""
        assert notices({name: arm}, KNOWN) == []


def test_regression_to_the_mean_is_named_where_it_shows() -> None:
    arms = {name: KNOWN[name] for name in ("BRADY2000_SERTRALINE", "FEDER2014_KET")}
    (said,) = regression(arms)
    assert said.startswith("BRADY2000_SERTRALINE: ") and "regression to the mean" in said


def test_doses_in_words() -> None:
    assert dose_words(KNOWN["FOA2018_PE_MASSED"].protocol) == "no drug"
    assert dose_words(KNOWN["ABDALLAH2022_PBO"].protocol).startswith("saline IV")
    assert dose_words(KNOWN["MARSHALL2001_PAROXETINE20"].protocol) == "paroxetine 20 mg a day"


def test_published_results_belong_to_the_bundled_arm_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(TEXT.replace(*LOWER))
    for arm, found in (("FEDER2021_KET", True), (tmp_path / "mine.toml", False)):
        s = facade.simulate([arm, "FEDER2021_MDZ"], patients=4, draws=2, sampled=0).summary
        assert any(o["comparator"] for o in s["observed"]) is found
        assert any("Ketamine" in o["arm"] for o in s["observed"]) is found
        assert any("Midazolam" in o["arm"] for o in s["observed"])
        assert len(s["notices"]) == (0 if found else 2)
