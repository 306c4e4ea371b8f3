"""`synaptrial pk` from a protocol to its files, with the figures that it must reach."""

from __future__ import annotations

import json
import math
import shutil
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

from synaptrial import facade
from synaptrial.domain.errors import InputError
from synaptrial.exchange.bundled import load_parameter_set
from synaptrial.interfaces.cli import app
from synaptrial.pharmacology.dosing import bioavailability

SIX_DIGITS = 5e-6  # sums and multiples of numbers that are written with six digits
DOSE = """
[[doses]]
drug = "{drug}"
route = "{route}"
{amount}
days = [0]
[doses.marks]
default = {{ mark = "ASSUMED", reason = "a test" }}
"""
HEAD = """
id = "{id}"
title = "A test"
arm = "{id}"
kind = "drug"
horizon_days = 7
visits_days = [1]
[marks]
default = {{ mark = "ASSUMED", reason = "a test" }}
"""
ARMS = {
    "iv": ("iv", 'enantiomer = "racemic"\namount_mg_per_kg = 0.5\ninfusion_min = 40'),
    "oral": ("oral", 'enantiomer = "racemic"\namount_mg = 100'),
    "film": ("sublingual", 'enantiomer = "racemic"\namount_mg = 100'),
    "nasal": ("intranasal", 'enantiomer = "s"\namount_mg = 84\ndevices = 3'),
}


def write(folder: Path, name: str, route: str, amount: str, drug: str = "ketamine") -> str:
    path = folder / f"{name}.toml"
    path.write_text(HEAD.format(id=name) + DOSE.format(drug=drug, route=route, amount=amount))
    return str(path)


def call(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["pk", *arguments])
    if isinstance(done.exception, InputError):
        raise done.exception
    assert done.exception is None, done.exception
    return done.exit_code, done.output


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run of all routes together: they are compiled as one block."""
    tmp = tmp_path_factory.mktemp("pk")
    files = [write(tmp, name, *arm) for name, arm in ARMS.items()]
    call(*files, "FEDER2021_MDZ", "--patients", "40", "--out", str(tmp / "out"))
    return tmp / "out"


@pytest.fixture(scope="module")
def pk(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((folder / "pk.json").read_text())
    return loaded


def arm(pk: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(a for a in pk["arms"] if a["protocol_id"] == name)
    return found


def typical(pk: dict[str, Any], name: str, frame: str, analyte: str, key: str) -> float:
    return float(arm(pk, name)["plasma"][frame][analyte]["typical"][key])


def test_files(folder: Path) -> None:
    assert (folder / "pk.html").is_file()
    for name in ("plasma", "plasma_log", "enantiomers", "occupancy"):
        assert (folder / "figures" / f"{name}.svg").read_text().startswith("<svg")
        assert (folder / "figures" / f"{name}.png").read_bytes()[1:4] == b"PNG"


def schema(name: str) -> dict[str, Any]:
    folder = resources.files("synaptrial") / "data" / "schemas"
    loaded: dict[str, Any] = json.loads((folder / f"{name}.schema.json").read_text())
    return loaded


def test_schema(pk: dict[str, Any]) -> None:
    jsonschema.validate(pk, schema("pk"))


@pytest.mark.parametrize(
    ("name", "peak", "minute"), [("iv", 209.36, 42), ("oral", 76.02, 48), ("film", 124.06, 41)]
)
def test_venous_peak_of_the_oracle(pk: dict[str, Any], name: str, peak: float, minute: int) -> None:
    """75 kg: the figures of tests/reference/pk_oracle.json."""
    found = typical(pk, name, "venous", "ketamine", "cmax_ng_per_ml")
    assert found == pytest.approx(peak, rel=1e-3)
    assert typical(pk, name, "venous", "ketamine", "tmax_min") == minute


def test_venous_area_of_an_infusion(pk: dict[str, Any]) -> None:
    """424.7 within 24 h (the oracle); the rest of the area is less than 0.5%."""
    area = typical(pk, "iv", "venous", "ketamine", "auc_0_inf_ng_h_per_ml")
    assert 424.7 < area < 424.7 * 1.005


def test_area_is_dose_over_clearance(pk: dict[str, Any]) -> None:
    """Both frames hold the same area; it follows from mass balance alone."""
    p = load_parameter_set("rec_ptsd_v0")
    size = (75 / 70) ** p.value("clearance_exponent")
    for e in "sr":
        expected = 1000 * 18.75 / (p.value(f"CL_{e.upper()}") * size)
        for frame in ("arterial", "venous"):
            area = typical(pk, "iv", frame, f"{e}_ketamine", "auc_0_inf_ng_h_per_ml")
            assert area == pytest.approx(expected, rel=1e-5)


def test_totals_are_those_of_the_enantiomers_given(pk: dict[str, Any]) -> None:
    key = "auc_0_inf_ng_h_per_ml"
    plasma = arm(pk, "iv")["plasma"]["arterial"]
    for analyte in ("ketamine", "norketamine"):
        parts = sum(plasma[f"{e}_{analyte}"]["typical"][key] for e in "sr")
        assert plasma[analyte]["typical"][key] == pytest.approx(parts, rel=SIX_DIGITS)
    assert "r_ketamine" not in arm(pk, "nasal")["plasma"]["arterial"]


def test_norketamine_share(pk: dict[str, Any]) -> None:
    """It decides comparisons of routes: about half after 100 mg by mouth, a fifth by infusion."""
    share = {n: arm(pk, n)["occupancy"]["typical"] for n in ("iv", "oral")}
    assert share["iv"]["norketamine_share_12h"] == pytest.approx(0.206, abs=0.002)
    assert share["oral"]["norketamine_share_12h"] == pytest.approx(0.559, abs=0.002)
    assert share["iv"]["fall_without_norketamine_12h"] == pytest.approx(0.181, abs=0.002)
    assert share["oral"]["fall_without_norketamine_12h"] == pytest.approx(0.502, abs=0.002)
    assert share["iv"]["norketamine_share_at_peak"] == pytest.approx(0.046, abs=0.002)


def test_nasal_esketamine_shows_both_frames(pk: dict[str, Any]) -> None:
    """Perez-Ruixo 2021 as published for veins; its values for 84 mg are in its own paper."""
    plasma = arm(pk, "nasal")["plasma"]
    assert set(plasma) == {"venous", "arterial", "venous_perez_ruixo2021"}
    published = plasma["venous_perez_ruixo2021"]["s_ketamine"]["typical"]
    own = plasma["venous"]["s_ketamine"]["typical"]
    assert 0.85 < own["cmax_ng_per_ml"] / published["cmax_ng_per_ml"] < 1.15
    assert own["tmax_min"] > published["tmax_min"], "the known weakness of the nasal inputs"
    assert "venous_perez_ruixo2021" not in arm(pk, "iv")["plasma"]


def test_midazolam_and_repeated_doses(pk: dict[str, Any]) -> None:
    a = arm(pk, "FEDER2021_MDZ")
    assert a["occupancy"] is None and set(a["plasma"]) == {"not_stated"}
    first = a["plasma"]["not_stated"]["midazolam"]["typical"]
    assert first["cmax_ng_per_ml"] == pytest.approx(66.7, abs=0.1)
    every = a["all_doses"]["typical"]["not_stated"]["midazolam"]
    assert a["all_doses"]["doses"] == 6
    auc = 6 * first["auc_0_inf_ng_h_per_ml"]
    assert every["auc_0_inf_ng_h_per_ml"] == pytest.approx(auc, rel=SIX_DIGITS)
    assert arm(pk, "iv")["all_doses"] is None


def test_patients_lie_around_the_typical_one(pk: dict[str, Any]) -> None:
    for name in ARMS:
        for frame in ("venous", "arterial"):
            for found in arm(pk, name)["plasma"][frame].values():
                for key, value in found["typical"].items():
                    q = found["patients"][key]
                    assert q["q025"] <= q["q25"] <= q["q50"] <= q["q75"] <= q["q975"]
                    assert q["q025"] <= value <= q["q975"]


def test_extrapolation_is_said_for_routes_without_controlled_evidence(pk: dict[str, Any]) -> None:
    said = " ".join(pk["extrapolation"])
    assert "oral:" in said and "nasal:" in said and "film:" in said
    assert "iv:" not in said and "Midazolam" not in said


@pytest.mark.parametrize("name", ["oral", "film"])
def test_bioavailability_is_what_the_area_says(pk: dict[str, Any], name: str) -> None:
    values = {k: p.value for k, p in load_parameter_set("rec_ptsd_v0").parameter.items()}
    arms = {a["label"]: a for a in pk["arms"]}
    per_mg = {
        k: arms[k]["plasma"]["arterial"]["ketamine"]["typical"]["auc_0_inf_ng_h_per_ml"]
        / arms[k]["first_dose"]["mg"]
        for k in ("iv", name)
    }
    route, _ = ARMS[name]
    assert per_mg[name] / per_mg["iv"] == pytest.approx(
        bioavailability(route, "racemic", 1, values), rel=1e-3
    )


def test_weight_scales_the_typical_patient_only(tmp_path: Path) -> None:
    """A second run has the same virtual patients; clearance grows less than the dose."""
    file = write(tmp_path, "iv", *ARMS["iv"])
    light, heavy = (
        facade.pk([file], weight_kg=w, patients=20).summary["arms"][0] for w in (75.0, 150.0)
    )
    assert (light["first_dose"]["mg"], heavy["first_dose"]["mg"]) == (37.5, 75.0)
    light, heavy = (a["plasma"]["venous"]["ketamine"] for a in (light, heavy))
    assert light["patients"] == heavy["patients"]
    area = [a["typical"]["auc_0_inf_ng_h_per_ml"] for a in (light, heavy)]
    exponent = 1 - load_parameter_set("rec_ptsd_v0").value("clearance_exponent")
    assert math.log2(area[1] / area[0]) == pytest.approx(exponent, abs=1e-4)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "neither a protocol nor --check"),
        (["FEDER2021_KET", "--check"], "together"),
        (["FEDER2021_KET", "--weight", "5"], "--weight"),
        (["FEDER2021_KET", "--weight", "nan"], "--weight"),
        (["FEDER2021_KET", "--patients", "0"], "--patients"),
        (["FEDER2021_KET", "--seed", "-1"], "--seed"),
        (["NO_SUCH_PROTOCOL"], "NO_SUCH_PROTOCOL"),
        (["BEAGLEHOLE2025_FEN_IM"], "fentanyl"),
        (["ABDALLAH2022_PBO"], "saline"),
        (["BRADY2000_SERTRALINE"], "sertraline"),
    ],
)
def test_bad_input_is_one_message_and_leaves_nothing(
    tmp_path: Path, arguments: list[str], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        call(*arguments, "--out", str(tmp_path / "out"))
    assert not list(tmp_path.iterdir())


def test_a_folder_of_another_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match=r"thesis\.txt"):
        call("FEDER2021_MDZ", "--out", str(tmp_path))


def test_an_own_folder_is_replaced(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(folder, out)
    _, text = call("FEDER2021_MDZ", "--patients", "20", "--json", "--out", str(out))
    assert json.loads(text) == json.loads((out / "pk.json").read_text())
    assert not (out / "figures" / "occupancy.svg").exists()


def test_check(tmp_path: Path) -> None:
    call("--check", "--out", str(tmp_path / "check"))
    check = json.loads((tmp_path / "check" / "check.json").read_text())
    jsonschema.validate(check, schema("check"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(check | {"rows": [check["rows"][0] | {"ratio": 0.0}]}, schema("check"))
    assert {u: check["uses"][u]["rows"] for u in check["uses"]} == {
        "held_out": 137, "self_consistency": 68, "calibrated": 90,
    }  # fmt: skip
    own = check["uses"]["held_out"]["by_model"]["rec_ptsd_v0"]
    assert (own["asserted"], own["missed"], own["published"]) == (52, 10, 52)
    held_out = {r["row_id"] for r in check["rows"] if r["use"] == "held_out" and r["asserted"]}
    assert check["uses"]["held_out"]["published"] == len(held_out) < 133
    missed = [r for r in check["rows"] if r["missed"]]
    assert len(missed) == len(check["misses"]) == sum(u["missed"] for u in check["uses"].values())
    assert all(r["explanation"] and r["mark"] and r["source"] for r in missed)
    assert sum(x["n"] for x in check["studies"]) == len(check["rows"])
    assert all(r["reason"] for r in check["unclaimed"])
    biased = {(b["use"], b["study"], b["analyte"], b["quantity"]) for b in check["biases"]}
    assert ("self_consistency", "PEREZRUIXO2021", "norketamine", "AUC") in biased
    page = (tmp_path / "check" / "check.html").read_text()
    assert all(m.split(" | ")[0] in page for m in check["misses"])
    assert all(r["explanation"].split(",")[0].replace("'", "&#39;") in page for r in missed)
