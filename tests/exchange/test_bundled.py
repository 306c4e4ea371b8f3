"""What comes with the package is complete, marked and sourced."""

import tomllib
from importlib import resources

import jsonschema
import pytest

from synaptrial.domain.document import UNMARKED
from synaptrial.domain.errors import InputError
from synaptrial.domain.scales import SCALES
from synaptrial.domain.sources import Mark
from synaptrial.exchange.bundled import (
    bundled,
    load_parameter_set,
    load_population,
    load_protocol,
    load_sources,
)
from synaptrial.exchange.schema import protocol_schema

NAMES = bundled("protocols")
DESCRIBED_ONLY = {"ARTIN2022_IN": {"doses[0].amount_mg_per_kg or amount_mg", "doses[0].devices"}}


def marks(name):
    file = load_protocol(name)
    fields = list(file.protocol.marked_fields())
    return fields + list(file.setting.marked_fields("setting") if file.setting else ())


def test_the_protocols_of_the_literature_are_there():
    studies = {load_protocol(name).protocol.study for name in NAMES}
    assert studies >= {"FEDER2014", "FEDER2021", "ABDALLAH2022", "DUEK2023", "OKTOP2024"}
    assert studies >= {"ROTHARMEL2022", "BEAGLEHOLE2025", "BRADY2000", "FOA2018", "SCHNURR2022"}


@pytest.mark.parametrize("name", NAMES)
def test_every_field_is_marked_and_every_source_known(name):
    file = load_protocol(name)
    assert file.protocol.id == name and file.setting is not None
    for field in marks(name):
        assert field.mark is not UNMARKED, field.path
        assert not field.mark.source or field.mark.source in load_sources(), field.path
        assert field.mark.mark is not Mark.ASSUMED or len(field.mark.reason) > 10
    assert not file.protocol.study or file.protocol.study in load_sources()


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_or_says_what_is_missing(name):
    protocol = load_protocol(name).protocol
    assert set(protocol.missing()) == DESCRIBED_ONLY.get(name, set())
    if name in DESCRIBED_ONLY:
        with pytest.raises(InputError, match="amount_mg"):
            protocol.require_runnable()
    else:
        assert len(protocol.dose_events()) < 30


@pytest.mark.parametrize(
    ("study", "arms"), [("FEDER2021", ("KET", "MDZ")), ("ABDALLAH2022", ("KET02", "KET05", "PBO"))]
)
def test_a_recalled_infusion_length_says_so(study, arms):
    for arm in arms:
        found = {f.path: f.mark.mark for f in marks(f"{study}_{arm}")}
        assert found["doses[0].infusion_min"] is Mark.RECALLED


@pytest.mark.parametrize("name", [n for n in NAMES if not load_protocol(n).protocol.study])
def test_a_protocol_without_a_study_is_assumed_in_every_field(name):
    file = load_protocol(name)
    assert {f.mark.mark for f in marks(name)} == {Mark.ASSUMED}
    assert "No published trial" in file.protocol.note and "ASSUMED" in file.protocol.title


def test_the_arms_around_a_failed_ssri_share_their_setting():
    arms = [n for n in NAMES if load_protocol(n).setting.population == "ssri_failed_ptsd"]
    assert arms == [
        "SERTRALINE_PLUS_KETAMINE",
        "SERTRALINE_PLUS_MIDAZOLAM",
        "SERTRALINE_TO_KETAMINE",
    ]
    assert len({load_protocol(n).setting.digest for n in arms}) == 1
    feder = load_protocol("FEDER2021_KET").protocol.doses[0].times_h()
    for name in arms:
        protocol = load_protocol(name).protocol
        assert protocol.doses[0].times_h() == feder
        segments = protocol.daily_segments()
        assert segments[0].taken_before and segments[0].start_h == 0
        assert (segments[-1].end_h == 24 * protocol.horizon_days) is ("PLUS" in name)


def test_schedules_as_published():
    assert [e.time_h / 24 for e in load_protocol("FEDER2021_KET").protocol.dose_events()] == [
        0, 2, 4, 7, 9, 11,
    ]  # fmt: skip
    duek = load_protocol("DUEK2023_KET").protocol
    infusion = duek.dose_events()[0].time_h
    assert [(s.time_h - infusion, s.kind) for s in duek.session_events()] == [
        (-1, "reactivation"),
        (24, "exposure"),
        (48, "exposure"),
        (72, "exposure"),
        (96, "exposure"),
    ]
    nasal = load_protocol("ROTHARMEL2022_IN").protocol.dose_events()
    assert all(e.amount.mg == 28 * e.devices for e in nasal)


def test_arms_of_a_study_share_its_setting():
    settings = {}
    for name in NAMES:
        file = load_protocol(name)
        if file.protocol.study:
            settings.setdefault(file.protocol.study, set()).add(file.setting.digest)
    assert all(len(digests) == 1 for digests in settings.values())


def test_the_schema_accepts_every_bundled_file_and_refuses_an_unknown_key():
    checker = jsonschema.Draft202012Validator(protocol_schema())
    for name in NAMES:
        text = (resources.files("synaptrial") / "data/protocols" / f"{name}.toml").read_text()
        table = tomllib.loads(text)
        checker.validate(table)
        assert not checker.is_valid(table | {"dose": 1})
    daily = protocol_schema()["$defs"]["Daily"]
    assert daily["properties"]["taken_before"]["type"] == "boolean"
    assert "taken_before" in daily["description"] and "baseline" in daily["description"]


def test_the_sources_of_the_scales_are_known():
    for scale in SCALES.values():
        for known in (scale.known, scale.recall_known, *(d.known for d in scale.response)):
            assert not known.source or known.source in load_sources()
        assert all(d.known.source in load_sources() for d in scale.remission)


@pytest.mark.parametrize("kind", ["populations", "priors", "parameter_sets"])
def test_every_parameter_names_a_known_source(kind):
    names = bundled(kind)
    assert names
    for name in names:
        if kind == "populations":
            document = load_population(name)
        else:
            document = load_parameter_set(name, kind)
        assert document.id == name
        given = [*document.parameter.values(), *document.correlation]
        given += getattr(document, "override", {}).values()
        assert {item.source for item in given if item.source} <= set(load_sources()), name


def test_a_stated_population_is_a_bundled_one():
    for name in NAMES:
        assert load_protocol(name).setting.population in bundled("populations")
