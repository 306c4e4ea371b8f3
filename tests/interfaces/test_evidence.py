"""The commands `synaptrial evidence`: add, check, list, show, diff, and how they end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.interfaces.command import synaptrial
from tests.support.evidence_folder import csv_text, tables, write

from synaptrial.exchange.bundled import text_of
from synaptrial.exchange.evidence.folder import shipped_folder

STUDY = """\
[study]
study = "GAMMA2025"
kind = "ketamine_ptsd"
source = "GAMMA2025"
year = 2025
design = "parallel"
n_randomised = 30
mark = "READ"

[[arms]]
arm = "KET"
drug = "ketamine"
enantiomer = "racemic"
route = "iv"
dose = 0.5
dose_unit = "mg/kg"
days = [0, 7]
n = 15
ptsd = "yes"
unknown = "infusion length"
mark = "READ"

[[arms]]
arm = "SAL"
drug = "saline"
n = 15
ptsd = "yes"
unknown = "infusion length"
mark = "READ"

[[outcomes]]
row_id = "G:diff"
arm = "KET"
versus = "SAL"
scale = "CAPS5"
part = "total"
label = "CAPS-5 total"
day = 14
statistic = "difference"
value = -6.5
low = -12.5
high = -0.5
mark = "READ"
locator = "Table 2"
usable = true

[[sources]]
key = "GAMMA2025"
kind = "article"
citation = "Gamma et al. 2025"
doi = "10.1234/gamma.2025"
"""


def as_json(*arguments: str) -> Any:
    done = synaptrial("evidence", *arguments, "--json")
    assert done.status == 0, done.err
    return json.loads(done.out)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "mine")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    path = tmp_path / "gamma.toml"
    path.write_text(STUDY, encoding="utf-8")
    return path


def study_folder(path: Path) -> Path:
    """The second study of the small folder under another name, as CSV rows."""
    path.mkdir()
    row = tables()["studies"][1] | {"study": "DELTA2022", "part_of": ""}
    (path / "studies.csv").write_text(csv_text("studies", [row]), encoding="utf-8")
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def test_the_shipped_evidence_passes() -> None:
    done = synaptrial("evidence", "check")
    assert done.status == 0, done.err
    assert "digest" in done.out
    assert "not for treating patients" in done.out


def test_add_then_check_list_and_diff(folder: Path, study: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    for name, content in files(folder).items():
        (old / name).write_bytes(content)
    assert synaptrial("evidence", "add", str(study), "--to", str(folder)).status == 0
    assert as_json("check", str(folder))["problems"] == []
    rows = as_json("list", "--table", "outcomes", "--study", "GAMMA2025", "--evidence", str(folder))
    assert [(r["row_id"], r["value"], r["usable"]) for r in rows["rows"]] == [
        ("G:diff", -6.5, "yes")
    ]
    shown = as_json("show", "GAMMA2025", "--evidence", str(folder))
    assert shown["sources"][0]["doi"] == "10.1234/gamma.2025"
    assert shown["arms"][0]["treatment"]["unknown"] == ["infusion length"]
    changes = {d["table"]: d for d in as_json("diff", str(old), str(folder))["tables"]}
    assert {name: len(d["added"]) for name, d in changes.items()} == {
        "studies": 1, "arms": 2, "outcomes": 1, "sources": 1,
    }  # fmt: skip
    assert not any(d["removed"] or d["changed"] for d in changes.values())


def test_diff_tells_cells(folder: Path, tmp_path: Path) -> None:
    rows = tables()
    rows["outcomes"][0]["value"] = "40.5"
    del rows["adverse_events"][0]
    other = write(tmp_path / "other", rows)
    changes = {d["table"]: d for d in as_json("diff", str(folder), str(other))["tables"]}
    assert changes["outcomes"]["changed"] == [
        {"row": "A:KET:0", "column": "value", "old": "40.0", "new": "40.5"}
    ]
    assert [r["row_id"] for r in changes["adverse_events"]["removed"]] == ["A:nausea"]


def test_add_makes_a_copy_of_the_shipped_evidence(study: Path, tmp_path: Path) -> None:
    made = tmp_path / "new" / "base"
    assert synaptrial("evidence", "add", str(study), "--to", str(made)).status == 0
    changes = as_json("diff", str(made))["tables"]
    assert {d["table"] for d in changes} == {"studies", "arms", "outcomes", "sources"}
    assert as_json("check", str(made))["problems"] == []


def test_add_takes_a_folder_of_rows(folder: Path, tmp_path: Path) -> None:
    added = study_folder(tmp_path / "delta")
    done = synaptrial("evidence", "add", str(added), "--to", str(folder))
    assert done.status == 0, done.err
    assert len(as_json("list", "--evidence", str(folder))["rows"]) == 3


def test_a_study_brings_its_protocol(folder: Path, tmp_path: Path) -> None:
    added = study_folder(tmp_path / "delta")
    arm = tables()["arms"][0] | {"arm_id": "DELTA2022:KET", "study": "DELTA2022", "unknown": ""}
    arm |= {"protocol": "DELTA2022_KET", "source": "BETA2021"}
    (added / "arms.csv").write_text(csv_text("arms", [arm]), encoding="utf-8")
    missing = synaptrial("evidence", "add", str(added), "--to", str(folder))
    assert "column protocol" in missing.err
    text = text_of("protocols", "FEDER2021_KET").replace("FEDER2021_KET", "DELTA2022_KET")
    (added / "protocols").mkdir()
    (added / "protocols" / "DELTA2022_KET.toml").write_text(text, encoding="utf-8")
    assert synaptrial("evidence", "add", str(added), "--to", str(folder)).status == 0
    shown = as_json("show", "DELTA2022", "--evidence", str(folder))
    assert shown["arms"][0]["treatment"]["runnable"]
    twice = synaptrial("evidence", "add", str(added), "--to", str(folder))
    assert (twice.status, twice.err.count("found")) == (2, 1)
    assert "DELTA2022, which is there already" in twice.err
    for name in ("studies.csv", "arms.csv"):
        rows = (added / name).read_text("utf-8").replace("DELTA2022", "EPSILON2022")
        (added / name).write_text(rows, encoding="utf-8")
    other = synaptrial("evidence", "add", str(added), "--to", str(folder))
    assert "protocols/DELTA2022_KET.toml: found a name that the base has" in other.err


def test_a_study_folder_that_cannot_be_read_is_told(folder: Path, tmp_path: Path) -> None:
    added = study_folder(tmp_path / "delta")
    (added / "studies.csv").write_bytes(b"study,kind\nDELTA\xff,other\n")
    done = synaptrial("evidence", "add", str(added), "--to", str(folder))
    assert (done.status, "studies.csv, line 2: found a byte" in done.err) == (2, True)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('value = -6.5', 'value = "-6,5"', ("outcomes.csv, row G:diff, column value", "decimal")),
        ("value = -6.5", "value = 6.5", ("outcomes.csv, row G:diff", "outside its interval")),
        ('versus = "SAL"', 'versus = "PBO"', ("column versus", "an arm of GAMMA2025: KET, SAL")),
        ("gamma.2025\"", "alpha beta\"", ("sources.bib", "a DOI such as")),
        ("dose = 0.5", "doze = 0.5", ("arms[0].doze", "an unknown key")),
        ('mark = "READ"\n\n[[arms]]', "[[arms]]", ("studies.csv", "column mark")),
        ('study = "GAMMA2025"', 'study = "ALPHA2015"', ("ALPHA2015, which is there already",)),
        ("[study]", "[study", ("gamma.toml", "not TOML")),
    ],
)  # fmt: skip
def test_a_faulty_study_leaves_the_folder_as_it_is(
    old: str, new: str, said: tuple[str, ...], folder: Path, study: Path
) -> None:
    assert old in STUDY
    study.write_text(STUDY.replace(old, new, 1), encoding="utf-8")
    before = files(folder)
    done = synaptrial("evidence", "add", str(study), "--to", str(folder))
    assert done.status == 2, done.err
    assert all(words in done.err for words in said), done.err
    assert "Traceback" not in done.err
    assert files(folder) == before
    assert sorted(p.name for p in folder.parent.iterdir()) == ["gamma.toml", "mine"]


def test_a_faulty_folder_ends_with_status_2_and_every_problem(folder: Path) -> None:
    path = folder / "outcomes.csv"
    text = path.read_text(encoding="utf-8").replace("CAPS5", "CAPS6", 2).replace("41.0", "forty")
    path.write_text(text, encoding="utf-8")
    done = synaptrial("evidence", "check", str(folder))
    assert done.status == 2
    for words in ("line 2, row A:KET:0, column scale", "line 3, row A:PBO:0, column value"):
        assert words in done.err
    assert "errors 3, open queries 0" in done.err
    assert "Traceback" not in done.err
    report = json.loads(synaptrial("evidence", "check", str(folder), "--json").out)
    assert [p["line"] for p in report["problems"]] == [2, 3, 3]
    assert synaptrial("evidence", "list", "--evidence", str(folder)).status == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "nowhere"], ["show", "FEDER2020"], ["list", "--table", "outcome"],
        ["list", "--where", "scale"], ["list", "--as-of", "soon"], ["list", "--kind", "trial"],
        ["diff", "a", "b", "c"], ["add", "nowhere", "--to", "there"],
        ["add", "nowhere", "--to", str(shipped_folder())],
    ],
)  # fmt: skip
def test_bad_input_ends_with_one_message(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = synaptrial("evidence", *arguments)
    assert done.status == 2
    assert done.err.count("\n") == 1
    assert done.err.startswith("synaptrial: ")
    assert list(tmp_path.iterdir()) == []


def test_list_knows_what_was_known(folder: Path) -> None:
    then = as_json("list", "--as-of", "2019", "--evidence", str(folder))
    assert [r["study"] for r in then["rows"]] == ["ALPHA2015"]


def test_every_help_says_research_tool() -> None:
    for command in ("", "list", "show", "check", "add", "diff"):
        done = synaptrial("evidence", *([command] if command else []), "--help")
        assert "Research tool" in done.out, command


def test_a_result_in_words_shows_its_words() -> None:
    for arguments in (("show", "ABDALLAH2022"), ("list", "--table", "outcomes")):
        done = synaptrial("evidence", *arguments)
        line = next(s for s in done.out.splitlines() if "KET05-PBO:MADRS:28d:qualitative" in s)
        assert line.endswith("MADRS total: standard dose better than placebo; size not read")
