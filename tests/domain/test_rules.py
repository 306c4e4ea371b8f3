import pytest
from pydantic import ValidationError
from tests.domain.test_protocol import INFUSION, protocol

from synaptrial.domain.rules import RedoseIf, StopIf, Titrate

AT = {"visits_days": [7], "scale": "PCL5", "test": "score_at_least", "value": 33}


def test_each_rule_is_read_by_its_name():
    needed = INFUSION | {"as_needed": True, "days": [21]}
    rules = [
        {"do": "titrate", "step": 0.5, "maximum": 2, **AT},
        {"do": "stop_if", **AT},
        {"do": "redose_if", **AT},
    ]
    made = protocol(doses=[INFUSION, needed], rules=rules)
    assert [type(rule) for rule in made.rules] == [Titrate, StopIf, RedoseIf]
    assert [event.as_needed for event in made.dose_events()] == [False, False, True]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"visits_days": [8]}, "days that stand in visits_days"),
        ({"scale": "CAPS"}, "CAPS5"),
        ({"scale": "CADSS"}, "recorded at its visit"),
        ({"value": 90}, "0 to 80"),
        ({"test": "fall_below", "value": 30}, "0.3 is 30%"),
        ({"do": "double"}, "titrate"),
        ({"do": "titrate", "step": 0, "maximum": 2}, "a step other than 0"),
    ],
)
def test_rules_that_make_no_sense(change, words):
    with pytest.raises(ValidationError, match=words):
        protocol(doses=[INFUSION], rules=[{"do": "stop_if", **AT} | change])


@pytest.mark.parametrize(
    ("content", "rule", "words"),
    [
        (
            {"doses": [INFUSION]},
            {"maximum": 41},
            r"doses\[0\].amount_mg_per_kg = 0.5 to 20.5; accepted: at most 40",
        ),
        (
            {"daily": [{"drug": "sertraline", "steps": [{"day": 0, "mg_per_day": 200}],
                        "end_day": 56}]},
            {"target": "daily", "maximum": 6},
            r"mg_per_day = 200 to 1200; accepted: at most 5",
        ),
    ],
)  # fmt: skip
def test_titration_stays_within_the_largest_doses(content, rule, words):
    titrate = {"do": "titrate", "step": 0.5, **AT} | rule
    with pytest.raises(ValidationError, match=words):
        protocol(**content, rules=[titrate])
    protocol(**content, rules=[titrate | {"maximum": 5}])


def test_an_as_needed_dose_and_its_rule_come_together():
    with pytest.raises(ValidationError, match="without a redose_if"):
        protocol(doses=[INFUSION | {"as_needed": True}])
    with pytest.raises(ValidationError, match="as_needed = true"):
        protocol(doses=[INFUSION], rules=[{"do": "redose_if", **AT}])
