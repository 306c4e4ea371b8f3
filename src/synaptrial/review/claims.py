"""The documents of the review: claims with their queries, thresholds, and statements in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import model_validator

from synaptrial.domain.document import Document, FieldMark, Key, Number
from synaptrial.domain.sources import Mark

RuleName = Literal[
    "benefit", "share", "none_seen", "ends_within", "brief", "gap", "same_as", "limited",
    "harm", "delayed", "described", "reference",
]  # fmt: skip
Days = tuple[Number, Number]


class Threshold(Document):
    """A number that a verdict hangs on, with its source or the reason why it was chosen."""

    key: Key
    value: Number
    unit: str
    what: str
    mark: Mark
    source: str = ""
    note: str

    @model_validator(mode="after")
    def _explained(self) -> Threshold:
        """As any marked field: ASSUMED with a reason, or with its source."""
        FieldMark(mark=self.mark, source=self.source, reason=self.note)
        return self


class PublishedQuery(Document):
    """Which published pooled estimates bear on a claim."""

    outcome: str
    day: Number | None = None
    time_note: str | None = None


class Query(Document):
    """What a claim asks of the evidence; what is left out does not restrict."""

    drug: Literal["ketamine", "ssri"] = "ketamine"
    outcome: str = "ptsd"
    part: str = "total"
    windows: tuple[str, ...] = ()
    doses: Literal["any", "one", "several"] = "any"
    routes: tuple[str, ...] = ()
    psychotherapy: Literal["any", "none", "with"] = "any"
    population: tuple[str, ...] = ()  # words, one of which the description of the patients holds
    events: tuple[str, ...] = ()
    event_scale: str = ""  # the scale family that an event must be on
    published: tuple[PublishedQuery, ...] = ()
    topic: str = ""  # of statements in words
    gap: Literal["", "size", "follow_up", "dose"] = ""
    early_days: Days = (0.0, 0.0)
    late_days: Days = (0.0, 0.0)


class Reference(Document):
    """A work that the starting text cites."""

    doi_printed: str
    doi_found: str
    found: bool
    obtained: bool  # what it is cited for was read
    direct: bool  # about ketamine in people with PTSD
    can: str
    cannot: str
    mark: Mark
    locator: str


class Claim(Document):
    """One claim of the starting text, in our words, with the rule of its verdict."""

    id: Key
    topic: str
    section: str
    statement: str
    rule: RuleName
    query: Query = Query()
    reference: Reference | None = None


class ClaimBook(Document):
    """All claims and what they share (claims.toml)."""

    windows_days: Mapping[str, Days]
    scales: Mapping[str, tuple[str, ...]]
    threshold: tuple[Threshold, ...]
    claim: tuple[Claim, ...]

    def limit(self, key: str) -> float:
        """The value of a threshold."""
        return next(t.value for t in self.threshold if t.key == key)


class Contrast(Document):
    """The direction of a contrast of outcomes.csv that is stated in words."""

    row: str
    part: str = ""
    day: Number | None = None
    direction: Literal["favours_drug", "no_difference", "favours_control"]
    words: str


class Statement(Document):
    """A statement in words on a topic; `hours`: how long an acute effect lasted."""

    id: str
    study: Key
    topic: str
    rests_on: str
    direction: Literal["for", "none", "against"]
    direct: bool
    hours: Number | None = None
    words: str


class Whereabouts(Document):
    """What could not be read of a study, and where it would be found."""

    study: Key
    what: str
    where: str


class Readings(Document):
    """How statements in words were read, and where what was not read would be (readings.toml)."""

    contrast: tuple[Contrast, ...] = ()
    statement: tuple[Statement, ...] = ()
    whereabouts: tuple[Whereabouts, ...] = ()
