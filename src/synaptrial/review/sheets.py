"""The document as flat tables, one for each CSV file: nothing in them is computed again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Sheet = list[dict[str, Any]]
OF_ANALYSIS = ("sensitivity", "leave_one_out", "cumulative")
AS_THEY_ARE = (
    "thresholds", "missing", "power", "information", "risk_of_bias", "studies", "arms",
)  # fmt: skip


def sheets(document: Mapping[str, Any]) -> dict[str, Sheet]:
    """Tables by file name without its ending; lists of names stand in one cell, with `;`."""
    out = {
        "claims": [_flat(c) for c in document["claims"]],
        "results": [_result(a) for a in document["analyses"]],
        "effects": [_headed(a, e) for a in document["analyses"] for e in a["effects"]],
        "published": [_flat(p) for p in document["published"]],
        "rows": [{"row_id": k} | r for k, r in _same_keys(document["rows"]).items()],
        "sources": [{"source": k} | s for k, s in document["sources"].items()],
    }
    for name in OF_ANALYSIS:
        out[name] = [_headed(a, x) for a in document["analyses"] for x in a[name]]
    for name in (
        "thresholds",
        "missing",
        "power",
        "information",
        "risk_of_bias",
        "studies",
        "arms",
    ):
        out[name] = [_flat(r) for r in document[name]]
    return out


def _result(analysis: Mapping[str, Any]) -> dict[str, Any]:
    names = ("id", "outcome", "part", "window", "measure", "unit", "direction", "k", "pooled")
    head = {n: analysis[n] for n in (*names, "statement", "recalled")}
    return head | _flat(
        {"": analysis["result"], "bayes": analysis["bayes"], "small": analysis["small_study"]}
    )


def _headed(analysis: Mapping[str, Any], x: Mapping[str, Any]) -> dict[str, Any]:
    return {"analysis": analysis["id"]} | _flat(x)


def _flat(value: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Nested mappings as one level, keys joined by `_`."""
    out: dict[str, Any] = {}
    for key, x in value.items():
        name = "_".join(part for part in (path, key) if part)
        if isinstance(x, Mapping):
            out |= _flat(x, name)
        else:
            out[name] = "; ".join(map(str, x)) if isinstance(x, list | tuple) else x
    return out


def _same_keys(rows: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Rows of several tables with the columns of all; `-` where a table has no such column."""
    columns = dict.fromkeys(k for r in rows.values() for k in r if k != "row_id")
    return {name: {k: r.get(k, "-") for k in columns} for name, r in rows.items()}
