"""A folder of results is refused with one message, before the work and after it."""

from pathlib import Path

import pytest

from synaptrial.domain.errors import InputError
from synaptrial.exchange.store import result_folder, write_document


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
