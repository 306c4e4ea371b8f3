"""RIS and CSV references: nothing lost on the way, duplicates flagged, faults named."""

from __future__ import annotations

from pathlib import Path

import pytest

from synaptrial.domain.errors import InputError
from synaptrial.exchange.references.table import read_references, references_text, summary

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
    one, two, three = read_references(write(tmp_path, "a.ris", RIS))
    assert one.first("title") == "A made-up title that goes on"
    assert one.values("labels") == ("ketamine", "trial")
    assert (one.screening, one.reason) == ("excluded", "wrong population")
    assert ("XX", "a tag that nobody knows") in one.tags
    assert (two.screening, two.duplicate_of) == ("included", "one")  # by DOI
    assert three.duplicate_of == "one"  # by title, of a reference that is one itself
    assert summary([one, two, three]) == {
        "references": 3, "duplicates": 2, "labelled": 1, "included": 1, "excluded": 1,
    }  # fmt: skip


def test_there_and_back_loses_nothing(tmp_path: Path) -> None:
    first = read_references(write(tmp_path, "a.ris", RIS))
    for name in ("b.ris", "b.csv"):
        path = tmp_path / name
        again = read_references(write(tmp_path, name, references_text(first, path)))
        for before, after in zip(first, again, strict=True):
            for column in ("title", "authors", "year", "doi", "labels"):
                assert after.values(column) == before.values(column), (name, column)
            assert after.screening == before.screening
            assert after.reason == before.reason
            assert after.duplicate_of == before.duplicate_of
            assert {t for t in before.tags if t[0] in ("SN", "XX")} <= set(after.tags)


def test_written_ris_is_read_as_the_same_tags(tmp_path: Path) -> None:
    first = read_references(write(tmp_path, "a.ris", RIS))
    again = read_references(write(tmp_path, "b.ris", references_text(first, tmp_path / "b.ris")))
    assert [r.tags for r in again] == [r.tags for r in first]


def test_columns_that_we_do_not_know_become_notes(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "title,PMID,screening,labels\nMade up,99,included,x; y\n")
    (r,) = read_references(path)
    assert ("N1", "PMID: 99") in r.tags
    assert (r.screening, r.values("labels"), r.key) == ("included", ("x", "y"), "r1")


def test_a_byte_order_mark_and_other_line_ends_are_read(tmp_path: Path) -> None:
    path = write(tmp_path, "a.ris", "\ufeff" + RIS.replace("\n", "\r\n"))
    assert len(read_references(path)) == 3


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.ris", RIS.replace("ER  -\n", "", 1), "line 1: found a reference without ER before the"),
        ("a.ris", RIS.removesuffix("ER  -\n"), "without ER before the end of the file"),
        ("a.ris", "ER  -\n", "line 1: found ER without a TY"),
        ("a.ris", "not RIS at all", "line 1: found 'not RIS at all'"),
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
