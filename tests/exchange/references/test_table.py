"""RIS and CSV references: nothing lost on the way, duplicates flagged, faults named."""

from __future__ import annotations

from pathlib import Path

import pytest

from synaptrial.domain.errors import InputError
from synaptrial.exchange.references.table import Found, read_references, references_text, summary

# Made-up references.
RIS = """TY  - JOUR
ID  - one
AU  - Maker, A
AU  - Maker, B
TI  - A made-up title
 that goes on
PY  - 2020
DO  - 10.9999/made.1
KW  - ketamine
KW  - trial
SN  - 0000-0000
XX  - a tag that nobody knows
N1  - screening: excluded; reason: wrong population
ER  -

2.
TY  - JOUR
T1  - Another made-up title
DO  - https://doi.org/10.9999/MADE.1
N1  - ASReview_relevant
ER  -
TY  - JOUR
TI  - ANOTHER made up title.
ER  -
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_ris_is_read_with_labels_decisions_and_duplicates(tmp_path: Path) -> None:
    one, two, three = read_references(write(tmp_path, "a.ris", RIS)).references
    assert one.first("title") == "A made-up title that goes on"
    assert one.values("labels") == ("ketamine", "trial")
    assert (one.screening, one.reason) == ("excluded", "wrong population")
    assert ("XX", "a tag that nobody knows") in one.tags
    assert (two.screening, two.duplicate_of) == ("included", "one")  # by DOI
    assert three.duplicate_of == "one"  # by title, of a reference that is one itself
    assert summary(Found((one, two, three), 1)) == {
        "references": 3, "duplicates": 2, "labelled": 1, "included": 1, "excluded": 1,
        "contradictory": 0, "lines_not_read": 1,
    }  # fmt: skip


def test_there_and_back_loses_nothing(tmp_path: Path) -> None:
    first = read_references(write(tmp_path, "a.ris", RIS)).references
    for name in ("b.ris", "b.csv"):
        path = tmp_path / name
        again = read_references(write(tmp_path, name, references_text(first, path))).references
        for before, after in zip(first, again, strict=True):
            for column in ("title", "authors", "year", "doi", "labels"):
                assert after.values(column) == before.values(column), (name, column)
            assert after.screening == before.screening
            assert after.reason == before.reason
            assert after.duplicate_of == before.duplicate_of
            assert {t for t in before.tags if t[0] in ("SN", "XX")} <= set(after.tags)


def test_written_ris_is_read_as_the_same_tags(tmp_path: Path) -> None:
    first = read_references(write(tmp_path, "a.ris", RIS)).references
    text = references_text(first, tmp_path / "b.ris")
    again = read_references(write(tmp_path, "b.ris", text)).references
    assert [r.tags for r in again] == [r.tags for r in first]


def test_columns_that_we_do_not_know_become_notes(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "title,PMID,screening,labels\nMade up,99,included,x; y\n")
    (r,) = read_references(path).references
    assert ("N1", "PMID: 99") in r.tags
    assert (r.screening, r.values("labels"), r.key) == ("included", ("x", "y"), "r1")


def test_a_byte_order_mark_and_other_line_ends_are_read(tmp_path: Path) -> None:
    path = write(tmp_path, "a.ris", "\ufeff" + RIS.replace("\n", "\r\n"))
    assert len(read_references(path).references) == 3


def test_lines_of_hosts_between_references_are_counted(tmp_path: Path) -> None:
    host = (
        "Record #1 of 2\nProvider: Made-up Library\n\nTY  - JOUR\nTI  - One\nER  - \n"
        "NL  - Made Up J\nhttps://example.org/1\n\n2.\nTY  - JOUR\nTI  - Two\nER  - \n"
    )
    found = read_references(write(tmp_path, "host.ris", host))
    assert [r.first("title") for r in found.references] == ["One", "Two"]
    assert found.left_out == 5
    with pytest.raises(InputError, match="line 4: found a reference without ER before the next TY"):
        read_references(write(tmp_path, "open.ris", host.replace("ER  - \n", "", 1)))
    with pytest.raises(InputError, match="line 13: found ER without a TY"):
        read_references(write(tmp_path, "no_ty.ris", host.replace("2.\nTY  - JOUR", "2.\nTY - J")))


def test_keywords_on_lines_of_their_own(tmp_path: Path) -> None:
    text = "TY  - JOUR\nTI  - A title\nin two lines\nKW  - ptsd\nketamine\nKW  - trial\nER  - \n"
    (r,) = read_references(write(tmp_path, "a.ris", text)).references
    assert r.first("title") == "A title in two lines"
    assert r.values("labels") == ("ptsd", "ketamine", "trial")


@pytest.mark.parametrize(
    ("date", "year"),
    [("2021", "2021"), ("2021/02/01", "2021"), ("2021///", "2021"), ("1/2/2021", "2021"),
     ("in press", "")],
)  # fmt: skip
def test_years_of_dates(tmp_path: Path, date: str, year: str) -> None:
    first = read_references(write(tmp_path, "a.ris", f"TY  - JOUR\nTI  - X\nPY  - {date}\nER  -\n"))
    text = references_text(first.references, tmp_path / "b.csv")
    (again,) = read_references(write(tmp_path, "b.csv", text)).references
    assert first.references[0].values("year") == again.values("year") == ((year,) if year else ())
    assert ("PY", date) in again.tags


def test_a_date_and_a_year_of_one_title_are_duplicates(tmp_path: Path) -> None:
    twins = "".join(f"TY  - JOUR\nTI  - X\nY1  - {d}\nER  -\n" for d in ("2021/02/01/", "2021"))
    assert read_references(write(tmp_path, "a.ris", twins)).references[1].duplicate_of == "r1"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.ris", RIS.replace("ER  -\n", "", 1), "line 1: found a reference without ER before the"),
        ("a.ris", RIS.removesuffix("ER  -\n"), "without ER before the end of the file"),
        ("a.ris", "ER  -\n", "line 1: found ER without a TY"),
        ("a.ris", "not RIS at all", "line 1: found no reference, but 'not RIS at all'"),
        ("a.ris", "", "found no reference"),
        ("a.csv", "titel,doi\nx,y\n", "line 1: found no column title"),
        ("a.csv", "title\tdoi\nx\ty\n", "found cells separated by tabs"),
        ("a.csv", "title,doi\nx\n", "line 2: found 1 cells"),
        ("a.csv", 'title,doi\n"x\ny",1\nx\n', "line 4: found 1 cells"),
        ("a.csv", "title,title\nx,y\n", "found the column title twice"),
        ("a.csv", "title,screening\nx,maybe\n", "row 1, column screening: found 'maybe'"),
        ("a.csv", "title,other\nx,[1]\n", "row 1, column other: found '[1]'"),
        ("a.csv", "title\n", "found no rows"),
        ("a.bib", "@article{x}", "found the ending .bib"),
    ],
)
def test_faults_are_named(tmp_path: Path, name: str, text: str, told: str) -> None:
    with pytest.raises(InputError) as error:
        read_references(write(tmp_path, name, text))
    assert told in str(error.value)
