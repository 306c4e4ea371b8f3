"""The claims of the review and the readings of statements in words, as the package ships them."""

from __future__ import annotations

from functools import cache
from importlib import resources

from synaptrial.exchange import toml
from synaptrial.review.claims import ClaimBook, Readings


def _text(name: str) -> str:
    return (resources.files("synaptrial") / "review" / name).read_text(encoding="utf-8")


@cache
def load_claims() -> ClaimBook:
    """Claims, windows, scale families and thresholds."""
    table = toml.parse_toml(_text("claims.toml"), "claims.toml")
    return toml.validate(ClaimBook, table, "claims.toml")


@cache
def load_readings() -> Readings:
    """Directions of statements in words."""
    table = toml.parse_toml(_text("readings.toml"), "readings.toml")
    return toml.validate(Readings, table, "readings.toml")
