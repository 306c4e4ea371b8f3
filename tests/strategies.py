"""Hypothesis strategies: protocol documents as tables, valid and broken."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

Table = dict[str, Any]

DRUGS = ("ketamine", "midazolam", "fentanyl", "ketorolac", "saline")
ROUTES = ("iv", "im", "sc", "intranasal", "sublingual", "oral")
MG = {"ketamine": (1.0, 200.0), "midazolam": (0.5, 10.0), "fentanyl": (0.01, 0.2)}
MG["ketorolac"] = (5.0, 40.0)
MG_PER_KG = {"ketamine": (0.1, 3.0), "midazolam": (0.01, 0.1), "fentanyl": (0.0002, 0.002)}
MG_PER_KG["ketorolac"] = (0.1, 0.6)
HORIZON = 84.0


def days(count: int, first: float = 0.0) -> st.SearchStrategy[list[float]]:
    """Increasing days, a quarter of a day apart at least, within the horizon."""
    steps = st.integers(int(4 * first), int(4 * HORIZON) - 4)
    return st.lists(steps, min_size=1, max_size=count, unique=True).map(
        lambda quarters: [q / 4 for q in sorted(quarters)]
    )


@st.composite
def schedules(draw: st.DrawFn) -> Table:
    """Explicit days, or a spacing and a count that end before the horizon."""
    if draw(st.booleans()):
        return {"days": draw(days(8))}
    count, every = draw(st.integers(1, 12)), draw(st.sampled_from([0.5, 1.0, 2.0, 3.5, 6.0]))
    return {
        "start_day": draw(st.sampled_from([0.0, 1.0, 7.0])),
        "every_days": every,
        "count": count,
    }


@st.composite
def doses(draw: st.DrawFn) -> Table:
    """One complete dose block."""
    drug, route = draw(st.sampled_from(DRUGS)), draw(st.sampled_from(ROUTES))
    table: Table = {"drug": drug, "route": route, **draw(schedules())}
    if drug == "ketamine":
        table["enantiomer"] = draw(st.sampled_from(["racemic", "s", "r"]))
    if drug != "saline":
        by_weight = draw(st.booleans())
        low, high = (MG_PER_KG if by_weight else MG)[drug]
        amount = draw(st.floats(low, high, allow_nan=False))
        table["amount_mg_per_kg" if by_weight else "amount_mg"] = amount
    if route == "iv":
        table["infusion_min"] = draw(st.sampled_from([0, 2, 40, 60, 100]))
    if route == "intranasal":
        table["devices"] = draw(st.integers(1, 3))
    return table


@st.composite
def dailies(draw: st.DrawFn) -> Table:
    """A daily drug with up to four steps, up or down."""
    starts = draw(days(4))
    amounts = st.sampled_from([0, 20, 25, 50, 100, 150, 200])
    return {
        "drug": draw(st.sampled_from(["sertraline", "paroxetine"])),
        "steps": [{"day": day, "mg_per_day": draw(amounts)} for day in starts],
        "end_day": HORIZON,
    }


@st.composite
def sessions(draw: st.DrawFn) -> Table:
    """Sessions of one kind on some calendar."""
    kind = draw(st.sampled_from(["exposure", "reactivation", "supportive"]))
    return {"kind": kind, **draw(schedules())}


@st.composite
def rules(draw: st.DrawFn, visits: list[float]) -> Table:
    """A titration or a stopping rule at some of the visits."""
    table: Table = {
        "visits_days": sorted(draw(st.sets(st.sampled_from(visits), min_size=1))),
        "scale": draw(st.sampled_from(["CAPS5", "PCL5", "MADRS"])),
        "test": draw(st.sampled_from(["score_at_least", "score_below"])),
        "value": draw(st.integers(0, 60)),
    }
    if draw(st.booleans()):
        return {"do": "stop_if", "stops": ["doses", "daily"], **table}
    return {"do": "titrate", "step": draw(st.sampled_from([-0.5, 0.5])), "maximum": 3, **table}


@st.composite
def protocols(draw: st.DrawFn) -> Table:
    """A valid, runnable protocol. Only one block of infusions, so that none overlap."""
    visits = draw(days(6, first=1.0))
    blocks = draw(st.lists(doses(), max_size=3))
    infused = [block for block in blocks if block.get("infusion_min")]
    for block in infused[1:]:
        block["infusion_min"] = 0
    return {
        "id": "generated",
        "title": "A generated protocol",
        "arm": "generated",
        "kind": draw(st.sampled_from(["drug", "control"])),
        "horizon_days": HORIZON,
        "visits_days": visits,
        "doses": blocks,
        "daily": draw(st.lists(dailies(), max_size=1)),
        "sessions": draw(st.lists(sessions(), max_size=2)),
        "rules": draw(st.lists(rules(visits), max_size=2)),
        "background": draw(st.sampled_from(["none", "stable_ssri", "as_population"])),
    }


def _set(*path: str | int, value: Any) -> tuple[tuple[str | int, ...], Any]:
    return path, value


# Each breaks a protocol whose first dose is ketamine by vein; the words must be in the message.
BREAKS: dict[str, tuple[tuple[tuple[str | int, ...], Any], str]] = {
    "unknown key": (_set("doses", 0, "dose_mg", value=35.0), "unknown key"),
    "unknown key at the top": (_set("horizon", value=56), "Did you mean horizon_days?"),
    "wrong unit": (_set("doses", 0, "amount_mg_per_kg", value="0.5 mg/kg"), "a bare number"),
    "micrograms as milligrams": (_set("doses", 0, "amount_mg_per_kg", value=500.0), "milligrams"),
    "negative dose": (_set("doses", 0, "amount_mg_per_kg", value=-0.5), "at least 0"),
    "not a number": (_set("doses", 0, "amount_mg_per_kg", value=float("nan")), "finite number"),
    "both amounts": (_set("doses", 0, "amount_mg", value=35.0), "both amount_mg"),
    "dose after horizon": (_set("doses", 0, "days", value=[0, 85]), "horizon_days = 84"),
    "overlapping infusions": (_set("doses", 0, "days", value=[0, 0.01]), "do not overlap"),
    "days out of order": (_set("doses", 0, "days", value=[3, 1]), "days that increase"),
    "unknown route": (_set("doses", 0, "route", value="nasal"), "'intranasal'"),
    "text for a list": (_set("doses", 0, "days", value="0, 2"), "a list"),
    "horizon of nothing": (_set("horizon_days", value=0), "above 0"),
    "enantiomer unknown": (_set("doses", 0, "enantiomer", value="S"), "'racemic', 's' or 'r'"),
}


@st.composite
def broken(draw: st.DrawFn) -> tuple[str, Table, str]:
    """(what is broken, the table, words that the message must hold)."""
    table = deepcopy(draw(protocols()))
    table["doses"] = [
        {
            "drug": "ketamine",
            "enantiomer": "racemic",
            "route": "iv",
            "amount_mg_per_kg": 0.5,
            "infusion_min": 40,
            "days": [0.0],
        }
    ]
    name = draw(st.sampled_from(sorted(BREAKS)))
    (path, value), words = BREAKS[name]
    spot: Any = table
    for key in path[:-1]:
        spot = spot[key]
    spot[path[-1]] = value
    return name, table, words
