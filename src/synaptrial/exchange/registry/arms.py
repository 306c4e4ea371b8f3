"""Study and arms of a ClinicalTrials.gov record, as rows of the evidence base."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from synaptrial.domain.sources import Source
from synaptrial.evidence import vocabulary as v
from synaptrial.evidence.tables import Row
from synaptrial.exchange.evidence.awaiting import slug
from synaptrial.exchange.json_node import Node
from synaptrial.exchange.registry.periods import periods_of
from synaptrial.exchange.registry.vocabulary import dispersion_of
from synaptrial.exchange.words.named import is_whole

RESULTS = "resultsSection"
_DESIGNS = {"PARALLEL": "parallel", "CROSSOVER": "crossover", "SINGLE_GROUP": "single_arm"}
_MASKING = {"NONE": "none", "SINGLE": "single", "DOUBLE": "double", "TRIPLE": "double",
            "QUADRUPLE": "double"}  # fmt: skip
_CLASSES = ("ssri", "snri", "antidepressant", "medication", "none", "unknown", "other")
_DRUGS = tuple(d for d in v.DRUGS if d not in _CLASSES)
_PTSD = r"ptsd|post[- ]?traumatic stress"
_TOTAL = re.compile(r"total|all participants|overall", re.IGNORECASE)


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
        if title and not _TOTAL.fullmatch(title) and _plain(title) not in titles:
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


def is_crossover(record: Node) -> bool:
    """Whether the record says that each arm gets each treatment."""
    info = record / "protocolSection" / "designModule" / "designInfo"
    return info.text("interventionModel") == "CROSSOVER"


def arm_rows(record: Node, arms: Arms) -> tuple[Row, ...]:
    """One row for each arm; dose, route and days stay empty, since they stand in free text."""
    module = record / "protocolSection" / "armsInterventionsModule"
    planned = {_plain(g.text("label")): g for g in module.each("armGroups")}
    shown = {_plain(g.text("title")): g for groups in _modules(record) for g in groups}
    ptsd = "yes" if re.search(_PTSD, _conditions(record), re.IGNORECASE) else "unknown"
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


def study_row(record: Node) -> Row:
    """The study; what the record states in free text or not at all stays empty."""
    protocol = record / "protocolSection"
    design = protocol / "designModule"
    info = design / "designInfo"
    enrolled = design / "enrollmentInfo"
    actual = enrolled.text("type") in ("ACTUAL", "Actual")
    masking = (info / "maskingInfo").text("masking")
    primary = next((protocol / "outcomesModule").each("primaryOutcomes"), None)
    flags = ["control, population, criteria and medication not read"]
    if masking in ("TRIPLE", "QUADRUPLE"):
        flags.append(f"masking {masking} taken as double")
    return {
        "study": nct_of(record), "kind": _kind(record), "source": nct_of(record),
        "registry": nct_of(record), "year": _year(record), "country": _country(protocol),
        "design": _DESIGNS.get(info.text("interventionModel"), ""),
        "blinding": _MASKING.get(masking, ""),
        "n_randomised": positive(enrolled.text("count")) if actual else "",
        "primary_outcome": primary.text("measure") if primary else "",
        "flag": "; ".join(flags), "mark": "READ", **_people(record),
    }  # fmt: skip


def source_of(record: Node) -> Source:
    """The record as a source."""
    identity = record / "protocolSection" / "identificationModule"
    status = record / "protocolSection" / "statusModule"
    nct, title = nct_of(record), re.sub(r"[{}]", "", identity.text("briefTitle"))
    updated = (status / "lastUpdatePostDateStruct").text("date")
    version = f", record updated {updated}" if updated else ""
    return Source(
        key=nct,
        kind="dataset",
        citation=f"ClinicalTrials.gov {nct}: {title}{version}",
        title=title,
        url=f"https://clinicaltrials.gov/study/{nct}",
        note=f"imported from {record.where}",
    )


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


def _kind(record: Node) -> str:
    conditions = _conditions(record).lower()
    module = record / "protocolSection" / "armsInterventionsModule"
    given = [(i.text("type"), i.text("name").lower()) for i in module.each("interventions")]
    ketamine = any("ketamine" in name for _, name in given)
    if re.search(_PTSD, conditions):
        drug = any(kind == "DRUG" for kind, _ in given)
        other = "medication_ptsd" if drug else "psychotherapy_ptsd" if given else "other"
        return v.KETAMINE_PTSD if ketamine else other
    return "ketamine_depression" if ketamine and "depress" in conditions else "other"


def _conditions(record: Node) -> str:
    names = (record / "protocolSection" / "conditionsModule" / "conditions").value
    return "; ".join(map(str, names)) if isinstance(names, list) else ""


def _year(record: Node) -> str:
    """Year in which the results were posted."""
    status = record / "protocolSection" / "statusModule"
    return (status / "resultsFirstPostDateStruct").text("date")[:4]


def _country(protocol: Node) -> str:
    places = (protocol / "contactsLocationsModule").each("locations")
    return ", ".join(dict.fromkeys(p.text("country") for p in places if p.text("country")))


def _people(record: Node) -> Row:
    """Age and sex of all participants, where the record has a column for them."""
    module = record / RESULTS / "baselineCharacteristicsModule"
    totals = [g.text("id") for g in module.each("groups") if _TOTAL.fullmatch(g.text("title"))]
    row: Row = {}
    for measure in module.each("measures") if totals else ():
        title, cells = measure.text("title").lower(), _cells(measure, totals[0])
        in_years = measure.text("unitOfMeasure").lower() == "years"
        if title.startswith("age, continuous") and in_years and "" in cells:
            mean = measure.text("paramType") == "MEAN"
            sd = mean and dispersion_of(measure.text("dispersionType")) == "sd"
            row["age_mean"] = cells[""].text("value") if mean else ""
            row["age_sd"] = cells[""].text("spread") if sd else ""
        if title.startswith("sex") and {"female", "male"} <= set(cells):
            row |= _women(cells["female"].text("value"), cells["male"].text("value"))
    return row


def _cells(measure: Node, group: str) -> dict[str, Node]:
    """Measurements of one group by the title of their category, in lower case."""
    return {
        category.text("title").lower(): cell
        for one in measure.each("classes")
        for category in one.each("categories")
        for cell in category.each("measurements")
        if cell.text("groupId") == group
    }


def _women(women: str, men: str) -> Row:
    if not (positive(women) and is_whole(men)):
        return {}
    share = 100 * int(women) / (int(women) + int(men))
    return {"female_pct": f"{share:.4g}", "note": f"female_pct from {women} women, {men} men"}


def positive(text: str) -> str:
    """The text where it is a whole number above 0, else empty."""
    return text if is_whole(text) and int(text) else ""


def _plain(title: str) -> str:
    return " ".join(title.lower().split())


def _free(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    return next(f"{name}_{k}" for k in range(2, 1000) if f"{name}_{k}" not in taken)
