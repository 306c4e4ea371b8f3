"""What a protocol cannot carry: how the study around it is conducted."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from synaptrial.domain.document import (
    Key,
    MarkedDocument,
    NonNegative,
    Number,
    Refused,
    Share,
    digest_of,
)
from synaptrial.domain.scales import SCALES


class EntryRule(MarkedDocument):
    """Patients enter with at least ``minimum`` points on ``scale`` at screening.

    Screening is modelled as one noisy reading of CAPS-5; CAPS-IV is a multiple of it.
    """

    scale: Literal["CAPS5", "CAPS4"]
    minimum: Number

    @model_validator(mode="after")
    def _on_scale(self) -> EntryRule:
        scale = SCALES[self.scale]
        if not scale.minimum <= self.minimum <= scale.maximum:
            raise Refused("minimum", f"{self.minimum:g}", f"{scale.minimum:g} to {scale.maximum:g}")
        return self


class Setting(MarkedDocument):
    """Conduct of a study, shared by its arms.

    ``blinding`` is what the patient knows: single (patient) or double (patient and rater).
    ``allocation_share`` is the share of patients allocated to an active arm: what a blinded
    patient believes at the start. ``contact_hours_per_week`` is contact with staff beyond
    the treatment itself, None where it is unknown.
    """

    blinding: Literal["open", "single", "double"]
    control: Literal["inert", "psychoactive", "waitlist", "usual_care", "supportive", "none"]
    allocation_share: Share = 1.0
    contact_hours_per_week: NonNegative | None = None
    entry: EntryRule | None = None
    population: Key = "adult_ptsd_trial"

    @model_validator(mode="after")
    def _belief(self) -> Setting:
        if self.blinding == "open" and self.allocation_share != 1.0:
            raise Refused(
                "allocation_share",
                f"{self.allocation_share:g} in an open study",
                "1 (every patient knows what he gets)",
            )
        return self

    @property
    def digest(self) -> str:
        """SHA-256 of the setting as canonical JSON."""
        return digest_of(self)


OPEN_LABEL = Setting(blinding="open", control="none")
