"""Imported rows wait: a folder is refused until each row has a decision with a name."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest
from tests.support.evidence_folder import set_cells
from tests.support.registry import NCT, record

from synaptrial.domain.errors import InputError
from synaptrial.exchange.evidence.awaiting import (
    FILE,
    import_summary,
    refuse_overwriting,
    refuse_unconfirmed,
    write_import,
)
from synaptrial.exchange.registry.record import import_registry


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = tmp_path / f"{NCT}.json"
    source.write_bytes(json.dumps(record()).encode().replace(b"{", b"{\r\n", 1))
    out = tmp_path / "out"
    out.mkdir()
    write_import(out, import_registry(source))
    return out


def test_every_placed_row_waits_and_the_list_names_it(folder: Path) -> None:
    waiting = list(csv.DictReader((folder / FILE).open(encoding="utf-8")))
    assert {r["confirmed"] for r in waiting} == {"no"}
    for table in ("outcomes", "adverse_events"):
        rows = list(csv.DictReader((folder / f"{table}.csv").open(encoding="utf-8")))
        assert {(r["usable"], r["why_not"]) for r in rows} == {("no", "awaits confirmation")}
        assert [r["row_id"] for r in rows] == [r["row_id"] for r in waiting if r["table"] == table]


def test_the_source_is_kept_byte_by_byte_with_its_digest(folder: Path) -> None:
    content = (folder.parent / f"{NCT}.json").read_bytes()
    assert (folder / "raw" / f"{NCT}.json").read_bytes() == content
    line = f"{hashlib.sha256(content).hexdigest()}  {NCT}.json\n"
    assert (folder / "raw" / "SHA256SUMS").read_text("utf-8") == line


def test_refused_until_every_row_is_decided_with_a_name(folder: Path) -> None:
    with pytest.raises(InputError, match=r"column confirmed: found 'no' \(56 of 56 rows are open"):
        refuse_unconfirmed(folder)
    set_cells(folder / FILE, confirmed="yes")
    with pytest.raises(InputError, match="column confirmed_by: found 'nothing'"):
        refuse_unconfirmed(folder)
    set_cells(folder / FILE, confirmed="perhaps", confirmed_by="A. Tester")
    with pytest.raises(InputError, match="column confirmed: found 'perhaps'"):
        refuse_unconfirmed(folder)
    set_cells(folder / FILE, confirmed="yes")
    with pytest.raises(InputError, match=r"outcomes.csv, row NCT00000000:pf0.m0.0, column why_not"):
        refuse_unconfirmed(folder)
    for table in ("outcomes", "adverse_events"):
        set_cells(folder / f"{table}.csv", usable="yes", why_not="")
    refuse_unconfirmed(folder)


def test_a_folder_that_was_not_imported_is_not_refused(tmp_path: Path) -> None:
    refuse_unconfirmed(tmp_path)
    refuse_overwriting(tmp_path)


def test_work_of_a_person_is_not_overwritten(folder: Path) -> None:
    with pytest.raises(InputError, match="a new or empty folder"):
        refuse_overwriting(folder)


def test_the_summary_counts_rows_and_reasons(folder: Path) -> None:
    told = import_summary(import_registry(folder / "raw" / f"{NCT}.json"))
    assert told["rows"] == {"studies": 1, "arms": 2, "outcomes": 24, "adverse_events": 12}
    assert told["numbers"] == 24 + 12 + told["not_placed"]
    assert told["flags"]["time frame not parsed"] == 2
    assert told["confirmed"] == 0
