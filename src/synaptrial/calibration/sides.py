"""Do the errors lie on one side? Predicted less observed improvement, by study and time.

An interval may hold every published result while all of them lie below its middle: coverage alone
does not see that. Contrasts are left out, since what both arms share is not in them, and so are
leaving and days to loss, which are no improvement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synaptrial.simulation.summary.shared import tidy_number

Row = Mapping[str, Any]
WINDOWS = {"up to 2 weeks": (0.0, 14.0), "to 8 weeks": (14.0, 56.0), "after 8 weeks": (56.0, 1e9)}
JUDGED = "after 8 weeks"  # where all studies once erred to one side
FEWEST_STUDIES = 4  # fewer may lie on one side by chance
# +1 where a larger number is less improvement, -1 where it is more
DIRECTION = {"mean": 1, "change": 1, "fall_share": -1, "within_arm_d": -1}


def sides(observed: Sequence[Row]) -> list[dict[str, Any]]:
    """Per window of time: rows and studies in which the predicted improvement is too large.

    observed: rows with `study`, `predicted` (or None there), see `summary.compare`."""
    errors = [e for row in observed if (e := _error(row)) is not None]
    return [_window(name, span, errors) for name, span in WINDOWS.items()]


def _error(row: Row) -> dict[str, Any] | None:
    direction = -1 if row["statistic"].startswith("response") else DIRECTION.get(row["statistic"])
    day = max(row["days"])
    if direction is None or row["comparator"] or row["predicted"] is None or day <= 0:
        return None
    excess = direction * (row["value"] - row["predicted"]["mean"])
    return {
        "study": row["study"],
        "row": row["row"],
        "day": day,
        "scale": row["scale"],
        "statistic": row["statistic"],
        "observed": row["value"],
        "predicted": row["predicted"]["mean"],
        "improvement_too_large": bool(excess > 0),
        "made_a_prior": row["made_a_prior"],
    }


def _window(name: str, span: tuple[float, float], errors: Sequence[Row]) -> dict[str, Any]:
    own = [e for e in errors if span[0] < e["day"] <= span[1]]
    by_study: dict[str, list[bool]] = {}
    for e in own:
        by_study.setdefault(e["study"], []).append(e["improvement_too_large"])
    shares = {study: sum(x) / len(x) for study, x in by_study.items()}
    return {
        "window": name,
        "rows": len(own),
        "rows_too_large": sum(e["improvement_too_large"] for e in own),
        "studies": len(shares),
        "studies_too_large": sum(x > 0.5 for x in shares.values()),
        "share_too_large_by_study": {k: tidy_number(x) for k, x in shares.items()},
        "errors": own,
    }


def criterion(windows: Sequence[Row]) -> dict[str, Any]:
    """Whether the studies of the window that is judged err to both sides."""
    (w,) = (x for x in windows if x["window"] == JUDGED)
    n, large = w["studies"], w["studies_too_large"]
    return {
        "what": f"studies in which improvement {JUDGED} is too large for most rows",
        "found": f"{large} of {n} studies, {w['rows_too_large']} of {w['rows']} rows",
        "accepted": f"not all and not none, of {FEWEST_STUDIES} studies or more",
        "holds": n < FEWEST_STUDIES or 0 < large < n,
    }
