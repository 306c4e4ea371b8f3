"""Names of columns in data sets: ours, and what no rule reads. All numbers are made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from synaptrial.domain.errors import InputError
from synaptrial.exchange.evidence.awaiting import import_summary
from synaptrial.exchange.metapsy.columns import our_name
from synaptrial.exchange.metapsy.data_set import import_metapsy

BASE = "study,condition_arm1,condition_arm2,instrument,.g,.g_se"


def write(folder: Path, header: str, cells: str) -> Path:
    path = folder / "made_up.csv"
    path.write_text(f"{BASE},{header}\nMaker 2001,cbt,wl,CAPS-5,0.5,0.2,{cells}\n", "utf-8")
    return path


@pytest.mark.parametrize(
    "names", [("m", "baseline"), ("baseline", "m"), ("mean", "baseline"), ("mean", "pre")]
)
def test_baseline_means_by_any_name(tmp_path: Path, names: tuple[str, str]) -> None:
    other = next(n for n in names if n not in ("m", "mean"))
    header = ",".join(
        f"{'_'.join(names)}_arm{k},sd_{other}_arm{k},n_{other}_arm{k}" for k in (1, 2)
    )
    imported = import_metapsy(write(tmp_path, header, "41,9,28,40,8,27"))
    rows = [n.row for n in imported.numbers if ".baseline" in n.row_id]
    assert [(r["value"], r["sd"], r["n"], r["day"]) for r in rows] == [
        ("41", "9", "28", "0"), ("40", "8", "27", "0"),
    ]  # fmt: skip
    assert imported.unread == ()


@pytest.mark.parametrize("name", ["mean_arm1", "baseline_arm1", "m_baseline_arm3", "n_arm1", "pre"])
def test_other_names_stay(name: str) -> None:
    assert our_name(name) == name


def test_columns_with_numbers_that_no_rule_reads_are_named(tmp_path: Path) -> None:
    header, cells = "mean_age,followup_g,country,rob,time_weeks", "38.5,-0.3,France,2,8"
    imported = import_metapsy(write(tmp_path, header, cells))
    assert imported.unread == ("mean_age", "followup_g")
    assert import_summary(imported)["columns_not_read"] == ["mean_age", "followup_g"]


def test_two_columns_of_one_meaning_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "m_baseline_arm1,baseline_m_arm1", "41,42")
    with pytest.raises(
        InputError, match="m_baseline_arm1 and baseline_m_arm1, which mean the same"
    ):
        import_metapsy(path)
