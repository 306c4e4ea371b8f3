"""JSON as it is written: short, and the same values."""

import json

import pytest

from synaptrial.exchange.store import to_json


def test_the_layout_changes_no_value():
    value = {
        "a": {"q": 1.5, "r": [1, 2]}, "text": "brackets } ] in [ a { text\n and a break",
        "list": [{"x": 1}, {"x": "]\n  }"}], "empty": [], "none": None,
    }  # fmt: skip
    text = to_json(value)
    assert json.loads(text) == value
    assert '"r": [ 1, 2 ]' in text


def test_nan_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        to_json({"x": float("nan")})
