"""What must hold for any numbers: symmetry, units, studies alone or together, routes that agree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import multivariate_normal, norm

from synaptrial.synthesis import effects as fx

means = st.floats(5.0, 100.0)
sds = st.floats(0.5, 40.0)
sizes = st.integers(5, 400)
correlations = st.floats(-0.9, 0.95)


@st.composite
def groups(draw: st.DrawFn) -> dict[str, Any]:
    """Two groups of one study."""
    one = {"m1i": draw(means), "sd1i": draw(sds), "n1i": draw(sizes)}
    return {**one, "m2i": draw(means), "sd2i": draw(sds), "n2i": draw(sizes)}


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    """A table of one study, zeros and all events allowed."""
    n1, n2 = draw(sizes), draw(sizes)
    return {
        "ai": draw(st.integers(0, n1)), "n1i": n1, "ci": draw(st.integers(0, n2)), "n2i": n2,
    }  # fmt: skip


def _swapped(x: dict[str, Any]) -> dict[str, Any]:
    other = {"ai": "ci", "ci": "ai"}
    turned = str.maketrans("12", "21")
    return {other.get(k, k.translate(turned)): v for k, v in x.items()}


@pytest.mark.parametrize("measure", ("MD", "SMD", "SMDH", "ROM", "VR", "CVR", "D2ORN", "D2ORL"))
@given(x=groups())
def test_groups_swapped_turn_the_sign(measure: str, x: dict[str, Any]) -> None:
    one, two = fx.effect_size(measure, **x), fx.effect_size(measure, **_swapped(x))
    assert two.yi == pytest.approx(-one.yi, rel=1e-9, abs=1e-12)
    assert two.vi == pytest.approx(one.vi, rel=1e-9)


@pytest.mark.parametrize("measure", ("RR", "OR", "RD", "AS", "PETO", "OR2DN", "OR2DL"))
@given(x=tables())
def test_arms_swapped_turn_the_sign(measure: str, x: dict[str, Any]) -> None:
    one, two = fx.effect_size(measure, **x), fx.effect_size(measure, **_swapped(x))
    assert two.yi == pytest.approx(-one.yi, rel=1e-9, abs=1e-12)
    assert two.vi == pytest.approx(one.vi, rel=1e-9)


@pytest.mark.parametrize("vtype", ("LS", "LS2", "UB", "AV"))
@given(x=groups(), factor=st.floats(0.01, 100.0), shift=st.floats(-50.0, 50.0))
def test_smd_knows_neither_unit_nor_zero(
    vtype: str, x: dict[str, Any], factor: float, shift: float
) -> None:
    moved = {k: v * factor if k[0] in "ms" else v for k, v in x.items()}
    moved |= {k: moved[k] + shift for k in ("m1i", "m2i")}
    one, two = (fx.effect_size("SMD", **z, vtype=vtype) for z in (x, moved))
    assert two.yi == pytest.approx(one.yi, rel=1e-6, abs=1e-6)
    assert two.vi == pytest.approx(one.vi, rel=1e-6, abs=1e-9)


@given(x=groups())
def test_md_grows_with_the_unit_and_its_variance_with_the_square(x: dict[str, Any]) -> None:
    one = fx.effect_size("MD", **x)
    two = fx.effect_size("MD", **{k: v * 3 if k[0] in "ms" else v for k, v in x.items()})
    assert (two.yi, two.vi) == (pytest.approx(3 * one.yi), pytest.approx(9 * one.vi))


@given(x=groups(), y=groups())
def test_studies_together_are_as_each_alone(x: dict[str, Any], y: dict[str, Any]) -> None:
    both = fx.effect_size("SMD", **{k: [x[k], y[k]] for k in x})
    alone = [fx.effect_size("SMD", **z) for z in (x, y)]
    np.testing.assert_allclose(both.yi, [z.yi for z in alone], rtol=1e-12)
    np.testing.assert_allclose(both.vi, [z.vi for z in alone], rtol=1e-12)
    assert isinstance(alone[0].yi, float) and np.shape(both.yi) == (2,)


@given(x=groups())
def test_hedges_g_is_smaller_than_d_and_nears_it(x: dict[str, Any]) -> None:
    df = x["n1i"] + x["n2i"] - 2
    assert 0.9 < fx.hedges_j(df) < 1
    assert fx.hedges_j(df) == pytest.approx(fx.hedges_j_approximate(df), abs=1e-3)


@given(yi=st.floats(0.1, 30.0), sign=st.sampled_from((1, -1)), se=st.floats(0.2, 10.0), df=sizes)
def test_t_f_p_and_interval_give_one_standard_error(
    yi: float, sign: int, se: float, df: int
) -> None:
    yi = max(yi, 0.05 * se)  # beyond, p is 1 to the last digit and holds no SE
    yi = min(yi, 8 * se)
    t, half = yi / se, float(stats.t.isf(0.025, df)) * se
    found = [
        fx.se_from_t(yi=sign * yi, ti=sign * t),
        fx.se_from_f(yi=sign * yi, fi=t**2),
        fx.se_from_p(yi=sign * yi, pi=2 * float(stats.t.sf(t, df)), df=df),
        fx.se_from_ci(ci_low=sign * yi - half, ci_high=sign * yi + half, df=df, yi=sign * yi),
    ]
    for out in found:
        assert out.value == pytest.approx(se, rel=1e-6)
        assert len(out.trace) >= 3


@given(x=groups())
def test_smd_from_t_is_smd_from_means(x: dict[str, Any]) -> None:
    """The t of a test with equal variances holds all that the SMD needs."""
    expected = fx.effect_size("SMD", **x)
    md = fx.effect_size("MD", **x, vtype="HO")
    t = float(md.yi / md.sei)
    sizes_ = {"n1i": x["n1i"], "n2i": x["n2i"]}
    by_t = fx.smd_from_test(ti=t, **sizes_)
    by_f = fx.smd_from_test(fi=t**2, sign=1 if t >= 0 else -1, **sizes_)
    for out in (by_t, by_f):
        assert out.yi == pytest.approx(expected.yi, rel=1e-7, abs=1e-9)
        assert out.vi == pytest.approx(expected.vi, rel=1e-7)


@given(
    n=st.lists(sizes, min_size=2, max_size=4), seed=st.integers(0, 10**6), spread=st.floats(0, 20)
)
def test_arms_combined_are_the_people_together(n: list[int], seed: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    arms = [rng.normal(i * spread, 4.0, size) for i, size in enumerate(n)]
    out = fx.combine_arms(ni=n, mi=[a.mean() for a in arms], sdi=[a.std(ddof=1) for a in arms])
    people = np.concatenate(arms)
    assert out.n.value == len(people)
    assert out.mean.value == pytest.approx(people.mean(), abs=1e-9)
    assert out.sd.value == pytest.approx(people.std(ddof=1), rel=1e-9)


@given(sd1=sds, sd2=sds, r=correlations)
def test_sd_of_change_and_correlation_are_inverse(sd1: float, sd2: float, r: float) -> None:
    change = fx.sd_of_change(sd1i=sd1, sd2i=sd2, ri=r)
    back = fx.correlation_from_change(sd1i=sd1, sd2i=sd2, sd_change=change)
    assert back.value == pytest.approx(r, abs=1e-6)


@pytest.mark.parametrize("measure", ("PR", "PLN", "PLO", "PAS", "PFT"))
@given(n=sizes, share=st.floats(0.0, 1.0))
def test_proportions_come_back(measure: str, n: int, share: float) -> None:
    x = round(share * n)
    there = fx.effect_size(measure, xi=x, ni=n, add=0, to="none")
    if np.isfinite(there.yi):
        back = fx.back_to_proportion(measure, there.yi, ni=n if measure == "PFT" else None)
        assert back == pytest.approx(x / n, abs=1e-7)


@given(rho=st.floats(-0.9, 0.9), row=st.floats(0.2, 0.8), column=st.floats(0.2, 0.8))
def test_tetrachoric_correlation_finds_what_made_the_table(
    rho: float, row: float, column: float
) -> None:
    cuts = [norm.ppf(column), norm.ppf(row)]
    a = float(multivariate_normal.cdf(cuts, cov=[[1, rho], [rho, 1]]))
    cells = np.array([a, row - a, column - a, 1 - row - column + a]) * 1e4
    if cells.min() > 1:
        out = fx.effect_size("RTET", **dict(zip(("ai", "bi", "ci", "di"), cells, strict=True)))
        assert out.yi == pytest.approx(rho, abs=1e-4)
        assert out.vi > 0
