"""The PRISMA 2020 flow, counted from a made-up log."""

from __future__ import annotations

import pytest

from synaptrial.domain.errors import InputError
from synaptrial.evidence.screening import COLUMNS, prisma_flow
from synaptrial.evidence.tables import Row

# record_id, source, source_kind, duplicate_of, title_abstract, full_text, reason, study
LOG = (
    "r1,MadeUpBase,database,,included,included,,TRIAL_A",
    "r2,MadeUpBase,database,,included,included,,TRIAL_A",
    "r3,MadeUpBase,database,,included,excluded,wrong population,",
    "r4,MadeUpBase,database,,included,excluded,wrong population,",
    "r5,OtherBase,database,r1,,,,",
    "r6,OtherBase,database,,included,excluded,no control,",
    "r7,OtherBase,database,,included,not_retrieved,,",
    "r8,OtherBase,database,,excluded,,,",
    "r9,MadeUpRegister,register,,automation,,,",
    "r10,MadeUpRegister,register,,removed,,,",
    "r11,MadeUpRegister,register,,included,included,,TRIAL_B",
    "r12,reference lists,other,,,included,,TRIAL_C",
    "r13,reference lists,other,r1,,,,",
    "r14,a website,other,,,not_retrieved,,",
)


def rows(*changes: tuple[str, str, str]) -> list[Row]:
    """The log, with cells changed: (record_id, column, new text)."""
    table = [dict(zip(COLUMNS, line.split(","), strict=True)) for line in LOG]
    for record, column, text in changes:
        next(r for r in table if r["record_id"] == record)[column] = text
    return table


def test_every_box_of_the_diagram() -> None:
    flow = prisma_flow(rows())
    d = flow.databases
    assert d.identified == {"MadeUpBase": 4, "OtherBase": 4, "MadeUpRegister": 3}
    assert (d.duplicates, d.automation, d.removed) == (1, 1, 1)
    assert (d.screened, d.excluded, d.sought, d.not_retrieved, d.assessed) == (8, 1, 7, 1, 6)
    assert d.excluded_by_reason == {"wrong population": 2, "no control": 1}
    assert d.included == 3
    o = flow.other
    assert (o.duplicates, o.sought, o.not_retrieved, o.assessed, o.included) == (1, 2, 1, 1, 1)
    assert (flow.studies, flow.reports) == (3, 4)
    assert flow.registers == ("MadeUpRegister",)


def test_boxes_add_up() -> None:
    for s in (prisma_flow(rows()).databases, prisma_flow(rows()).other):
        removed = s.duplicates + s.automation + s.removed
        straight = s.sought - (s.screened - s.excluded)
        assert sum(s.identified.values()) == removed + s.screened + straight
        assert s.assessed == sum(s.excluded_by_reason.values()) + s.included


def test_rows_hold_each_count_once() -> None:
    table = prisma_flow(rows()).flow_rows()
    keys = [(r["stream"], r["box"], r["detail"]) for r in table]
    assert len(set(keys)) == len(keys)
    found = dict(zip(keys, (r["n"] for r in table), strict=True))
    assert found["databases and registers", "reports excluded", "wrong population"] == 2
    assert found["other sources", "reports sought for retrieval", ""] == 2
    assert found["", "studies included", ""] == 3


def test_without_other_sources_there_is_one_stream() -> None:
    only = [r for r in rows() if r["source_kind"] != "other"]
    assert {r["stream"] for r in prisma_flow(only).flow_rows()} == {"databases and registers", ""}


@pytest.mark.parametrize(
    ("record", "column", "text", "told"),
    [
        ("r2", "record_id", "r1", "row 2, column record_id: found 'r1' a second time"),
        ("r2", "record_id", "", "row 2, column record_id: found nothing"),
        ("r3", "source", "", "row 3 (r3), column source: found nothing"),
        ("r3", "source_kind", "web", "row 3 (r3), column source_kind: found 'web'"),
        ("r5", "duplicate_of", "r99", "column duplicate_of: found 'r99', which is no record"),
        ("r5", "duplicate_of", "r5", "column duplicate_of: found 'r5', which is this record"),
        ("r5", "duplicate_of", "r13", "which is itself a duplicate"),
        ("r5", "title_abstract", "excluded", "'excluded' beside duplicate_of 'r1'"),
        ("r8", "title_abstract", "", "column title_abstract: found nothing"),
        ("r8", "title_abstract", "maybe", "column title_abstract: found 'maybe'"),
        ("r8", "full_text", "excluded", "'excluded' beside title_abstract 'excluded'"),
        ("r7", "full_text", "", "column full_text: found nothing"),
        ("r12", "full_text", "", "column title_abstract: found nothing"),
        ("r3", "reason", "", "column reason: found nothing"),
        ("r1", "study", "", "column study: found nothing"),
        ("r3", "study", "TRIAL_D", "'TRIAL_D' beside full_text 'excluded'"),
    ],
)
def test_a_log_that_contradicts_itself(record: str, column: str, text: str, told: str) -> None:
    with pytest.raises(InputError) as error:
        prisma_flow(rows((record, column, text)), "log.csv")
    assert told in str(error.value)
    assert str(error.value).startswith("log.csv, row")


def test_a_missing_column_and_an_empty_log() -> None:
    table = [{k: v for k, v in r.items() if k != "reason"} for r in rows()]
    with pytest.raises(InputError, match="no column reason"):
        prisma_flow(table)
    with pytest.raises(InputError, match="no rows"):
        prisma_flow([])
