"""A small evidence folder without faults, invented from start to end, for tests to break."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from synaptrial.evidence.schema import TABLES

Rows = list[dict[str, str]]

RELEASE = """\
version = "1.0.0"
date = "2026-01-31"
search_date = "not recorded"
systematic = false
identification_counts = "not recorded"
changes = ["first version"]
[living]
status = "active"
update_triggers = ["a new trial"]
update_schedule = "none"
retirement_plan = "none"
changes_since_preceding = "none"
[[roles]]
name = "Someone"
role = "curation"
"""
SOURCES = """\
@article{ALPHA2015,
  author = {Alpha, A. and others},
  title = {A first trial},
  year = {2015},
  doi = {10.1234/alpha.2015},
  citation = {Alpha et al. 2015},
}

@misc{BETA2021,
  year = {2021},
  citation = {Beta et al. 2021},
}
"""
_KNOWN = {"mark": "READ", "source": "ALPHA2015"}
_READ = _KNOWN | {"locator": "Table 2", "usable": "yes"}
_TRIAL = {"study": "ALPHA2015", "kind": "ketamine_ptsd", "design": "parallel", "mark": "READ"}
_SCORE = _READ | {"study": "ALPHA2015", "scale": "CAPS5", "part": "total", "label": "CAPS-5"}
_BIAS = _KNOWN | {"study": "ALPHA2015", "result": "all", "tool": "RoB2", "tool_version": "2019"}


def _score(
    row_id: str, arm: str, day: int, statistic: str, value: str, **more: str
) -> dict[str, str]:
    return _SCORE | {
        "row_id": row_id, "arm": arm, "day": str(day), "statistic": statistic, "value": value,
    } | more  # fmt: skip


def _arm(arm: str, drug: str, **more: str) -> dict[str, str]:
    return _KNOWN | {
        "arm_id": f"ALPHA2015:{arm}", "study": "ALPHA2015", "arm": arm, "drug": drug, "n": "20",
        "ptsd": "yes", "route": "iv", "n_doses": "1", "days": "0", "unknown": "infusion length",
    } | more  # fmt: skip


def tables() -> dict[str, Rows]:
    """Rows of the folder, by table; columns that are not named are empty."""
    rows: dict[str, Rows] = {name: [] for name in TABLES}
    rows["studies"] = [
        _TRIAL | {"source": "ALPHA2015", "year": "2015", "n_randomised": "40"}
        | {"registry": "NCT01234567"},
        _TRIAL | {"study": "BETA2021", "source": "BETA2021", "year": "2021", "design": "crossover"}
        | {"part_of": "ALPHA2015"},
    ]  # fmt: skip
    rows["arms"] = [
        _arm("KET", "ketamine", enantiomer="racemic", dose="0.5", dose_unit="mg/kg"),
        _arm("PBO", "saline"),
    ]
    rows["outcomes"] = [
        _score("A:KET:0", "KET", 0, "mean", "40.0", sd="10.0", se="2.24", n="20"),
        _score("A:PBO:0", "PBO", 0, "mean", "41.0", sd="9.5", n="20"),
        _score("A:KET:14", "KET", 14, "mean", "25.0", sd="11.0", n="19"),
        _score("A:PBO:14", "PBO", 14, "mean", "36.0", sd="10.5", n="18"),
        _score("A:KET:c", "KET", 14, "change", "-15.0", sd="12.0", n="19"),
        _score("A:PBO:c", "PBO", 14, "change", "-5.0", sd="11.0", n="18"),
        _score("A:diff", "KET", 14, "difference", "-10.0", versus="PBO", se="3.8", low="-17.4",
               high="-2.6"),
        _score("A:smd", "KET", 14, "smd", "-0.87", versus="PBO"),
        _score("A:KET:d", "KET", 14, "within_arm_d", "1.25"),
        _score("A:resp", "KET", 14, "count", "", event="response_30", n="20", events="12"),
        _score("A:pct", "PBO", 14, "percent", "30", event="response_30", n="20", events="6"),
    ]  # fmt: skip
    rows["adverse_events"] = [
        _READ | {"row_id": "A:nausea", "study": "ALPHA2015", "arm": "KET", "term": "nausea"}
        | {"label": "Nausea", "serious": "no", "statistic": "count", "events": "3", "n": "20"}
    ]  # fmt: skip
    rows["risk_of_bias"] = [
        _BIAS | {"row_id": f"A:rob:{domain}", "domain": domain, "judgement": judgement}
        | {"reason": "as read", "judged_by": "Someone"}
        for domain, judgement in (("missing", "low"), ("deviations", "some concerns"),
                                  ("overall", "some concerns"))
    ]  # fmt: skip
    rows["overlaps"] = [
        {"row_id": "B-A", "study": "BETA2021", "overlaps_with": "ALPHA2015", "kind": "subsample"}
        | {"certain": "yes", "mark": "READ", "source": "BETA2021", "locator": "Methods"}
    ]
    rows["meta_analyses"] = [
        {"row_id": "M", "source": "BETA2021", "outcome": "PTSD", "scale": "NONE", "value": "0.30"}
        | {"statistic": "Hedges g", "low": "0.10", "high": "0.50", "mark": "READ"}
        | {"direction": "positive favours ketamine", "locator": "abstract", "contains": "ALPHA2015"}
    ]
    return rows


def csv_text(table: str, rows: Rows) -> str:
    """Rows as CSV with all columns of the table."""
    out = io.StringIO()
    writer = csv.DictWriter(out, TABLES[table].names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write(folder: Path, rows: dict[str, Rows] | None = None) -> Path:
    """The folder on disk."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, of_table in (rows or tables()).items():
        (folder / f"{name}.csv").write_text(csv_text(name, of_table), encoding="utf-8")
    (folder / "sources.bib").write_text(SOURCES, encoding="utf-8")
    (folder / "release.toml").write_text(RELEASE, encoding="utf-8")
    return folder


def set_cells(path: Path, **cells: str) -> None:
    """Set cells in every row of a table that has these columns."""
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, **cells} for row in rows)
