"""What a protocol cannot carry: how the study around it is conducted."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from synaptrial.domain.document import (
    Key,
    MarkedDocument,
    NonNegative,
    Number,
    Positive,
    Refused,
    Share,
    digest_of,
)
from synaptrial.domain.scales import SCALES

MOOD_SCALES = ("MADRS", "PHQ9")


class EntryRule(MarkedDocument):
    """Patients enter with at least ``minimum`` points on ``scale`` at screening.

    Screening is a reading of CAPS-5 a week or more before the start, with its own error and the
    fluctuation of its week; CAPS-IV is a multiple of it.
    """

    scale: Literal["CAPS5", "CAPS4"]
    minimum: Number

    @model_validator(mode="after")
    def _on_scale(self) -> EntryRule:
        scale = SCALES[self.scale]
        if not scale.minimum <= self.minimum <= scale.maximum:
            raise Refused("minimum", f"{self.minimum:g}", f"{scale.minimum:g} to {scale.maximum:g}")
        return self


class Baseline(MarkedDocument):
    """Published mean and SD of the patients on day 0; ``sd`` None where it was not read."""

    scale: Literal["CAPS5", "CAPS4", "PCL5", "IESR", "MADRS", "PHQ9"]
    mean: Positive
    sd: Positive | None = None

    @model_validator(mode="after")
    def _on_scale(self) -> Baseline:
        top = SCALES[self.scale].maximum
        if self.mean >= top:
            raise Refused("mean", f"{self.mean:g}", f"below {top:g}, the most of {self.scale}")
        if self.sd is not None and self.sd >= top / 2:
            raise Refused(
                "sd", f"{self.sd:g}", f"below {top / 2:g}, half the range of {self.scale}"
            )
        return self


class Setting(MarkedDocument):
    """Conduct of a study, shared by its arms.

    ``blinding`` is what the patient knows: single (patient) or double (patient and rater).
    ``allocation_share`` is the share of patients allocated to an active arm: what a blinded
    patient believes at the start. ``contact_hours_per_week`` is contact with staff beyond
    the treatment itself, None where it is unknown. ``baseline_reading``: the CAPS-5 of day 0 is
    read anew, or it is the reading that admitted the patient (then part of a later fall is
    regression to the mean). ``baseline``: where the patients stood, at most one scale of symptoms
    and one of mood; without it they are those of the population.
    """

    blinding: Literal["open", "single", "double"]
    control: Literal["inert", "psychoactive", "waitlist", "usual_care", "supportive", "none"]
    allocation_share: Share = 1.0
    contact_hours_per_week: NonNegative | None = None
    entry: EntryRule | None = None
    baseline_reading: Literal["new", "screening"] = "new"
    baseline: tuple[Baseline, ...] = ()
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

    @model_validator(mode="after")
    def _baseline_above_entry(self) -> Setting:
        for b in self.baseline:
            if self.entry and b.scale == self.entry.scale and b.mean < self.entry.minimum:
                raise Refused(
                    "baseline",
                    f"{b.scale} {b.mean:g}, below the {self.entry.minimum:g} that admit a patient",
                    "a mean at or above the entry rule's minimum",
                    "Check both against the publication",
                )
        return self

    @model_validator(mode="after")
    def _one_baseline_each(self) -> Setting:
        kinds = [b.scale in MOOD_SCALES for b in self.baseline]
        if len(kinds) != len(set(kinds)):
            scales = " and ".join(b.scale for b in self.baseline)
            raise Refused(
                "baseline", scales, "at most one scale of symptoms and one of mood",
                "Keep the scale that the trial was planned on",
            )  # fmt: skip
        return self

    @property
    def digest(self) -> str:
        """SHA-256 of the setting as canonical JSON."""
        return digest_of(self)


OPEN_LABEL = Setting(blinding="open", control="none")
