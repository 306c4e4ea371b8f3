"""PRISMA 2020 flow, counted from a screening log that a person kept; without one, nothing is.

Source: Page MJ et al. The PRISMA 2020 statement, BMJ 2021;372:n71, Figure 1 (new reviews, with
databases, registers and other sources).

The log is a table with one row for each record found:

record_id       names the record, never twice
source          the database, register or other place where it was found
source_kind     database, register or other (websites, organisations, citation searching)
duplicate_of    the record kept instead; a duplicate has no decisions
title_abstract  included, excluded, automation or removed (both: taken out before screening);
                a record of source_kind other may go straight to full text, then it is empty
full_text       included, excluded or not_retrieved, for each record that went on
reason          why the full text was excluded
study           the study that an included report is of
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from synaptrial.domain.errors import InputError
from synaptrial.evidence.tables import Row

COLUMNS = (
    "record_id", "source", "source_kind", "duplicate_of", "title_abstract", "full_text", "reason",
    "study",
)  # fmt: skip
SOURCE_KINDS = ("database", "register", "other")
TITLE_ABSTRACT = ("included", "excluded", "automation", "removed")
FULL_TEXT = ("included", "excluded", "not_retrieved")


@dataclass(frozen=True)
class Stream:
    """Counts of one column of the diagram. identified: records by source, the log's order."""

    identified: Mapping[str, int]
    duplicates: int
    automation: int
    removed: int
    screened: int
    excluded: int
    sought: int
    not_retrieved: int
    assessed: int
    excluded_by_reason: Mapping[str, int]
    included: int


@dataclass(frozen=True)
class PrismaFlow:
    """Counts of a PRISMA 2020 flow diagram. registers: which sources are registers.

    studies: included studies; reports: their reports, from both streams.
    """

    databases: Stream
    other: Stream
    registers: tuple[str, ...]
    studies: int
    reports: int

    def flow_rows(self) -> tuple[dict[str, str | int], ...]:
        """The diagram as a table: stream, box, detail, n. Other sources only if there are any."""
        streams = {"databases and registers": self.databases}
        if self.other.identified:
            streams["other sources"] = self.other
        rows = [row for name, stream in streams.items() for row in _stream_rows(name, stream)]
        last = (("studies included", self.studies), ("reports of included studies", self.reports))
        rows += [_row("", box, "", n) for box, n in last]
        return tuple(rows)


def prisma_flow(rows: Sequence[Row], where: str = "screening log") -> PrismaFlow:
    """Count the flow. Raises InputError naming row and column for a log that contradicts itself."""
    _check_columns(rows, where)
    kept = _records(rows, where)
    for k, row in enumerate(rows):
        _check_row(row, kept, f"{where}, row {k + 1} ({row['record_id']})")
    from_searches = [r for r in rows if r["source_kind"] != "other"]
    elsewhere = [r for r in rows if r["source_kind"] == "other"]
    included = [r for r in rows if r["full_text"] == "included"]
    registers = dict.fromkeys(r["source"] for r in rows if r["source_kind"] == "register")
    return PrismaFlow(
        databases=_stream(from_searches),
        other=_stream(elsewhere),
        registers=tuple(registers),
        studies=len({r["study"] for r in included}),
        reports=len(included),
    )


def _stream(rows: Sequence[Row]) -> Stream:
    decided = Counter(r["title_abstract"] for r in rows)
    read = Counter(r["full_text"] for r in rows)
    sought = sum(read[word] for word in FULL_TEXT)
    return Stream(
        identified=Counter(r["source"] for r in rows),
        duplicates=sum(r["duplicate_of"] != "" for r in rows),
        automation=decided["automation"],
        removed=decided["removed"],
        screened=decided["included"] + decided["excluded"],
        excluded=decided["excluded"],
        sought=sought,
        not_retrieved=read["not_retrieved"],
        assessed=sought - read["not_retrieved"],
        excluded_by_reason=Counter(r["reason"] for r in rows if r["full_text"] == "excluded"),
        included=read["included"],
    )


def _stream_rows(name: str, stream: Stream) -> list[dict[str, str | int]]:
    rows = [_row(name, "records identified", source, n) for source, n in stream.identified.items()]
    for box in ("duplicates", "automation", "removed"):
        rows.append(_row(name, "removed before screening", box, getattr(stream, box)))
    for box in ("screened", "excluded"):
        rows.append(_row(name, f"records {box}", "", getattr(stream, box)))
    for box, attribute in (
        ("sought for retrieval", "sought"),
        ("not retrieved", "not_retrieved"),
        ("assessed for eligibility", "assessed"),
    ):
        rows.append(_row(name, f"reports {box}", "", getattr(stream, attribute)))
    rows += [_row(name, "reports excluded", why, n) for why, n in stream.excluded_by_reason.items()]
    return [*rows, _row(name, "reports included", "", stream.included)]


def _row(stream: str, box: str, detail: str, n: int) -> dict[str, str | int]:
    return {"stream": stream, "box": box, "detail": detail, "n": n}


def _check_columns(rows: Sequence[Row], where: str) -> None:
    if not rows:
        raise InputError(where, "no rows", "one row for each record found")
    missing = [c for c in COLUMNS if c not in rows[0]]
    if missing:
        raise InputError(where, f"no column {missing[0]}", ", ".join(COLUMNS), "Add the column")


def _records(rows: Sequence[Row], where: str) -> dict[str, Row]:
    """Rows by record_id."""
    records: dict[str, Row] = {}
    for k, row in enumerate(rows):
        name = row["record_id"]
        if not name or name in records:
            found = f"{name!r} a second time" if name else "nothing"
            at = f"{where}, row {k + 1}, column record_id"
            raise InputError(at, found, "a name of its own for each record")
        records[name] = row
    return records


def _check_row(row: Row, records: Mapping[str, Row], at: str) -> None:
    _one_of(row, "source_kind", SOURCE_KINDS, at)
    if not row["source"]:
        raise InputError(f"{at}, column source", "nothing", "where the record was found")
    if row["duplicate_of"]:
        _check_duplicate(row, records, at)
        return
    straight = row["source_kind"] == "other" and row["full_text"] != ""
    if row["title_abstract"] or not straight:
        _one_of(row, "title_abstract", TITLE_ABSTRACT, at)
    if row["title_abstract"] == "included" or straight:
        _one_of(row, "full_text", FULL_TEXT, at)
    _goes_with(row, "full_text", row["title_abstract"] in ("included", ""), at, "title_abstract")
    _needs(row, "reason", row["full_text"] == "excluded", at)
    _needs(row, "study", row["full_text"] == "included", at)
    _goes_with(row, "study", row["full_text"] == "included", at, "full_text")


def _check_duplicate(row: Row, records: Mapping[str, Row], at: str) -> None:
    name = row["duplicate_of"]
    other = records.get(name)
    if other is None or other is row or other["duplicate_of"]:
        is_what = "no record of the log" if other is None else "itself a duplicate"
        found = f"{name!r}, which is {'this record' if other is row else is_what}"
        raise InputError(f"{at}, column duplicate_of", found, "the record that was kept")
    for column in ("title_abstract", "full_text", "study"):
        _goes_with(row, column, False, at, "duplicate_of")


def _one_of(row: Row, column: str, accepted: Sequence[str], at: str) -> None:
    if row[column] not in accepted:
        found = repr(row[column]) if row[column] else "nothing"
        raise InputError(f"{at}, column {column}", found, ", ".join(accepted))


def _needs(row: Row, column: str, needed: bool, at: str) -> None:
    if needed and not row[column]:
        accepted = "the reason of the exclusion" if column == "reason" else "the study it reports"
        raise InputError(f"{at}, column {column}", "nothing", accepted)


def _goes_with(row: Row, column: str, allowed: bool, at: str, because: str) -> None:
    if row[column] and not allowed:
        found = f"{row[column]!r} beside {because} {row[because]!r}"
        raise InputError(
            f"{at}, column {column}", found, "nothing", f"Correct {because} or {column}"
        )
