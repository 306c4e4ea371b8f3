"""Bad input of every kind: one message, status 2, no traceback, nothing written."""

import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from tests.interfaces.command import Done, synaptrial
from tests.strategies import BREAKS, broken, protocols

from synaptrial import facade
from synaptrial.domain.errors import InputError
from synaptrial.domain.protocol import Protocol
from synaptrial.domain.setting import OPEN_LABEL
from synaptrial.exchange.bundled import text_of
from synaptrial.exchange.toml import validate
from synaptrial.facade import simulation as facade_simulation
from synaptrial.simulation.plan.arm_plan import DURATIONS, plan_arm
from synaptrial.simulation.summary.result import Result

KET = text_of("protocols", "FEDER2021_KET")
MANY = str(10**5)
MIDAZOLAM_IM = """
id = "x"
title = "x"
arm = "x"
kind = "control"
horizon_days = 28
visits_days = [7]
doses = [{ drug = "midazolam", route = "im", amount_mg = 5, days = [0] }]
"""

FILES = {
    "unknown key": ("infusion_min = 40", "infusion_minutes = 40", "mean infusion_min?"),
    "wrong unit": ("amount_mg_per_kg = 0.5", 'amount_mg_per_kg = "0.5 mg/kg"', "a bare number"),
    "micrograms": ("amount_mg_per_kg = 0.5", "amount_mg_per_kg = 500", "check the unit"),
    "negative dose": ("amount_mg_per_kg = 0.5", "amount_mg_per_kg = -0.5", "at least 0"),
    "nan": ("amount_mg_per_kg = 0.5", "amount_mg_per_kg = nan", "a finite number"),
    "dose after horizon": ("9, 11]", "9, 99]", "horizon_days = 56"),
    "overlap": ("[0, 2, 4", "[0, 0.01, 4", "infusions that do not overlap"),
    "visit after horizon": ("42, 56]", "42, 57]", "Raise horizon_days"),
    "no unit of time": ("horizon_days = 56", 'horizon_days = "8 weeks"', "a number"),
    "unknown setting": ('blinding = "double"', 'blinding = "triple"', "'open', 'single'"),
    "unknown population": ("adult_ptsd_trial", "children", "bad.toml: setting.population"),
    "a population file": ("adult_ptsd_trial", "pop.toml", "names a population of the package"),
    "entry on a self-report": (
        "\ncontact", '\nentry = { scale = "PCL5", minimum = 33 }\ncontact', "'CAPS5' or 'CAPS4'"
    ),
    "a dose in the wrong unit": ("per_kg = 0.5", "per_kg = 500", "found 500 mg/kg of ketamine"),
    "a list left open": ("9, 11]", "9, 11", "Close the list"),
    "a key twice": ("arm_n = 15", "arm_n = 15\narm_n = 16", "Each key once"),
    "unknown rule": ("[setting]\n", '[[rules]]\ndo = "go_on"\n[setting]\n', "do: found 'go_on'"),
    "not TOML": ('id = "FEDER2021_KET"', "id = FEDER2021_KET", "Text stands in quotes"),
    "unknown mark": ('mark = "READ"', 'mark = "GUESSED"', "'RECALLED'"),
    "no model": ("", "", "There is no model of another route"),
    "no name of the arm": ('arm = "Ketamine 0.5 mg/kg IV x 6"', 'arm = " "', "arm: found nothing"),
    "too many visits": (
        "[1, 7, 14, 21, 28, 42, 56]", str([k / 100 for k in range(1, 402)]), "at most 400"
    ),
    "two faults": (
        'arm_n = 15\nhorizon_days = 56', "arm_n = 0\nhorizon_days = -1",
        "arm_n: found 0; accepted: a number of at least 1. Also bad.toml: horizon_days: found -1",
    ),
    "two that do not fit": (
        "9, 11]", "9, 99]\n# later\nas_needed = true",
        "Also bad.toml: rules: found as-needed doses without a redose_if",
    ),
    "unknown drug": ('drug = "ketamine"', 'drug = "esketamine"', "'ketamine', 'midazolam'"),
}  # fmt: skip

OPTIONS = {
    "no patients": (["--patients", "0"], "--patients: found 0"),
    "one patient": (["--patients", "1"], "A spread between patients needs two"),
    "no draws": (["--draws", "0"], "--draws: found 0"),
    "one draw": (["--draws", "1"], "An uncertainty needs two draws"),
    "too many": (["--patients", MANY, "--draws", "2000"], "at most 1e+08"),
    "too many draws": (["--patients", "2", "--draws", MANY], "raise --patients"),
    "negative seed": (["--seed", "-1"], "--seed: found -1"),
    "seed beyond 64 bits": (["--seed", str(2**64)], "--seed: found 18446744073709551616"),
    "no cores": (["--cores", "0"], "--cores: found 0"),
    "absurd cores": (["--cores", MANY], "1 to 1024"),
    "no chunk": (["--chunk", "0"], "--chunk: found 0"),
    "too many courses": (["--courses", "201"], "0 to 200"),
    "not a number": (["--patients", "many"], "--patients: found 'many'"),
    "not a whole number": (["--seed", "1.5"], "--seed: found '1.5'"),
    "unknown option": (["--patient", "4"], "--patients"),
}

NAMES = {
    "unknown name": (["FEDER2012_KET"], "Did you mean FEDER2021_KET?"),
    "missing file": (["none.toml"], "no such file"),
    "a directory": (["folder"], "a directory"),
    "described only": (["ARTIN2022_IN"], "It can be read but not run"),
    "the same arm twice": (["FEDER2021_KET", "FEDER2021_KET"], "an arm given twice"),
    "the same arm as a file": (["FEDER2021_KET", "ket.toml"], "an arm given twice"),
    "two settings of a study": (["FEDER2021_KET", "single.toml"], "blinding: found 'single'"),
    "not UTF-8": (["latin.toml"], "UTF-8"),
    "nothing in it": (["empty.toml"], "Add the key id"),
    "no protocol": ([], "Missing argument"),
}  # fmt: skip

PLACES = {
    "a file": ("ket.toml", "found a file"),
    "below a file": ("ket.toml/below", "Not a directory"),
    "foreign files": ("folder", "notes.md"),
    "not writable": ("/proc/nobody/out", "cannot be written"),
    "where we stand": (".", "the folder you are in"),
    "name too long": ("x" * 300, "File name too long"),
}


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "notes.md").write_text("mine")
    (tmp_path / "ket.toml").write_text(KET)
    other = KET.replace('id = "FEDER2021_KET"', 'id = "OTHER"', 1)
    (tmp_path / "pop.toml").write_text(text_of("populations", "adult_ptsd_trial"))
    (tmp_path / "single.toml").write_text(other.replace('"double"', '"single"'))
    (tmp_path / "latin.toml").write_bytes(KET.encode() + b"# \xff\n")
    (tmp_path / "empty.toml").write_text("")
    return tmp_path


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p): b"" if p.is_dir() else p.read_bytes() for p in folder.rglob("*")}


def refused(here: Path, *arguments: str | Path, one_line: bool = True) -> Done:
    before = tree(here)
    done = synaptrial("simulate", *arguments)
    assert done.status == 2, done
    assert "Traceback" not in done.err and "pydantic" not in done.err and done.out == ""
    if one_line:
        assert re.fullmatch(r"synaptrial: .+: found .+; accepted: .+\n", done.err), done.err
    assert tree(here) == before, "something was written"
    return done


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file(here, name):
    old, new, words = FILES[name]
    assert old in KET
    (here / "bad.toml").write_text(KET.replace(old, new, 1) if old else MIDAZOLAM_IM)
    done = refused(here, "bad.toml", "--out", "new/out")
    assert words in done.err


def test_a_fault_of_the_protocol_and_one_of_its_setting_are_told_together(here):
    bad = KET.replace("arm_n = 15", "arm_n = 0").replace('"double"', '"triple"')
    (here / "bad.toml").write_text(bad)
    done = refused(here, "bad.toml", "--out", "new/out")
    assert "arm_n: found 0" in done.err and "Also bad.toml: setting.blinding" in done.err


@pytest.mark.parametrize("name", OPTIONS)
def test_a_bad_option(here, name):
    options, words = OPTIONS[name]
    ours = name != "unknown option"  # that is refused by typer
    done = refused(here, "FEDER2021_KET", *options, "--out", "new/out", one_line=ours)
    assert words in done.err


@pytest.mark.parametrize("name", NAMES)
def test_a_bad_name(here, name):
    arms, words = NAMES[name]
    done = refused(here, *arms, "--out", "new/out", one_line=bool(arms))
    assert words in done.err


@pytest.mark.parametrize("name", PLACES)
def test_a_bad_place(here, name):
    place, words = PLACES[name]
    assert words in refused(here, "FEDER2021_KET", "--out", place).err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_the_right_to_write(here):
    (here / "locked").mkdir(mode=0o500)
    assert "Permission denied" in refused(here, "FEDER2021_KET", "--out", "locked/out").err


def as_toml(table: dict, at: str = "") -> str:
    """A protocol table as TOML; enough for what the strategies make."""
    lines, below = [], []
    for key, value in table.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            if key == "steps":
                inner = (", ".join(f"{k} = {v!r}" for k, v in s.items()) for s in value)
                lines.append(f"steps = [{', '.join(f'{{ {i} }}' for i in inner)}]")
            else:
                below += [f"\n[[{key}]]\n{as_toml(entry)}" for entry in value]
        elif isinstance(value, bool):
            lines.append(f"{key} = {str(value).lower()}")
        else:
            lines.append(f"{key} = {value!r}")
    return "\n".join([*lines, *below])


@settings(max_examples=3 * len(BREAKS), deadline=None)
@given(broken())
def test_a_generated_broken_protocol(tmp_path_factory, case):
    name, table, words = case
    here = tmp_path_factory.mktemp("broken")
    (here / "x.toml").write_text(as_toml(table))
    done = refused(here, here / "x.toml", "--out", here / "out")
    assert words in done.err, name


@settings(max_examples=100, deadline=None)
@given(protocols())
def test_a_generated_protocol_can_be_laid_out(table):
    protocol = validate(Protocol, table, "generated")
    models = facade.load_models(OPEN_LABEL.population)
    values = {k: p.value for s in models.sets for k, p in s.parameter.items()}
    try:
        plan = plan_arm(protocol, OPEN_LABEL, {k: values[k] for k in DURATIONS})
    except InputError:
        assert any(d["drug"] == "midazolam" and d["route"] != "iv" for d in table["doses"])
        return
    for name, array in (plan.arrays | plan.tables).items():
        assert np.isfinite(array).all(), name
    edges = plan.slow.edges_h
    assert edges[0] == 0 and edges[-1] == pytest.approx(24 * protocol.horizon_days)
    assert (np.diff(edges) > 0).all()


@pytest.mark.parametrize("as_json", [(), ("--json",)])
def test_a_result_that_is_not_finite_ends_with_status_1_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_json: tuple[str, ...]
) -> None:
    summary = {"arms": [{"label": "Drug", "mean": float("nan")}], "run": {"seconds": 1.0}}
    monkeypatch.setattr(
        facade_simulation, "simulate", lambda *_, **__: Result(summary, pd.DataFrame())
    )
    out = tmp_path / "out"
    done = synaptrial("simulate", "FEDER2021_KET", "--out", out, "--no-figures", *as_json)
    assert (done.status, done.out) == (1, "")
    assert done.err.strip() == (
        "synaptrial: arms[0, Drug].mean is not a finite number; nothing was written"
    )
    assert list(tmp_path.iterdir()) == []
