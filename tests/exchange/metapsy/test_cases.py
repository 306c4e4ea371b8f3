"""Data sets that an import once turned round or read in part, beside the repository."""

from __future__ import annotations

import pytest
from tests.support.cases import case

from synaptrial.exchange.metapsy.data_set import import_metapsy


def test_a_file_whose_g_is_arm_1_minus_arm_2() -> None:
    numbers = import_metapsy(case("metapsy_sign") / "data.csv").numbers
    first, second = (n for n in numbers if n.row_id.endswith(".g"))
    assert float(first.row["value"]) == -0.987
    assert not second.row.get("derivation")
    assert any("sign of g" in flag for flag in second.flags)


def test_baseline_numbers_by_their_other_names() -> None:
    numbers = import_metapsy(case("metapsy_baseline_names") / "data.csv").numbers
    rows = [n.row for n in numbers if ".baseline" in n.row_id]
    found = [[float(row[c]) for c in ("day", "value", "sd", "n")] for row in rows]
    assert found == [pytest.approx([0, 41, 9, 28]), pytest.approx([0, 40, 9, 27])]
