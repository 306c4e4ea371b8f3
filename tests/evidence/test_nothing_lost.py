"""No row of the collected evidence is missing from the tables of the package.

The collection lies beside a development checkout and is not part of it; without it nothing is
compared.
"""

from __future__ import annotations

import csv
from importlib import resources
from pathlib import Path

import pytest

COLLECTED = Path(__file__).parents[3] / "shared" / "evidence"
OURS = resources.files("synaptrial") / "evidence" / "data"
FILES = ("ketamine_ptsd_outcomes", "comparator_outcomes", "trd_ketamine_outcomes")
OTHER_NAMES = {"DAVIDSON2006A": "DAVIDSON2006", "ZHENG_BP": "INFUSIONS741"}
needs_collection = pytest.mark.skipif(not COLLECTED.is_dir(), reason="no collection beside it")
Row = dict[str, str]


def rows(path) -> list[Row]:  # type: ignore[no-untyped-def]
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


def lost(collected: list[Row], ours: list[Row]) -> list[tuple[str, ...]]:
    """Collected rows without a row of ours for the same study and number; each counts once."""
    left = list(ours)
    out = []
    for row in collected:
        study = OTHER_NAMES.get(row["study_id"].upper(), row["study_id"].upper())
        value = number(row["value"])
        events = number(row.get("n_events"))
        same = [r for r in left if r["study"] == study and _agrees(row, r, value, events)]
        same.sort(key=lambda r: r.get("label") != row["outcome"])
        if same:
            left.remove(same[0])
        else:
            out.append((study, row["arm_id"], row["outcome"], row["statistic"], row["value"]))
    return out


def _agrees(row: Row, ours: Row, value: float | None, events: float | None) -> bool:
    seen = {number(ours["value"]), number(ours.get("events"))} - {None}
    if value is None and events is None:
        return ours.get("label") == row["outcome"] and number(ours["value"]) is None
    turned = row["statistic"] == "difference_in_decrease"  # ours: negative favours the arm
    return bool(seen & ({-value} if turned and value else {value, events} - {None}))


@needs_collection
@pytest.mark.parametrize("name", FILES)
def test_no_outcome_is_lost(name: str) -> None:
    ours = [
        r
        for t in ("outcomes", "adverse_events", "acute", "pharmacodynamics")
        for r in rows(OURS / f"{t}.csv")
    ]
    found = rows(COLLECTED / f"{name}.csv")
    assert len(found) > 100
    assert lost(found, ours) == []


@needs_collection
def test_no_meta_analysis_is_lost() -> None:
    ours = {
        (r["source"], r["value"], r["low"], r["high"]) for r in rows(OURS / "meta_analyses.csv")
    }
    found = rows(COLLECTED / "meta_analyses.csv")
    assert len(found) == 21
    for r in found:
        source = r["meta_id"].split("_")[0]
        assert (source, r["estimate"], r["ci_low"], r["ci_high"]) in ours, r["meta_id"]


@needs_collection
def test_no_number_of_patients_was_filled_in() -> None:
    """An n that the collection leaves open stays open: an arm's size is not a denominator."""
    ours = rows(OURS / "outcomes.csv")
    known = {(r["study"], r["label"], number(r["value"]), number(r["n"])) for r in ours if r["n"]}
    for name in FILES[1:]:
        for r in rows(COLLECTED / f"{name}.csv"):
            if r["n"] or r["statistic"] == "count" or not r["n_arm"]:
                continue
            study = OTHER_NAMES.get(r["study_id"].upper(), r["study_id"].upper())
            assert (study, r["outcome"], number(r["value"]), float(r["n_arm"])) not in known, r


def test_a_missing_row_is_noticed() -> None:
    row = {"study_id": "x", "arm_id": "a", "outcome": "o", "statistic": "mean", "value": "1.5"}
    assert lost([row, row], [{"study": "X", "label": "o", "value": "1.5"}]) == [
        ("X", "a", "o", "mean", "1.5")
    ]
