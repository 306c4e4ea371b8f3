"""What a release of the evidence says of itself, and what the review may therefore be called."""

from __future__ import annotations

from dataclasses import dataclass

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
    flow: str = NO_FLOW

    @property
    def title(self) -> str:
        """Only what rests on a named search is called a systematic review."""
        return f"{SYSTEMATIC if self.systematic else EVIDENCE_BASE}: {SUBJECT}"
