"""Measurements and analyses of a ClinicalTrials.gov record as it tells them, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from synaptrial.evidence.tables import Row
from synaptrial.exchange.json_node import Node

PARTICIPANTS = ("participants", "")


class About(NamedTuple):
    """What holds for all numbers of a measure. unit: that was analysed, empty for people."""

    description: str
    population: str
    unit: str


def about(measure: Node) -> About:
    """The description, the population and the unit of analysis of a measure."""
    unit = measure.text("typeUnitsAnalyzed") or measure.text("denomUnitsSelected")
    return About(
        measure.text("description"),
        measure.text("populationDescription"),
        "" if unit.lower() in PARTICIPANTS else unit,
    )


def measurements(
    measure: Node,
    row_id: str,
    module: str,
    overall: dict[str, str] | None = None,
    titles: dict[str, str] | None = None,
) -> Iterator[tuple[str, Row]]:
    """(row_id, verbatim cells) of each measurement."""
    groups, people = titles_of(measure) or titles or {}, (overall or {}) | people_of(measure)
    for j, one in enumerate(measure.each("classes")):
        of_class = people | people_of(one)
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
                    "upper": cell.text("upperLimit"), "n": of_class.get(group, ""),
                    "comment": cell.text("comment"), "locator": cell.locator,
                }  # fmt: skip


def analysis(measure: Node, one: Node, study: str) -> Row:
    """Verbatim cells of a comparison of groups."""
    titles, percent = titles_of(measure), one.text("ciPctValue")
    ids = group_ids(one)
    return {
        "study": study, "module": "analyses", "group_id": ";".join(ids),
        "group": " | ".join(titles.get(g, "") for g in ids), "title": measure.text("title"),
        "time_frame": measure.text("timeFrame"), "param_type": one.text("paramType"),
        "dispersion_type": f"{percent}% Confidence Interval {one.text('ciNumSides')}".strip()
        if percent else one.text("dispersionType"),
        "unit": measure.text("unitOfMeasure"), "value": one.text("paramValue"),
        "spread": one.text("dispersionValue"), "lower": one.text("ciLowerLimit"),
        "upper": one.text("ciUpperLimit"), "class": "", "category": "", "n": "",
        "comment": _note(one), "locator": one.locator,
    }  # fmt: skip


def group_ids(one: Node) -> list[str]:
    """The groups that an analysis compares."""
    listed = (one / "groupIds").value
    return [str(g) for g in listed] if isinstance(listed, list) else []


def titles_of(node: Node) -> dict[str, str]:
    """Titles of groups by id."""
    return {g.text("id"): g.text("title") for g in node.each("groups")}


def people_of(node: Node) -> dict[str, str]:
    """People behind a number, by group; other units (eyes, lesions) are left out."""
    return {
        c.text("groupId"): c.text("value")
        for denom in node.each("denoms")
        if denom.text("units").lower() in PARTICIPANTS
        for c in denom.each("counts")
    }


def _note(one: Node) -> str:
    p = one.text("pValue")
    parts = [f"p {p}" if p else "", one.text("statisticalMethod"),
             one.text("groupDescription"), one.text("estimateComment")]  # fmt: skip
    return ", ".join(filter(None, parts))
