"""JSON as it is written: short, with six digits, and otherwise the same values."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptrial.domain.errors import NonFiniteOutput
from synaptrial.exchange.store import to_json


def test_the_layout_changes_no_value():
    value = {
        "a": {"q": 1.5, "r": [1, 2]}, "text": "brackets } ] in [ a { text\n and a break",
        "list": [{"x": 1}, {"x": "]\n  }"}], "empty": [], "none": None,
    }  # fmt: skip
    text = to_json(value)
    assert json.loads(text) == value
    assert '"r": [ 1, 2 ]' in text


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers())
def test_numbers_keep_six_digits_and_whole_ones_all(x, n):
    kept, whole = json.loads(to_json({"list": (x, [n])}))["list"]
    assert kept == float(f"{x:.6g}") and whole == [n]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_what_is_not_finite_is_refused_and_its_place_named(bad):
    document = {"arms": [{"label": "Drug", "visits": [{"day": 7, "scale": {"CAPS5": bad}}]}]}
    with pytest.raises(
        NonFiniteOutput, match=r"^arms\[0, Drug\]\.visits\[0, day 7\]\.scale\.CAPS5 is not a finite"
    ):
        to_json(document)
