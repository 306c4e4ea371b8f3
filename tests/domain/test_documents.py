"""Marks, settings, populations, scales."""

import pytest
from pydantic import ValidationError
from tests.domain.test_protocol import INFUSION, protocol

from synaptrial.domain.document import FieldMark
from synaptrial.domain.population import POPULATION_UNITS, Population
from synaptrial.domain.scales import SCALES
from synaptrial.domain.setting import OPEN_LABEL, Setting
from synaptrial.domain.sources import Mark


def test_an_assumed_field_needs_a_reason_and_others_a_source():
    with pytest.raises(ValidationError, match="the reason of an ASSUMED field"):
        FieldMark(mark=Mark.ASSUMED)
    with pytest.raises(ValidationError, match="the source of a RECALLED field"):
        FieldMark(mark=Mark.RECALLED, reason="from memory")


def test_every_given_field_comes_with_its_mark():
    marks = {
        "default": {"mark": "READ", "source": "A"},
        "infusion_min": {"mark": "RECALLED", "source": "A"},
    }
    fields = {f.path: f.mark for f in protocol(doses=[INFUSION | {"marks": marks}]).marked_fields()}
    assert fields["doses[0].infusion_min"].mark is Mark.RECALLED
    assert fields["doses[0].amount_mg_per_kg"].mark is Mark.READ
    assert fields["horizon_days"].mark is Mark.ASSUMED
    assert "doses[0].devices" not in fields and "title" not in fields


def test_a_mark_of_no_field_is_refused():
    marks = {"dose": {"mark": "READ", "source": "A"}}
    with pytest.raises(ValidationError, match="no such field"):
        protocol(doses=[INFUSION | {"marks": marks}])


def test_an_open_study_leaves_nothing_to_believe():
    assert (OPEN_LABEL.blinding, OPEN_LABEL.allocation_share) == ("open", 1.0)
    with pytest.raises(ValidationError, match="in an open study"):
        Setting(blinding="open", control="none", allocation_share=0.5)


def test_an_entry_rule_lies_on_its_scale():
    entry = {"scale": "CAPS5", "minimum": 30}
    made = Setting.model_validate({"blinding": "double", "control": "inert", "entry": entry})
    assert made.entry is not None and made.entry.minimum == 30
    with pytest.raises(ValidationError, match="0 to 80"):
        Setting.model_validate(
            {"blinding": "double", "control": "inert", "entry": entry | {"minimum": 90}}
        )


def test_clusters_add_up_to_the_whole_scale():
    for scale in SCALES.values():
        if scale.clusters:
            assert sum(scale.clusters.values()) == scale.maximum


def test_definitions_of_response_and_remission():
    caps5 = SCALES["CAPS5"]
    thirty = caps5.response[0]
    assert thirty.holds(40, 28) and not thirty.holds(40, 28.1) and not thirty.holds(0, 0)
    assert caps5.response[1].holds(40, 30) and not caps5.response[1].holds(40, 31)
    assert caps5.remission[0].holds(40, 8) and not caps5.remission[0].holds(40, 9)


def _population(**changes):
    values = {
        name: {"value": 0.5, "unit": unit, "mark": "ASSUMED", "reason": "a test"}
        for name, unit in POPULATION_UNITS.items()
    }
    return Population.model_validate({"id": "p", "title": "p", "parameter": values | changes})


def test_a_population_is_complete_and_in_its_units():
    assert _population().value("weight_kg") == 0.5
    pounds = {"value": 150, "unit": "lb", "mark": "ASSUMED", "reason": "a test"}
    with pytest.raises(ValidationError, match="'kg'"):
        _population(weight_kg=pounds)
    with pytest.raises(ValidationError, match="no such name"):
        _population(height_cm=pounds)


def test_a_population_overrides_priors_and_not_its_own_names():
    own = {"value": 80, "unit": "kg", "mark": "ASSUMED", "reason": "a test"}
    values = _population().model_dump() | {"override": {"weight_kg": own}}
    with pytest.raises(ValidationError, match="Use parameter.weight_kg"):
        Population.model_validate(values)
