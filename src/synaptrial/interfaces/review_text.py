"""What `synaptrial review diff` prints for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from synaptrial.interfaces.terminal import NOTICE

HEAD = ("claim", "as of", "verdict before", "verdict after", "rows that moved it")
ALIKE = "Both are judged by the claims, rules and readings of this version: only rows differ."


def difference(found: dict[str, Any]) -> str:
    """Verdicts that moved as a table, then claims of which the reason alone reads otherwise."""
    verdicts = [m for m in found["moved"] if m["verdict_moved"]]
    reasons = [m for m in found["moved"] if not m["verdict_moved"]]
    rows = ", ".join(f"{found['rows'][how]} {how}" for how in ("added", "changed", "removed"))
    lines = [
        f"{_state(found['old'])} -> {_state(found['new'])}",
        f"rows: {rows}. {ALIKE}",
        "",
        *(_table(verdicts) if verdicts else [f"No verdict of {found['claims']} claims moved."]),
    ]
    if reasons:
        lines += ["", "The reason alone reads otherwise:"]
        lines += [f"  {m['claim']} (as of {m['as_of']}): {_rows(m)}" for m in reasons]
    return "\n".join([*lines, "", NOTICE])


def _state(base: dict[str, str]) -> str:
    name = "" if base["name"] == base["version"] else f"{base['name']}, "
    return f"{name}release {base['version']} of {base['date']}, digest {base['digest'][:12]}"


def _table(moved: Sequence[dict[str, Any]]) -> list[str]:
    cells = [
        (m["claim"], str(m["as_of"]), m["before"]["verdict"], m["after"]["verdict"], _rows(m))
        for m in moved
    ]
    widths = [max(len(row[k]) for row in (HEAD, *cells)) for k in range(len(HEAD))]
    return [
        " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in (HEAD, tuple("-" * w for w in widths), *cells)
    ]


def _rows(moved: dict[str, Any]) -> str:
    """Rows by name, with what was done to those that are not new."""
    if not moved["rows"]:
        return "no row: years of sources differ"
    how = "together: " if moved["together"] else ""
    return how + ", ".join(
        f"{r['row']}" + ("" if r["change"] == "added" else f" ({r['change']})")
        for r in moved["rows"]
    )
