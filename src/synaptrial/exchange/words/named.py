"""What was recognised in words that other people wrote. Nothing is guessed."""

from __future__ import annotations

import re
from typing import NamedTuple


class Named(NamedTuple):
    """What was recognised, empty if nothing; `flags` say why not, or what to look at."""

    value: str
    flags: tuple[str, ...] = ()


def is_whole(text: str) -> bool:
    """Whether a text is a whole number, 0 or more."""
    return re.fullmatch(r"[0-9]+", text) is not None


def has(pattern: str, text: str) -> bool:
    """Whether a text has a pattern, whatever the case of its letters."""
    return re.search(pattern, text, re.IGNORECASE) is not None
