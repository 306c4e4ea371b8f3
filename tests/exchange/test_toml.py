"""One clear message for every kind of bad file."""

import pytest
from hypothesis import given, settings
from tests.strategies import BREAKS, broken

from synaptrial.domain.errors import InputError
from synaptrial.domain.protocol import Protocol
from synaptrial.exchange.bundled import load_population, load_protocol
from synaptrial.exchange.toml import protocol_file, validate

TEXT = """
id = "x"
title = "x"
arm = "x"
kind = "drug"
horizon_days = 28
visits_days = [7]

[[doses]]
drug = "ketamine"
enantiomer = "racemic"
route = "iv"
amount_mg_per_kg = 0.5
infusion_min = 40
days = [0]
"""
SETTING = '\n[setting]\nblinding = "double"\ncontrol = "inert"\nallocation_share = 0.5\n'


def complaint(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        protocol_file(text, "x.toml")
    return caught.value


def test_a_file_holds_an_arm_and_perhaps_its_setting():
    assert protocol_file(TEXT, "x.toml").setting is None
    both = protocol_file(TEXT + SETTING, "x.toml")
    assert both.setting is not None and both.setting.allocation_share == 0.5
    assert both.protocol == protocol_file(TEXT, "x.toml").protocol


@settings(max_examples=8 * len(BREAKS), deadline=None)
@given(broken())
def test_each_way_to_break_a_protocol_has_its_message(case):
    name, table, words = case
    with pytest.raises(InputError) as caught:
        validate(Protocol, table, "x.toml")
    message = str(caught.value)
    assert words in message, name
    assert message.startswith("x.toml: ")
    assert "\n" not in message and "pydantic" not in message and "validation error" not in message


@pytest.mark.parametrize(
    ("old", "new", "where", "words"),
    [
        ("amount_mg_per_kg", "amount_mg_kg", "doses[0].amount_mg_kg", "mean amount_mg_per_kg?"),
        ('route = "iv"', "", "doses[0].route", "Add the key route"),
        ("0.5\n", "true\n", "doses[0].amount_mg_per_kg", "a number"),
        ('kind = "drug"', "kind = drug", "", "TOML 1.0"),
        ("[[doses]]", "[doses]", "doses", "a list"),
        ('id = "x"', 'id = "a b"', "id", "letters, digits"),
    ],
)
def test_where_and_what_to_do(old, new, where, words):
    error = complaint(TEXT.replace(old, new, 1))
    assert error.where == (f"x.toml: {where}" if where else "x.toml")
    assert words in str(error)


def test_a_key_path_leaves_out_the_name_of_the_rule():
    rule = (
        '[[rules]]\ndo = "stop_if"\nvisits = [7]\nscale = "CAPS5"\ntest = "fall_below"\nvalue = 0\n'
    )
    error = complaint(TEXT + rule)
    assert error.where == "x.toml: rules[0].visits"
    assert "visits_days?" in str(error)


def test_a_setting_is_told_by_its_own_path():
    error = complaint(TEXT + SETTING + "share = 1\n")
    assert error.where == "x.toml: setting.share"
    assert complaint("setting = 3\n" + TEXT).where == "x.toml: setting"


def test_files_that_cannot_be_read(tmp_path):
    not_text = tmp_path / "x.toml"
    not_text.write_bytes(b"\xff\xfe\x00")
    for path, words in (
        (tmp_path, "a directory"),
        (tmp_path / "none.toml", "no such file"),
        (not_text, "not UTF-8"),
        ("FEDER2020_KET", "Did you mean FEDER2021_KET?"),
    ):
        with pytest.raises(InputError, match=words.replace("?", r"\?")):
            load_protocol(path)
    with pytest.raises(InputError, match="no bundled document"):
        load_population("nobody")


def test_a_refusal_within_a_table_names_its_path():
    assert complaint(TEXT + "count = 2\n").where == "x.toml: doses[0].days"
