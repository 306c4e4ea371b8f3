"""Participant flow and adverse events of a ClinicalTrials.gov record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from synaptrial.evidence.tables import Row
from synaptrial.exchange.evidence.awaiting import EVENTS, OUTCOMES, Number
from synaptrial.exchange.json_node import Node
from synaptrial.exchange.registry.arms import RESULTS, Arms, is_crossover, positive
from synaptrial.exchange.registry.periods import Periods, periods_of
from synaptrial.exchange.registry.vocabulary import term_of
from synaptrial.exchange.words.named import is_whole
from synaptrial.exchange.words.times import parse_times

# Milestones of the randomised period, and of a second one in a crossover.
_FIRST = {"STARTED": "randomised", "COMPLETED": "completed", "NOT COMPLETED": "dropout"}
_SECOND = {"STARTED": "entered_period_2", "COMPLETED": "completed_period_2"}
_SPAN = re.compile(r"^(?:up to|through(?:out)?|over|during|within|from baseline (?:to|through))\s+")
_COLLECTED = {
    "SYSTEMATIC_ASSESSMENT": "systematic",
    "NON_SYSTEMATIC_ASSESSMENT": "non_systematic",
}


class _Period(NamedTuple):
    title: str
    number: int
    among: Periods


def flow_numbers(record: Node, arms: Arms) -> Iterator[Number]:
    """Started, completed and not completed by period and group, and the reasons for leaving."""
    module = record / RESULTS / "participantFlowModule"
    titles = {g.text("id"): g.text("title") for g in module.each("groups")}
    periods = periods_of(module, is_crossover(record))
    for p, period in enumerate(module.each("periods")):
        events = _FIRST if p == periods.first else _SECOND if p == periods.second else {}
        where = _Period(period.text("title"), p, periods)
        started = _started(period)
        for j, milestone in enumerate(period.each("milestones")):
            for k, cell in enumerate(milestone.each("achievements")):
                row_id = f"{arms.study}:pf{p}.m{j}.{k}"
                told = _flow_cells(period, milestone, cell, titles, started, arms.study)
                yield _flow_number(row_id, told, arms, events.get(told["category"], ""), where)
        for j, reason in enumerate(period.each("dropWithdraws")):
            for k, cell in enumerate(reason.each("reasons")):
                row_id = f"{arms.study}:pf{p}.w{j}.{k}"
                told = _flow_cells(period, reason, cell, titles, started, arms.study)
                stopped = p == periods.first and told["category"].lower() == "adverse event"
                yield _flow_number(row_id, told, arms, "ae_stop" if stopped else "", where)


def event_numbers(record: Node, arms: Arms) -> Iterator[Number]:
    """Totals by group, then every event by group: people affected, and at risk."""
    module = record / RESULTS / "adverseEventsModule"
    titles = {g.text("id"): g.text("title") for g in module.each("eventGroups")}
    frame = module.text("timeFrame")
    threshold = module.text("frequencyThreshold")
    told_from = f", of those in more than {threshold}%" if threshold else ""
    for j, group in enumerate(module.each("eventGroups")):
        for kind, term, serious, label in (
            ("serious", "any_serious", "yes", "any serious adverse event"),
            ("deaths", "death", "yes", "death from any cause"),
            ("other", "any", "no", f"any adverse event that is not serious{told_from}"),
        ):  # fmt: skip
            affected, at_risk = group.text(f"{kind}NumAffected"), group.text(f"{kind}NumAtRisk")
            if affected or at_risk:
                told = {"group_id": group.text("id"), "title": label, "value": affected,
                        "n": at_risk, "locator": group.locator}  # fmt: skip
                row = {"term": term, "serious": serious}
                yield _event_number(f"{arms.study}:ae{j}.{kind}", told, row, titles, arms, frame)
    for kind, serious in (("seriousEvents", "yes"), ("otherEvents", "no")):
        for j, event in enumerate(module.each(kind)):
            row = {
                "term": term_of(event.text("term")), "serious": serious,
                "organ_system": event.text("organSystem"),
                "collected": _COLLECTED.get(event.text("assessmentType"), ""),
            }  # fmt: skip
            for k, cell in enumerate(event.each("stats")):
                told = {"group_id": cell.text("groupId"), "title": event.text("term"),
                        "class": event.text("organSystem"), "value": cell.text("numAffected"),
                        "n": cell.text("numAtRisk"), "comment": _times(cell),
                        "locator": cell.locator}  # fmt: skip
                row_id = f"{arms.study}:{kind}{j}.{k}"
                yield _event_number(row_id, told, row, titles, arms, frame)


def _flow_cells(
    period: Node, what: Node, cell: Node, titles: dict[str, str], started: Row, study: str
) -> Row:
    group = cell.text("groupId")
    return {
        "study": study, "module": "flow", "group_id": group, "group": titles.get(group, ""),
        "title": "participant flow", "class": period.text("title"), "category": what.text("type"),
        "unit": "participants", "value": cell.text("numSubjects"), "n": started.get(group, ""),
        "comment": ", ".join(filter(None, (what.text("comment"), cell.text("comment")))),
        "locator": cell.locator,
    }  # fmt: skip


def _flow_number(row_id: str, told: Row, arms: Arms, event: str, period: _Period) -> Number:
    arm, flags = arms.arm(told["group"]), []
    if not event:
        none = "participant flow: no event of ours for this milestone or reason"
        flags.append(period.among.why_not(period.number, period.title) or none)
    elif told["n"] == "0":
        flags.append("nobody of this group started the period")
    if not is_whole(told["value"]):
        flags.append(f"the value is no whole number: {told['value'] or 'nothing'}")
    if flags or not arm:
        return Number(row_id, told, flags=tuple(flags) or (arms.no_arm(told["group"]),))
    row = {
        "study": arms.study, "arm": arm, "scale": "NONE", "part": "total", "event": event,
        "label": f"{told['category']}, {told['class']}", "time_note": told["class"],
        "statistic": "count", "n": positive(told["n"]), "events": told["value"],
        "mark": "READ", "source": arms.study, "locator": told["locator"], "note": told["comment"],
    }  # fmt: skip
    return Number(row_id, told, OUTCOMES, row, period.among.flags)


def _event_number(
    row_id: str, told: Row, what: Row, titles: dict[str, str], arms: Arms, frame: str
) -> Number:
    told = {"study": arms.study, "module": "adverse events", "time_frame": frame,
            "group": titles.get(told["group_id"], ""), "unit": "participants", **told}  # fmt: skip
    times = parse_times(_SPAN.sub("", frame.lower()))
    flags = list(times.flags)
    if len(times.days) > 1:
        flags.append("the time frame names several times")
    arm, n = arms.arm(told["group"]), positive(told["n"])
    if not (is_whole(told["value"]) and n and arm and told["title"]):
        flags.append("people affected, people at risk, the arm or the term are missing")
        flags += [] if arm else [arms.no_arm(told["group"])]
        return Number(row_id, told, flags=tuple(flags))
    row = {
        "study": arms.study, "arm": arm, "label": told["title"], "statistic": "count",
        "day": f"{times.days[0]:.6g}" if len(times.days) == 1 else "", "time_note": frame,
        "events": told["value"], "n": n, "mark": "READ", "source": arms.study,
        "locator": told["locator"], "note": told.get("comment", ""), **what,
    }  # fmt: skip
    return Number(row_id, told, EVENTS, row, tuple(flags))


def _times(cell: Node) -> str:
    count = cell.text("numEvents")
    return f"{count} events" if count else ""


def _started(period: Node) -> Row:
    return {
        a.text("groupId"): a.text("numSubjects")
        for milestone in period.each("milestones")
        if milestone.text("type") == "STARTED"
        for a in milestone.each("achievements")
    }
