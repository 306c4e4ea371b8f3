"""Influence, small-study and selection methods against metafor 3.8-1.

Every key of these families in every set is handed to the function that compares it; a key with no
such function, or with a part that the function does not know, fails.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tests.support.metafor import BESIDE, OURS, reference

from synaptrial.synthesis import cumulative, influence, rma

SETS = (
    ("edge_k10_sixorders", ""), ("edge_k3_identical", ""), ("edge_k4_homogeneous", ""),
    ("edge_k6_moderate", ""), ("bangertdrowns2004", ""), ("metapsy_ptsd_all", ""),
    *((name, measure) for name in ("syn_caps_k5", "syn_caps_k12", "normand1999")
      for measure in ("MD", "SMD", "SMDH")),
    ("normand1999", "ROM"), ("bcg", "RR"), ("bcg", "OR"), ("bcg", "RD"),
    ("hine1989", "RD"), ("hine1989", "OR"), ("egger2001", "OR"),
)  # fmt: skip
FAMILIES = re.compile(
    r"leave1out|cumul_|influence|egger_|peese_|regtest|ranktest|trimfill|failsafe|selmodel"
)
CLOSED = {"rtol": 1e-9, "atol": 1e-12}
ITERATED = {"rtol": 1e-6, "atol": 1e-6}
Compare = Callable[[str, Any, np.ndarray, np.ndarray, dict[str, list[str]]], None]


def same(found: Any, expected: Any, tolerance: dict[str, float], what: str) -> None:
    np.testing.assert_allclose(found, np.array(expected, float), **tolerance, err_msg=what)


def iterated(key: str) -> dict[str, float]:
    return ITERATED if "REML" in key else CLOSED


def nothing_to_compare(key: str, expected: Any, *_: Any) -> None:
    assert expected == [], f"{key}: numbers to compare with leave_one_out"


def order_of(key: str, expected: Any, yi: np.ndarray, vi: np.ndarray, columns: Any) -> None:
    assert list(expected) == ["order"]
    years = np.array(columns["year"], float) if "year" in columns else np.zeros_like(yi)
    added = cumulative(rma(yi, vi, method=key.removeprefix("cumul_")), years)
    np.testing.assert_array_equal(added.order + 1, expected["order"])


def dfbetas(key: str, expected: Any, yi: np.ndarray, vi: np.ndarray, *_: Any) -> None:
    assert list(expected) == ["dfbs_intrcpt"]
    fit = rma(yi, vi, method=key.removeprefix("influence_"), test="z")
    same(influence(fit).dfbetas[:, 0], expected["dfbs_intrcpt"], ITERATED, key)


COMPARE: dict[str, Compare] = {
    "leave1out_": nothing_to_compare,
    "cumul_": order_of,
    "influence_": dfbetas,
}


@pytest.mark.parametrize(("name", "measure"), SETS)
def test_every_key(name: str, measure: str) -> None:
    found = reference(name)
    part = found.results[measure] if measure else found.results
    source = part if measure else found.columns
    yi, vi = np.array(source["yi"], float), np.array(source["vi"], float)
    keys = [key for key in part if FAMILIES.match(key)]
    assert keys
    for key in keys:
        compare = [COMPARE[prefix] for prefix in COMPARE if key.startswith(prefix)]
        assert len(compare) == 1, f"{key} is not compared"
        compare[0](key, part[key], yi, vi, found.columns)


def test_every_set_is_listed() -> None:
    for path in [*OURS.glob("*.json"), *BESIDE.glob("*.json")]:
        results = json.loads(path.read_text("utf-8"))
        parts = {"": results} | {k: v for k, v in results.items() if isinstance(v, dict)}
        for measure, part in parts.items():
            if any(FAMILIES.match(key) for key in part):
                assert (path.stem, measure) in SETS
