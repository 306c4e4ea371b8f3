"""A screening log from a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from synaptrial.domain.errors import InputError
from synaptrial.evidence.screening import COLUMNS
from synaptrial.exchange.references.screening_log import screening_flow


def test_a_log_is_counted_and_a_fault_names_file_row_and_column(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    header = ",".join(COLUMNS)
    path.write_text(f"{header}\nr1,MadeUpBase,database,,included,included,,TRIAL_A\n", "utf-8")
    assert screening_flow(path).studies == 1
    path.write_text(f"{header}\nr1,MadeUpBase,database,,maybe,,,\n", "utf-8")
    with pytest.raises(InputError, match=r"log.csv, row 1 \(r1\), column title_abstract"):
        screening_flow(path)
    path.write_text("record_id,source\nr1,MadeUpBase\n", "utf-8")
    with pytest.raises(InputError, match="no column source_kind"):
        screening_flow(path)
