"""What is written as JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptrial.exchange.store import to_json


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers())
def test_numbers_keep_six_digits_and_whole_ones_all(x, n):
    kept, whole = json.loads(to_json({"list": (x, [n])}))["list"]
    assert kept == float(f"{x:.6g}") and whole == [n]


def test_a_number_that_is_none_is_refused():
    with pytest.raises(ValueError):
        to_json({"x": float("nan")})
