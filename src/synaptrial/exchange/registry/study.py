"""The study of a ClinicalTrials.gov record and the record as a source."""

from __future__ import annotations

import re

from synaptrial.domain.sources import Source
from synaptrial.evidence import vocabulary as v
from synaptrial.evidence.tables import Row
from synaptrial.exchange.json_node import Node
from synaptrial.exchange.registry.arms import (
    PTSD,
    RESULTS,
    TOTAL,
    conditions_of,
    nct_of,
    positive,
)
from synaptrial.exchange.registry.vocabulary import dispersion_of
from synaptrial.exchange.words.named import is_whole

_DESIGNS = {"PARALLEL": "parallel", "CROSSOVER": "crossover", "SINGLE_GROUP": "single_arm"}
_MASKING = {"NONE": "none", "SINGLE": "single", "DOUBLE": "double", "TRIPLE": "double",
            "QUADRUPLE": "double"}  # fmt: skip


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


def _kind(record: Node) -> str:
    conditions = conditions_of(record).lower()
    module = record / "protocolSection" / "armsInterventionsModule"
    given = [(i.text("type"), i.text("name").lower()) for i in module.each("interventions")]
    ketamine = any("ketamine" in name for _, name in given)
    if re.search(PTSD, conditions):
        drug = any(kind == "DRUG" for kind, _ in given)
        other = "medication_ptsd" if drug else "psychotherapy_ptsd" if given else "other"
        return v.KETAMINE_PTSD if ketamine else other
    return "ketamine_depression" if ketamine and "depress" in conditions else "other"


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
    totals = [g.text("id") for g in module.each("groups") if TOTAL.fullmatch(g.text("title"))]
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
