"""The house itself: nothing is passed over in silence, and data take their way once."""

from __future__ import annotations

import re
import tokenize
from pathlib import Path

import pytest
from tools.way import Way

from synaptrial import facade

ROOT = Path(__file__).parents[1]
ROOMS = ("src", "tests", "tools", "benchmarks")
WITH_REASON = re.compile(r"# type: ignore\[[a-z, -]+\]  # \w.+")
PLAN = "simulation/plan"


def unexplained(path: Path) -> list[str]:
    """Comments of a file that silence the type checker and do not say why."""
    with tokenize.open(path) as file:
        found = [t for t in tokenize.generate_tokens(file.readline) if t.type == tokenize.COMMENT]
    return [
        f"{path}:{t.start[0]}: {t.string}"
        for t in found
        if "type: ignore" in t.string and not WITH_REASON.search(t.string)
    ]


def test_what_the_type_checker_is_told_to_ignore_has_its_reason_beside_it() -> None:
    files = [p for room in ROOMS for p in (ROOT / room).rglob("*.py")]
    assert [line for p in files for line in unexplained(p)] == []


@pytest.mark.parametrize("line", ["x = 1  # type: ignore", "x = 1  # type: ignore[misc]"])
def test_silence_without_a_reason_is_found(line: str, tmp_path: Path) -> None:
    path = tmp_path / "made.py"
    path.write_text(f"{line}\n{line.partition('#')[0]}# type: ignore[misc]  # the stubs lack it\n")
    assert [found.rpartition(": #")[0] for found in unexplained(path)] == [f"{path}:1"]


def test_a_protocol_is_compiled_in_one_pass() -> None:
    way = Way()
    way.follow(facade.simulate, "FEDER2021_KET", patients=2, draws=2)
    parts = ("calendar", "fast", "slow", "readings")
    laid = {part: way.visits[f"{PLAN}/arm_plan.py", f"{PLAN}/{part}.py"] for part in parts}
    assert laid == dict.fromkeys(parts, 1)
    dosing = {a: n for (a, b), n in way.visits.items() if b == "pharmacology/dosing.py"}
    assert {a: n for a, n in dosing.items() if a.startswith(PLAN)} == {f"{PLAN}/calendar.py": 1}
