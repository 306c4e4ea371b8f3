"""Typed views of the evidence base: treatments, overlaps, digest, and what was known when."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.evidence_folder import tables, write

from synaptrial.domain.sources import Mark
from synaptrial.evidence.base import EvidenceBase
from synaptrial.evidence.overlaps import clashes, groups
from synaptrial.evidence.records import Overlap
from synaptrial.exchange.evidence.folder import load_evidence, shipped_evidence


@pytest.fixture
def base(tmp_path: Path) -> EvidenceBase:
    return load_evidence(write(tmp_path))


def overlap(study: str, whole: str, kind: str) -> Overlap:
    return Overlap("", study, whole, kind, "yes", Mark.READ, "", "", "")


def test_rows_have_types(base: EvidenceBase) -> None:
    first = base.outcomes[0]
    assert (first.value, first.n, first.se, first.low, first.usable) == (40.0, 20, 2.24, None, True)
    assert first.mark is Mark.READ
    assert base.studies["ALPHA2015"].n_randomised == 40
    assert base.meta_analyses[0].contains == ("ALPHA2015",)
    assert base.adverse_events[0].events == 3
    assert [j.domain for j in base.risk_of_bias] == ["missing", "deviations", "overall"]


def test_a_described_arm_says_what_is_unknown(base: EvidenceBase) -> None:
    treatment = base.arms["ALPHA2015", "KET"].treatment
    assert not treatment.runnable
    assert treatment.unknown == ("infusion length",)
    assert treatment.words == "racemic ketamine 0.5 mg/kg iv, 1 dose"


def test_an_arm_with_a_protocol_runs_or_says_why_not(tmp_path: Path) -> None:
    rows = tables()
    rows["arms"][0] |= {"protocol": "FEDER2021_KET", "unknown": ""}
    rows["arms"][1] |= {"protocol": "ARTIN2022_IN", "unknown": ""}
    arms = load_evidence(write(tmp_path, rows)).arms
    runs, waits = (arms["ALPHA2015", a].treatment for a in ("KET", "PBO"))
    assert runs.runnable
    assert runs.protocol is not None
    assert runs.protocol.id == "FEDER2021_KET"
    assert not waits.runnable
    assert any("amount" in part for part in waits.unknown)


def test_digest_is_of_the_content_alone(tmp_path: Path) -> None:
    folder = write(tmp_path)
    before = load_evidence(folder).digest
    for path in folder.glob("*.csv"):
        header, *rows = path.read_text(encoding="utf-8").splitlines()
        path.write_bytes("\r\n".join([header, *reversed(rows), ""]).encode())
    bib = folder / "sources.bib"
    entries = bib.read_text(encoding="utf-8").split("\n\n")
    bib.write_text("\n\n".join(reversed(entries)), encoding="utf-8")
    assert load_evidence(folder).digest == before
    rows = tables()
    rows["outcomes"][0]["note"] = "another"
    assert load_evidence(write(tmp_path, rows)).digest != before


def test_a_year_takes_back_what_came_later(base: EvidenceBase) -> None:
    then = base.as_of(2019)
    assert set(then.studies) == {"ALPHA2015"}
    assert then.outcomes == base.outcomes
    assert then.overlaps == ()
    assert then.meta_analyses == ()
    assert then.digest != base.digest
    assert base.as_of(2021).digest == base.digest
    assert base.as_of(2014).outcomes == ()


def test_what_has_no_year_was_known_in_none(base: EvidenceBase) -> None:
    undated = tuple(row | {"year": ""} for row in base.tables["studies"])
    sources = {key: s.model_copy(update={"year": None}) for key, s in base.sources.items()}
    without = replace(base, tables={**base.tables, "studies": undated}, sources=sources)
    assert without.as_of(2100).studies == {}


def test_shared_samples_make_groups_and_pools_do_not() -> None:
    stated = [
        overlap("A", "B", "subsample"), overlap("C", "B", "secondary analysis"),
        overlap("D", "POOL", "pool"), overlap("E", "POOL", "pool"),
    ]  # fmt: skip
    assert groups(stated) == (frozenset("ABC"),)
    assert clashes(["A", "C", "D", "E"], stated) == (("A", "C"),)
    assert clashes(["D", "E", "POOL"], stated) == (("D", "POOL"), ("E", "POOL"))


def test_shipped_evidence_has_its_trials_and_their_treatments() -> None:
    base = shipped_evidence()
    assert base.arms["FEDER2021", "KET"].treatment.runnable
    assert not base.arms["SHIROMA2020", "KET_PE"].treatment.runnable
    assert any({"DUEK2023", "DANBOCK2024"} <= group for group in base.overlapping)
    assert "FEDER2014" in base.as_of(2019).studies
    assert "FEDER2021" not in base.as_of(2019).studies
    for arm in base.arms.values():
        assert arm.treatment.runnable or arm.treatment.unknown, arm.arm_id


def test_every_bundled_protocol_of_a_study_is_an_arm() -> None:
    from synaptrial.exchange.bundled import bundled, load_protocol

    stated = {row["protocol"]: row["study"] for row in shipped_evidence().tables["arms"]}
    for name in bundled("protocols"):
        protocol = load_protocol(name).protocol
        assert stated.get(name, "") == protocol.study, name


def test_the_evidence_loads_neither_jax_nor_altair() -> None:
    code = (
        "import sys, synaptrial.evidence, synaptrial.evidence.base, synaptrial.evidence.check;"
        "sys.exit(bool({'jax', 'altair', 'typer', 'rich', 'jinja2'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
