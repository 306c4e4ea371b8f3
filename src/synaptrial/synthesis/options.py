"""What is accepted as an option: one of some words, or the level of an interval."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from synaptrial.domain.errors import InputError

LOWEST = 1e-12  # level, and distance of a level from 1: beyond, quantiles lose their digits


def choose(name: str, found: str, accepted: Sequence[str]) -> None:
    """Raises InputError unless `found` is one of the accepted words."""
    if found not in accepted:
        raise InputError(name, repr(found), ", ".join(accepted))


def check_level(level: float) -> None:
    """Raises InputError unless the level of an interval is a share such as 0.95."""
    if not LOWEST <= level <= 1 - LOWEST:
        accepted = "a number between 0 and 1, such as 0.95"
        raise InputError("level", f"{level!r}", accepted)


def percent(level: float) -> str:
    """A level as a percentage, with every digit that it has."""
    return f"{(Decimal(repr(float(level))) * 100).normalize():f}"
