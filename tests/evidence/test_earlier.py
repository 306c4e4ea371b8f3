"""Earlier releases of the shipped evidence can be put back, and are what was released."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest
from tests.support.evidence_folder import tables, write

from synaptrial.domain.errors import InputError
from synaptrial.evidence.base import EvidenceBase
from synaptrial.evidence.earlier import Changed, Earlier, content_digest, put_back
from synaptrial.evidence.release import Preceding
from synaptrial.exchange.evidence.folder import load_evidence, shipped_evidence
from synaptrial.exchange.evidence.releases import load_release, load_release_or_folder

SHIPPED = shipped_evidence()


def test_release_1_0_0_is_there_with_its_rows_and_its_digest() -> None:
    base, digest = load_release_or_folder("1.0.0")
    assert digest == "ddbe835485a4adc4e26306705730a2f8b409ade54a081a300d5e6cd852734b56"
    assert (base.release.version, base.release.date) == ("1.0.0", "2026-11-25")
    assert base.release.preceding == ()
    sizes = {"studies": 83, "arms": 194, "outcomes": 490, "adverse_events": 30, "scales": 140}
    assert {name: len(base.tables[name]) for name in sizes} == sizes
    assert len(base.sources) == 161
    row = next(o for o in base.outcomes if o.row_id == "FEDER2014:KET-MDZ:IESR:1d:diff")
    assert (row.mark, row.usable, row.se) == ("RECALLED", False, None)
    assert base.studies["KPE2_ONGOING"].registry == ""


def test_the_current_release_is_the_shipped_evidence() -> None:
    base, digest = load_release_or_folder(SHIPPED.release.version)
    assert base.tables == SHIPPED.tables
    assert digest == SHIPPED.digest


def test_each_release_that_is_named_can_be_put_back_and_no_other_lies_there() -> None:
    named = {p.version for p in SHIPPED.release.preceding}
    home = resources.files("synaptrial") / "evidence" / "releases"
    assert {p.name.removesuffix(".json") for p in home.iterdir()} == named
    for version in named:
        assert load_release(version).release.version == version


def test_a_release_that_never_was_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(InputError, match=r"1\.0\.0"):
        load_release("0.9.0")


def made(folder: Path) -> tuple[EvidenceBase, Earlier]:
    """A base, and the way back to one that had another row, lacked one, and read otherwise."""
    new = load_evidence(write(folder / "new"))
    rows = tables()
    gone = dict(rows["outcomes"][0]) | {"row_id": "A:gone", "part": "b", "value": "10", "sd": "4"}
    gone |= {"se": "", "label": "CAPS-5 cluster B"}
    rows["outcomes"] = [*rows["outcomes"][1:], gone]
    rows["outcomes"][0]["value"] = "42.0"
    old = load_evidence(write(folder / "old", rows))
    earlier = Earlier(
        version="0.9.0",
        restored=content_digest(old.tables, old.sources),
        later={"outcomes": ("A:KET:0",)},
        removed={"outcomes": ({c: v for c, v in gone.items() if c != "locator"},)},
        changed=(Changed(table="outcomes", row="A:PBO:0", cells={"value": "42.0"}),),
    )
    before = Preceding(version="0.9.0", date="2026-01-01", digest="0", changes=("first",))
    return replace(new, release=new.release.model_copy(update={"preceding": (before,)})), earlier


def test_rows_that_came_went_and_changed_are_put_back(tmp_path: Path) -> None:
    new, earlier = made(tmp_path)
    old = put_back(new, earlier)
    scores = {o.row_id: o.value for o in old.outcomes}
    assert "A:KET:0" not in scores
    assert (scores["A:PBO:0"], scores["A:gone"]) == (42.0, 10.0)
    assert (old.release.version, old.release.preceding) == ("0.9.0", ())


def test_what_does_not_lead_back_to_the_release_is_refused(tmp_path: Path) -> None:
    new, earlier = made(tmp_path)
    other = earlier.model_copy(update={"changed": ()})
    with pytest.raises(InputError, match="do not lead back"):
        put_back(new, other)


def test_words_are_no_content_and_numbers_are() -> None:
    def with_first(**cells: str) -> str:
        first, *others = SHIPPED.tables["outcomes"]
        changed = {**SHIPPED.tables, "outcomes": (first | cells, *others)}
        return content_digest(changed, SHIPPED.sources)

    same = with_first()
    assert with_first(locator="another place", note="another word") == same
    assert with_first(value="-1") != same
    assert with_first(usable="no") != same
