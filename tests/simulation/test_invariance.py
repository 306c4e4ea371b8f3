"""The number of threads and the size of chunks change no result, to the last bit."""

import json

import pandas as pd
import pytest
from tests.interfaces.command import SMALL, synaptrial

UNEVEN = (*SMALL, "--patients", "9")  # 36 patients leave a part of a chunk of 16
ARMS = ("FEDER2021_KET", "FEDER2021_MDZ")


def run(folder, *options: str) -> tuple[str, str, dict]:
    """(summary without `run`, its text up to `run`, `run`)."""
    done = synaptrial("simulate", *ARMS, *UNEVEN, "--everything", "--out", folder, *options)
    assert done.status == 0, done.err
    text = (folder / "summary.json").read_text()
    summary = json.loads(text)
    block = summary.pop("run")
    assert list(json.loads(text))[-1] == "run"
    return json.dumps(summary), text[: text.index('\n "run": {')], block


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    folder = tmp_path_factory.mktemp("one") / "out"
    return folder, run(folder, "--cores", "1")


@pytest.mark.parametrize("options", [("--cores", "2"), ("--cores", "2", "--chunk", "16")])
def test_same_summary_to_the_last_byte(one, tmp_path, options):
    folder, (summary, text, block) = one
    other, other_text, other_block = run(tmp_path / "out", *options)
    assert other_text == text and other == summary
    for name in ("trajectories.parquet", "patients.parquet"):
        pd.testing.assert_frame_equal(
            pd.read_parquet(folder / name), pd.read_parquet(tmp_path / "out" / name),
            check_exact=True,
        )  # fmt: skip
    may_differ = {"cores", "chunk", "seconds", "peak_mib"}
    assert {k for k in block if block[k] != other_block[k]} <= may_differ
    assert (other_block["cores"], block["cores"]) == (2, 1)


def test_an_arm_is_the_same_alone_and_beside_another(one, tmp_path):
    done = synaptrial("simulate", ARMS[1], *UNEVEN, "--out", tmp_path / "out")
    assert done.status == 0, done.err
    alone = json.loads((tmp_path / "out/summary.json").read_text())["arms"][0]
    beside = json.loads(one[1][0])["arms"][1]
    for key in ("label", "visits", "acute"):
        assert alone[key] == beside[key]


def test_another_seed_gives_other_patients(one, tmp_path):
    assert run(tmp_path / "out", "--seed", "2")[1] != one[1][1]
