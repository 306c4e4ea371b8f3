"""Numbers and values as text: no empty field, no more digits than the Monte Carlo error allows."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from synaptrial.reporting.kit.errors import ReportError

FIGURE_SPACE, MINUS = "\u2007", "\u2212"
DEFINITIONS = (
    (r"response_(\d+)", "Response: fall of {}% or more"),
    (r"response_(\d+)_points", "Response: fall of {} points or more"),
    (r"remission_score_(\d+)", "Remission: score of {} or less"),
)
LABELS = {
    "mean_curve_max": "Maximum of the mean curve (by the drug)",
    "mean_of_personal_maxima": "Mean of personal maxima (recorded)",
    "mean_curve_time_min": "Its time, min",
    "personal_maxima_q025": "Personal maxima, 2.5%",
    "personal_maxima_q975": "Personal maxima, 97.5%",
    "retained": "Still in the study",
    "dropout": "Left the study",
    "smd": "Difference in SD of change",
    "within_arm_d": "Fall in SD at day 0",
    "fall_share": "Fall as share of day 0, predicted for the CAPS-5",
    "days_to_loss": "Median days from the end of treatment to loss of response",
    "g": "g",
    "glutamate": "Glutamate surge, share of the largest",
    "bp_rise": "Raised blood pressure",
    "any_serious": "Serious adverse event",
    "sexual": "Sexual side effect",
    "peak_mib": "peak memory, MiB",
    "seconds": "time, s",
}


def number(value: Any, digits: int = 1) -> str:
    """`value` with `digits` decimals and a true minus; raises on what is no finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ReportError(f"not a number to print: {value!r}")
    text = f"{round(value, 10):.{digits}f}"  # a value on the edge rounds alike however computed
    if float(text) == 0.0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def prose(text: str) -> str:
    """A sentence with a true minus before its numbers; dates and names keep their hyphen."""
    return re.sub(r"(?<![^\s(])-(?=\d)", MINUS, text)


def ratio(value: Any) -> str:
    """A ratio, which may be of any size: two decimals, or two digits where these hide it."""
    if not isinstance(value, float) or 0.1 <= value < 1000:
        return number(value, 2)
    return number(value, 0) if 1000 <= value < 1e6 else f"{value:.2g}"


def digits_for(mc_se: float) -> int:
    """Decimals whose last one is still larger than twice the Monte Carlo error."""
    if mc_se <= 0.0:
        return 2
    return max(0, min(2, math.floor(-math.log10(2 * mc_se))))


def percent(share: float, digits: int = 0) -> str:
    """A share of 0 to 1 as percent; never 0% or 100% by rounding alone."""
    least = 10.0**-digits
    if 0 < 100 * share < least / 2:
        return f"<{least:g}%"
    if 100 - least / 2 < 100 * share < 100:
        return f">{100 - least:g}%"
    return f"{number(100 * share, digits)}%"


def chance(share: float, draws: int) -> str:
    """A share of draws as percent; what fewer than one draw would show is not called 0."""
    least = f"{100 / draws:.2g}"
    if share < 1 / draws:
        return f"<{least}%"
    return f">{100 - 100 / draws:.3g}%" if share > 1 - 1 / draws else percent(share)


def aligned(texts: Sequence[str]) -> list[str]:
    """Texts of one width, so that a column of numbers with equal decimals aligns."""
    width = max((len(t) for t in texts), default=0)
    return [t.rjust(width, FIGURE_SPACE) for t in texts]


def ranges(pairs: Sequence[tuple[float, float]], digits: int) -> list[str]:
    """'low to high', aligned within one column."""
    lows = aligned([number(low, digits) for low, _ in pairs])
    highs = aligned([number(high, digits) for _, high in pairs])
    return [f"{low} to {high}" for low, high in zip(lows, highs, strict=True)]


def label(key: str) -> str:
    """A key of the summary in words."""
    for pattern, words in DEFINITIONS:
        found = re.fullmatch(pattern, key)
        if found:
            return words.format(found[1])
    if key.startswith("first_loss_of_"):
        return f"Ever lost: {label(key.removeprefix('first_loss_of_')).lower()}"
    if key.startswith("loss_of_"):
        return f"Lost: {label(key.removeprefix('loss_of_')).lower()}"
    text = LABELS.get(key, key.replace("_", " ").strip())
    return text[:1].upper() + text[1:]


def say(value: Any) -> str:
    """Any value of the summary in words. What is not known must say 'unknown' itself."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}".replace("-", MINUS)
    if isinstance(value, float):
        if math.isfinite(value) and value != round(value):
            return f"{value:.3g}".replace("-", MINUS)
        return number(value, 0)
    if isinstance(value, str) and value.strip():
        return value
    if isinstance(value, Mapping) and value:
        return "; ".join(f"{label(str(k)).lower()} {say(v)}" for k, v in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        return ", ".join(say(v) for v in value)
    raise ReportError(f"an empty field would be printed: {value!r}")
