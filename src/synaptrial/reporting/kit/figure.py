"""A figure of a page: panels under one title, with the line that stands under them."""

from __future__ import annotations

from dataclasses import dataclass

from synaptrial.reporting.kit.panels import Drawn
from synaptrial.reporting.kit.theme import Arm


@dataclass(frozen=True)
class Figure:
    """Panels under one title; `caption` says what is shown, from what, resting on what.

    `rows` hold drawn panels, or a sentence where a panel would be empty; `keys` are the arms that
    need a key because not every panel labels its lines.
    """

    name: str
    title: str
    caption: str
    rows: tuple[tuple[Drawn | str, ...], ...]
    keys: tuple[Arm, ...]
    foot: str = ""  # what must travel with the picture: its bands, the status of the model
