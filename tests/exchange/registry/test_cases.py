"""Records that an import once turned round, beside the repository, and what they say."""

from __future__ import annotations

import pytest
from tests.support.cases import case

from synaptrial.exchange.evidence.awaiting import Imported, Number
from synaptrial.exchange.registry.record import import_registry


def read(name: str) -> tuple[Imported, dict[str, Number]]:
    imported = import_registry(case(name) / "record.json")
    return imported, {n.row_id.partition(":")[2]: n for n in imported.numbers}


def test_change_words() -> None:
    _, numbers = read("registry_change_words")
    first = numbers["om0.0.0.0"]
    assert (first.row["statistic"], first.row["value"], first.row["day"]) == (
        "change", "-10.2", "28",
    )  # fmt: skip
    assert not any(f.startswith("sign") for f in first.flags)
    for row_id in ("om1.0.0.0", "om2.0.0.0"):
        assert numbers[row_id].row["statistic"] == "change"
        assert any(f.startswith("sign") for f in numbers[row_id].flags)


def test_a_lead_in_is_not_the_randomised_period() -> None:
    imported, numbers = read("registry_leadin_period")
    placed = [n for n in numbers.values() if n.table]
    assert [(n.row["event"], n.row["events"], n.row["n"]) for n in placed] == [
        ("randomised", "20", "20"), ("randomised", "20", "20"),
        ("completed", "18", "20"), ("completed", "17", "20"),
        ("dropout", "2", "20"), ("dropout", "3", "20"),
    ]  # fmt: skip
    assert [arm["n"] for arm in imported.arms] == ["20", "20"]
    before = [n for n in numbers.values() if n.told["class"] == "Lead-in"]
    assert all("before the randomised one" in n.flags[0] for n in before)


def test_logarithms_of_ratios() -> None:
    _, numbers = read("registry_log_ratio")
    rows = [numbers[f"om0.a{k}"].row for k in range(3)]
    found = [[float(row[c]) for c in ("value", "low", "high")] for row in rows]
    assert found == [
        pytest.approx([3.49, 0.94, 12.9], abs=0.05),
        pytest.approx([1.99, 0.93, 4.26], abs=0.01),
        pytest.approx([0.67, 0.41, 1.11], abs=0.01),
    ]
    assert {row["mark"] for row in rows} == {"DERIVED"}
    assert all("exp of the logarithm" in row["derivation"] for row in rows)


def test_opposites_and_other_responses() -> None:
    _, numbers = read("registry_negated_category")
    placed = [n.row for n in numbers.values() if n.table and n.told["module"] == "outcomes"]
    assert [(r["event"], r["events"]) for r in placed] == [
        ("remission", "8"), ("remission", "4"), ("remission", "8"), ("remission", "4"),
        ("response", "11"), ("response", "6"), ("non_response", "9"), ("non_response", "14"),
    ]  # fmt: skip
    left = [n for n in numbers.values() if not n.table]
    assert all(n.flags for n in left)
    startle = next(n for n in left if "Startle" in n.told["title"])
    assert startle.flags[0].startswith("event not recognised")
