"""Titles that speak of change."""

from __future__ import annotations

from synaptrial.exchange.words.named import has


def speaks_of_change(text: str) -> bool:
    """Whether a title says that it reports changes, not scores."""
    return has(r"\b(change|reduction|decrease|improvement)\b", text)
