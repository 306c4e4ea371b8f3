"""Arms of a ClinicalTrials.gov record, as rows of the evidence base."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from synaptrial.evidence import vocabulary as v
from synaptrial.evidence.tables import Row
from synaptrial.exchange.evidence.awaiting import slug
from synaptrial.exchange.json_node import Node
from synaptrial.exchange.registry.periods import periods_of
from synaptrial.exchange.words.named import is_whole

RESULTS = "resultsSection"
_CLASSES = ("ssri", "snri", "antidepressant", "medication", "none", "unknown", "other")
_DRUGS = tuple(d for d in v.DRUGS if d not in _CLASSES)
PTSD = r"ptsd|post[- ]?traumatic stress"
TOTAL = re.compile(r"total|all participants|overall", re.IGNORECASE)


@dataclass(frozen=True)
class Arms:
    """Which arm of ours a group of the record is. Groups of one title in several modules are one.

    titles: title -> arm; started: arm -> people who started the randomised period; twice: titles
    that two groups of one module share, so that neither is known.
    """

    study: str
    titles: dict[str, str]
    started: dict[str, str]
    twice: frozenset[str] = frozenset()

    def arm(self, title: str) -> str:
        """The arm; empty for the column of all participants, and where two groups share a title."""
        return "" if _plain(title) in self.twice else self.titles.get(_plain(title), "")

    def no_arm(self, title: str) -> str:
        """Why a group is no arm."""
        if _plain(title) in self.twice:
            return f"two groups are titled {title}: which arm?"
        return "no arm: all participants, or a group without a title"


def nct_of(record: Node) -> str:
    """The registry number of a record."""
    return (record / "protocolSection" / "identificationModule").text("nctId")


def arms_of(record: Node) -> Arms:
    """Arms by the titles of all groups of the results."""
    titles: dict[str, str] = {}
    modules = list(_modules(record))
    for group in (group for groups in modules for group in groups):
        title = group.text("title")
        if title and not TOTAL.fullmatch(title) and _plain(title) not in titles:
            titles[_plain(title)] = _free(slug(title), set(titles.values()))
    flow = record / RESULTS / "participantFlowModule"
    names = {g.text("id"): titles.get(_plain(g.text("title")), "") for g in flow.each("groups")}
    started: dict[str, str] = {}
    randomised = periods_of(flow, is_crossover(record)).first
    for number, period in enumerate(flow.each("periods")):
        for milestone in period.each("milestones"):
            if milestone.text("type") == "STARTED" and number == randomised:
                for a in milestone.each("achievements"):
                    started[names.get(a.text("groupId"), "")] = a.text("numSubjects")
    return Arms(nct_of(record), titles, started, _shared_titles(modules))


def _shared_titles(modules: Iterable[Sequence[Node]]) -> frozenset[str]:
    counts = (Counter(_plain(g.text("title")) for g in groups) for groups in modules)
    return frozenset(title for count in counts for title, n in count.items() if title and n > 1)


def conditions_of(record: Node) -> str:
    """The conditions that a record names, in one text."""
    names = (record / "protocolSection" / "conditionsModule" / "conditions").value
    return "; ".join(map(str, names)) if isinstance(names, list) else ""


def is_crossover(record: Node) -> bool:
    """Whether the record says that each arm gets each treatment."""
    info = record / "protocolSection" / "designModule" / "designInfo"
    return info.text("interventionModel") == "CROSSOVER"


def arm_rows(record: Node, arms: Arms) -> tuple[Row, ...]:
    """One row for each arm; dose, route and days stay empty, since they stand in free text."""
    module = record / "protocolSection" / "armsInterventionsModule"
    planned = {_plain(g.text("label")): g for g in module.each("armGroups")}
    shown = {_plain(g.text("title")): g for groups in _modules(record) for g in groups}
    ptsd = "yes" if re.search(PTSD, conditions_of(record), re.IGNORECASE) else "unknown"
    rows = []
    for plain, arm in arms.titles.items():
        flags = []
        given = " ".join(_names(planned[plain])) if plain in planned else shown[plain].text("title")
        drugs = [d for d in _DRUGS if re.search(rf"\b(es|ar|s-|r-)?{d}\b", given, re.IGNORECASE)]
        if plain not in planned:
            flags.append("no arm of the protocol has this title")
        if plain in arms.twice:
            flags.append("two groups have this title: none of their numbers is placed")
        if arm not in arms.started:
            flags.append("no group of the participant flow: a subgroup, or arms pooled?")
        if not drugs:
            flags.append("drug not recognised")
        group = planned.get(plain, shown[plain])
        rows.append({
            "arm_id": f"{arms.study}:{arm}", "study": arms.study, "arm": arm,
            "drug": ";".join(drugs) or "unknown", "enantiomer": _enantiomer(given), "ptsd": ptsd,
            "n": positive(arms.started.get(arm, "")), "flag": "; ".join(flags), "mark": "READ",
            "unknown": "dose;route;days of dosing", "source": arms.study,
            "note": f"{group.text('description')} [{group.locator}]",
        })  # fmt: skip
    return tuple(rows)


def _modules(record: Node) -> Iterator[list[Node]]:
    """The groups of each module, and of each outcome measure."""
    results = record / RESULTS
    yield list((results / "participantFlowModule").each("groups"))
    yield list((results / "baselineCharacteristicsModule").each("groups"))
    for measure in (results / "outcomeMeasuresModule").each("outcomeMeasures"):
        yield list(measure.each("groups"))
    yield list((results / "adverseEventsModule").each("eventGroups"))


def _names(group: Node) -> list[str]:
    names = (group / "interventionNames").value
    return [str(n) for n in names] if isinstance(names, list) else [group.text("label")]


def _enantiomer(text: str) -> str:
    if re.search(r"\besketamine|\bS-ketamine", text, re.IGNORECASE):
        return "s"
    return "r" if re.search(r"\barketamine|\bR-ketamine", text, re.IGNORECASE) else ""


def positive(text: str) -> str:
    """The text where it is a whole number above 0, else empty."""
    return text if is_whole(text) and int(text) else ""


def _plain(title: str) -> str:
    return " ".join(title.lower().split())


def _free(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    return next(f"{name}_{k}" for k in range(2, 1000) if f"{name}_{k}" not in taken)
