"""Cells that rows of the outcomes share: arm, day, event and spread, as far as they are sure."""

from __future__ import annotations

import re

from synaptrial.evidence.tables import Row
from synaptrial.evidence.vocabulary import RATIOS
from synaptrial.exchange.evidence.awaiting import OUTCOMES, Number
from synaptrial.exchange.registry.arms import Arms, positive
from synaptrial.exchange.registry.told import About
from synaptrial.exchange.registry.vocabulary import dispersion_of
from synaptrial.exchange.words.change import change_in
from synaptrial.exchange.words.events import event_of
from synaptrial.exchange.words.named import has, is_whole
from synaptrial.exchange.words.people import is_subgroup, part_in
from synaptrial.exchange.words.scales import part_of, scale_of
from synaptrial.exchange.words.times import Times, named_times, parse_times

NUMBER = re.compile(r"-?(\d+\.?\d*|\.\d+)")
_INTERVALS = {"iqr": "inter-quartile range", "range": "full range"}
_WHOLE = re.compile(
    r"(?:total|overall|all|all (?:participants|patients)|(?:total )?scores?)\.?", re.I
)
_SPREAD_WORDS = {
    "sd": r"\b(?i:standard deviations?)\b|\bSDs?\b",
    "se": r"\b(?i:standard errors?)\b(?! of measurement)|\bS\.?E\.?M?\b",
}
_SAME_DAY = 0.1  # share by which days may differ that mean one visit, such as 28 and 1 month
Flags = list[str]


def common(told: Row, arms: Arms, about: About, flags: Flags) -> Row:
    """Cells that every outcome row has, and flags of what holds for the whole measure."""
    arm = arms.arm(told["group"])
    if not arm:
        flags.append(arms.no_arm(told["group"]))
    part = part_in(told["title"], about.population)
    if part:
        flags.append(f"population: {part}")
    label = " | ".join(filter(None, (told["title"], told["class"], told["category"])))
    return {
        "study": arms.study, "arm": arm, "label": label, "n": positive(told["n"]), "mark": "READ",
        "source": arms.study, "locator": told["locator"], "note": told["comment"],
        **_when(told, flags),
    }  # fmt: skip


def unread_label(told: Row) -> str:
    """Why a class or a category leaves open what its number is of, or empty."""
    for label in (told["class"], told["category"]):
        named = scale_of(label).value or change_in(label).kind or part_of(label).value != "total"
        timed = bool(_day(label, True).days)
        sure = timed or _WHOLE.fullmatch(label.strip()) or named and not named_times(label)
        if label and (is_subgroup(label) or not sure):
            return f"class or category not read: {label}"
    return ""


def counted(told: Row, flags: Flags) -> Row:
    """Cells of a counted event; the scale is told only where the title names one."""
    labels = [
        label
        for label in (told["class"], told["category"])
        if not (_day(label, False).days or _WHOLE.fullmatch(label.strip()))
    ]
    event = event_of(told["title"], *labels)
    flags += event.flags
    for unread in (x for x in labels if is_subgroup(x, of_event=True) or named_times(x)):
        flags.append(f"class or category not read: {unread}")
        event = event._replace(value="")
    scale = (scale_of(told["title"]).value or "NONE") if event.value else ""
    share = has("percent|%", told["unit"])
    number = {"value": told["value"]} if share else {"events": told["value"]}
    return {"event": event.value, "scale": scale, "part": "total", "value": "", **number}


def spread(told: Row, about: About, flags: Flags) -> Row:
    """sd, se or low and high, by the dispersion type, unless title or description contradict it."""
    kind = dispersion_of(told["dispersion_type"])
    given, limits = told["spread"], (told["lower"], told["upper"])
    name = _INTERVALS.get(kind, told["dispersion_type"] or "missing")
    if other := _other_spread(kind, f"{told['title']} {told['class']} {about.description}"):
        flags.append(f"the record says {told['dispersion_type']}, its text {other}: not used")
        return {}
    if _of_another_average(kind, told["param_type"]):
        flags.append(f"{name} of a {told['param_type'].lower()}: mean or median?")
    if kind in ("sd", "se") and NUMBER.fullmatch(given) and float(given) > 0:
        return {kind: given}
    if kind and all(NUMBER.fullmatch(x) for x in limits):
        row = {"low": limits[0], "high": limits[1]}
        if kind != "ci95" or "ONE_SIDED" in told["dispersion_type"]:
            row["note"] = " ".join(filter(None, (f"low, high: {name}.", told["comment"])))
            flags.append(f"low and high are no two-sided 95% interval: {name}")
        return row
    if given or any(limits):
        flags.append(f"dispersion type {name}: spread and limits not used")
    return {}


def if_complete(row_id: str, told: Row, row: Row, flags: Flags, needed: tuple[str, ...]) -> Number:
    """The number in its table, where nothing that such a row needs is unknown."""
    if not NUMBER.fullmatch(told["value"]):
        flags.append(f"the value is no number: {told['value'] or 'nothing'}")
        row |= {"value": "", "events": ""}
    if row.get("events") and not is_whole(row["events"]):
        flags.append(f"people are a whole number, not {row['events']}")
        row["events"] = ""
    ends = [row.get(c, "") for c in ("value", "low", "high")]
    if row.get("statistic") in RATIOS and any(x and float(x) <= 0 for x in ends):
        flags.append("a ratio is above 0: is this its logarithm?")
        row["statistic"] = ""
    placed = all(row.get(c) for c in ("label", *needed)) and (row.get("value") or row.get("events"))
    named = tuple(dict.fromkeys(f.replace(";", ",") for f in flags))
    return Number(row_id, told, OUTCOMES if placed else "", row if placed else {}, named)


def _other_spread(kind: str, text: str) -> str:
    """The other of SD and standard error, where the text names it and not the one of the record."""
    other = {"sd": "se", "se": "sd"}.get(kind, "")
    if not other or re.search(_SPREAD_WORDS[kind], text):
        return ""
    found = re.search(_SPREAD_WORDS[other], text)
    return found[0] if found else ""


def _of_another_average(kind: str, param: str) -> bool:
    return (param == "MEDIAN" and kind in ("sd", "se")) or (param == "MEAN" and kind == "iqr")


def _when(told: Row, flags: Flags) -> Row:
    """Day of a measurement: that of its class or category, else the one of the time frame."""
    changes = bool(change_in(told["title"]).kind)
    frame = _day(told["time_frame"], changes)
    of_title = named_times(told["title"])
    if of_title and frame.days and not any(_fits(day, "", frame.days) for day in of_title):
        flags.append(f"the time frame says {told['time_frame']}, the title another time: which?")
    for label in (told["class"], told["category"]):
        own = _day(label, True)
        if len(own.days) == 1:
            flags += own.flags
            if _fits(own.days[0], label, frame.days):
                return {"day": f"{own.days[0]:.6g}", "time_note": ""}
            flags.append(f"the class says {label}, the time frame {told['time_frame']}: which?")
            return {"day": "", "time_note": f"{label}, {told['time_frame']}"}
    flags += frame.flags
    if len(frame.days) == 1:
        return {"day": f"{frame.days[0]:.6g}", "time_note": ""}
    if frame.days:
        flags.append("the time frame names several times")
    return {"day": "", "time_note": told["time_frame"]}


def _day(text: str, changes: bool) -> Times:
    """Times of a text; of a change from baseline to a visit, that visit."""
    times = parse_times(text)
    if changes and len(times.days) == 2 and times.days[0] == 0:
        return times._replace(days=times.days[1:])
    return times


def _fits(day: float, label: str, frame: tuple[float, ...]) -> bool:
    """Whether the day of a class is one that the time frame names, where it names any."""
    if not frame or day == 0 and "baseline" in label.lower():
        return True
    return any(abs(day - other) <= _SAME_DAY * max(day, other) for other in frame)
