"""What a release of the evidence base says of itself: version, search, what changed.

Fields of a living review follow PRISMA-LSR (Akl et al., BMJ 2024;387:e079183).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from synaptrial.domain.document import Document, Refused

NOT_RECORDED = "not recorded"


def _day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise Refused("", repr(text), "a day such as 2026-01-31") from None
    return text


Date = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_day)]
Version = Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]


class Living(Document):
    """How the base is kept up to date."""

    status: Literal["active", "paused", "retired"]
    update_triggers: tuple[str, ...] = Field(min_length=1)
    update_schedule: str
    retirement_plan: str
    changes_since_preceding: str


class Role(Document):
    """What an author does."""

    name: str
    role: str


class Preceding(Document):
    """An earlier release, by the digest that it had."""

    version: Version
    date: Date
    digest: str
    changes: tuple[str, ...]


class Release(Document):
    """The current release. Its digest is computed from the rows, and so is not written here."""

    version: Version
    date: Date
    search_date: Date | Literal["not recorded"]
    systematic: bool
    identification_counts: str
    changes: tuple[str, ...] = Field(min_length=1)
    living: Living
    roles: tuple[Role, ...] = Field(min_length=1)
    preceding: tuple[Preceding, ...] = ()
