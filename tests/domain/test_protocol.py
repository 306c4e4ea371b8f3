import pytest
from hypothesis import given, settings
from pydantic import ValidationError
from tests.strategies import protocols

from synaptrial.domain.dose import Flat, PerKg
from synaptrial.domain.errors import InputError
from synaptrial.domain.protocol import Protocol

INFUSION = {
    "drug": "ketamine",
    "enantiomer": "racemic",
    "route": "iv",
    "amount_mg_per_kg": 0.5,
    "infusion_min": 40,
    "days": [0, 2],
}


def protocol(**fields):
    base = {
        "id": "x",
        "title": "x",
        "arm": "x",
        "kind": "drug",
        "horizon_days": 56,
        "visits_days": [7, 14],
    }
    return Protocol.model_validate(base | fields)


@settings(max_examples=100, deadline=None)
@given(protocols())
def test_generated_protocols_run_and_their_events_are_in_order(table):
    made = Protocol.model_validate(table)
    made.require_runnable()
    doses, sessions, daily = made.dose_events(), made.session_events(), made.daily_segments()
    assert [d.slot for d in doses] == list(range(len(doses)))
    for events in ([d.time_h for d in doses], [s.time_h for s in sessions]):
        assert events == sorted(events)
        assert all(0 <= t <= 24 * made.horizon_days for t in events)
    assert all(one.end_h == two.start_h for one, two in zip(daily, daily[1:], strict=False))
    assert Protocol.model_validate_json(made.model_dump_json()).digest == made.digest


def test_two_amounts_are_two_types():
    assert PerKg(0.5).in_mg(80) == 40
    assert Flat(56).in_mg(80) == 56
    nasal = {"drug": "ketamine", "enantiomer": "s", "route": "intranasal", "days": [0]}
    dose = protocol(doses=[nasal | {"amount_mg": 84, "devices": 3}]).dose_events()[0]
    assert (dose.amount, dose.devices, dose.duration_h) == (Flat(84), 3, 0.0)


def test_blocks_are_merged_by_time_and_counted_by_slot():
    later = INFUSION | {"days": [1], "amount_mg_per_kg": 0.2}
    events = protocol(doses=[INFUSION, later]).dose_events()
    assert [(e.slot, e.time_h, e.amount.mg_per_kg) for e in events] == [
        (0, 0, 0.5),
        (1, 24, 0.2),
        (2, 48, 0.5),
    ]
    assert events[0].duration_h == pytest.approx(40 / 60)


def test_daily_steps_become_segments():
    steps = [{"day": 0, "mg_per_day": 25}, {"day": 7, "mg_per_day": 50}]
    daily = [{"drug": "sertraline", "steps": steps, "end_day": 56}]
    segments = protocol(daily=daily).daily_segments()
    assert [(s.start_h, s.end_h, s.mg_per_day) for s in segments] == [(0, 168, 25), (168, 1344, 50)]


def test_sessions_are_merged_by_time():
    parts = [{"kind": "exposure", "days": [1, 2]}, {"kind": "reactivation", "days": [0]}]
    kinds = [s.kind for s in protocol(sessions=parts).session_events()]
    assert kinds == ["reactivation", "exposure", "exposure"]


def test_saline_needs_no_amount_and_takes_none():
    saline = {"drug": "saline", "route": "iv", "infusion_min": 40, "days": [0]}
    assert protocol(doses=[saline]).dose_events()[0].amount == Flat(0.0)
    with pytest.raises(ValidationError, match="an amount of saline"):
        protocol(doses=[saline | {"amount_mg": 5}])


@pytest.mark.parametrize("key", ["days", "amount_mg_per_kg", "enantiomer", "infusion_min"])
def test_a_missing_essential_is_named_and_nothing_is_filled_in(key):
    made = protocol(doses=[{k: v for k, v in INFUSION.items() if k != key}])
    assert any(key in path for path in made.missing())
    with pytest.raises(InputError, match=key):
        made.dose_events()


def test_a_part_without_a_model_does_not_run():
    made = protocol(doses=[INFUSION], no_model=["mindfulness training"])
    with pytest.raises(InputError, match="a model of mindfulness training"):
        made.require_runnable()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"route": "oral"}, "infusion_min on route iv only"),
        ({"devices": 2}, "route intranasal only"),
        ({"drug": "midazolam"}, "no enantiomer"),
        ({"amount_mg": 5}, "one of them"),
        ({"amount_mg_per_kg": 50}, "0 to 20"),
    ],
)
def test_fields_that_do_not_fit_each_other(change, words):
    with pytest.raises(ValidationError, match=words):
        protocol(doses=[INFUSION | change])


def test_infusions_of_two_blocks_may_not_overlap():
    other = {"drug": "saline", "route": "iv", "infusion_min": 10, "days": [0], "at_h": 0.5}
    with pytest.raises(ValidationError, match="do not overlap"):
        protocol(doses=[INFUSION, other])
    touching = protocol(doses=[INFUSION, other | {"at_h": 40 / 60}])
    assert len(touching.dose_events()) == 3


DAILY = {"drug": "sertraline", "steps": [{"day": 0, "mg_per_day": 50}], "end_day": 28}


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"drug": "paroxetine", "steps": [{"day": 28, "mg_per_day": 20}], "end_day": 56},
         "paroxetine and sertraline; accepted: one daily drug"),
        (DAILY, "courses that do not overlap"),
        ({"steps": [{"day": 27, "mg_per_day": 50}], "end_day": 56}, "to day 28; accepted: courses"),
    ],
)  # fmt: skip
def test_one_daily_drug_at_a_time(other, words):
    with pytest.raises(ValidationError, match=words):
        protocol(daily=[DAILY, DAILY | other])


def test_a_daily_drug_may_be_taken_up_again():
    again = DAILY | {"steps": [{"day": 28, "mg_per_day": 25}], "end_day": 56}
    assert len(protocol(daily=[DAILY, again]).daily_segments()) == 2


@pytest.mark.parametrize(
    "dose",
    [
        {"drug": "ketamine", "enantiomer": "racemic", "route": "im", "amount_mg": 30},
        {"drug": "saline", "route": "oral"},
    ],
)
def test_a_dose_when_the_protocol_ends_is_refused(dose):
    with pytest.raises(ValidationError, match="which could not act"):
        protocol(doses=[dose | {"days": [0, 56]}])


@pytest.mark.parametrize(
    "fields",
    [
        {"visits_days": [7, 57]},
        {"doses": [INFUSION | {"days": [56]}]},
        {"sessions": [{"kind": "exposure", "every_days": 7, "count": 10}]},
        {"daily": [{"drug": "paroxetine", "steps": [{"day": 0, "mg_per_day": 20}], "end_day": 57}]},
    ],
)
def test_nothing_lies_after_the_horizon(fields):
    with pytest.raises(ValidationError, match="horizon_days = 56"):
        protocol(**fields)


def test_the_digest_follows_the_content():
    one, same = protocol(doses=[INFUSION]), protocol(doses=[INFUSION])
    other = protocol(doses=[INFUSION | {"infusion_min": 41}])
    assert one.digest == same.digest != other.digest
