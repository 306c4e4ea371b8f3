"""What every result of the simulation rests on and says of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from synaptrial.domain.arm import Arm
from synaptrial.domain.sources import Source
from synaptrial.evidence.nearest import controlled_arms
from synaptrial.evidence.tables import Row

STATUS = "prior, not yet calibrated"
STATEMENT = "Research tool. Not for treating patients; nothing here is advice on treatment."


@dataclass(frozen=True)
class Evidence:
    """Loaded evidence tables, sources and bundled arms that a result refers to."""

    studies: Sequence[Row]
    arms: Sequence[Row]
    outcomes: Sequence[Row]
    adverse_events: Sequence[Row]
    sources: Mapping[str, Source]
    bundled: Mapping[str, Arm]  # by id: published results belong to these alone

    @property
    def controlled(self) -> tuple[Row, ...]:
        """Ketamine arms of controlled trials in PTSD."""
        return controlled_arms(self.studies, self.arms, self.outcomes)
