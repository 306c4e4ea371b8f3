"""Metapsy data sets, in the documented format with made-up numbers, and the shared one."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support import metafor

from synaptrial.domain.errors import InputError
from synaptrial.evidence.check import check
from synaptrial.exchange.evidence.awaiting import Number, write_import
from synaptrial.exchange.evidence.folder import read_folder
from synaptrial.exchange.metapsy.data_set import import_metapsy
from synaptrial.synthesis.effects import effect_from_means

HEADER = (
    "study;condition_arm1;condition_arm2;multi_arm1;multi_arm2;outcome_type;instrument;time;"
    "time_weeks;rating;n_arm1;mean_arm1;sd_arm1;n_arm2;mean_arm2;sd_arm2;event_arm1;totaln_arm1;"
    "event_arm2;totaln_arm2;.g;.g_se;.log_rr;rob"
)
# Made-up studies: means with their g, means with a wrong g, no g, and counts.
ROWS = (
    "Maker, 2001;cbt;wl;NA;NA;msd;PCL-5;post;8;self-report;20;30,5;10;22;41;10,5;NA;NA;NA;NA;"
    "1,0042;0,33;NA;2",
    "Maker, 2001;cbt;wl;NA;NA;msd;CAPS;post;8;clinician;20;30,5;10;22;41;10,5;NA;NA;NA;NA;"
    "0,5;0,33;NA;2",
    "Other, 2002;emdr;tau;f2f;NA;msd;PCL-5;post;NA;self-report;20;30,5;10;22;41;10,5;NA;NA;NA;NA;"
    "NA;NA;NA;NA",
    "Other, 2002;emdr;tau;f2f;NA;response;QIDS;post;4;self-report;NA;NA;NA;NA;NA;NA;9;20;3;21;"
    "NA;NA;1,147;NA",
)


def write(folder: Path, *rows: str, header: str = HEADER, name: str = "made_up.csv") -> Path:
    path = folder / name
    path.write_text("\n".join((header, *rows)) + "\n", "utf-8")
    return path


def numbers_of(path: Path) -> dict[str, Number]:
    return {n.row_id.removeprefix("MADE_UP:"): n for n in import_metapsy(path).numbers}


def test_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    found = numbers_of(write(tmp_path, *ROWS))
    assert set(found) == {
        "r1.g", "r1.mean1", "r1.mean2", "r2.g", "r2.mean1", "r2.mean2", "r3.g", "r3.mean1",
        "r3.mean2", "r4.log_rr", "r4.count1", "r4.count2",
    }  # fmt: skip
    mean = found["r1.mean2"].row
    assert (mean["value"], mean["sd"], mean["n"], mean["day"]) == ("41", "10.5", "22", "56")
    assert (mean["scale"], mean["arm"]) == ("PCL5", "WL")
    g = found["r1.g"]
    assert (g.row["value"], g.row["se"], g.row["mark"]) == ("-1.0042", "0.33", "READ")
    assert "sign turned" in g.row["derivation"]
    assert g.told["value"] == "1,0042"
    count = found["r4.count1"].row
    assert (count["event"], count["events"], count["n"]) == ("response", "9", "20")
    assert count["scale"] == "DEPRESSION_ANY"


def test_g_is_computed_again_from_means(tmp_path: Path) -> None:
    found = numbers_of(write(tmp_path, *ROWS))
    e = effect_from_means("SMD", m1i=30.5, sd1i=10, n1i=20, m2i=41, sd2i=10.5, n2i=22)
    assert found["r1.g"].flags == ()
    told = f"g is 0.500, from the means arm 1 minus arm 2 is {float(e.yi):.3f}"
    assert told in found["r2.g"].flags
    computed = found["r3.g"].row
    assert computed["mark"] == "DERIVED"
    assert float(computed["value"]) == pytest.approx(float(e.yi))
    assert float(computed["se"]) == pytest.approx(float(e.sei))


def test_commas_and_points_give_the_same(tmp_path: Path) -> None:
    plain = [r.replace(",", ".").replace(";", ",") for r in ROWS]
    first = numbers_of(write(tmp_path, *ROWS))
    again = numbers_of(write(tmp_path, *plain, header=HEADER.replace(";", ",")))
    assert [n.row.get("value") for n in again.values()] == [
        n.row.get("value") for n in first.values()
    ]


def test_flags(tmp_path: Path) -> None:
    found = numbers_of(write(tmp_path, *ROWS, ROWS[0]))
    assert "instrument CAPS: only its kind is known" in found["r2.g"].flags
    assert "time since the start not given" in found["r3.g"].flags
    assert any("stands in another row" in f for f in found["r5.g"].flags)
    assert not any("stands in another row" in f for f in found["r3.g"].flags)
    assert found["r4.log_rr"].table == ""


def test_the_written_folder_passes_the_check(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_import(tmp_path / "out", import_metapsy(write(tmp_path, *ROWS)))
    assert [str(p) for p in check(read_folder(tmp_path / "out", partial=True))] == []


def test_all_rows_of_the_shared_set_come_through() -> None:
    columns = metafor.reference("metapsy_ptsd_all").columns
    found = import_metapsy(metafor.BESIDE / "metapsy_ptsd_all.csv")
    assert len(found.numbers) == len(columns["yi"]) == 131
    assert len(found.studies) == len(set(columns["study"])) == 102
    for n, yi, vi in zip(found.numbers, columns["yi"], columns["vi"], strict=True):
        assert (n.told["value"], n.told["spread"]) == (yi, vi)
        if n.table:
            assert float(n.row["value"]) == pytest.approx(-float(yi), rel=1e-12)
            assert float(n.row["se"]) ** 2 == pytest.approx(float(vi), rel=1e-12)
    assert sum(not n.table for n in found.numbers) == 2  # DSM-III-R, MMPI: no scale of ours


@pytest.mark.parametrize(
    ("header", "rows", "told"),
    [
        (HEADER.replace("instrument", "scale"), ROWS, "no column instrument"),
        (HEADER.replace(";", "\t"), ROWS, "cells separated by tabs"),
        (HEADER, (ROWS[0].replace(";", ","),), "line 2: found"),
        (HEADER, (ROWS[0].replace("30,5", "much", 1),), "row 1, column mean_arm1: found 'much'"),
        (HEADER, (ROWS[0].replace("wl", "", 1),), "row 1, column condition_arm2: found nothing"),
        (HEADER, (), "found no rows"),
        ("study;condition_arm1;condition_arm2;instrument", ("A, 2001;x;y;CAPS",),
         "found no effect, mean or count"),
    ],
)  # fmt: skip
def test_bad_input_is_told(tmp_path: Path, header: str, rows: tuple[str, ...], told: str) -> None:
    with pytest.raises(InputError) as error:
        import_metapsy(write(tmp_path, *rows, header=header))
    assert told in str(error.value)


def test_one_study_under_two_names_is_told(tmp_path: Path) -> None:
    rows = [
        ROWS[0],
        *(ROWS[1].replace("Maker, 2001", n) for n in ("Maker et al., 2001", "Maker 2002")),
    ]
    first, second, other = import_metapsy(write(tmp_path, *rows)).studies
    assert "may be the same trial as MAKER_ET_AL._2001" in first["flag"]
    assert "may be the same trial as MAKER_2001" in second["flag"]
    assert "same trial" not in other["flag"]


def test_names_that_can_not_be_told_apart(tmp_path: Path) -> None:
    twins = numbers_of(write(tmp_path, ROWS[0].replace("cbt;wl", "cbt;cbt")))
    assert {n.table for n in twins.values()} == {""}
    assert all("both arms have one name: which is which?" in n.flags for n in twins.values())
    with pytest.raises(InputError, match="row 2, column study: found 'Mäker, 2001', which makes"):
        import_metapsy(write(tmp_path, ROWS[0], ROWS[1].replace("Maker", "Mäker")))
