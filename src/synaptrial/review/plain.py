"""Values as a document holds them: numbers are numbers, and absence is said in words."""

from __future__ import annotations

import math
from typing import Any

from synaptrial.review.rules import Interval

NOT_READ = "not read"


def number_or(value: float | None, absence: str) -> float | str:
    """A finite number as it is, else the words for why there is none."""
    return absence if value is None or not math.isfinite(value) else value


def text_or(value: str | None, absence: str = NOT_READ) -> str:
    """A text, else the words for why there is none."""
    return value or absence


def interval(x: Interval | None, absence: str) -> dict[str, Any]:
    """An estimate with its limits."""
    values = (x.estimate, x.low, x.high) if x else (None, None, None)
    names = ("estimate", "ci_low", "ci_high")
    return {n: number_or(v, absence) for n, v in zip(names, values, strict=True)}
