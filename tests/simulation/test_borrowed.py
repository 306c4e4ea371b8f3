"""Routes and forms that rest on numbers of another one are named, on both pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.support.prepared import made_arm

from synaptrial import facade
from synaptrial.domain.arm import Arm
from synaptrial.exchange.bundled import bundled, load_parameter_set
from synaptrial.facade import load_evidence
from synaptrial.simulation.summary.borrowed import borrowed

DOSE = {"drug": "ketamine", "enantiomer": "racemic", "route": "im", "amount_mg": 40.0}


def arm(*doses: dict[str, Any]) -> Arm:
    return made_arm(7.0, (7.0,), doses=tuple(DOSE | {"days": (0.0,)} | d for d in doses))


def said(made: Arm, *, effects: bool = True) -> str:
    return " ".join(borrowed({"A": made}, effects=effects))


@pytest.mark.parametrize(
    ("doses", "words"),
    [
        (({},), ""),
        (({"route": "sc"},), "subcutaneous"),
        (({}, {"route": "sc", "days": (3.0,)}), "subcutaneous"),
        (({"route": "intranasal", "devices": 2},), "YANAGIHARA2003"),
        (({"route": "intranasal", "devices": 2, "enantiomer": "s"},), ""),
        (({"route": "intranasal", "devices": 1, "enantiomer": "s"},), "more than 28 mg a device"),
        (({"route": "intranasal", "devices": 3, "enantiomer": "s", "amount_mg": 84.0},), ""),
        (({"enantiomer": "r"},), "pressure_r_weight"),
        (({"enantiomer": "s"},), ""),
        (({"enantiomer": "s"}, {"enantiomer": "r", "days": (1.0,)}), ""),
        (({"enantiomer": "s"}, {"enantiomer": "r", "days": (1.0, 2.0)}), "pressure_r_weight"),
        (({}, {"enantiomer": "r", "days": (1.0,)}), "pressure_r_weight"),
    ],
)
def test_what_is_borrowed_is_said_once(doses: tuple[dict[str, Any], ...], words: str) -> None:
    text = said(arm(*doses))
    assert (words in text) if words else text == ""
    assert text.count("A: ") <= 1


def test_effects_are_left_out_of_exposure() -> None:
    assert said(arm({"enantiomer": "r"}), effects=False) == ""


def test_bundled_arms_borrow_nothing_unsaid() -> None:
    arms = load_evidence().bundled
    runnable = [n for n in bundled("protocols") if not arms[n].protocol.missing()]
    assert {n: t for n in runnable if (t := said(arms[n]))} == {}


def test_the_sentence_on_subcutaneous_ketamine_is_true() -> None:
    """Central values are alike, priors wider; where rows tell them apart, the sentence must go."""
    p = load_parameter_set("rec_ptsd_v0").parameter
    for name in ("F", "ka"):
        assert p[f"{name}_sc"].value == p[f"{name}_im"].value
        assert p[f"{name}_sc"].uncertainty > p[f"{name}_im"].uncertainty


def test_both_pages_carry_the_notice(tmp_path: Path) -> None:
    file = tmp_path / "sc.toml"
    file.write_text(
        'id = "SC"\ntitle = "A test"\narm = "SC"\nkind = "drug"\nhorizon_days = 7\n'
        "visits_days = [1]\n"
        '[marks]\ndefault = { mark = "ASSUMED", reason = "a test" }\n'
        '[[doses]]\ndrug = "ketamine"\nenantiomer = "r"\nroute = "sc"\namount_mg = 40\n'
        'days = [0]\n[doses.marks]\ndefault = { mark = "ASSUMED", reason = "a test" }\n'
    )
    simulated = facade.simulate([file], patients=4, draws=2, sampled=0).summary
    exposure = facade.pk([file], patients=20).summary
    for found, n in ((simulated, 2), (exposure, 1)):
        assert sum("subcutaneous" in text for text in found["notices"]) == 1
        assert len(found["notices"]) == n
    assert simulated["arms"][0]["acute"]["sbp_change_mmhg"]["mean_curve_max"] > 0
