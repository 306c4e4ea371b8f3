"""A locator gives publication, table, DOI or registry number, never the site of a copy."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest
from tests.support.evidence import DATA, table

SITE = re.compile(r"https?:|www\.|\b[\w-]+\.(com|org|net|gov|edu|io|cn|ua|ai|ink|ly|info)\b", re.I)
COPY = re.compile(r"\b(copy at|copy of|mirror|read through|reproduced)\b|\b[0-9a-f]{32,}\b", re.I)
HOME = Path(str(resources.files("synaptrial")))
REGISTRY = "ClinicalTrials.gov"  # the name of a registry, which no copy has
TABLES = sorted(p.name.removesuffix(".csv") for p in DATA.iterdir() if p.name.endswith(".csv"))
# Publishers, libraries of record and deposits of the authors.
HOSTS = {
    "github.com", "osmind.org", "pmc.ncbi.nlm.nih.gov", "pubmed.ncbi.nlm.nih.gov",
    "pubs.asahq.org", "www.frontiersin.org", "www.nature.com", "www.ncbi.nlm.nih.gov",
    "www.psychiatrist.com",
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_no_cell_names_the_site_of_a_copy(name: str) -> None:
    for row in table(name):
        for column in ("locator", "note", "flag", "derivation"):
            cell = row.get(column, "")
            assert not SITE.search(cell.replace(REGISTRY, "")), (row, column)
            assert not COPY.search(cell), (row, column)


def test_addresses_of_sources_are_those_of_publishers_and_deposits() -> None:
    text = (DATA / "sources.bib").read_text(encoding="utf-8")
    hosts = set(re.findall(r"url = \{https?://([^/}]+)", text))
    assert hosts <= HOSTS
    assert not COPY.search(text)


@pytest.mark.parametrize(
    "path",
    sorted((*HOME.glob("data/**/*.toml"), *HOME.glob("review/*.toml"))),
    ids=lambda p: f"{p.parent.name}/{p.name}",
)
def test_no_locator_of_a_document_names_the_site_of_a_copy(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        if "locator = " in line:
            assert not SITE.search(line.replace(REGISTRY, "")), line
            assert not COPY.search(line), line
