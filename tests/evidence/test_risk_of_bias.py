"""Judgements have reasons, and no overall judgement is better founded than its domains."""

from __future__ import annotations

import pytest
from tests.support.evidence import table

ROWS = table("risk_of_bias")
STUDIES = {row["study"]: row for row in table("studies")}
ROB2 = {"randomisation", "deviations", "missing", "measurement", "selection_of_result"}
DOMAINS = {
    "RoB2": ROB2,
    "RoB2-crossover": ROB2 | {"period_carryover"},
    "ROBINS-I": {
        "confounding", "selection_of_participants", "classification", "deviations", "missing",
        "measurement", "selection_of_result",
    },
}  # fmt: skip
TOOLS = {"parallel": "RoB2", "crossover": "RoB2-crossover", "single_arm": "ROBINS-I",
         "observational": "ROBINS-I"}  # fmt: skip
GROUPS: dict[tuple[str, str, str], dict[str, dict[str, str]]] = {}
for _row in ROWS:
    GROUPS.setdefault((_row["study"], _row["result"], _row["tool"]), {})[_row["domain"]] = _row


def overall(judgements: dict[str, str], tool: str) -> str:
    """The rule of RoB 2 where every domain is judged, else 'not judged'."""
    found = set(judgements.values())
    if "not judged" in found or tool == "ROBINS-I":
        return "not judged"
    return next(j for j in ("high", "some concerns", "low") if j in found)


def test_every_trial_is_there_with_the_tool_of_its_design() -> None:
    expected = {
        (study, TOOLS[row["design"]])
        for study, row in STUDIES.items()
        if row["design"] in TOOLS and row["kind"] != "scale_study"
    }
    assert {(study, tool) for study, _, tool in GROUPS} == expected


@pytest.mark.parametrize("group", GROUPS, ids=lambda g: g[0])
def test_domains_are_complete_and_the_overall_judgement_follows(group) -> None:
    _, _, tool = group
    rows = GROUPS[group]
    assert set(rows) == DOMAINS[tool] | {"overall"}
    assert all(row["reason"] for row in rows.values())
    judged = {d: row["judgement"] for d, row in rows.items() if d != "overall"}
    assert rows["overall"]["judgement"] == overall(judged, tool)


def test_a_judged_domain_says_where_it_was_read_and_of_which_result() -> None:
    outcomes = {row["row_id"] for row in table("outcomes")}
    judged = [row for row in ROWS if row["judgement"] != "not judged"]
    assert len(judged) > 30
    assert all(row["locator"] for row in judged)
    assert {row["result"] for row in ROWS} - {"all"} <= outcomes


def test_the_overall_rule() -> None:
    assert overall({"a": "low", "b": "some concerns"}, "RoB2") == "some concerns"
    assert overall({"a": "high", "b": "low"}, "RoB2") == "high"
    assert overall({"a": "high", "b": "not judged"}, "RoB2") == "not judged"
