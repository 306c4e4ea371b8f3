"""What is accepted as an option: one of some words, or the level of an interval."""

from __future__ import annotations

from collections.abc import Sequence

from synaptrial.domain.errors import InputError


def choose(name: str, found: str, accepted: Sequence[str]) -> None:
    """Raises InputError unless `found` is one of the accepted words."""
    if found not in accepted:
        raise InputError(name, repr(found), ", ".join(accepted))


def check_level(level: float) -> None:
    """Raises InputError unless the level of an interval is a share such as 0.95."""
    if not 0 < level < 1:
        raise InputError("level", f"{level:g}", "a number between 0 and 1, such as 0.95")
