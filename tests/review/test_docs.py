"""docs/review.md names every verdict, rule, threshold and key; its example moves what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from synaptrial import facade
from synaptrial.exchange.evidence.add import add_study
from synaptrial.exchange.review_claims import load_claims
from synaptrial.review.judge import _GATHER
from synaptrial.review.verdicts import Verdict

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "review.md").read_text(encoding="utf-8")
SHIPPED = facade.living_review().document
BOOK = load_claims()


def table(heading: str) -> dict[str, list[str]]:
    """Rows of the table under a heading: cells after the first, by each name of the first."""
    part = TEXT.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split(" | ") for line in part.splitlines() if line.startswith("|")]
    names = {n.strip(): r[1:] for r in rows[2:] for n in r[0].replace("`", "").split(", ")}
    return {n: [c.strip(" |") for c in cells] for n, cells in names.items()}


def test_every_key_of_the_document_is_explained_and_no_other() -> None:
    assert set(table("What stands in `claims.json`")) == set(SHIPPED)


def test_every_rule_is_told_in_words_and_names_its_thresholds() -> None:
    told = table("Rules")
    assert set(told) == set(_GATHER)
    used = {key for c in SHIPPED["claims"] for key in c["thresholds"]}
    assert used <= set(re.findall(r"`(\w+)`", " ".join(cells[0] for cells in told.values())))


def test_every_verdict_is_told() -> None:
    assert set(table("Verdicts")) == {v.value for v in Verdict}


@pytest.mark.parametrize("threshold", BOOK.threshold, ids=lambda t: t.key)
def test_thresholds_stand_with_their_values_and_marks(threshold) -> None:
    value, mark, why = table("Thresholds")[threshold.key]
    assert float(value.split(" ")[0]) == threshold.value
    assert mark.split(", ") == [threshold.mark.value, *filter(None, [threshold.source])]
    assert why


@pytest.mark.parametrize("name", ["claims", "analyses", "grade"])
def test_keys_of_an_entry_are_named(name: str) -> None:
    part = TEXT.split("## What stands in `claims.json`")[1]
    by_itself = {"outcome", "part", "window", "measure", "unit", "direction", "k", "comparison"}
    by_itself |= {"statement", "pooled", "recalled", "controls", "estimate", "ci_low", "ci_high"}
    for key in set(SHIPPED[name][0]) - by_itself - {"starts_at", "certainty_says"}:
        assert f"`{key}`" in part, key


def test_the_example_moves_the_claims_that_it_names(tmp_path: Path) -> None:
    study = re.search(r"```toml\n(.*?)```", (DOCS / "evidence.md").read_text(), re.DOTALL)
    assert study is not None
    (tmp_path / "gamma2025.toml").write_text(study.group(1))
    assert add_study(tmp_path / "gamma2025.toml", tmp_path / "my_evidence") == ()
    found = facade.living_review(tmp_path / "my_evidence").document
    before = {c["id"]: c["now"] for c in SHIPPED["claims"]}
    after = {c["id"]: c for c in found["claims"]}
    moved = {k for k, c in after.items() if "GAMMA2025" in c["moved_by"]}
    assert moved >= {"overall", "repeated"}
    assert {k for k, c in after.items() if c["now"] != before[k]} == {
        "overall", "repeated", "small_samples", "long_term",
    }  # fmt: skip
    verdicts = (before["repeated"]["verdict"], after["repeated"]["now"]["verdict"])
    assert verdicts == ("contested", "weakened")
    pool = next(a for a in found["analyses"] if a["id"] == "ptsd-total-2-4w-SMD")
    assert pool["k"] == 3


def test_the_example_is_told_apart_by_its_rows(tmp_path: Path) -> None:
    study = re.search(r"```toml\n(.*?)```", (DOCS / "evidence.md").read_text(), re.DOTALL)
    assert study is not None
    (tmp_path / "gamma2025.toml").write_text(study.group(1))
    assert add_study(tmp_path / "gamma2025.toml", tmp_path / "my_evidence") == ()
    version = SHIPPED["release"]["version"]
    found = facade.review_difference(version, str(tmp_path / "my_evidence"))
    moved = {(m["claim"], m["as_of"]): m for m in found["moved"] if m["verdict_moved"]}
    rows = [r["row"] for r in moved["repeated", "now"]["rows"]]
    assert rows[0] == "GAMMA2025:KET-MDZ:CAPS5:14d:diff"
    assert all("GAMMA2025" in row for row in rows)


def test_the_table_of_what_moved_is_what_the_command_finds() -> None:
    found = facade.review_difference("1.0.0", "1.1.0")
    told = TEXT.split("## What moved between two states")[1].split("\n## ")[0]
    lines = [line for line in told.splitlines() if line.startswith("|")][2:]
    assert [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines] == [
        [m["claim"], str(m["as_of"]), m["before"]["verdict"], m["after"]["verdict"]]
        + [", ".join(r["row"] for r in m["rows"])]
        for m in found["moved"]
        if m["verdict_moved"]
    ]
