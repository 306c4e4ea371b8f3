"""The command: quick help, completion, files that agree, a bar on terminals only."""

import io
import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from tests.interfaces.command import RUN, SMALL, synaptrial

from synaptrial.interfaces.terminal import progress_bar

HEAVY = ("jax", "pandas", "altair", "numpy", "scipy", "pyarrow")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("cli") / "out"
    done = synaptrial(
        "simulate", "FEDER2021_KET", "FEDER2021_MDZ", *SMALL, "--everything", "--out", out
    )
    assert done.status == 0, done.err
    assert done.err == "", "a progress bar belongs on a terminal"
    return out


@pytest.mark.parametrize("arguments", [["--help"], ["simulate", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments):
    code = (
        "import sys\nfrom synaptrial.interfaces.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        f"print('HEAVY', [m for m in {HEAVY} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    assert done.stdout.rstrip().endswith("HEAVY []"), done.stdout


def test_shell_completion_names_the_commands():
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        env=os.environ
        | {
            "_SYNAPTRIAL_COMPLETE": "complete_bash",
            "COMP_WORDS": "synaptrial sim",
            "COMP_CWORD": "1",
        },
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["simulate"], done


def test_files_of_a_run(folder):
    names = {p.name for p in folder.iterdir()}
    assert names == {".synaptrial", "summary.json", "trajectories.parquet", "patients.parquet"}
    assert [p.name for p in folder.parent.iterdir()] == ["out"]


def test_json_on_standard_output_is_the_summary(folder, tmp_path):
    done = synaptrial("simulate", "FEDER2021_MDZ", *SMALL, "--json", "--out", tmp_path / "o")
    assert json.loads(done.out) == json.loads((tmp_path / "o/summary.json").read_text())
    assert done.err == ""


def test_trajectories_are_tidy(folder):
    table = pd.read_parquet(folder / "trajectories.parquet")
    assert list(table) == ["arm", "variable", "unit", "statistic", "time_h", "value"]
    assert np.isfinite(table[["time_h", "value"]]).all().all()
    keys = ["arm", "variable", "statistic", "time_h"]
    assert not table.duplicated(keys).any()
    per_variable = table.groupby(["arm", "variable"], observed=True)["unit"].nunique()
    assert (per_variable == 1).all()
    assert {f"course_{i:03d}" for i in range(4)} < set(table["statistic"])


def test_every_patient_agrees_with_the_summary(folder):
    table = pd.read_parquet(folder / "patients.parquet")
    summary = json.loads((folder / "summary.json").read_text())
    for arm in summary["arms"]:
        own = table[table["arm"] == arm["label"]]
        assert len(own) == 4 * 8 * len(arm["visits"]) * 10
        assert not own.duplicated(["draw", "patient", "day", "scale"]).any()
        left = own.drop_duplicates(["draw", "patient"])["leaving_h"]
        for visit in arm["visits"]:
            now = own[own["day"] == visit["day"]]
            for scale, said in visit["scale"].items():
                scores = now.loc[now["scale"] == scale, "score"]
                assert scores.mean() == pytest.approx(said["mean"], rel=1e-5, abs=1e-5)
                assert sorted(scores)[(len(scores) + 1) // 2 - 1] == said["median"]
            stayed = 1 - (left <= 24 * visit["day"]).mean()
            assert stayed == pytest.approx(visit["retained"], rel=1e-5)


def test_a_result_is_replaced_only_as_a_whole(folder, tmp_path):
    out = tmp_path / "o"
    arguments = ("simulate", "FEDER2021_MDZ", *SMALL, "--out", out)
    assert synaptrial(*arguments, "--everything").status == 0
    assert synaptrial(*arguments).status == 0
    assert not (out / "patients.parquet").exists()
    (out / "notes.md").write_text("mine")
    done = synaptrial(*arguments)
    assert done.status == 2 and "notes.md" in done.err
    assert (out / "notes.md").read_text() == "mine"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_shows_on_terminals_only(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    for stream, shown in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stderr", stream)
        with progress_bar("Simulating", 10) as advance:
            advance(5)
        assert ("Simulating" in stream.getvalue()) == shown
    assert stream.getvalue() == ""


def test_protocols_are_listed_shown_and_described():
    listed = synaptrial("protocols", "list").out
    assert "FEDER2021_KET\t" in listed and "does not run" in listed
    shown = synaptrial("protocols", "show", "FEDER2021_KET").out
    assert 'id = "FEDER2021_KET"' in shown
    schema = json.loads(synaptrial("protocols", "schema").out)
    assert "horizon_days" in schema["properties"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_a_full_disk_is_told_in_one_line():
    command = [sys.executable, "-c", RUN, "protocols", "list"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr == "synaptrial: no space left where the output goes\n"
