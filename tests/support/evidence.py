"""The shipped tables and source keys as text, for tests."""

from __future__ import annotations

import csv
import re
from importlib import resources

DATA = resources.files("synaptrial") / "evidence" / "data"


def table(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def source_keys() -> list[str]:
    text = (DATA / "sources.bib").read_text(encoding="utf-8")
    return re.findall(r"^@\w+\{(\w+),$", text, flags=re.MULTILINE)
