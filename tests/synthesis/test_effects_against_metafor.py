"""Every effect and conversion that R computed, at 1e-9 relative; a key without a case fails."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.support.metafor import reference

from synaptrial.synthesis import effects as fx

ABOUT = {"id", "title", "data_source", "software", "settings", "notes"}
CLOSED = 1e-9
SET_A = reference("effect_sizes_A")
A = {name: np.array(column, dtype=float) for name, column in SET_A.columns.items()}
GROUPS = {
    "m1i": A["m1"], "sd1i": A["sd1"], "n1i": A["n1"],
    "m2i": A["m2"], "sd2i": A["sd2"], "n2i": A["n2"],
}  # fmt: skip
TABLES = {"ai": A["e1"], "n1i": A["n1"], "ci": A["e2"], "n2i": A["n2"]}
SPREADS = {k: x for k, x in GROUPS.items() if k not in ("m1i", "m2i")}
ARM_1 = {"xi": A["e1"], "ni": A["n1"]}


def _pair(arm: str) -> dict[str, Any]:
    end = {"m1i": A[f"m{arm}"], "sd1i": A[f"sd{arm}"]}
    start = {"m2i": A[f"pre{arm}"], "sd2i": A[f"sdpre{arm}"]}
    return {**end, **start, "ni": A[f"n{arm}"], "ri": A["r"]}


def _pre_post() -> dict[str, Any]:
    own = {f"{k}{arm}i": A[f"{k}{arm}"] for k in ("pre", "sdpre") for arm in "12"}
    return {**own, **GROUPS, "ri": A["r"]}


CASES: dict[str, tuple[str, dict[str, Any]]] = {
    **{m: (m, GROUPS) for m in ("MD", "SMD", "SMDH", "SMD1", "ROM", "CVR", "D2ORN", "D2ORL")},
    **{f"SMD_vtype_{v}": ("SMD", {**GROUPS, "vtype": v}) for v in ("LS2", "UB", "AV")},
    **{m: (m, TABLES) for m in ("RR", "OR", "RD", "AS", "PETO", "OR2DN", "OR2DL")},
    **{f"{m}_arm{arm}": (m, _pair(arm)) for m in ("MC", "SMCC", "SMCR", "SMCRH", "ROMC")
       for arm in "12"},
    **{f"{m}_arm1": (m, ARM_1) for m in ("PR", "PLO", "PAS", "PFT")},
    "VR": ("VR", SPREADS),
    "ZCOR": ("ZCOR", {"ri": A["r"], "ni": A["n1"]}),
    "prepost_control_difference_of_SMCR_own_baseline_sd": ("SMCRD", _pre_post()),
    "prepost_control_dppc2_Morris2008": ("DPPC2", _pre_post()),
}  # fmt: skip
OTHERWISE = {"RTET", "hedges_J", "conv_fivenum", "sd_from_t_ci", "change_sd_from_r"}


def test_no_key_of_the_set_is_without_a_case() -> None:
    assert set(SET_A.results) - ABOUT == set(CASES) | OTHERWISE


@pytest.mark.parametrize("key", sorted(CASES))
def test_effect(key: str) -> None:
    measure, given = CASES[key]
    out = fx.effect_size(measure, **given)
    expected = SET_A.results[key]
    np.testing.assert_allclose(out.yi, expected["yi"], rtol=CLOSED, atol=1e-14)
    np.testing.assert_allclose(out.vi, expected["vi"], rtol=CLOSED)
    assert out.measure == measure
    assert len(out.trace) >= 3


def test_tetrachoric_correlation() -> None:
    """R climbs by Nelder-Mead and differentiates by steps, so it agrees to about four digits.

    Index 4 has an empty cell: the correlation goes to the border, where R gives 1 and a variance
    of 5 million from a step over the border; a variance does not exist there and we give none.
    """
    out = fx.effect_size("RTET", **TABLES)
    inside = np.arange(12) != 4
    yi, vi = (np.array(SET_A.results["RTET"][k])[inside] for k in ("yi", "vi"))
    np.testing.assert_allclose(np.asarray(out.yi)[inside], yi, atol=5e-5)
    np.testing.assert_allclose(np.asarray(out.vi)[inside], vi, rtol=1e-4)
    assert np.isnan(np.asarray(out.yi)[4]) and np.isnan(np.asarray(out.vi)[4])


def test_hedges_correction() -> None:
    expected, df = SET_A.results["hedges_J"], A["n1"] + A["n2"] - 2
    np.testing.assert_allclose(fx.hedges_j(df), expected["exact_gamma"], rtol=CLOSED)
    np.testing.assert_allclose(fx.hedges_j_approximate(df), expected["approximate"], rtol=CLOSED)


NAMES = {"min": "minimum", "q1": "q1", "median": "median", "q3": "q3", "max": "maximum", "n": "ni"}
SCENARIOS = {
    "range": ("min", "median", "max", "n"),
    "quartiles": ("q1", "median", "q3", "n"),
    "five": tuple(NAMES),
}


def test_no_scenario_of_the_quantiles_is_without_a_case() -> None:
    assert set(SET_A.results["conv_fivenum"]) == {*SCENARIOS, "input", "note"}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_mean_and_sd_from_quantiles(scenario: str) -> None:
    stored = SET_A.results["conv_fivenum"]
    given = {NAMES[k]: [row[k] for row in stored["input"]] for k in SCENARIOS[scenario]}
    for key, values in stored[scenario].items():
        kind, who = key.split("_")
        method = "Wan" if who == "Luo" else who
        out = fx.mean_sd_from_quantiles(**given, sd_method=method)
        np.testing.assert_allclose(getattr(out, kind).value, values, rtol=CLOSED)
        assert who in " ".join(getattr(out, kind).trace)


def test_sd_from_the_interval_of_a_mean() -> None:
    x = SET_A.results["sd_from_t_ci"]
    out = fx.sd_from_ci(ci_low=x["lo"], ci_high=x["hi"], ni=x["n"])
    np.testing.assert_allclose(out.value, x["sd"], rtol=CLOSED)


def test_sd_of_change() -> None:
    out = fx.sd_of_change(sd1i=A["sd1"], sd2i=A["sdpre1"], ri=A["r"])
    np.testing.assert_allclose(out.value, SET_A.results["change_sd_from_r"]["sd"], rtol=CLOSED)
    back = fx.correlation_from_change(sd1i=A["sd1"], sd2i=A["sdpre1"], sd_change=out)
    np.testing.assert_allclose(back.value, A["r"], rtol=CLOSED)


OTHER_SETS = (
    "normand1999", "bcg", "hine1989", "egger2001", "zero_single_zero", "zero_single_zero_drop00",
    "syn_caps_k5", "syn_caps_k12",
)  # fmt: skip


@pytest.mark.parametrize("name", OTHER_SETS)
def test_effects_of_other_sets(name: str) -> None:
    stored = reference(name)
    keys = [k for k, x in stored.results.items() if isinstance(x, dict) and "yi" in x]
    assert keys
    for key in keys:
        given: dict[str, Any] = _inputs(stored.columns, key)
        if name.endswith("drop00"):
            given["drop00"] = True
        out = fx.effect_size(key, **given)
        np.testing.assert_allclose(out.yi, stored.results[key]["yi"], rtol=CLOSED, atol=1e-14)
        np.testing.assert_allclose(out.vi, stored.results[key]["vi"], rtol=CLOSED)


def _inputs(columns: dict[str, list[str]], measure: str) -> dict[str, Any]:
    tables = ("ai", "n1i", "ci", "n2i")
    names = tables if measure in ("RR", "OR", "RD") else tuple(GROUPS)
    return {name: np.array(columns[name], dtype=float) for name in names}


def test_double_zero_tables_are_kept_or_dropped() -> None:
    """By hand: 1/2 in each cell of 0 of 10 against 0 of 20."""
    kept = fx.effect_from_tables("OR", ai=[0, 3], n1i=[10, 10], ci=[0, 2], n2i=[20, 10])
    assert np.asarray(kept.yi)[0] == pytest.approx(np.log((0.5 / 10.5) / (0.5 / 20.5)))
    assert "0.5 added" in " ".join(kept.trace)
    dropped = fx.effect_from_tables(
        "OR", ai=[0, 3], n1i=[10, 10], ci=[0, 2], n2i=[20, 10], drop00=True
    )
    assert np.isnan(np.asarray(dropped.yi)[0]) and np.isfinite(np.asarray(dropped.yi)[1])
    assert "index 0" in " ".join(dropped.trace)
