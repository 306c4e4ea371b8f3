"""Numbers as files for people hold them."""

from __future__ import annotations

from typing import Any

DIGITS = 12  # significant: what double precision adds beyond them is rounding


def rounded(value: Any) -> Any:
    """A float without the digits that rounding left (1.905, not 1.9049999999999998); anything
    else as it is."""
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
