"""What a release of the evidence says of itself, and what the review may therefore be called."""

from __future__ import annotations

from dataclasses import dataclass

from synaptrial.evidence.base import EvidenceBase
from synaptrial.evidence.release import NOT_RECORDED

EVIDENCE_BASE, SYSTEMATIC = "Evidence base", "Systematic review"
SUBJECT = "ketamine for post-traumatic stress disorder"
NO_SEARCH = (
    "No systematic search stands behind this release: studies were gathered by hand, and counts of"
    " what was identified, screened and excluded were not recorded."
)
NO_FLOW = "No screening log was supplied, so no flow of studies is drawn."


@dataclass(frozen=True)
class ReleaseNote:
    """Version, digest and date of the evidence, and its search: the title follows from it."""

    version: str
    digest: str
    date: str
    search: str
    systematic: bool
    changes: tuple[str, ...]
    status: str
    update_schedule: str
    flow: str = NO_FLOW

    @classmethod
    def of(cls, base: EvidenceBase) -> ReleaseNote:
        """What a release says. A search counts as named where its date is recorded and the release
        calls itself systematic."""
        r = base.release
        named = r.systematic and r.search_date != NOT_RECORDED
        counts = f"identification counts: {r.identification_counts}"
        search = f"Search to {r.search_date}; {counts}." if named else NO_SEARCH
        return cls(
            r.version, base.digest, r.date, search, named, r.changes, r.living.status,
            r.living.update_schedule,
        )  # fmt: skip

    @property
    def title(self) -> str:
        """Only what rests on a named search is called a systematic review."""
        return f"{SYSTEMATIC if self.systematic else EVIDENCE_BASE}: {SUBJECT}"
