"""Bundled pharmacokinetic sets: sourced throughout, and true to figures derived from them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm

from synaptrial.domain.parameters import ParameterSet
from synaptrial.exchange.bundled import bundled, load_parameter_set, load_sources

SETS = bundled("parameter_sets")


def test_one_set_for_each_publication() -> None:
    assert set(SETS) >= {
        "albrecht1999_midazolam",
        "domino1982",
        "fanta2015_otto2021",
        "kamp2020",
        "kim2015_paroxetine",
        "perez_ruixo2021",
        "rec_ptsd_v0",
        "simons2022",
        "zhang2024_sertraline",
    }


@pytest.mark.parametrize("name", SETS)
def test_every_value_has_a_known_source_and_a_place_in_it(name: str) -> None:
    s = load_parameter_set(name)
    for key, p in s.parameter.items():
        assert not p.source or p.source in load_sources(), (key, p.source)
        assert p.reason or (p.source and p.locator), key


def patient_correlations(s: ParameterSet) -> np.ndarray:
    names = sorted({n for c in s.correlation for n in c.pair})
    r = np.eye(len(names))
    for c in s.correlation:
        i, j = (names.index(n) for n in c.pair)
        r[i, j] = r[j, i] = c.value
    return r


@pytest.mark.parametrize("name", SETS)
def test_correlations_can_be_drawn(name: str) -> None:
    s = load_parameter_set(name)
    assert np.linalg.eigvalsh(patient_correlations(s)).min(initial=1.0) > 0
    assert all(s.parameter[n].patient_sd > 0 for c in s.correlation for n in c.pair)


def test_switch_times_are_common_to_all_patients() -> None:
    s = load_parameter_set("rec_ptsd_v0")
    for name in (
        "oral_duration",
        "sl_duration",
        "sl_swallowed_duration",
        "swallowed_duration_nasal",
    ):
        assert s.parameter[name].distribution == "fixed"


def test_steady_state_of_antidepressants() -> None:
    """Average level over a dosing interval is dose rate over CL/F (ng/mL)."""
    sertraline = load_parameter_set("zhang2024_sertraline")
    assert 150 / 24 / sertraline.value("CL_F") * 1000 == pytest.approx(82, rel=0.01)
    p = load_parameter_set("kim2015_paroxetine")
    cl = p.value("CL_F") * (20 / 25) ** p.value("dose_exponent")
    cl *= (40 / 71) ** p.value("age_exponent")
    assert 20 / 24 / cl * 1000 == pytest.approx(39, rel=0.02)


def test_midazolam_levels() -> None:
    """0.045 mg/kg over 40 min at 75 kg: 67, 17 and 9 ng/mL at 40 min, 2 h and 4 h."""
    p = {k: x.value for k, x in load_parameter_set("albrecht1999_midazolam").parameter.items()}
    a = np.array(
        [
            [-p["CL"] / p["V1"] - p["k12"] - p["k13"], p["k21"], p["k31"], 1.0],
            [p["k12"], -p["k21"], 0.0, 0.0],
            [p["k13"], 0.0, -p["k31"], 0.0],
            [0.0, 0.0, 0.0, 0.0],
        ]
    )
    x = expm(a * 40 / 60) @ [0.0, 0.0, 0.0, 0.045 * 75 / (40 / 60)]
    x[3] = 0.0
    levels = [(expm(a * h) @ x)[0] / p["V1"] * 1000 for h in (0.0, 80 / 60, 200 / 60)]
    assert levels == pytest.approx([67, 17, 9], abs=0.5)
