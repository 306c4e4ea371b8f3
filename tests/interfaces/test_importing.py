"""The commands `synaptrial import`: whole or nothing, one message for bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.interfaces.command import synaptrial
from tests.support.evidence_folder import set_cells
from tests.support.registry import NCT, record

METAPSY = (
    "study;condition_arm1;condition_arm2;instrument;.g;.g_se\nMaker, 2001;cbt;wl;PCL-5;0,5;0,2\n"
)
RIS = "TY  - JOUR\nTI  - Made up\nER  - \nTY  - JOUR\nTI  - Made up\nER  - \n"


def made_up(folder: Path) -> dict[str, Path]:
    files = {"registry": (f"{NCT}.json", json.dumps(record())), "metapsy": ("m.csv", METAPSY),
             "references": ("r.ris", RIS)}  # fmt: skip
    for name, text in files.values():
        (folder / name).write_text(text, "utf-8")
    return {command: folder / name for command, (name, _) in files.items()}


@pytest.mark.parametrize(("command", "rows"), [("registry", 56), ("metapsy", 1)])
def test_a_folder_of_waiting_rows(tmp_path: Path, command: str, rows: int) -> None:
    out = tmp_path / "new" / "out"
    done = synaptrial("import", command, made_up(tmp_path)[command], "--out", out, "--json")
    assert (done.status, done.err) == (0, "")
    summary = json.loads(done.out)
    assert summary["numbers"] == rows
    assert summary["rows"]["studies"] == 1
    assert summary["flagged"] <= rows
    assert len((out / "awaiting.csv").read_text("utf-8").splitlines()) == rows + 1
    again = synaptrial("import", command, made_up(tmp_path)[command], "--out", out)
    assert again.status == 2
    assert "may have confirmed" in again.err


def test_the_base_takes_an_import_only_after_a_person_decided(tmp_path: Path) -> None:
    out, base = tmp_path / "out", tmp_path / "base"
    synaptrial("import", "registry", made_up(tmp_path)["registry"], "--out", out)
    refused = synaptrial("evidence", "add", out, "--to", base)
    assert refused.status == 2
    assert "56 of 56 rows are open" in refused.err
    assert not base.exists()
    set_cells(out / "awaiting.csv", confirmed="yes", confirmed_by="A. Tester")
    set_cells(out / "outcomes.csv", usable="no", why_not="a made-up study")
    set_cells(out / "adverse_events.csv", usable="no", why_not="a made-up study")
    taken = synaptrial("evidence", "add", out, "--to", base)
    assert (taken.status, taken.err) == (0, "")
    assert NCT in (base / "outcomes.csv").read_text("utf-8")
    assert not (base / "awaiting.csv").exists()


def test_references_there_and_back(tmp_path: Path) -> None:
    source = made_up(tmp_path)["references"]
    table = tmp_path / "refs.csv"
    done = synaptrial("import", "references", source, "--out", table)
    assert (done.status, done.err) == (0, "")
    assert "2 references, 1 repeat another" in done.out
    assert "Research tool" in done.out
    back = synaptrial("import", "references", table, "--out", tmp_path / "back.ris", "--json")
    assert json.loads(back.out)["duplicates"] == 1


def test_the_file_that_is_read_is_not_written_over(tmp_path: Path) -> None:
    source = made_up(tmp_path)["references"]
    before = source.read_bytes()
    (tmp_path / "link").symlink_to(tmp_path)
    for out in (source, tmp_path / "link" / source.name):
        done = synaptrial("import", "references", source, "--out", out)
        assert (done.status, done.out) == (2, "")
        assert "found the file that is read" in done.err
        assert source.read_bytes() == before


def test_what_was_not_read_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text(METAPSY.replace(".g_se", ".g_se;mean_age").replace(
        "0,2\n", "0,2;38,5\n"), "utf-8")  # fmt: skip
    done = synaptrial("import", "metapsy", tmp_path / "m.csv", "--out", tmp_path / "out")
    assert "Columns with numbers that no rule reads: mean_age" in done.out
    (tmp_path / "r.ris").write_text("Record #1 of 2\n" + RIS, "utf-8")
    done = synaptrial("import", "references", tmp_path / "r.ris", "--out", tmp_path / "r.csv")
    assert "1 line between references not read" in done.out


@pytest.mark.parametrize(
    ("command", "name", "text", "told"),
    [
        ("registry", "a.json", "no JSON", "text that is not JSON"),
        ("registry", "a.json",
         json.dumps({"protocolSection": record()["protocolSection"]}), "none with results"),
        ("metapsy", "a.csv", METAPSY.replace(";", "\t"), "cells separated by tabs"),
        ("metapsy", "a.csv", METAPSY.replace("instrument", "scale"), "no column instrument"),
        ("references", "a.ris", RIS.removesuffix("ER  - \n"), "a reference without ER"),
        ("references", "a.doc", RIS, "the ending .doc"),
    ],
)  # fmt: skip
def test_bad_input_leaves_nothing(
    tmp_path: Path, command: str, name: str, text: str, told: str
) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    out = tmp_path / ("out.csv" if command == "references" else "out")
    done = synaptrial("import", command, tmp_path / name, "--out", out)
    assert (done.status, done.out) == (2, "")
    assert told in done.err
    assert done.err.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_help_says_research_tool() -> None:
    for command in ((), ("registry",), ("metapsy",), ("references",)):
        done = synaptrial("import", *command, "--help")
        assert done.status == 0
        assert "research tool" in done.out.lower()
