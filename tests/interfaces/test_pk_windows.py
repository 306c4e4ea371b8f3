"""Exposure after long infusions and close doses: windows that hold the peak, half-lives that fall.

Right values are closed forms (steady levels), a matrix exponential written here, and
the independent program beside a development checkout where it is at hand."""

from __future__ import annotations

import importlib.util
import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest
from scipy.linalg import expm
from tests.interfaces.test_pk import write

from synaptrial import facade
from synaptrial.exchange.bundled import load_parameter_set
from synaptrial.reporting.exposure.page import build_pk_page
from synaptrial.simulation.exposure.arm import _quantiles, _statistics
from synaptrial.simulation.exposure.profile import last_highest

SHARED = Path(__file__).parents[3] / "shared" / "science" / "pk_check.py"
WEIGHT_KG = 75.0
VALUES = {k: p.value for k, p in load_parameter_set("rec_ptsd_v0").parameter.items()}
LONG_H = (12.0, 24.0, 30.0, 72.0)
STATES = ("central", "p1", "p2", "t1", "t2", "nk", "nk_p")


def iv(mg: float, hours: float, **more: object) -> str:
    extra = "".join(f"\n{k} = {v}" for k, v in more.items())
    return f'enantiomer = "racemic"\namount_mg = {mg:g}\ninfusion_min = {60 * hours:g}{extra}'


def kinetics(enantiomer: str) -> tuple[np.ndarray, float, float]:
    """Matrix of parent and norketamine, (7, 7), and ng/mL per mg of each."""
    size = WEIGHT_KG / 70
    v = {k: VALUES[k] * size for k in ("V1", "V2", "V3", "VN1", "VN2")}
    q = {k: VALUES[k] * size**0.75 for k in ("Q2", "Q3", "QN")}
    cl, cln = (VALUES[f"{k}_{enantiomer}"] * size**0.75 for k in ("CL", "CLN"))
    kt, fm = 2 / VALUES["MTT_NK"], VALUES["fm"]
    a = np.zeros((7, 7))
    flows = [
        ("central", "p1", q["Q2"] / v["V1"], 1), ("p1", "central", q["Q2"] / v["V2"], 1),
        ("central", "p2", q["Q3"] / v["V1"], 1), ("p2", "central", q["Q3"] / v["V3"], 1),
        ("central", "t1", cl / v["V1"], 1), ("t1", "t2", kt, 1), ("t2", "nk", kt, fm),
        ("nk", "nk_p", q["QN"] / v["VN1"], 1), ("nk_p", "nk", q["QN"] / v["VN2"], 1),
        ("nk", "", cln / v["VN1"], 0),
    ]  # fmt: skip
    for source, to, rate, share in flows:
        i = STATES.index(source)
        a[i, i] -= rate
        if to:
            a[STATES.index(to), i] += share * rate
    return a, 1000 / v["V1"], 1000 * 223.70 / 237.73 / v["VN1"]


def after_infusion(enantiomer: str, mg: float, hours: float, at_h: float) -> tuple[float, float]:
    """Arterial parent and norketamine of one enantiomer, `at_h` (no earlier than the end)."""
    a, parent, metabolite = kinetics(enantiomer)
    steady = np.linalg.solve(-a, np.eye(7)[0] * mg / hours)
    x = expm(a * (at_h - hours)) @ (steady - expm(a * hours) @ steady)
    return x[0] * parent, x[5] * metabolite


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Any:
    tmp = tmp_path_factory.mktemp("long")
    files = [write(tmp, f"h{h:g}", "iv", iv(1500 / 72 * h, h)) for h in LONG_H]
    midazolam = "amount_mg = 48\ninfusion_min = 2880"
    files.append(write(tmp, "mdz", "iv", midazolam, "midazolam"))
    return facade.pk(files, weight_kg=WEIGHT_KG, patients=40)


def arms(result: Any) -> dict[str, dict[str, Any]]:
    return {a["protocol_id"]: a for a in result.summary["arms"]}


@pytest.mark.parametrize("hours", LONG_H)
def test_level_and_half_life_of_a_long_infusion(long: Any, hours: float) -> None:
    """Each enantiomer against a matrix exponential: the peak at the end of the infusion, and the
    fall between 12 and 24 h after it."""
    plasma = arms(long)[f"h{hours:g}"]["plasma"]["arterial"]
    for e in "sr":
        mg = 750 / 72 * hours
        end, later, last = (
            after_infusion(e.upper(), mg, hours, hours + h) for h in (0.0, 12.0, 24.0)
        )
        parent = plasma[f"{e}_ketamine"]["typical"]
        assert parent["cmax_ng_per_ml"] == pytest.approx(end[0], rel=1e-5)
        assert parent["tmax_min"] == 60 * hours
        for name, i in (("ketamine", 0), ("norketamine", 1)):
            half = 12 * np.log(2) / np.log(later[i] / last[i])
            found = plasma[f"{e}_{name}"]["typical"]
            assert found["half_life_12_to_24_h"] == pytest.approx(half, rel=1e-4)
            assert found["cmax_ng_per_ml"] >= end[i] * (1 - 1e-5)


def test_a_steady_level_is_rate_over_clearance(long: Any) -> None:
    """236.72 and 347.2 ng/mL after 72 h of 1500 mg; the area says the same."""
    plasma = arms(long)["h72"]["plasma"]["arterial"]
    for analyte, level in (("ketamine", 236.72), ("norketamine", 347.24)):
        found = plasma[analyte]["typical"]
        assert found["cmax_ng_per_ml"] == pytest.approx(level, rel=1e-4)
        assert found["tmax_min"] == 4320
        assert found["auc_0_inf_ng_h_per_ml"] / 72 == pytest.approx(level, rel=1e-4)


def test_patients_and_midazolam_peak_at_the_end_too(long: Any) -> None:
    found = arms(long)["mdz"]["plasma"]["not_stated"]["midazolam"]
    assert found["typical"]["tmax_min"] == 2880
    assert found["typical"]["cmax_ng_per_ml"] == pytest.approx(
        found["typical"]["auc_0_inf_ng_h_per_ml"] / 48, rel=1e-3
    )
    for a in arms(long).values():
        for analytes in a["plasma"].values():
            for x in analytes.values():
                assert x["patients"]["half_life_12_to_24_h"]["q025"] > 0
                assert x["patients"]["tmax_min"]["q025"] >= a["first_dose"]["infusion_min"] * 0.99


def test_document_courses_and_page_hold_the_whole_window(long: Any) -> None:
    schema = resources.files("synaptrial") / "data" / "schemas" / "pk.schema.json"
    jsonschema.validate(long.summary, json.loads(schema.read_text(encoding="utf-8")))
    courses: pd.DataFrame = long.courses
    for hours in LONG_H:
        own = courses[courses["arm"] == arms(long)[f"h{hours:g}"]["label"]]
        assert own["time_h"].max() == pytest.approx(hours + 24)
        assert np.isfinite(own["value"]).all() and (own["value"] >= 0).all()
    notices = [n for n in long.summary["notices"] if "infusion lasts" in n]
    assert len(notices) == sum(h > 12 for h in LONG_H)
    page = build_pk_page(long)
    assert "The same over 96 hours" in page.html
    assert "half-life 12 to 24 h after the input" in page.html.lower()


@pytest.mark.skipif(not SHARED.is_file(), reason="the independent program is not beside this tree")
def test_the_independent_program_agrees() -> None:
    """Another program, other code: a 30 h infusion, and two sprays of racemate."""
    spec = importlib.util.spec_from_file_location("pk_check", SHARED)
    assert spec is not None and spec.loader is not None
    other = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(other)
    t = np.arange(0.0, 54.0 + 1e-9, 0.05)
    found = other.rec([{"kind": "iv", "mg": 600.0, "dur": 30.0}], "rac", t, WEIGHT_KG)
    at = int(np.argmin(np.abs(t - 30.0)))
    ours = np.sum([after_infusion(e, 300.0, 30.0, 30.0) for e in "SR"], axis=0)
    assert found["K"][at] == pytest.approx(ours[0], rel=1e-4)
    assert found["NK"][at] == pytest.approx(ours[1], rel=1e-4)


def test_close_doses_are_added_up(tmp_path: Path) -> None:
    """Six infusions of an hour, one every four hours: the highest level of all doses is that of
    superposed single ones, read between the nodes, and never below that of the first."""
    doses = iv(30, 1, at_h=0)
    path = Path(write(tmp_path, "often", "iv", doses))
    text = path.read_text()
    table = text[text.index("[[doses]]") :]
    more = [table.replace("at_h = 0", f"at_h = {4 * k}") for k in range(1, 6)]
    path.write_text(text + "".join(more))
    once = Path(write(tmp_path, "once", "iv", iv(30, 1)))
    found = arms(facade.pk([path, once], weight_kg=WEIGHT_KG, patients=20))
    repeated = found["often"]["all_doses"]["typical"]["arterial"]
    for name, i in (("ketamine", 0), ("norketamine", 1)):
        t = np.linspace(21.0, 24.0, 721)
        total = np.zeros(len(t))
        for k in range(6):
            total += [sum(after_infusion(e, 15.0, 1.0, h - 4 * k)[i] for e in "SR") for h in t]
        best = repeated[name]
        assert best["cmax_ng_per_ml"] == pytest.approx(total.max(), rel=2e-5)
        assert best["tmax_h"] == pytest.approx(t[total.argmax()], abs=0.02)
        single = found["once"]["plasma"]["arterial"][name]["typical"]
        assert best["cmax_ng_per_ml"] > single["cmax_ng_per_ml"]
        area = single["auc_0_inf_ng_h_per_ml"]
        assert best["auc_0_inf_ng_h_per_ml"] == pytest.approx(6 * area, rel=1e-5)


def test_no_half_life_where_the_level_does_not_fall() -> None:
    """A level that rises or stands still has none: no negative number, nothing infinite."""
    t = np.linspace(0.0, 25.0, 1501)
    falls, stands, rises = np.exp(-0.2 * t), np.ones_like(t), 1 + t
    course = np.stack([falls, stands, rises])
    values = _statistics(t, course, np.ones(3), 1.0)["half_life_12_to_24_h"]
    assert values[0] == pytest.approx(np.log(2) / 0.2, rel=1e-6)
    assert np.isinf(values[1:]).all()
    quantiles = _quantiles(np.array([3.0] * 30 + [np.inf] * 10))
    assert quantiles["q50"] == 3.0 and quantiles["q975"] is None


def test_the_last_of_equal_levels_is_the_peak() -> None:
    assert last_highest(np.array([0.0, 1.0, 1.0 + 1e-13, 1.0, 0.5])) == 3
    assert last_highest(np.array([0.0, 2.0, 1.0])) == 1
