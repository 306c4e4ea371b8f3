"""Killed at any moment, a run leaves its folder absent or complete."""

import json
import signal
import time
from pathlib import Path

import pandas as pd
import pytest
from tests.interfaces.command import SMALL, begin, synaptrial

FILES = {".synaptrial", "summary.json", "trajectories.parquet", "patients.parquet"}


def run(out: Path):
    return begin("simulate", "ABDALLAH2022_PBO", *SMALL, "--everything", "--out", out)


def assert_complete(out: Path) -> None:
    assert {p.name for p in out.iterdir()} == FILES
    arm = json.loads((out / "summary.json").read_text())["arms"][0]
    assert len(pd.read_parquet(out / "patients.parquet")) == 4 * 8 * 10 * len(arm["visits"])
    assert len(pd.read_parquet(out / "trajectories.parquet")) > 0


@pytest.fixture(scope="module")
def seconds(tmp_path_factory) -> float:
    """How long a run takes when its compiled code is kept."""
    for _ in range(2):
        out = tmp_path_factory.mktemp("kill") / "out"
        started = time.perf_counter()
        process = run(out)
        _, err = process.communicate()
        assert process.returncode == 0, err
        took = time.perf_counter() - started
    assert_complete(out)
    return took


def test_kill_at_ten_moments(tmp_path, seconds):
    out, absent = tmp_path / "deep" / "out", 0
    # files are written in the last tenth of a run; test_atomic.py looks closer at that
    for share in (0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.94, 0.98, 1.02):
        process = run(out)
        time.sleep(share * seconds)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if out.exists():
            assert_complete(out)
        else:
            absent += 1
    assert absent > 0, "no run was killed before its end"
    assert synaptrial("simulate", "ABDALLAH2022_PBO", *SMALL, "--out", out).status == 0
    assert [p.name for p in out.parent.iterdir()] == ["out"], "left-overs are cleared"


def test_an_interruption_ends_with_one_message_and_status_1(tmp_path, seconds):
    process = run(tmp_path / "deep" / "out")
    while not (tmp_path / "deep").exists() and process.poll() is None:
        time.sleep(0.01)  # the work has begun when its hidden folder is there
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 1, err
    assert "Traceback" not in err and len(err.strip().splitlines()) == 1, err
    assert list(tmp_path.iterdir()) == []
