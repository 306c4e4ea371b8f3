"""Study and arms of a ClinicalTrials.gov record, as rows of the evidence base."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from synaptrial.domain.sources import Source
from synaptrial.evidence import vocabulary as v
from synaptrial.evidence.tables import Row
from synaptrial.exchange.evidence.awaiting import slug
from synaptrial.exchange.json_node import Node
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
    """Which arm of ours a group of the record is. Groups of one title are one arm.

    titles: title -> arm; started: arm -> people who started; of_flow: arms that started.
    """

    study: str
    titles: dict[str, str]
    started: dict[str, str]

    def arm(self, title: str) -> str:
        """The arm, empty for the column of all participants."""
        return self.titles.get(_plain(title), "")


def nct_of(record: Node) -> str:
    """The registry number of a record."""
    return (record / "protocolSection" / "identificationModule").text("nctId")


def arms_of(record: Node) -> Arms:
    """Arms by the titles of all groups of the results."""
    titles: dict[str, str] = {}
    for group in _groups(record):
        title = group.text("title")
        if title and not _TOTAL.fullmatch(title) and _plain(title) not in titles:
            titles[_plain(title)] = _free(slug(title), set(titles.values()))
    flow = record / RESULTS / "participantFlowModule"
    names = {g.text("id"): titles.get(_plain(g.text("title")), "") for g in flow.each("groups")}
    started: dict[str, str] = {}
    for period in list(flow.each("periods"))[:1]:
        for milestone in period.each("milestones"):
            if milestone.text("type") == "STARTED":
                for a in milestone.each("achievements"):
                    started[names.get(a.text("groupId"), "")] = a.text("numSubjects")
    return Arms(nct_of(record), titles, started)


def arm_rows(record: Node, arms: Arms) -> tuple[Row, ...]:
    """One row for each arm; dose, route and days stay empty, since they stand in free text."""
    module = record / "protocolSection" / "armsInterventionsModule"
    planned = {_plain(g.text("label")): g for g in module.each("armGroups")}
    shown = {_plain(g.text("title")): g for g in _groups(record)}
    ptsd = "yes" if re.search(_PTSD, _conditions(record), re.IGNORECASE) else "unknown"
    rows = []
    for plain, arm in arms.titles.items():
        flags = []
        given = " ".join(_names(planned[plain])) if plain in planned else shown[plain].text("title")
        drugs = [d for d in _DRUGS if re.search(rf"\b(es|ar|s-|r-)?{d}\b", given, re.IGNORECASE)]
        if plain not in planned:
            flags.append("no arm of the protocol has this title")
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


def _groups(record: Node) -> Iterator[Node]:
    results = record / RESULTS
    yield from (results / "participantFlowModule").each("groups")
    yield from (results / "baselineCharacteristicsModule").each("groups")
    for measure in (results / "outcomeMeasuresModule").each("outcomeMeasures"):
        yield from measure.each("groups")
    yield from (results / "adverseEventsModule").each("eventGroups")


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
