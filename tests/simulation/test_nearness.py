"""Nearest controlled evidence and extrapolation, on the bundled tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.support.prepared import made_arm

from synaptrial.domain.dose import route_words
from synaptrial.evidence.nearest import SESSION_KINDS, KetamineGiven, controlled_arms, extrapolation
from synaptrial.evidence.tables import Row
from synaptrial.facade import load_arm, load_evidence, load_models
from synaptrial.mechanism.learning import KINDS
from synaptrial.simulation.summary.nearness import ROUTES, beyond, nearest_row, treatment_of

EVIDENCE = load_evidence()
CONTROLLED = EVIDENCE.controlled
KETAMINE = load_models("adult_ptsd_trial").ketamine
IV = {
    "drug": "ketamine", "enantiomer": "racemic", "route": "iv", "amount_mg_per_kg": 0.5,
    "infusion_min": 40.0, "days": (0.0,),
}  # fmt: skip


def bundled(name: str) -> KetamineGiven:
    found = treatment_of(load_arm(name).protocol, KETAMINE)
    assert found is not None
    return found


def made(*doses: dict[str, Any], **content: Any) -> KetamineGiven:
    found = treatment_of(made_arm(28.0, (7.0, 28.0), doses=doses, **content).protocol, KETAMINE)
    assert found is not None
    return found


def with_route(route: str, **changes: Any) -> dict[str, Any]:
    dose = {k: v for k, v in IV.items() if k != "infusion_min" or route == "iv"}
    return dose | {"route": route} | ({"devices": 3} if route == "intranasal" else {}) | changes


def arm_of(t: KetamineGiven) -> str:
    row = nearest_row(t, CONTROLLED, KETAMINE)
    return f"{row['study']}:{row['arm']}"


def test_a_trial_without_a_result_is_no_evidence() -> None:
    assert any(a["study"] == "KPE2_ONGOING" for a in EVIDENCE.arms)
    assert not any(a["study"] == "KPE2_ONGOING" for a in CONTROLLED)
    reported: tuple[Row, ...] = ({"study": "KPE2_ONGOING"},)
    then = controlled_arms(EVIDENCE.studies, EVIDENCE.arms, reported)
    assert {a["arm"] for a in then} == {"KET02", "KET05"}


def test_patients_without_ptsd_are_no_evidence() -> None:
    of_trial = {a["arm"] for a in CONTROLLED if a["study"] == "DADABAYEV2020"}
    assert of_trial == {"KET_PTSD"}


@pytest.mark.parametrize("name", ["FEDER2021_KET", "ABDALLAH2022_KET02", "BEAGLEHOLE2025_KET10_IM"])
def test_a_controlled_arm_is_its_own_nearest_evidence(name: str) -> None:
    study, arm = name.split("_", 1)
    assert arm_of(bundled(name)) == f"{study}:{arm}"
    assert beyond(bundled(name), CONTROLLED) == []


@pytest.mark.parametrize(
    ("route", "share"),
    [
        ("iv", 1.0), ("im", 0.93), ("sc", 0.93), ("oral", 0.2), ("sublingual", 0.3),
        # one spray of racemate by nose 0.331, each next one 0.526 of it; 0.178 of what is swallowed
        ("intranasal", 0.226404 + 0.773596 * 0.178),
    ],
)  # fmt: skip
def test_a_dose_is_compared_by_what_reaches_plasma(route: str, share: float) -> None:
    t = made(with_route(route, amount_mg_per_kg=3.0))
    assert t.mg_per_kg == 3.0
    assert t.iv_mg_per_kg == pytest.approx(3.0 * share, rel=1e-4)
    said = [clause for clause in beyond(t, CONTROLLED) if "IV equivalent" in clause]
    assert bool(said) == (3.0 * share > 1.0)
    if said and route != "iv":
        assert (
            f"(3 mg/kg {route_words(route)}, of which {100 * share:.0f}% reaches plasma)" in said[0]
        )
    assert route in ROUTES


def test_flat_doses_are_taken_at_the_weight_given() -> None:
    protocol = made_arm(
        7.0, (7.0,), doses=({**IV, "amount_mg": 90.0, "amount_mg_per_kg": None},)
    ).protocol
    light, heavy = (treatment_of(protocol, KETAMINE, w) for w in (60.0, 90.0))
    assert light and heavy and (light.mg_per_kg, heavy.mg_per_kg) == (1.5, 1.0)
    assert [bool(beyond(t, CONTROLLED)) for t in (light, heavy)] == [True, False]


def test_titration_counts_at_its_maximum() -> None:
    t = bundled("OKTOP2024_ORAL")
    assert t.mg_per_kg == pytest.approx(3.0) and t.iv_mg_per_kg == pytest.approx(0.6)
    rule = {"visits_days": (7.0,), "scale": "CAPS5", "test": "score_at_least", "value": 30.0}
    up = rule | {"do": "titrate", "step": 1.0, "maximum": 3.0}
    assert made(IV | {"days": (0.0, 8.0)}, rules=(up,)).mg_per_kg == 1.5
    assert made(IV | {"days": (0.0, 3.0)}, rules=(up,)).mg_per_kg == 0.5  # given before the visit
    down = up | {"step": -0.5}
    assert made(IV | {"days": (0.0, 8.0)}, rules=(down,)).mg_per_kg == 0.5


def test_as_needed_doses_count_and_are_not_titrated() -> None:
    rule = {"visits_days": (7.0,), "scale": "CAPS5", "test": "score_at_least", "value": 30.0}
    rules = (rule | {"do": "titrate", "step": 1.0, "maximum": 3.0}, rule | {"do": "redose_if"})
    t = made(IV, IV | {"days": (8.0,), "as_needed": True}, rules=rules)
    assert (t.n_doses, t.days, t.mg_per_kg) == (2, 8.0, 0.5)


def test_the_combination_that_no_trial_tested_is_extrapolation() -> None:
    t = bundled("KETAMINE_PLUS_EXPOSURE")
    assert beyond(t, CONTROLLED) == [
        "6 doses joined with exposure sessions, beyond 1 in controlled PTSD trials"
    ]
    assert beyond(replace(t, sessions=frozenset()), CONTROLLED) == []
    once = made(IV, sessions=({"kind": "exposure", "days": (1.0, 2.0, 3.0, 4.0)},))
    assert beyond(once, CONTROLLED) == [] and arm_of(once) == "DUEK2023:KET"
    supported = made(IV, sessions=({"kind": "supportive", "days": (1.0,)},))
    assert beyond(supported, CONTROLLED) == [
        "no controlled trial in PTSD joined ketamine and supportive sessions"
    ]


def test_words_of_the_tables_name_the_kinds_of_session() -> None:
    assert set(SESSION_KINDS) == set(KINDS)


@pytest.mark.parametrize(("enantiomer", "name"), [("s", "S-ketamine"), ("r", "R-ketamine")])
def test_one_enantiomer_has_no_controlled_evidence(enantiomer: str, name: str) -> None:
    t = made(IV | {"enantiomer": enantiomer})
    assert beyond(t, CONTROLLED) == [f"no randomised trial in PTSD gave {name}"]


def test_each_route_of_an_arm_is_compared() -> None:
    both = made(IV, with_route("oral", amount_mg_per_kg=1.0, days=(7.0,)))
    assert both.routes == ("iv", "oral")
    assert any("the oral route" in clause for clause in beyond(both, CONTROLLED))


def test_days_from_first_to_last_dose_decide_between_arms_alike() -> None:
    row: Row = {"study": "X", "route": "iv", "enantiomer": "racemic", "dose": "0.5",
                "dose_unit": "mg/kg", "n_doses": "6", "psychotherapy": "none", "n": ""}  # fmt: skip
    arms = [row | {"arm": "FAST", "days": "0;2;4;7;9;11"}, row | {"arm": "SLOW", "days": "0;35"}]
    for days, arm in (((0.0, 2.0, 4.0, 6.0, 8.0, 10.0), "FAST"),
                      ((0.0, 5.0, 10.0, 15.0, 20.0, 27.0), "SLOW")):  # fmt: skip
        assert nearest_row(made(IV | {"days": days}), arms, KETAMINE)["arm"] == arm


def test_limits_are_those_of_the_design() -> None:
    t = made(IV)
    limit = replace(t, n_doses=8, horizon_days=84.0, iv_mg_per_kg=1.0)
    assert extrapolation(limit, CONTROLLED) == []
    far = replace(t, n_doses=9, horizon_days=85.0, mg_per_kg=1.2, iv_mg_per_kg=1.2)
    assert extrapolation(far, CONTROLLED) == [
        "1.2 mg/kg IV, beyond 1 mg/kg IV equivalent", "9 doses, beyond 8", "85 days, beyond 84",
    ]  # fmt: skip


def test_an_arm_without_ketamine_needs_no_evidence() -> None:
    assert treatment_of(load_arm("FEDER2021_MDZ").protocol, KETAMINE) is None
    assert beyond(None, CONTROLLED) == []
    assert nearest_row(None, CONTROLLED, KETAMINE)["study"].startswith("none needed")
