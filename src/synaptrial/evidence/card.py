"""All that the base holds on one study, as a document that is printed or written as JSON."""

from __future__ import annotations

from typing import Any

from synaptrial.domain.sources import Source
from synaptrial.evidence.base import EvidenceBase
from synaptrial.evidence.records import PublishedArm
from synaptrial.evidence.select import values

RESULTS = ("outcomes", "adverse_events", "risk_of_bias", "acute")


def card(base: EvidenceBase, study: str) -> dict[str, Any]:
    """Study, arms, results, judgements, overlaps and sources. KeyError for an unknown study."""
    row = next((r for r in base.tables["studies"] if r["study"] == study), None)
    if row is None:
        raise KeyError(study)
    arms = [arm for (of, _), arm in base.arms.items() if of == study]
    results = {t: [r for r in base.tables[t] if r["study"] == study] for t in RESULTS}
    cited = {row["source"], *(a.source for a in arms)}
    cited |= {r["source"] for rows in results.values() for r in rows}
    return {
        "study": row,
        "year": base.year_of(row),
        "arms": [_arm(arm) for arm in arms],
        **results,
        "overlaps": [
            r for r in base.tables["overlaps"] if study in (r["study"], r["overlaps_with"])
        ],
        "shares_people_with": sorted(
            {s for group in base.overlapping if study in group for s in group} - {study}
        ),
        "in_meta_analyses": [m.row_id for m in base.meta_analyses if study in m.contains],
        "sources": [_source(base.sources[key]) for key in sorted(cited) if key in base.sources],
    }


def as_values(card: dict[str, Any]) -> dict[str, Any]:
    """A card for JSON, with numbers as numbers."""
    tables = {t: [values(t, row) for row in card[t]] for t in (*RESULTS, "overlaps")}
    return card | tables | {"study": values("studies", card["study"])}


def _arm(arm: PublishedArm) -> dict[str, Any]:
    protocol = arm.treatment.protocol
    return {
        "arm": arm.arm,
        "n": arm.n,
        "subgroup_of": list(arm.subgroup_of),
        "treatment": {
            "words": arm.treatment.words,
            "runnable": arm.treatment.runnable,
            "protocol": protocol.id if protocol else None,
            "unknown": list(arm.treatment.unknown),
        },
        "mark": str(arm.mark),
        "source": arm.source,
    }


def _source(source: Source) -> dict[str, Any]:
    return {
        "key": source.key,
        "citation": source.citation,
        "year": source.year,
        "doi": source.doi,
        "url": source.url or (f"https://doi.org/{source.doi}" if source.doi else ""),
        "note": source.note,
    }
