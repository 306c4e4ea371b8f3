"""One list of rows gives the table of the page and its CSV."""

from __future__ import annotations

import csv
import io

import pytest

from synaptrial.reporting.kit.errors import ReportError
from synaptrial.reporting.kit.numbers import ratio
from synaptrial.reporting.kit.sheets import Column, Sheet, figures, interval, words

COLUMNS = (words("Study", "study"), interval("Effect", "estimate", "low", "high"))
ROWS = [
    {"study": "A", "measure": "SMD", "estimate": 0.123456, "low": -1.0, "high": 1.2469},
    {"study": "B", "measure": "RR", "estimate": 0.00456, "low": "not read", "high": "not read"},
]


def test_the_page_rounds_what_the_csv_holds_whole() -> None:
    sheet = Sheet("made", "Made", COLUMNS, ROWS, ("row", "study"))
    table = sheet.table()
    assert table.rows[0] == ("A", "0.12 (\u22121.00 to 1.25)")
    assert table.rows[1] == ("B", "0.0046")
    assert table.anchors == ("row-A", "row-B") and table.numeric == {1}
    first, second = csv.DictReader(io.StringIO(sheet.csv()))
    assert first == {"study": "A", "estimate": "0.123456", "low": "-1.0", "high": "1.2469"}
    assert second["low"] == "not read"


def test_lists_stand_in_one_cell_of_the_csv() -> None:
    sheet = Sheet("made", "Made", (Column("Rows", ("rows",), lambda r: "two"),), [{"rows": [1, 2]}])
    assert sheet.csv() == "rows\n1; 2\n"


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_cell_is_refused(empty: str) -> None:
    sheet = Sheet("made", "Made", (words("Study", "study"),), [{"study": empty}])
    with pytest.raises(ReportError, match="made: nothing under 'Study'"):
        sheet.table()


def test_words_stand_where_there_is_no_number() -> None:
    sheet = Sheet("made", "Made", (figures("p", "p"),), [{"p": "not defined"}, {"p": 0.5}])
    assert sheet.table().rows == (("not defined",), ("0.50",))


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "1.00"), (0.097, "0.097"), (0.00156, "0.0016"), (1916.03, "1916"), (1.5e9, "1.5e+09")],
)
def test_a_ratio_of_any_size_is_legible(value: float, text: str) -> None:
    assert ratio(value) == text


def test_the_csv_holds_no_digits_of_rounding() -> None:
    columns = (words("Study", "study"), figures("x", "x"))
    rows = [{"study": "A", "x": 1.9049999999999998}, {"study": "B", "x": 1 / 3}]
    assert Sheet("made", "Made", columns, rows).csv() == "study,x\nA,1.905\nB,0.333333333333\n"


@pytest.mark.parametrize("bad", [float("nan"), [1.0, float("inf")]])
def test_a_csv_holds_no_number_that_is_not_finite(bad: object) -> None:
    sheet = Sheet("made", "Made", (words("Study", "study"),), [{"study": bad}])
    with pytest.raises(ReportError, match="a table would hold"):
        sheet.csv()
