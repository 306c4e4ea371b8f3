"""`synaptrial review`: claims.json and what goes with it, whole or not at all."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import jsonschema
from tests.interfaces.command import synaptrial


def test_it_writes_a_document_that_fits_its_schema(tmp_path: Path) -> None:
    out = tmp_path / "review"
    done = synaptrial("review", "--out", out)
    assert done.status == 0, done.err
    document = json.loads((out / "claims.json").read_text("utf-8"))
    schema = resources.files("synaptrial") / "data" / "schemas" / "claims.schema.json"
    jsonschema.validate(document, json.loads(schema.read_text("utf-8")))


def test_json_on_standard_output_is_the_file(tmp_path: Path) -> None:
    out = tmp_path / "review"
    done = synaptrial("review", "--out", out, "--json")
    assert json.loads(done.out) == json.loads((out / "claims.json").read_text("utf-8"))


def test_evidence_that_cannot_be_read_leaves_nothing_behind(tmp_path: Path) -> None:
    out = tmp_path / "review"
    done = synaptrial("review", "--out", out, "--evidence", tmp_path / "nowhere")
    assert done.status == 2
    assert "nowhere" in done.err
    assert not out.exists()


def test_diff_shows_which_verdict_moved_by_which_row() -> None:
    done = synaptrial("review", "diff", "1.0.0", "1.1.0")
    assert done.status == 0, done.err
    line = next(line for line in done.out.splitlines() if line.startswith("onset "))
    cells = [cell.strip() for cell in line.split("|")]
    assert cells[1:4] == ["2019", "evidence not obtained", "weakened"]
    assert cells[4] == "FEDER2014:KET-MDZ:IESR:1d:qualitative"
    assert "no advice" in done.out or "not for treating" in done.out


def test_diff_as_json_says_the_same_and_twice_the_same() -> None:
    first, second = (synaptrial("review", "diff", "1.0.0", "1.1.0", "--json") for _ in range(2))
    assert first.out == second.out
    found = json.loads(first.out)
    assert (found["old"]["version"], found["new"]["version"]) == ("1.0.0", "1.1.0")
    assert found["rows"]["changed"] == 4
    moved = {(m["claim"], m["as_of"]) for m in found["moved"] if m["verdict_moved"]}
    assert moved == {("overall", 2019), ("onset", 2019)}


def test_diff_of_what_is_no_release_and_no_folder_is_refused(tmp_path: Path) -> None:
    for name in ("9.9.9", str(tmp_path / "nowhere")):
        done = synaptrial("review", "diff", "1.0.0", name)
        assert done.status == 2
        assert name in done.err
        assert not done.out
