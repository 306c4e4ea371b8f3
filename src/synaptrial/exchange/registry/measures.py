"""Outcome measures, their analyses and baseline measures of a ClinicalTrials.gov record."""

from __future__ import annotations

import re
from collections.abc import Iterator

from synaptrial.evidence.tables import Row
from synaptrial.exchange.evidence.awaiting import OUTCOMES, Number
from synaptrial.exchange.json_node import Node
from synaptrial.exchange.registry.arms import RESULTS, Arms, positive
from synaptrial.exchange.registry.vocabulary import contrast_of, dispersion_of, statistic_of
from synaptrial.exchange.words.change import speaks_of_change
from synaptrial.exchange.words.events import event_of
from synaptrial.exchange.words.scales import part_of, scale_of
from synaptrial.exchange.words.times import parse_times

NUMBER = re.compile(r"-?(\d+\.?\d*|\.\d+)")
_INTERVALS = {"iqr": "inter-quartile range", "range": "full range"}
Flags = list[str]


def outcome_numbers(record: Node, arms: Arms) -> Iterator[Number]:
    """Every measurement and every analysis of every outcome measure."""
    module = record / RESULTS / "outcomeMeasuresModule"
    for i, measure in enumerate(module.each("outcomeMeasures")):
        baseline = any(parse_times(c.text("title")).days == (0.0,) for c in measure.each("classes"))
        for number, told in _measurements(measure, f"{arms.study}:om{i}", "outcomes"):
            yield _placed(number, told | {"study": arms.study}, arms, baseline)
        for j, analysis in enumerate(measure.each("analyses")):
            yield _contrast(f"{arms.study}:om{i}.a{j}", measure, analysis, arms)


def baseline_numbers(record: Node, arms: Arms) -> Iterator[Number]:
    """Every baseline measurement; scores on scales that we know become outcomes of day 0."""
    module = record / RESULTS / "baselineCharacteristicsModule"
    overall, groups = _counts(module), _titles(module)
    for i, measure in enumerate(module.each("measures")):
        row_id = f"{arms.study}:bc{i}"
        for number, told in _measurements(measure, row_id, "baseline", overall, groups):
            told |= {"study": arms.study, "time_frame": "Baseline"}
            if scale_of(told["title"]).value and not speaks_of_change(told["title"]):
                yield _placed(number, told, arms, True)
            else:
                yield Number(number, told, flags=("baseline characteristic: no table of ours",))


def _measurements(
    measure: Node,
    row_id: str,
    module: str,
    overall: dict[str, str] | None = None,
    titles: dict[str, str] | None = None,
) -> Iterator[tuple[str, Row]]:
    """(row_id, verbatim cells) of each measurement."""
    groups, counts = _titles(measure) or titles or {}, (overall or {}) | _counts(measure)
    for j, one in enumerate(measure.each("classes")):
        people = counts | _counts(one)
        for k, category in enumerate(one.each("categories")):
            for m, cell in enumerate(category.each("measurements")):
                group = cell.text("groupId")
                yield f"{row_id}.{j}.{k}.{m}", {
                    "module": module, "group_id": group, "group": groups.get(group, ""),
                    "title": measure.text("title"), "class": one.text("title"),
                    "category": category.text("title"), "time_frame": measure.text("timeFrame"),
                    "param_type": measure.text("paramType"),
                    "dispersion_type": measure.text("dispersionType"),
                    "unit": measure.text("unitOfMeasure"), "value": cell.text("value"),
                    "spread": cell.text("spread"), "lower": cell.text("lowerLimit"),
                    "upper": cell.text("upperLimit"), "n": people.get(group, ""),
                    "comment": cell.text("comment"), "locator": cell.locator,
                }  # fmt: skip


def _placed(row_id: str, told: Row, arms: Arms, has_baseline: bool) -> Number:
    """The measurement as a row of the outcomes, where nothing that such a row needs is unknown."""
    flags: Flags = []
    words = f"{told['title']} {told['class']}"
    statistic, more = statistic_of(told["param_type"], told["title"], told["unit"])
    flags += more
    if re.search(r"reduction|decrease|improvement", told["title"], re.IGNORECASE):
        flags.append("sign: the title speaks of a fall, ours is after minus before")
    if statistic == "change" and has_baseline:
        statistic = ""
        flags.append("the title says change, a class is titled baseline: scores or changes?")
    row = _common(told, arms, flags)
    row["statistic"] = statistic
    if statistic in ("count", "percent"):
        row |= _counted(told, flags)
    else:
        scale, part = scale_of(words), part_of(words)
        row |= {"scale": scale.value, "part": part.value, "value": told["value"]}
        flags += [*scale.flags, *part.flags]
    row |= _spread(told, flags)
    return _if_complete(row_id, told, row, flags, ("arm", "scale", "part", "statistic"))


def _contrast(row_id: str, measure: Node, analysis: Node, arms: Arms) -> Number:
    """A comparison of groups. The record does not say which group is subtracted from which."""
    titles = _titles(measure)
    listed = (analysis / "groupIds").value
    ids = [str(g) for g in listed] if isinstance(listed, list) else []
    percent, sides = analysis.text("ciPctValue"), analysis.text("ciNumSides")
    told = {
        "study": arms.study, "module": "analyses", "group_id": ";".join(ids),
        "group": " | ".join(titles.get(g, "") for g in ids), "title": measure.text("title"),
        "time_frame": measure.text("timeFrame"), "param_type": analysis.text("paramType"),
        "dispersion_type": f"{percent}% Confidence Interval {sides}".strip() if percent
        else analysis.text("dispersionType"),
        "unit": measure.text("unitOfMeasure"), "value": analysis.text("paramValue"),
        "spread": analysis.text("dispersionValue"), "lower": analysis.text("ciLowerLimit"),
        "upper": analysis.text("ciUpperLimit"), "class": "", "category": "", "n": "",
        "comment": _analysis_note(analysis), "locator": analysis.locator,
    }  # fmt: skip
    if not told["value"]:
        return Number(row_id, told, flags=("no estimate: a p-value only",))
    statistic, more = contrast_of(told["param_type"])
    flags = ["direction of the contrast: the record lists the groups and no order of subtraction"]
    flags += more
    row = _common(told | {"group": titles.get(ids[0], "") if ids else ""}, arms, flags)
    row |= {"statistic": statistic, "value": told["value"], "note": told["comment"]}
    row["versus"] = arms.arm(titles.get(ids[1], "")) if len(ids) == 2 else ""
    if not row["versus"]:
        flags.append(f"a comparison of {len(ids)} groups")
    if statistic in ("difference", "smd"):
        scale, part = scale_of(told["title"]), part_of(told["title"])
        row |= {"scale": scale.value, "part": part.value}
        flags += [*scale.flags, *part.flags]
    else:
        row |= {**_counted(told, flags), "events": "", "value": told["value"]}
    row |= _spread(told, flags)
    return _if_complete(row_id, told, row, flags, ("arm", "versus", "scale", "part", "statistic"))


def _common(told: Row, arms: Arms, flags: Flags) -> Row:
    """Cells that every outcome row has."""
    arm = arms.arm(told["group"])
    if not arm:
        flags.append("no arm: all participants, or a group without a title")
    label = " | ".join(filter(None, (told["title"], told["class"], told["category"])))
    return {
        "study": arms.study, "arm": arm, "label": label, "n": positive(told["n"]), "mark": "READ",
        "source": arms.study, "locator": told["locator"], "note": told["comment"],
        **_when(told, flags),
    }  # fmt: skip


def _when(told: Row, flags: Flags) -> Row:
    """Day of a measurement: that of its class or category, else the one of the time frame."""
    for title in (told["class"], told["category"]):
        times = parse_times(title)
        if len(times.days) == 1:
            flags += times.flags
            return {"day": f"{times.days[0]:.6g}", "time_note": ""}
    times = parse_times(told["time_frame"])
    days = times.days
    if len(days) == 2 and days[0] == 0 and speaks_of_change(told["title"]):
        days = days[1:]
    flags += times.flags
    if len(days) == 1:
        return {"day": f"{days[0]:.6g}", "time_note": ""}
    if days:
        flags.append("the time frame names several times")
    return {"day": "", "time_note": told["time_frame"]}


def _counted(told: Row, flags: Flags) -> Row:
    """Cells of a counted event; the scale is told only where the title names one."""
    event = event_of(told["category"] or f"{told['title']} {told['class']}")
    flags += event.flags
    scale = (scale_of(told["title"]).value or "NONE") if event.value else ""
    share = re.search(r"percent|%", told["unit"], re.IGNORECASE) is not None
    number = {"value": told["value"]} if share else {"events": told["value"]}
    return {"event": event.value, "scale": scale, "part": "total", "value": "", **number}


def _spread(told: Row, flags: Flags) -> Row:
    """sd, se or low and high, by the dispersion type alone."""
    kind = dispersion_of(told["dispersion_type"])
    given, limits = told["spread"], (told["lower"], told["upper"])
    row: Row = {}
    if kind in ("sd", "se") and NUMBER.fullmatch(given) and float(given) > 0:
        row[kind] = given
    elif kind and all(NUMBER.fullmatch(x) for x in limits):
        row |= {"low": limits[0], "high": limits[1]}
        if kind != "ci95" or "ONE_SIDED" in told["dispersion_type"]:
            name = _INTERVALS.get(kind, told["dispersion_type"])
            row["note"] = " ".join(filter(None, (f"low, high: {name}.", told["comment"])))
            flags.append(f"low and high are no two-sided 95% interval: {name}")
    elif given or any(limits):
        name = told["dispersion_type"] or "missing"
        flags.append(f"dispersion type {name}: spread and limits not used")
    return row


def _if_complete(row_id: str, told: Row, row: Row, flags: Flags, needed: tuple[str, ...]) -> Number:
    if not NUMBER.fullmatch(told["value"]):
        flags.append(f"the value is no number: {told['value'] or 'nothing'}")
        row |= {"value": "", "events": ""}
    placed = all(row.get(c) for c in ("label", *needed)) and (row.get("value") or row.get("events"))
    named = tuple(dict.fromkeys(f.replace(";", ",") for f in flags))
    return Number(row_id, told, OUTCOMES if placed else "", row if placed else {}, named)


def _analysis_note(analysis: Node) -> str:
    p = analysis.text("pValue")
    parts = [f"p {p}" if p else "", analysis.text("statisticalMethod"),
             analysis.text("groupDescription"), analysis.text("estimateComment")]  # fmt: skip
    return ", ".join(filter(None, parts))


def _titles(node: Node) -> dict[str, str]:
    return {g.text("id"): g.text("title") for g in node.each("groups")}


def _counts(node: Node) -> dict[str, str]:
    """People behind a number, by group; other units (eyes, lesions) are left out."""
    return {
        c.text("groupId"): c.text("value")
        for denom in node.each("denoms")
        if denom.text("units").lower() in ("participants", "")
        for c in denom.each("counts")
    }
