"""Tables of latent response: who reaches it, how soon it is lost, and what a control loses."""

from __future__ import annotations

from typing import Any

from synaptrial.reporting.kit.cells import Table
from synaptrial.reporting.kit.numbers import label, number, percent
from synaptrial.reporting.kit.theme import short
from synaptrial.reporting.simulation.tables import UNRESOLVED, UNRESOLVED_NOTE

Row = dict[str, Any]
NOT_FOLLOWED = "not followed so long"


def latent_tables(summary: Row) -> list[Table]:
    """Each arm, then each pair of arms; none where nothing was simulated of it."""
    return [t for t in (_arms(summary), _pairs(summary)) if t is not None]


def _arms(summary: Row) -> Table | None:
    found = [(a["label"], k, x) for a in summary["arms"] for k, x in a["latent_response"].items()]
    days = sorted({row["days"] for _, _, x in found for row in x["lost_within"]})
    rows = tuple(
        (arm, label(key), _share(x["reached"]), *_by_day(x["lost_within"], days), _held(x))
        for arm, key, x in found
    )
    heads = ("Arm", "Definition, of the latent CAPS-5 total", "Reach it", *_heads(days))
    return _table("Latent response and its loss", (*heads, "Days by which half lost it"), rows)


def _pairs(summary: Row) -> Table | None:
    pairs: dict[tuple[str, str, str], list[Row]] = {}
    for row in summary["excess_loss"]:
        arm = f"{row['arm']} minus {short(row['comparator'], row['study'])}"
        pairs.setdefault((arm, row["comparator"], row["definition"]), []).append(row)
    days = sorted({row["days"] for row in summary["excess_loss"]})
    rows = tuple((arm, label(key), *_by_day(found, days)) for (arm, _, key), found in pairs.items())
    return _table("Excess of loss over control", ("Arms", "Definition", *_heads(days)), rows)


def _table(title: str, heads: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Table | None:
    if not rows:
        return None
    starred = any(UNRESOLVED in cell for row in rows for cell in row)
    note = UNRESOLVED_NOTE if starred else ""
    return Table(f"{title}, mean and its 95%{note}", heads, rows, frozenset(range(2, len(heads))))


def _heads(days: list[float]) -> list[str]:
    return [f"Lost within {day:g} days" for day in days]


def _by_day(found: list[Row], days: list[float]) -> list[str]:
    by_day = {row["days"]: _share(row) for row in found}
    return [by_day.get(day, NOT_FOLLOWED) for day in days]


def _share(x: Row) -> str:
    star = UNRESOLVED if "mean_interval" in x.get("not_resolved", ()) else ""
    low, high = (100 * x["mean_interval"][q] for q in ("q025", "q975"))
    middle = percent(x["mean"]) if x["mean"] >= 0 else f"{number(100 * x['mean'], 0)}%"
    return f"{middle} ({number(low, 0)} to {number(high, 0)}){star}"


def _held(x: Row) -> str:
    days = x["median_days_held"]
    return "not half of them" if days is None else number(days, 0)
