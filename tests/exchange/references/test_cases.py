"""Files as reference managers and hosts write them, beside the repository."""

from __future__ import annotations

import pytest
from tests.support.cases import case

from synaptrial.exchange.references.table import read_references, summary


@pytest.mark.parametrize(("name", "left_out"), [("ovid.ris", 4), ("cochrane.ris", 6)])
def test_hosts_that_write_between_references(name: str, left_out: int) -> None:
    found = read_references(case("ris_ovid") / name)
    assert [r.first("title") for r in found.references] == ["Record one", "Record two"]
    assert found.left_out == left_out


def test_decisions_inside_notes() -> None:
    found = read_references(case("ris_asreview") / "notes.ris")
    assert [r.screening for r in found.references] == ["included", "excluded", "included"]
    assert summary(found)["included"] == 2
