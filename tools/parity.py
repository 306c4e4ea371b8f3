"""How far our results lie from those of R: writes the table of docs/meta-analysis.md.

Runs the tests that read results of R (tests/support/metafor.py) and keeps every comparison that
they make. Needs ../shared for the sets that are not ours to distribute; without it only the
synthetic ones are compared.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "meta-analysis.md"
MARKS = "<!-- parity -->", "<!-- /parity -->"
sys.path[:0] = [str(ROOT)]
APPROX: Any = type(pytest.approx(1.0))
FLOOR = 1e-6  # an expected value nearer to zero counts by its absolute deviation

from tests.support import metafor  # noqa: E402


class Recorder:
    """A pytest plugin: per test function the sets read and the deviations met."""

    def __init__(self) -> None:
        self.family, self.sets = "", set[str]()
        self.of_module: dict[str, set[str]] = defaultdict(set)  # read once, above the tests
        self.read: dict[str, set[str]] = defaultdict(set)
        self.deviations: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self.failed = 0

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        module = item.path.stem.removeprefix("test_")
        self.family = f"{module}: {item.name.partition('[')[0].removeprefix('test_')}"
        self.sets = set()
        for name in self.of_module[str(item.path)]:
            self.seen(name)

    def pytest_runtest_teardown(self) -> None:
        self.family = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed += report.failed

    def seen(self, name: str) -> None:
        self.sets.add(name)
        self.read[self.family].add(name)

    def compared(self, ours: Any, theirs: Any) -> None:
        if not self.sets:
            return
        try:
            a, b = np.broadcast_arrays(np.asarray(ours, float), np.asarray(theirs, float))
        except (TypeError, ValueError):
            return
        both = np.isfinite(a) & np.isfinite(b)
        size = np.where(np.abs(b[both]) > FLOOR, np.abs(b[both]), 1.0)
        off = np.abs(a[both] - b[both])
        self.deviations[self.family] += zip(off / size, off, strict=True)


def watch(recorder: Recorder) -> None:
    """Let the recorder hear of every reference that is read and every comparison."""
    plain_reference, plain_close = metafor.reference, np.testing.assert_allclose
    plain_equal = APPROX.__eq__

    def reference(name: str) -> Any:
        found = plain_reference(name)
        if recorder.family:
            recorder.seen(name)
        else:
            recorder.of_module[sys._getframe(1).f_code.co_filename].add(name)
        return found

    def close(actual: Any, desired: Any, *rest: Any, **options: Any) -> None:
        recorder.compared(actual, desired)
        plain_close(actual, desired, *rest, **options)

    def equal(self: Any, actual: Any) -> bool:
        recorder.compared(actual, self.expected)
        return plain_equal(self, actual)

    metafor.reference, np.testing.assert_allclose = reference, close
    APPROX.__eq__ = equal


def table(recorder: Recorder) -> str:
    """One row for each test that compared numbers of R."""
    lines = [
        "| what | sets | numbers | worst, relative | worst, absolute |",
        "|---|---|---:|---:|---:|",
    ]
    for family, found in sorted(recorder.deviations.items()):
        sets = sorted(recorder.read[family])
        shown = ", ".join(sets) if len(sets) < 4 else f"{len(sets)} sets"
        words = family.replace("_", " ")
        worst = " | ".join(f"{max(column):.0e}" for column in zip(*found, strict=True))
        lines.append(f"| {words} | {shown} | {len(found):,} | {worst} |")
    return "\n".join(lines)


def main() -> int:
    recorder = Recorder()
    watch(recorder)
    pytest.main(["-q", "-p", "no:cacheprovider", str(ROOT / "tests" / "synthesis")], [recorder])
    if recorder.failed:
        return 1
    text = PAGE.read_text("utf-8")
    before, after = text.split(MARKS[0])[0], text.split(MARKS[1])[1]
    PAGE.write_text(f"{before}{MARKS[0]}\n{table(recorder)}\n{MARKS[1]}{after}", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
