"""The check as one document: summaries, misses by name, every row with its mark and source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from synaptrial.domain.dose import route_words
from synaptrial.domain.sources import Source
from synaptrial.pharmacology.check import (
    BANDS,
    USES,
    Score,
    misses,
    summaries,
    unclaimed,
)
from synaptrial.pharmacology.observation import Claim

Row = Mapping[str, str]


def document(
    scores: Sequence[Score],
    claims: Sequence[Claim],
    rows: Mapping[str, Row],
    sources: Mapping[str, Source],
    *,
    statement: str,
    version: str,
) -> dict[str, Any]:
    """JSON-able. rows: the observations as read, by row_id; sources: all known, by key."""
    listed = [_row(s, rows[s.row_id]) for s in scores]
    refused = [
        {"row_id": c.row_id, "reason": c.note, **_origin(rows[c.row_id])} for c in unclaimed(claims)
    ]
    used = sorted({r["source"] for r in (*listed, *refused)})
    return {
        "title": "Predicted against published exposure",
        "statement": statement,
        "bands": {k: list(v) for k, v in BANDS.items()},
        "not_asserted": "hydroxynorketamine and recalled values are listed, not asserted",
        "uses": {use: _use([s for s in scores if s.use == use]) for use in USES},
        "studies": _studies(scores),
        "biases": _biases(scores),
        "misses": [f"{s.row_id} | {s.model}" for s in misses(scores)],
        "rows": listed,
        "unclaimed": refused,
        "sources": [
            {"key": key, "citation": sources[key].citation, "doi": sources[key].doi,
             "used_for": ["published exposure"]}
            for key in used
        ],
        "run": {"version": version, "rows": len(scores)},
    }  # fmt: skip


def _use(scores: Sequence[Score]) -> dict[str, Any]:
    """Counts of one use, of all models and of each by itself: only a model's own rows test it."""
    models = dict.fromkeys(s.model for s in scores)
    return _counts(scores) | {
        "by_model": {m: _by_analyte([s for s in scores if s.model == m]) for m in models}
    }


def _by_analyte(scores: Sequence[Score]) -> dict[str, Any]:
    analytes = dict.fromkeys(s.analyte for s in scores)
    return _counts(scores) | {
        "by_analyte": {a: _counts([s for s in scores if s.analyte == a]) for a in analytes}
    }


def _counts(scores: Sequence[Score]) -> dict[str, int]:
    """Rows are comparisons of one published number with one model; `published` counts each
    asserted number once, however many models answer for it."""
    return {
        "rows": len(scores),
        "asserted": sum(s.asserted for s in scores),
        "published": len({s.row_id for s in scores if s.asserted}),
        "missed": len(misses(scores)),
    }


def _studies(scores: Sequence[Score]) -> list[dict[str, Any]]:
    """One line per use, model, study and analyte."""
    out = [
        asdict(x) | {"analyte": analyte}
        for analyte in dict.fromkeys(s.analyte for s in scores)
        for x in summaries(s for s in scores if s.analyte == analyte)
    ]
    return sorted(out, key=lambda x: (USES.index(x["use"]), x["model"], x["study"]))


def _biases(scores: Sequence[Score]) -> list[dict[str, Any]]:
    """One quantity in one study, three asserted rows or more, off by more than a quarter on
    average, whether or not each row lies inside its band."""
    kinds = dict.fromkeys((s.analyte, s.quantity) for s in scores)
    out = [
        {
            "use": x.use,
            "model": x.model,
            "study": x.study,
            "analyte": analyte,
            "quantity": quantity,
            "n": x.n,
            "geometric_mean_ratio": x.geometric_mean_ratio,
        }
        for analyte, quantity in kinds
        for x in summaries(s for s in scores if (s.analyte, s.quantity) == (analyte, quantity))
        if x.n_asserted >= 3 and not 0.8 <= x.geometric_mean_ratio <= 1.25
    ]
    return sorted(out, key=lambda x: (USES.index(x["use"]), x["model"], x["study"]))


def _row(s: Score, row: Row) -> dict[str, Any]:
    return {
        "row_id": s.row_id, "model": s.model, "use": s.use, "study": s.study,
        "analyte": s.analyte, "enantiomer": row["enantiomer"], "quantity": s.quantity,
        "time_h": float(row["time_h"]) if row["time_h"] else None, "unit": s.unit,
        "predicted": s.predicted, "observed": s.observed, "ratio": s.ratio,
        "asserted": s.asserted, "inside": s.inside, "missed": s.missed,
        "explanation": s.explanation, "note": s.claim_note, **_origin(row),
    }  # fmt: skip


def _origin(row: Row) -> dict[str, str]:
    """What was given, where blood was drawn, and where the number stands."""
    return {
        "given": _given(row),
        "site": f"{row['site']} ({row['site_mark']})",
        "weight": f"{row['weight_kg']} kg ({row['weight_mark']})",
        "mark": row["mark"],
        "source": row["source"],
        "locator": row["locator"],
    }


def _given(row: Row) -> str:
    """The doses in words; lists in the table are separated by semicolons."""
    parts = (row[c].split(";") for c in ("dose", "dose_unit", "route"))
    doses = [
        f"{amount.strip()} {unit.strip()} {route_words(route.strip())}"
        for amount, unit, route in zip(*parts, strict=True)
    ]
    kind = {"racemic": "racemate", "s": "S-ketamine"}.get(row["given"], "enantiomer unknown")
    return f"{kind}, {', then '.join(dict.fromkeys(doses))}"
