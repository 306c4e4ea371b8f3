"""Results of R packages to test against: synthetic sets from here, others from ../shared."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

OURS = Path(__file__).parents[1] / "reference" / "metafor"
BESIDE = Path(__file__).parents[3] / "shared" / "reference" / "metafor"


class Reference(NamedTuple):
    """Results by key, and the input table as columns of text (empty where there is none)."""

    results: dict[str, Any]
    columns: dict[str, list[str]]


def reference(name: str) -> Reference:
    """One set of results with its input; skips the test where neither folder holds it."""
    for folder in (OURS, BESIDE):
        path = folder / f"{name}.json"
        if path.is_file():
            return Reference(json.loads(path.read_text("utf-8")), _columns(folder / f"{name}.csv"))
    pytest.skip(f"{name}: its licence keeps it out of the repository, and ../shared is absent")


def _columns(path: Path) -> dict[str, list[str]]:
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    return {key: [row[key] for row in rows] for key in rows[0]}
