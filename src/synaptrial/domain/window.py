"""What a rating looks back on, where a study used another form than the scale's own."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from synaptrial.domain.document import MarkedDocument, NonNegative
from synaptrial.domain.schedule import increasing


class Window(MarkedDocument):
    """On ``visits_days`` ``scale`` looks back on ``recall_days``; 0 rates the moment.

    CAPS-IV looks back as CAPS-5 does, IES-R as PCL-5. A window after the first treatment never
    reaches behind it, whatever is declared.
    """

    scale: Literal["CAPS5", "PCL5", "MADRS", "PHQ9"]
    visits_days: tuple[NonNegative, ...] = Field(min_length=1)
    recall_days: NonNegative

    @model_validator(mode="after")
    def _ordered(self) -> Window:
        increasing("visits_days", self.visits_days)
        return self
