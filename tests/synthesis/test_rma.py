"""What `rma` does at the edges, and what it refuses."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptrial.domain.errors import InputError
from synaptrial.synthesis import egger, rma, subgroups
from synaptrial.synthesis.heterogeneity import METHODS
from synaptrial.synthesis.inference import TESTS

YI = np.array([-0.4, 0.1, -0.8, -0.3, 0.2, -0.9, -0.5])
VI = np.array([0.05, 0.02, 0.11, 0.07, 0.03, 0.2, 0.01])


def test_one_study_is_itself_and_says_so() -> None:
    fit = rma([0.3], [0.04])
    assert (fit.beta[0], fit.se[0], fit.tau2, fit.test) == (0.3, pytest.approx(0.2), 0, "z")
    assert "One study" in fit.warnings[0]
    assert math.isnan(fit.pi_low)
    assert fit.ci_low[0] == pytest.approx(0.3 - 1.959963984540054 * 0.2)


def test_two_studies_have_no_interval_with_no_degrees_of_freedom() -> None:
    fit = rma([0.1, 0.9], [0.02, 0.03], prediction="k-2")
    assert math.isnan(fit.pi_low)
    assert np.isfinite(rma([0.1, 0.9], [0.02, 0.03]).pi_low)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("test", TESTS)
def test_identical_effects(method: str, test: str) -> None:
    fit = rma([0.2] * 5, [0.1, 0.2, 0.3, 0.1, 0.05], method=method, test=test)
    assert fit.beta[0] == pytest.approx(0.2, abs=1e-12)
    assert fit.tau2 == pytest.approx(0, abs=1e-12)
    assert np.isfinite([fit.se[0], fit.ci_low[0], fit.ci_high[0], fit.i2]).all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1e3, 1e9])
def test_units_do_not_matter(method: str, scale: float) -> None:
    one, other = rma(YI, VI, method=method), rma(scale * YI, scale**2 * VI, method=method)
    assert other.tau2 / scale**2 == pytest.approx(one.tau2, rel=1e-8)
    assert other.beta[0] / scale == pytest.approx(one.beta[0], rel=1e-9)
    assert other.i2 == pytest.approx(one.i2, rel=1e-8)


def test_one_huge_trial() -> None:
    fit = rma([*YI, 0.01], [*VI, 1e-9])
    assert np.isfinite([fit.tau2, fit.beta[0], fit.pi_low]).all()
    assert fit.converged
    assert rma([*YI, 0.01], [*VI, 1e-9], method="EE").beta[0] == pytest.approx(0.01, abs=1e-6)


@given(
    st.lists(st.tuples(st.floats(-5, 5), st.floats(1e-6, 1e6)), min_size=2, max_size=15),
    st.sampled_from(METHODS),
    st.sampled_from(TESTS),
)
def test_anything_positive_gives_finite_numbers_and_order_does_not_matter(
    rows: list[tuple[float, float]], method: str, test: str
) -> None:
    y, v = zip(*rows, strict=True)
    fit = rma(y, v, method=method, test=test)
    back = rma(y[::-1], v[::-1], method=method, test=test)
    assert np.isfinite([fit.beta[0], fit.se[0], fit.tau2, fit.i2, fit.h2]).all()
    assert fit.tau2 >= 0
    assert fit.tau2_ci[0] <= fit.tau2_ci[1]
    assert back.beta[0] == pytest.approx(fit.beta[0], rel=1e-6, abs=1e-9)


def test_reml_is_at_the_highest_point_of_its_likelihood() -> None:
    """Written out afresh with a dense covariance matrix."""
    x = np.column_stack([np.ones(7), np.arange(7.0)])

    def height(tau2: float) -> float:
        w = np.diag(1 / (VI + tau2))
        inverse = np.linalg.inv(x.T @ w @ x)
        p = w - w @ x @ inverse @ x.T @ w
        sign = np.linalg.slogdet(x.T @ w @ x)[1]
        return float(0.5 * (np.linalg.slogdet(w)[1] - sign - YI @ p @ YI))

    best = rma(YI, VI, mods=np.arange(7.0)).tau2
    assert all(height(best) >= height(t) for t in np.linspace(0, 1, 2001))


def test_a_likelihood_with_two_hills_ends_on_the_higher() -> None:
    y, v = [0.0, 0.02, -0.01, 3.0], [1e-4, 1e-4, 1e-4, 1e-4]
    fit = rma(y, v, method="ML")
    assert fit.tau2 == pytest.approx(np.var(y) - 1e-4, rel=1e-6)


def test_prediction_at_given_moderators() -> None:
    fit = rma(YI, VI, mods={"dose": np.arange(7.0)})
    at = fit.predict([0.0, 3.0])
    assert at.fit[0] == pytest.approx(fit.beta[0])
    assert at.fit[1] == pytest.approx(fit.beta[0] + 3 * fit.beta[1])
    assert (at.pi_low < at.ci_low).all()
    assert math.isnan(fit.pi_low)
    with pytest.raises(InputError, match="values of dose"):
        fit.predict()


def test_effects_on_the_regression_leave_nothing_to_test() -> None:
    fit = rma(np.zeros(5), VI[:5], mods=np.arange(5.0), test="knha")
    assert math.isnan(fit.qm)
    assert "exactly on the regression" in fit.warnings[-1]


def test_subgroups_of_one_study_and_between() -> None:
    found = subgroups(YI, VI, list("aabbbbc"))
    assert found.fits["c"].k == 1
    assert found.q_df == 2
    assert found.common.names == ("intercept", "subgroup: b", "subgroup: c")


@pytest.mark.parametrize(
    ("y", "v", "options", "said"),
    [
        ([1, 2], [1, -1], {}, r"vi\[1\]: found -1; accepted: numbers above 0"),
        ([1, math.nan], [1, 1], {}, r"yi\[1\]: found nan"),
        ([1, 2], [1], {}, "vi: found 1 values; accepted: 2 values"),
        ([], [], {}, "yi: found shape"),
        (["a"], [1], {}, "yi: found"),
        ([1, 2], [1, 1], {"method": "DSL"}, "method: found 'DSL'; accepted: EE, DL"),
        ([1, 2], [1, 1], {"test": "hk"}, "test: found 'hk'; accepted: z, t, knha, adhoc"),
        ([1, 2], [1, 1], {"prediction": "t"}, "prediction: found 't'"),
        ([1, 2], [1, 1], {"level": 95}, "level: found 95"),
        ([1, 2, 3], [1, 1, 1], {"mods": [2, 2, 2]}, "moderators that vary"),
        ([1, 2, 3], [1, 1, 1], {"mods": [1, 2]}, "mods, mod1: found shape"),
        ([1, 2, 3], [1, 1, 1], {"mods": {"dose": [1, 2]}}, "mods, dose: found shape"),
        ([1, 2, 3], [1, 1, 1], {"mods": {"dose": [1, None, 2]}}, "mods, dose"),
    ],
)
def test_bad_input_gets_one_message(y, v, options, said) -> None:
    with pytest.raises(InputError, match=said):
        rma(y, v, **options)


def test_a_likelihood_highest_at_nothing_ends_at_nothing() -> None:
    fit = rma([-0.34, -7.55, 1.12], [0.031, 5.114, 4.082], method="ML")
    assert fit.tau2 == 0.0  # not the last point that a search between 0 and another came to
    assert "higher at 0," in fit.warnings[0]


def test_identical_effects_are_said_to_leave_hartung_and_knapp_nothing() -> None:
    y, v = [0.1 + 0.2, 0.3, 0.3, 0.3], [0.1, 0.2, 0.3, 0.1]
    fit = rma(y, v)
    assert fit.ci_high[0] - fit.ci_low[0] < 1e-12
    assert "the interval has no width" in fit.warnings[0]
    assert rma(y, v, test="adhoc").warnings == rma([0.3, 0.31, 0.3], v[:3]).warnings == ()
    assert math.isnan(rma(y, v, mods=[1.0, 2.0, 4.0, 5.0]).qm)


class _Frame(list[tuple[str, list[float]]]):
    """What of a pandas DataFrame counts here: columns by name, in two dimensions."""

    ndim = 2

    def items(self) -> list[tuple[str, list[float]]]:
        return list(self)

    def __array__(self, *_: object, **__: object) -> np.ndarray:
        return np.array([column for _, column in self]).T


def test_columns_of_a_data_frame_keep_their_names() -> None:
    frame = _Frame([("dose", list(range(7))), ("age", [1.0, 0, 0, 1, 2, 3, 1])])
    assert rma(YI, VI, mods=frame).names == ("intercept", "dose", "age")


@pytest.mark.parametrize(
    ("mods", "said"),
    [
        ({"a": ["x", 1.5, "y", "x", "y", "x", "y"]}, r"mods, a\[1\]: found 1.5; accepted: words"),
        ({"a": ["x", math.nan, *"yxyxy"]}, r"mods, a\[1\]: found nan"),
        ({"a": ["x", None, *"yxyxy"]}, r"mods, a\[1\]: found None"),
    ],
)
def test_a_factor_is_words_throughout(mods, said) -> None:
    with pytest.raises(InputError, match=said):
        rma(YI, VI, mods=mods)


def test_prediction_refuses_what_is_no_number() -> None:
    fit = rma(YI, VI, mods={"dose": np.arange(7.0)})
    for wrong in (["high"], [math.nan], [[1.0, 2.0]]):
        with pytest.raises(InputError, match="values of dose"):
            fit.predict(wrong)


@pytest.mark.parametrize("missing", [None, math.nan, " "])
def test_a_study_without_subgroup_is_refused(missing: object) -> None:
    with pytest.raises(InputError, match=r"by\[1\]: found no label"):
        subgroups(YI[:3], VI[:3], ["a", missing, "b"])


def test_subgroups_without_variance_have_no_test_between() -> None:
    found = subgroups([0.3, 0.3, 0.5, 0.5], [0.05, 0.1, 0.04, 0.1], list("aabb"))
    assert math.isnan(found.q_between)
    assert math.isnan(found.q_p)


def test_a_common_effect_is_tested_by_z_unless_another_test_is_asked_for() -> None:
    """Hartung and Knapp's variance of a common effect may lie below the sampling variance."""
    y, v = [0.30, 0.31, 0.29], [0.04, 0.04, 0.04]
    plain = rma(y, v, method="EE")
    assert (plain.test, plain.warnings) == ("z", ())
    assert plain.se[0] == pytest.approx(np.sqrt(0.04 / 3))
    asked = rma(y, v, method="EE", test="knha")
    assert asked.se[0] < 0.1 * plain.se[0]  # as metafor, which warns too
    assert "made for random effects" in asked.warnings[0]
    assert not any("made for random effects" in said for said in rma(y, v).warnings)
    assert egger(y, [0.01, 0.04, 0.09]).warnings == ()  # there on purpose


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("method", METHODS)
def test_effects_that_differ_by_next_to_nothing_leak_no_warning(method: str) -> None:
    fit = rma([0.0, 1e-160, 3e-160], [1e-11, 4.0, 2.0], method=method, test="z")
    assert fit.tau2 < 1e-300
    assert np.isfinite([fit.beta[0], fit.se[0], fit.i2]).all()
