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
