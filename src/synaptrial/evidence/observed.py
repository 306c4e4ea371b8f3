"""Published results of an arm, in the form in which a report sets them beside a prediction."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from synaptrial.domain.scales import SCALES
from synaptrial.domain.sources import Mark
from synaptrial.evidence.tables import Row, number

# Scales whose totals are simulated.
PREDICTED = ("CAPS5", "PCL5", "MADRS", "IESR", "CAPS4", "PHQ9")
POINTS = ("mean", "change", "difference", "smd", "within_arm_d")
# Rows that are a mean of several visits, on the days that the protocol has for them.
AVERAGED = {"SCHNURR2022:PE:CAPS5:-:within_arm_d": (70.0, 90.0, 180.0)}
Z95 = 1.959963984540054


def table_arms(arms: Iterable[Row]) -> dict[str, tuple[str, str]]:
    """(study, arm) in the tables of each protocol that the arms table names, by its id."""
    return {row["protocol"]: (row["study"], row["arm"]) for row in arms if row["protocol"]}


def observations(
    outcomes: Sequence[Row],
    arms: Mapping[tuple[str, str], str],
    of_priors: Collection[str] = (),
) -> list[dict[str, Any]]:
    """What the tables hold on the simulated arms and a simulation can predict.

    Means, changes, differences, standardised differences and falls of totals; shares of responders
    and of those who left; the median time to loss of response. Of a scale that is not simulated:
    the mean fall as a share of the mean at day 0. arms: (study, arm) -> label of the simulated
    arm. of_priors: rows that a prior rests on; they are no check of it. Rows that are not usable
    are left out, but for those from memory, whose mark says so, and means of several visits.
    """
    out = []
    for row in outcomes:
        label = arms.get((row["study"], row["arm"]))
        if label is None or not _days(row) or not _may_stand(row):
            continue
        for found in (_share(row), _points(row), _fall_share(row, outcomes), _duration(row)):
            if found is None:
                continue
            versus = arms.get((row["study"], row["versus"]), "")
            if bool(row["versus"]) == bool(versus):
                head = _head(row, label, versus)
                out.append(head | found | {"made_a_prior": row["row_id"] in of_priors})
    return out


def _may_stand(row: Row) -> bool:
    return row["usable"] == "yes" or row["mark"] == Mark.RECALLED or row["row_id"] in AVERAGED


def _head(row: Row, label: str, comparator: str) -> dict[str, Any]:
    return {
        "study": row["study"],
        "arm": label,
        "comparator": comparator,
        "scale": row["scale"],
        "day": _days(row)[-1],
        "days": list(_days(row)),
        "mark": row["mark"],
        "source": row["source"],
        "locator": row["locator"],
        "row": row["row_id"],
    }


def _days(row: Row) -> tuple[float, ...]:
    """Days over which the row is a mean; none where they are not known."""
    day = number(row, "day")
    return AVERAGED.get(row["row_id"], () if day is None else (day,))


def _said(statistic: str, value: float, low: float | None, high: float | None) -> dict[str, Any]:
    return {"statistic": statistic, "value": value, "low": low, "high": high}


def _points(row: Row) -> dict[str, Any] | None:
    """A mean, or a difference, of the total of a simulated scale."""
    value = number(row, "value")
    known = row["scale"] in PREDICTED and row["part"] == "total" and not row["event"]
    if value is None or not known or row["statistic"] not in POINTS:
        return None
    return _said(row["statistic"], value, *_interval(row, value))


def _share(row: Row) -> dict[str, Any] | None:
    """A count or a percentage as a share with its Wilson interval, if it says of how many."""
    leaving = row["event"] == "dropout"
    scale = SCALES.get(row["scale"]) if row["scale"] in PREDICTED else None
    if not leaving and (scale is None or row["event"] not in {d.key for d in scale.response}):
        return None
    n, events, value = number(row, "n"), number(row, "events"), number(row, "value")
    if row["statistic"] == "count" and events is not None and n:
        share = events / n
    elif row["statistic"] == "percent" and value is not None:
        share = value / 100
    else:
        return None
    low, high = _wilson(share, n) if n else (None, None)
    said = _said(row["event"], share, low, high)
    return said | ({"scale": "leaving"} if leaving else {})


def _wilson(share: float, n: float) -> tuple[float, float]:
    centre = (share + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    half = Z95 / (1 + Z95**2 / n) * math.sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2))
    return centre - half, centre + half


def _fall_share(row: Row, outcomes: Sequence[Row]) -> dict[str, Any] | None:
    """The mean fall as a share of the mean at day 0, from a change and the mean of that day."""
    change = number(row, "value")
    if row["statistic"] != "change" or row["scale"] in SCALES or change is None or row["event"]:
        return None
    mean_row = f"{row['row_id'].removesuffix('change')}mean"
    end = next((number(r, "value") for r in outcomes if r["row_id"] == mean_row), None)
    if end is None or row["part"] != "total":
        return None
    return _said("fall_share", -change / (end - change), None, None) | {"mark": "DERIVED"}


def _duration(row: Row) -> dict[str, Any] | None:
    """The median time from the end of treatment to loss of response."""
    if (row["statistic"], row["event"]) != ("median", "response_duration"):
        return None
    value = number(row, "value")
    if value is None:
        return None
    return _said("days_to_loss", value, number(row, "low"), number(row, "high"))


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
