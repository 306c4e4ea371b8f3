"""Tables of the base on the review's page: studies, arms, rows of evidence, adverse events."""

from __future__ import annotations

from typing import Any

from synaptrial.reporting.kit.sheets import Column, Sheet, words
from synaptrial.reporting.kit.theme import scale_name
from synaptrial.reporting.review.words import mark_chip, source_link, study_link

DASH = "\u2013"
Row = dict[str, Any]


def studies_sheet(document: Row) -> Sheet:
    columns = (
        Column("Study", ("study", "year", "registry"), _study),
        Column("Design", ("design", "blinding", "control", "country"), _design),
        Column("Patients", ("n_randomised", "n_analysed"), _patients),
        Column("Who", ("population", "criteria", "age_mean", "female_pct", "veteran_pct"), _who),
        Column("Primary outcome", ("primary_outcome",), lambda r: _or_dash(r["primary_outcome"])),
        Column("Note", ("part_of", "flag", "note"), _note),
        words("Mark", "mark"),
        Column("Source", ("source",), lambda r: source_link(document, r["source"])),
    )
    return Sheet("studies", "Studies of ketamine in people with PTSD", columns,
                 document["studies"], ("study", "study"), "studies")  # fmt: skip


def _or_dash(text: str) -> str:
    return DASH if text == "-" else text


def _joined(*parts: tuple[str, str]) -> str:
    """Values that are known, each in its sentence; a dash without any."""
    return "; ".join(words.format(value) for words, value in parts if value != "-") or DASH


def _study(r: Row) -> str:
    return _joined(("{}", r["study"]), ("{}", r["year"]), ("{}", r["registry"]))


def _design(r: Row) -> str:
    design, control = (r[k].replace("_", " ") for k in ("design", "control"))
    return _joined(
        ("{}", design), ("blinding: {}", r["blinding"]), ("control: {}", control),
        ("{}", r["country"]),
    )  # fmt: skip


def _patients(r: Row) -> str:
    return _joined(("{} randomised", r["n_randomised"]), ("{} analysed", r["n_analysed"]))


def _who(r: Row) -> str:
    return _joined(
        ("{}", r["population"]), ("{}", r["criteria"]), ("mean age {}", r["age_mean"]),
        ("{}% women", r["female_pct"]), ("{}% veterans", r["veteran_pct"]),
    )  # fmt: skip


def _note(r: Row) -> str:
    return _joined(("part of {}", r["part_of"]), ("{}", r["flag"]), ("{}", r["note"]))


def arms_sheet(document: Row) -> Sheet:
    columns = (
        words("Arm", "arm_id"),
        Column("Treatment", ("drug", "enantiomer", "route", "dose", "dose_unit", "infusion_min",
                             "n_doses"), _treatment),
        Column("Psychotherapy", ("psychotherapy", "psychotherapy_note"),
               _psychotherapy),
        Column("Patients", ("n",), lambda r: _or_dash(r["n"]), numeric=True),
        Column("Can be simulated", ("protocol", "unknown"), _runnable),
        Column("Note", ("flag", "note"), lambda r: _joined(("{}", r["flag"]), ("{}", r["note"]))),
        words("Mark", "mark"),
        Column("Source", ("source",), lambda r: source_link(document, r["source"])),
    )  # fmt: skip
    return Sheet(
        "arms", "Arms: what was given", columns, document["arms"], ("arm", "arm_id"), "arms"
    )


def _psychotherapy(r: Row) -> str:
    kinds = r["psychotherapy"].replace(";", ", ")
    return _joined(("{}", kinds), ("{}", r["psychotherapy_note"]))


def _treatment(r: Row) -> str:
    dose = f"{r['dose']} {r['dose_unit']}" if r["dose"] != "-" else "-"
    return _joined(("{}", r["drug"].replace(";", " or ")), ("{}", r["enantiomer"]),
                   ("{}", r["route"].replace(";", ", ")), ("{}", dose),
                   ("over {} min", r["infusion_min"]), ("doses: {}", r["n_doses"]))  # fmt: skip


def _runnable(r: Row) -> str:
    if r["protocol"] != "-":
        return f"yes, as {r['protocol']}"
    return f"no, described only. Unknown or without a model: {r['unknown'].replace(';', '; ')}"


def rows_sheet(document: Row) -> Sheet:
    """Every row of the base that a number of the page rests on."""
    rows = [_base_row(r) for r in document["rows"].values()]
    columns = (
        words("Row", "row_id"),
        words("What", "what"),
        words("Number as reported", "number"),
        Column("Mark", ("mark",), lambda r: mark_chip(r["mark"])),
        words("Note", "note"),
        Column("Source", ("source", "locator"),
               lambda r: source_link(document, r["source"], r["locator"])),
    )  # fmt: skip
    return Sheet("rows", "Rows of the evidence that the numbers above rest on", columns, rows,
                 ("row", "row_id"))  # fmt: skip


def _base_row(r: Row) -> Row:
    """Rows of every table in one form: what, the number, and where it is from."""

    def cell(key: str) -> str:
        return str(r.get(key, "-"))

    named = [cell(k) for k in ("label", "outcome", "quantity", "target", "measure")]
    what = next((v for v in named if v != "-"), cell("row_id"))
    scale = "-" if cell("scale") in ("NONE", "PTSD_ANY") else scale_name(cell("scale"))
    scale = "-" if scale in what else scale
    statistic = {"smd": "standardised difference"}.get(cell("statistic"), cell("statistic"))
    return {
        "row_id": cell("row_id"),
        "what": _joined(("{}", what), ("{}", scale), ("day {}", cell("day")),
                        ("{}", cell("time_note")), ("at {} min", cell("time_min"))),
        "number": _joined(
            ("{}", statistic.replace("_", " ")), ("{}", cell("value")), ("SD {}", cell("sd")),
            ("SE {}", cell("se")), ("from {}", cell("low")), ("to {}", cell("high")),
            ("{} events", cell("events")), ("n {}", cell("n")), ("{}", cell("unit")),
            ("{}", cell("direction")),
        ),
        "mark": cell("mark"),
        "note": _joined(("{}", cell("derivation")), ("{}", cell("note")), ("{}", cell("why_not"))),
        "source": cell("source"),
        "locator": cell("locator"),
    }  # fmt: skip


def adverse_sheet(document: Row) -> Sheet:
    columns = (
        Column("Study", ("study", "arm"), lambda r: (study_link(document, r["study"]), r["arm"])),
        Column("Event", ("label", "term", "serious", "collected"), lambda r: _joined(
            ("{}", r["label"]), ("serious: {}", r["serious"]), ("{}", r["collected"]))),
        Column("When", ("day", "time_note"),
               lambda r: _joined(("to day {}", r["day"]), ("{}", r["time_note"]))),
        Column("How many", ("statistic", "value", "events", "n"), lambda r: _joined(
            ("{}", r["statistic"]), ("{}", r["value"]), ("{} with the event", r["events"]),
            ("of {}", r["n"]))),
        Column("Used", ("usable", "why_not"),
               lambda r: "yes" if r["usable"] == "yes" else f"no: {r['why_not']}"),
        Column("Mark", ("mark",), lambda r: mark_chip(r["mark"])),
        Column("Note", ("note",), lambda r: _or_dash(r["note"])),
        Column("Source", ("source", "locator"),
               lambda r: source_link(document, r["source"], r["locator"])),
    )  # fmt: skip
    return Sheet("adverse_events", "Adverse events as reported", columns,
                 document["adverse_events"])  # fmt: skip
