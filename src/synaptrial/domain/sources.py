"""Where a number comes from: marks and sources."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Mark(StrEnum):
    """How a number is known. The only list of marks in the product."""

    READ = "READ"  # seen in retrieved text
    DIGITISED = "DIGITISED"  # read off a published figure
    DERIVED = "DERIVED"  # computed from READ or DIGITISED numbers
    RECALLED = "RECALLED"  # from memory, not verified; never fitted
    ASSUMED = "ASSUMED"  # chosen by us, with a reason


LEAST_CERTAIN_FIRST = (Mark.RECALLED, Mark.ASSUMED, Mark.DIGITISED, Mark.DERIVED, Mark.READ)


class Source(BaseModel):
    """One publication, registry record, label or repository."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    citation: str
    doi: str = ""
    url: str = ""
    note: str = ""
