"""Published results of an arm, in the form in which a report draws them over a prediction."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from synaptrial.evidence.tables import Row, number

SCALES = ("CAPS5", "PCL5", "MADRS")
EVENTS = ("response_30", "dropout")
Z95 = 1.959963984540054


def _interval(row: Row, value: float) -> tuple[float | None, float | None]:
    """95% interval as printed, else from the standard error, else from SD and n."""
    low, high = number(row, "low"), number(row, "high")
    if low is not None and high is not None:
        return low, high
    se = number(row, "se")
    sd, n = number(row, "sd"), number(row, "n")
    if se is None and sd is not None and n:
        se = sd / n**0.5
    return (None, None) if se is None else (value - Z95 * se, value + Z95 * se)


def _entry(row: Row, arm: str, comparator: str, statistic: str, value: float) -> dict[str, Any]:
    low, high = _interval(row, value)
    day = number(row, "day")
    return {
        "study": row["study"],
        "arm": arm,
        "comparator": comparator,
        "scale": row["scale"],
        "day": day,
        "statistic": statistic,
        "value": value,
        "low": low,
        "high": high,
        "mark": row["mark"],
        "source": row["source"],
        "locator": row["locator"],
        "row": row["row_id"],
    }


def _share(row: Row, arm: str) -> dict[str, Any] | None:
    """A count as a share with its Wilson interval."""
    events, n = number(row, "events"), number(row, "n")
    if events is None or not n:
        return None
    share = events / n
    centre = (share + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    half = Z95 / (1 + Z95**2 / n) * math.sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2))
    entry = _entry(row, arm, "", row["event"], share)
    entry |= {"low": centre - half, "high": centre + half}
    return entry | {"scale": "leaving" if row["event"] == "dropout" else row["scale"]}


def observations(
    outcomes: Sequence[Row], arms: Mapping[tuple[str, str], str]
) -> list[dict[str, Any]]:
    """Means, and differences between arms, of CAPS-5, PCL-5 and MADRS totals; shares of
    responders and of those who left.

    arms: (study, arm) -> label of the simulated arm. RECALLED rows are left out.
    """
    out = []
    for row in outcomes:
        label = arms.get((row["study"], row["arm"]))
        value, day = number(row, "value"), number(row, "day")
        if label is None or day is None or row["mark"] == "RECALLED":
            continue
        if row["event"] in EVENTS and row["statistic"] == "count":
            share = _share(row, label)
            out += [share] if share else []
            continue
        if value is None:
            continue
        if row["scale"] not in SCALES or row["part"] != "total" or row["event"]:
            continue
        versus = arms.get((row["study"], row["versus"]), "")
        if row["statistic"] == "difference" and versus:
            out.append(_entry(row, label, versus, "difference", value))
        elif row["statistic"] == "mean" and not row["versus"]:
            out.append(_entry(row, label, "", "mean", value))
    return out
