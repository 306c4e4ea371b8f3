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


@dataclass(frozen=True)
class ReleaseNote:
    """Version, digest and date of the evidence, and its search: the title follows from it."""

    version: str
    digest: str
    date: str
    search: str
    systematic: bool
    identification_counts: str
    changes: tuple[str, ...]
    status: str
    update_triggers: tuple[str, ...]
    update_schedule: str
    retirement_plan: str
    changes_since_preceding: str

    @classmethod
    def of(cls, base: EvidenceBase) -> ReleaseNote:
        """What a release says. A search counts as named where its date is recorded and the release
        calls itself systematic."""
        r, living = base.release, base.release.living
        named = r.systematic and r.search_date != NOT_RECORDED
        return cls(
            version=r.version,
            digest=base.digest,
            date=r.date,
            search=f"Search to {r.search_date}." if named else NO_SEARCH,
            systematic=named,
            identification_counts=r.identification_counts,
            changes=r.changes,
            status=living.status,
            update_triggers=living.update_triggers,
            update_schedule=living.update_schedule,
            retirement_plan=living.retirement_plan,
            changes_since_preceding=living.changes_since_preceding,
        )

    @property
    def title(self) -> str:
        """Only what rests on a named search is called a systematic review."""
        return f"{SYSTEMATIC if self.systematic else EVIDENCE_BASE}: {SUBJECT}"
