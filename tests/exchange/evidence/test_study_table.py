"""A table of studies: what its columns' names say, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from synaptrial.domain.errors import InputError
from synaptrial.exchange.evidence.study_table import given_columns, read_study_table


def read(tmp_path: Path, text: str) -> tuple[tuple[str, ...], dict[str, tuple[object, ...]]]:
    path = tmp_path / "studies.csv"
    path.write_bytes(text.encode())
    return given_columns(read_study_table(path))


@pytest.mark.parametrize("name", ["vi", "var", "se"])
def test_variances_by_name(tmp_path: Path, name: str) -> None:
    data, columns = read(tmp_path, f"yi,{name}\n-0.5,0.2\n0.1,0.3\n")
    assert data == ("yi", "vi")
    power = 2 if name == "se" else 1
    assert columns["vi"] == (0.2**power, 0.3**power)
    assert columns["yi"] == (-0.5, 0.1)


def test_both_are_fine_where_they_agree(tmp_path: Path) -> None:
    assert read(tmp_path, "yi,se,vi\n0.1,0.2,0.04\n")[1]["vi"] == (0.04,)


def test_arms(tmp_path: Path) -> None:
    data, columns = read(tmp_path, "ai,n1i,ci,n2i\n1,20,3,21\n")
    assert data == ("ai", "n1i", "ci", "n2i")
    assert columns["n2i"] == (21.0,)


def test_a_byte_order_mark_and_labels_with_commas_are_read(tmp_path: Path) -> None:
    path = tmp_path / "studies.csv"
    path.write_bytes('\ufeffstudy,yi,vi\r\n"Müller, 2019",1,2\r\n'.encode())
    assert read_study_table(path).labels("study") == ("Müller, 2019",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("yi,v\n1,2\n", ["studies.csv: v", "a variance or its square root", "vi or var"]),
        ("yi,variance?\n1,2\n", ["studies.csv: variance?", "vi or var"]),
        ("yi,sd\n1,2\n", ["studies.csv: sd", "Rename it"]),
        ("yi,SE\n1,2\n", ["studies.csv: SE", "Rename it"]),
        ("yi,se,vi\n1,0.2,0.04\n1,0.2,0.2\n", ["line 3, vi and se", "0.2 and 0.04"]),
        ("effect,vi\n1,2\n", ["studies.csv: effect", "yi for the effect"]),
        ("yi\n1\n", ["studies.csv: vi", "no such column"]),
        ("a,b\n1,2\n", ["columns a, b", "m1i sd1i"]),
        ("yi,vi\n1,2\nx,2\n", ["line 3, yi", "'x'"]),
        ('yi,vi\n"0,5",2\n', ["line 2, yi", "'0,5'", "decimal point"]),
        ("yi,vi\n1,\n", ["line 2, vi", "an empty cell"]),
        ("yi,vi\n1,nan\n", ["line 2, vi", "'nan'"]),
        ("yi,vi\n1,0\n", ["line 2, vi", "above 0"]),
        ("yi,vi\n1,2,3\n", ["line 2", "3 cells", "2, as in the header"]),
        ("yi;vi\n1;2\n", ["semicolons"]),
        ("yi,vi,vi\n1,2,2\n", ["vi", "stands twice"]),
        ("yi,vi\n", ["no study"]),
        ("", ["an empty file"]),
        ('yi,vi\n"1,2\n', ["not CSV"]),
    ],
)
def test_refused(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(InputError) as error:
        read(tmp_path, text)
    for word in words:
        assert word in str(error.value)
    assert "\n" not in str(error.value)


def test_no_such_file_and_no_utf8(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_study_table(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes("study,yi,vi\nM\xfcller,1,2\n".encode("latin-1"))
    with pytest.raises(InputError, match="UTF-8"):
        read_study_table(tmp_path / "latin.csv")


def test_a_slip_of_the_pen_makes_no_factor_of_a_moderator(tmp_path) -> None:
    path = tmp_path / "studies.csv"
    path.write_text('yi,vi,weeks,form\n1,1,2,x\n2,1,"3,5",1b\n3,1,NA,y\n')
    table = read_study_table(path)
    with pytest.raises(InputError, match="line 3, weeks: found '3,5'"):
        table.values("weeks")
    assert table.values("form") == ("x", "1b", "y")
