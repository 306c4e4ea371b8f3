"""Which way g of a data set counts, by its own rows. All numbers are made up."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from synaptrial.exchange.evidence.awaiting import Number
from synaptrial.exchange.metapsy.data_set import import_metapsy

MEANS = ("mean_arm1", "sd_arm1", "n_arm1", "mean_arm2", "sd_arm2", "n_arm2")
CHANGES = tuple(name.replace("_arm", "_change_arm") for name in MEANS)
HEADER = ("study", "condition_arm1", "condition_arm2", "instrument", "time_weeks", *MEANS, *CHANGES,
          ".g", ".g_se", "precalc_g")  # fmt: skip
BETTER = dict(zip(MEANS, ("20", "10", "25", "30", "10", "25"), strict=True))  # -0.984
FELL = dict(zip(CHANGES, ("-12", "6", "30", "-6", "6", "29"), strict=True))  # -0.987
IN_FAVOUR, MINUS = {".g": "0.984"}, {".g": "-0.984"}


def numbers_of(folder: Path, *rows: Mapping[str, str]) -> dict[str, Number]:
    lines = [",".join(HEADER)]
    for k, row in enumerate(rows):
        cells = {"study": f"Maker {2000 + k}", "condition_arm1": "cbt", "condition_arm2": "wl",
                 "instrument": "PCL-5", "time_weeks": "8", ".g_se": "0.3", **row}  # fmt: skip
        lines.append(",".join(cells.get(name, "NA") for name in HEADER))
    (folder / "made_up.csv").write_text("\n".join(lines) + "\n", "utf-8")
    imported = import_metapsy(folder / "made_up.csv")
    return {n.row_id.removeprefix("MADE_UP:"): n for n in imported.numbers}


def value(number: Number) -> float:
    return float(number.row["value"])


@pytest.mark.parametrize(("g", "turned"), [(IN_FAVOUR, True), (MINUS, False)])
@pytest.mark.parametrize("shown_by", [BETTER, FELL])
def test_means_and_changes_say_which_way_g_counts(
    tmp_path: Path, g: dict[str, str], turned: bool, shown_by: dict[str, str]
) -> None:
    g = g if shown_by is BETTER else {".g": g[".g"].replace("984", "987")}
    number = numbers_of(tmp_path, shown_by | g)["r1.g"]
    assert value(number) == pytest.approx(-0.985, abs=0.003)
    assert number.row.get("derivation", "").startswith("sign turned") == turned
    assert number.flags == ()


@pytest.mark.parametrize(("g", "ours"), [(IN_FAVOUR, -0.4), (MINUS, 0.4)])
def test_a_row_without_means_follows_the_others_with_a_flag(
    tmp_path: Path, g: dict[str, str], ours: float
) -> None:
    follower = numbers_of(tmp_path, BETTER | g, {".g": "0.4"})["r2.g"]
    assert value(follower) == ours
    assert follower.flags[0].startswith("sign of g as other rows of the file show it: ")


def test_where_nothing_shows_the_sign_the_standard_holds_with_a_flag(tmp_path: Path) -> None:
    number = numbers_of(tmp_path, {".g": "0.4"})["r1.g"]
    assert value(number) == -0.4
    assert number.flags == ("sign of g as the standard says: no row of the file shows it",)


def test_rows_that_contradict_each_other_are_flagged_and_lead_no_other(tmp_path: Path) -> None:
    found = numbers_of(tmp_path, BETTER | IN_FAVOUR, BETTER | MINUS, {".g": "0.4"})
    assert value(found["r1.g"]) == value(found["r2.g"]) == -0.984
    for row_id in ("r1.g", "r2.g"):
        assert found[row_id].flags[0].startswith("rows contradict each other on the sign of g")
    assert found["r3.g"].table == ""
    assert found["r3.g"].flags == (
        "sign of g: in favour of arm 1 by 1 rows of the file, arm 1 minus arm 2 by 1",
    )


def test_one_row_of_many_against_the_others_leaves_no_row_without_a_flag(tmp_path: Path) -> None:
    many = [BETTER | MINUS] * 19
    found = numbers_of(tmp_path, *many, BETTER | IN_FAVOUR, {".g": "-0.4"})
    assert all(found[f"r{k}.g"].flags for k in range(1, 22))
    assert value(found["r21.g"]) == -0.4
    assert {value(found[f"r{k}.g"]) for k in range(1, 21)} == {-0.984}


@pytest.mark.parametrize(
    "silent",
    [
        {"instrument": "A scale of well-being"} | BETTER | MINUS,  # higher may be better
        BETTER | {".g": "-0.3"},  # another number than that of the means
        BETTER | {"mean_arm1": "29.9", ".g": "0.01"},  # too near to 0
        dict.fromkeys(CHANGES, "9") | {".g": "0"},
        FELL | {"mean_change_arm1": "12", "mean_change_arm2": "6", ".g": "0.987"},  # both rise
    ],
)
def test_rows_that_show_no_sign(tmp_path: Path, silent: dict[str, str]) -> None:
    follower = numbers_of(tmp_path, silent, {".g": "0.4"})["r2.g"]
    assert follower.flags == ("sign of g as the standard says: no row of the file shows it",)


def test_without_g_it_comes_from_the_changes(tmp_path: Path) -> None:
    number = numbers_of(tmp_path, FELL)["r1.g"]
    assert value(number) == pytest.approx(-0.987, abs=0.001)
    assert number.row["mark"] == "DERIVED"
    assert "mean changes" in number.row["derivation"]


def test_other_contradictions_of_a_row_are_told(tmp_path: Path) -> None:
    turned = {name: BETTER[name] for name in MEANS} | {"mean_arm1": "40"}
    apart = numbers_of(tmp_path, turned | FELL | {".g": "-0.987"})["r1.g"]
    assert "means and changes of the row point in opposite directions" in apart.flags
    two = numbers_of(tmp_path, BETTER | MINUS | {"precalc_g": "0.98"})["r1.g"]
    assert "columns .g and precalc_g have opposite signs" in two.flags
