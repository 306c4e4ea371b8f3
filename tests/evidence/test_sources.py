"""Every source that a table names is in the bibliography, once."""

from __future__ import annotations

import pytest
from tests.support.evidence import DATA, source_keys, table

KEYS = source_keys()
TABLES = sorted(p.name.removesuffix(".csv") for p in DATA.iterdir() if p.name.endswith(".csv"))
SEED = ("LIRIANO2019", "FEDER2014", "DUMAN2012", "ABDALLAH2019", "KRYSTAL2017")


def test_keys_stand_once_and_in_order() -> None:
    assert len(KEYS) > 150
    assert sorted(set(KEYS)) == KEYS


@pytest.mark.parametrize("name", TABLES)
def test_every_source_exists(name: str) -> None:
    assert {row["source"] for row in table(name) if row.get("source")} <= set(KEYS)


def test_the_references_of_the_starting_text_are_there() -> None:
    assert set(SEED) <= set(KEYS)
    text = (DATA / "sources.bib").read_text(encoding="utf-8")
    for doi in ("10.7573/dic.2019-3-8", "10.1001/jamapsychiatry.2014.62", "10.1126/science.1222939",
                "10.1016/j.neulet.2018.01.019", "10.1016/j.biopsych.2017.03.007"):  # fmt: skip
        assert f"doi = {{{doi}}}" in text
