"""Sources as BibTeX: what is written reads back, and each fault is told with its line."""

from __future__ import annotations

import pytest

from synaptrial.domain.sources import Source
from synaptrial.exchange.bibtex import read_sources, write_sources
from synaptrial.exchange.bundled import load_sources

ENTRY = """\
@article{ONE2020,
  author = {One, O. and others},
  year = {2020},
  doi = {10.1234/one},
  citation = {One et al. 2020},
}
"""


def test_all_shipped_sources_read_back() -> None:
    sources = load_sources()
    again, problems = read_sources(write_sources(sources.values()), "s.bib")
    assert problems == []
    assert again == sources
    assert len(sources) > 150


def test_an_entry_is_a_source() -> None:
    found, problems = read_sources(f"% a comment\n\n{ENTRY}", "s.bib")
    assert problems == []
    assert found["ONE2020"] == Source(
        key="ONE2020", kind="article", author="One, O. and others", year=2020, doi="10.1234/one",
        citation="One et al. 2020",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "said"),
    [
        ("@article", "@paper", 1, "", "article, book"),
        ("year = {2020}", "year = {in press}", 3, "year", "a year"),
        ("doi = {10", "doi = {https://doi.org/10", 4, "doi", "a DOI such as"),
        ("year", "jear", 3, "jear", "an unknown field"),
        ("year = {2020}", 'year = "2020"', 3, "", "name = {value}"),
        ("citation", "note", 1, "citation", "no citation"),
        ("One, O.", "One, {O.", 2, "author", "as many { as }"),
        ("  doi = {10.1234/one}", "  year = {2020}", 4, "year", "twice"),
        ("},\n}", "},", 5, "", "} alone on a line"),
    ],
)
def test_a_fault_is_told_with_its_line(
    old: str, new: str, line: int, column: str, said: str
) -> None:
    assert old in ENTRY
    found, problems = read_sources(ENTRY.replace(old, new, 1), "s.bib")
    assert found == {}
    assert [(p.line, p.column) for p in problems] == [(line, column)]
    assert said in str(problems[0])


def test_a_key_stands_once() -> None:
    found, (problem,) = read_sources(f"{ENTRY}\n{ENTRY}", "s.bib")
    assert list(found) == ["ONE2020"]
    assert (problem.line, problem.row_id) == (8, "ONE2020")
