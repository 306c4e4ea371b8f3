"""What the page of a check says first, and of what."""

from __future__ import annotations

from typing import Any

from synaptrial.reporting.exposure.check_page import RECOMMENDED, answers, miss_table


def counts(asserted: int, missed: int) -> dict[str, Any]:
    own = {"rows": asserted, "asserted": asserted, "published": asserted, "missed": missed}
    return own | {"by_analyte": {"ketamine": own}}


def test_the_recommended_model_stands_first_and_alone() -> None:
    held_out = {"kamp2020": counts(30, 1), RECOMMENDED: counts(52, 9)}
    document = {
        "uses": {
            "held_out": {"asserted": 82, "published": 60, "by_model": held_out},
            "self_consistency": {"by_model": {"simons2022": counts(14, 0)}},
            "calibrated": {"by_model": {RECOMMENDED: counts(81, 5)}},
        }
    }
    first, second, others = answers(document)
    assert "Held out" in first and "43 of 52" in first and "ketamine 43 of 52" in first
    assert "Calibrated" in second and "76 of 81" in second
    assert "Kamp 2020 29 of 30" in others and "Simons 2022 14 of 14" in others
    assert "82 asserted comparisons of held-out rows rest on 60 distinct numbers" in others


def miss(row_id: str, model: str, ratio: float) -> dict[str, Any]:
    return {
        "row_id": row_id, "model": model, "use": "held_out", "missed": True, "ratio": ratio,
        "predicted": ratio, "observed": 1.0, "explanation": "why", "enantiomer": "S",
        "analyte": "ketamine", "quantity": "Cmax", "time_h": None, "unit": "ng/mL",
    }  # fmt: skip


def test_misses_of_the_recommended_model_stand_first() -> None:
    rows = [miss("a", "kamp2020", 9.0), miss("b", RECOMMENDED, 2.0), miss("c", RECOMMENDED, 0.1)]
    table = miss_table("held_out", rows)
    assert [r[0] for r in table.rows] == ["c", "b", "a"]
