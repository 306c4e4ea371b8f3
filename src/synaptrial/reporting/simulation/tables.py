"""The tables of a report, as plain rows; the page gives them their form."""

from __future__ import annotations

from typing import Any

from synaptrial.reporting.kit.assumptions import cited
from synaptrial.reporting.kit.cells import Link, Table
from synaptrial.reporting.kit.numbers import (
    aligned,
    chance,
    digits_for,
    label,
    number,
    percent,
    ranges,
    say,
)
from synaptrial.reporting.kit.theme import ACUTE_UNITS, NAMES, pair_label, scale_name, short
from synaptrial.reporting.simulation.answer import prior_or_not

KNOWN = {
    "mean", "median", "sd", "patient", "mean_interval", "new_trial", "mc_se", "new_trial_mc_se",
    "not_resolved",
}  # fmt: skip
UNRESOLVED = "*"  # behind an interval that also holds the error of the finite number of patients
UNRESOLVED_NOTE = " (*: too wide, not resolved with so few patients)"
POINTS = ("mean", "change", "difference")
SD_UNITS = ("smd", "within_arm_d")
ACUTE_KEYS = (
    "mean_curve_max", "mean_curve_time_min", "mean_of_personal_maxima", "personal_maxima_q025",
    "personal_maxima_q975",
)  # fmt: skip
SHARES = ("sedation", "glutamate")
Row = dict[str, Any]


def visit_tables(summary: Row) -> list[tuple[str, list[Table]]]:
    """For each scale its name, a table of scores and one of responders, by arm and visit."""
    arms = summary["arms"]
    keys = dict.fromkeys(k for a in arms for v in a["visits"] for k in v["scale"])
    out = []
    for key in keys:
        found = [
            (a["label"], v, v["scale"][key]) for a in arms for v in a["visits"] if key in v["scale"]
        ]
        shares = _share_table(found)
        out.append((scale_name(key), [_score_table(found), *([shares] if shares else [])]))
    return out


def _score_table(found: list[tuple[str, Row, Row]]) -> Table:
    values = [x for _, _, x in found]
    digits = min(digits_for(x["mc_se"]) for x in values)
    columns = [
        aligned([say(float(v["day"])) for _, v, _ in found]),
        aligned([number(x["mean"], digits) for x in values]),
        aligned([number(x["median"], digits) for x in values]),
        *(_intervals(values, kind, digits) for kind in ("mean_interval", "new_trial", "patient")),
    ]
    return Table(
        title="Score, points" + _note(values),
        heads=("Arm", "Day", "Mean", "Median", "Mean, 95%", "New trial, 95%", "Patients, 95%"),
        rows=tuple(zip([a for a, _, _ in found], *columns, strict=True)),
        numeric=frozenset(range(1, 7)),
    )


def _intervals(values: list[Row], kind: str, digits: int) -> list[str]:
    """95% intervals of one kind, marked where they are not resolved."""
    texts = ranges([(x[kind]["q025"], x[kind]["q975"]) for x in values], digits)
    return [
        text + (UNRESOLVED if kind in x.get("not_resolved", ()) else "")
        for text, x in zip(texts, values, strict=True)
    ]


def _note(values: list[Row]) -> str:
    return UNRESOLVED_NOTE if any("not_resolved" in x for x in values) else ""


def _share_table(found: list[tuple[str, Row, Row]]) -> Table | None:
    """Shares of patients; the definition stands in the column's head."""
    rows = []
    for arm, visit, x in found:
        shares = {
            k.partition("_since_day_")[0]: (k.partition("_since_day_")[2], v)
            for k, v in x.items()
            if k not in KNOWN
        }
        if shares:
            shares["retained"] = ("", visit["retained"])
            rows.append((arm, say(float(visit["day"])), shares))
    keys = list(dict.fromkeys(k for _, _, shares in rows for k in shares))
    if not keys:
        return None
    columns = [[_share(shares, k) for _, _, shares in rows] for k in keys]
    return Table(
        title="Share of patients",
        heads=("Arm", "Day", *(label(k) for k in keys)),
        rows=tuple(zip([r[0] for r in rows], aligned([r[1] for r in rows]), *columns, strict=True)),
        numeric=frozenset(range(1, 2 + len(keys))),
    )


def _share(shares: dict[str, tuple[str, float]], key: str) -> str:
    if key not in shares:
        return "not defined"
    day, value = shares[key]
    return f"{percent(value)} (since day {day})" if day else percent(value)


def contrast_tables(summary: Row) -> list[Table]:
    """For each pair of arms its differences, at every visit."""
    pairs: dict[tuple[str, str], list[Row]] = {}
    for c in summary["contrasts"]:
        pairs.setdefault((c["arm"], c["comparator"]), []).append(c)
    chances = prior_or_not(summary["status"])
    return [_contrast_table(rows, summary["run"]["draws"], chances) for rows in pairs.values()]


def _contrast_table(rows: list[Row], draws: int, chances: str) -> Table:
    digits = min(digits_for(c["mc_se"]) for c in rows)
    first = rows[0]
    cells = zip(
        [scale_name(c["scale"]) for c in rows],
        aligned([say(float(c["day"])) for c in rows]),
        aligned([number(c["mean"], digits) for c in rows]),
        aligned([number(c["of_which_belief"], digits) for c in rows]),
        _intervals(rows, "of_which_belief_interval", digits),
        _intervals(rows, "mean_interval", digits),
        _intervals(rows, "new_trial", digits),
        aligned([number(c["g"], 2) for c in rows]),
        aligned([chance(c["p_no_benefit"], draws) for c in rows]),
        aligned([chance(c["p_no_difference"], draws) for c in rows]),
        strict=True,
    )
    heads = (
        "Scale", "Day", "Difference", "Of which belief", "Belief, 95%", "Mean, 95%",
        "New trial, 95%", "g",
    )  # fmt: skip
    return Table(
        title=f"{first['arm']} minus {short(first['comparator'], first['study'])}, points"
        + _note(rows),
        heads=(*heads, f"{chances} of no benefit of the treatment", f"{chances} of no difference"),
        rows=tuple(cells),
        numeric=frozenset(range(1, 10)),
    )


def acute_table(summary: Row) -> Table | None:
    """Highest values after the first dose: of the mean curve, and of single persons."""
    dosed = [a for a in summary["arms"] if a["events"]["doses_h"]]
    found = [(a["label"], m, v) for a in dosed for m, v in a["acute"].items()]
    if not found:
        return None
    keys = [k for k in ACUTE_KEYS if any(k in v for _, _, v in found)]
    columns = [aligned([_acute(m, v, k) for _, m, v in found]) for k in keys]
    effects = [m.removesuffix("_peak") for _, m, _ in found]
    names = [f"{NAMES[m]}, {ACUTE_UNITS[m]}" if m in ACUTE_UNITS else label(m) for m in effects]
    rows = tuple(zip([a for a, _, _ in found], names, *columns, strict=True))
    return Table(
        title="Highest acute values",
        heads=("Arm", "Effect", *(label(k) for k in keys)),
        rows=rows,
        numeric=frozenset(range(2, 2 + len(keys))),
    )


def _acute(effect: str, value: Row, key: str) -> str:
    if key not in value:
        return "no curve" if key == "mean_curve_time_min" else "not kept"
    if key == "mean_curve_time_min":
        return number(value[key], 0)  # the mesh is no finer
    return percent(value[key]) if effect in SHARES else number(value[key])


def nearest_table(summary: Row) -> Table:
    """The nearest controlled PTSD evidence of each arm."""
    arms = summary["arms"]
    keys = list(dict.fromkeys(k for a in arms for k in a["nearest_evidence"]))
    known = {s["key"] for s in summary["sources"]}
    rows = tuple(
        (a["label"], *(cited(_nearest(a["nearest_evidence"], k), known) for k in keys))
        for a in arms
    )
    return Table("Nearest controlled PTSD evidence", ("Arm", *(label(k) for k in keys)), rows)


def _nearest(found: Row, key: str) -> Any:
    """A field; where no evidence is needed that is said once, under `study`."""
    return found.get(key, "\u2013" if set(found) == {"study"} else "unknown")


def observed_table(summary: Row) -> Table | None:
    """Published rows, each with its source; also those that no figure can show."""
    rows = summary["observed"]
    if not rows:
        return None
    cells = tuple(
        (
            pair_label(o["arm"], o["comparator"]) if o["comparator"] else o["arm"],
            _what(o),
            say(float(o["day"])),
            _published(o, o["value"]),
            "not reported" if o["low"] is None else _range(o, o["low"], o["high"]),
            *_predicted(o),
            "prior" if o["made_a_prior"] else "check",
            o["mark"],
            Link(f"{o['source']}, {o['locator']}", o["source"]),
        )
        for o in rows
    )
    return Table(
        "Published and predicted",
        ("Arm", "What", "Day", "Published", "95% interval", "Predicted", "New trial, 95%",
         "Serves as", "Mark", "Source"),
        cells,
        numeric=frozenset({2, 3, 4, 5, 6}),
    )  # fmt: skip


def _what(o: Row) -> str:
    of = "" if o["scale"] in ("NONE", "leaving") else f"{scale_name(o['scale'])}, "
    said = label(o["statistic"])
    return f"{of}{said[:1].lower() + said[1:]}" if of else said


def _published(o: Row, value: float) -> str:
    if o["statistic"] in SD_UNITS:
        return number(value, 2)
    if o["statistic"] in (*POINTS, "days_to_loss"):
        return number(value)
    # a mean fall may be a rise, a share of patients never is one
    return number(100 * value, 0) + "%" if o["statistic"] == "fall_share" else percent(value)


def _range(o: Row, low: float, high: float) -> str:
    return f"{_published(o, low)} to {_published(o, high)}"


def _predicted(o: Row) -> tuple[str, str]:
    p = o["predicted"]
    if p is None:
        return "not simulated", "not simulated"
    at = p["days"]
    if o["statistic"] == "days_to_loss":
        return _until(o, p["mean"]), f"{_until(o, p['low'])} to {_until(o, p['high'])}"
    elsewhere = f" (day {say(float(at[-1]))})" if at[-1] != o["day"] and len(at) == 1 else ""
    return _published(o, p["mean"]) + elsewhere, _range(o, p["low"], p["high"])


def _until(o: Row, days: float) -> str:
    """A time to loss; at the end of follow-up it is only known to be longer."""
    first, last = o["predicted"]["days"][0], o["predicted"]["days"][-1]
    text = _published(o, days)
    return f"over {text} (not reached)" if days >= last - first else text


def recorded_table(summary: Row) -> Table | None:
    """Facts of the run that no equation reads."""
    known = {s["key"] for s in summary["sources"]}
    rows = tuple(
        (a["text"], str(a["mark"]), cited(a["source"], known)) for a in summary["recorded"]
    )
    return Table("Recorded, not modelled", ("What", "Mark", "Source"), rows) if rows else None
