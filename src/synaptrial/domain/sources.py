"""Where a number comes from: marks and sources."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

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
    """One publication, registry record, label or repository.

    citation: the one line that reports show. Of the other fields, what is not known is empty.
    author: as in BibTeX, ``Last, First and Last, First and others``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    kind: Literal[
        "article", "book", "inproceedings", "techreport", "misc", "software", "dataset"
    ] = "misc"
    citation: str
    author: str = ""
    title: str = ""
    journal: str = ""
    year: int | None = None
    volume: str = ""
    number: str = ""
    pages: str = ""
    publisher: str = ""
    institution: str = ""
    doi: str = ""
    url: str = ""
    note: str = ""
