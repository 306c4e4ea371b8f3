"""A folder of results is refused with one message, before the work and after it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from synaptrial.domain.errors import InputError, NonFiniteOutput
from synaptrial.exchange.store import result_folder, write_courses, write_document


def files(write) -> None:
    write("figures/a.svg", b"<svg/>")


def test_a_document_and_the_files_of_its_page(tmp_path: Path) -> None:
    with result_folder(tmp_path / "out") as folder:
        write_document(folder, "pk.json", {"a": 1}, files)
    assert (tmp_path / "out/pk.json").read_text() == '{ "a": 1 }\n'
    assert (tmp_path / "out/figures/a.svg").read_bytes() == b"<svg/>"


def test_a_file_that_comes_during_the_work_is_named_and_the_results_are_kept(
    tmp_path: Path,
) -> None:
    out = tmp_path / "out"
    with pytest.raises(InputError, match=r"found notes\.md.*the results are in") as found:
        with result_folder(out) as folder:
            write_document(folder, "pk.json", {}, files)
            out.mkdir()
            (out / "notes.md").write_text("mine")
    (kept,) = (p for p in tmp_path.iterdir() if p != out)
    assert str(kept) in str(found.value) and (kept / "pk.json").is_file()
    assert (out / "notes.md").read_text() == "mine"


def courses(last: float) -> pd.DataFrame:
    rows = [("Drug", "mood", "points", "mean", t, v) for t, v in ((0.0, 30.0), (24.0, last))]
    names = ["arm", "variable", "unit", "statistic", "time_h", "value"]
    return pd.DataFrame(rows, columns=names)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nothing_is_left_where_a_number_is_not_finite(tmp_path: Path, bad: float) -> None:
    out = tmp_path / "out"
    with pytest.raises(NonFiniteOutput, match=r"^Drug: mean of mood at 24 h is not a finite"):
        with result_folder(out) as folder:
            write_document(folder, "summary.json", {"a": 1.0}, files)
            write_courses(folder, courses(bad))
    with pytest.raises(NonFiniteOutput, match=r"^a is not a finite number; nothing was written"):
        with result_folder(out) as folder:
            write_document(folder, "summary.json", {"a": bad}, files)
    assert list(tmp_path.iterdir()) == []


def test_finite_courses_are_written_whole(tmp_path: Path) -> None:
    write_courses(tmp_path, courses(20.0))
    assert pd.read_parquet(tmp_path / "trajectories.parquet")["value"].tolist() == [30.0, 20.0]
