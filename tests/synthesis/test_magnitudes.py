"""No finite numbers, however large, small or far apart, give a traceback, a NaN or a warning of
NumPy: a finite answer, or one InputError that says what is out of range."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synaptrial import synthesis
from synaptrial.domain.errors import InputError
from synaptrial.synthesis.effects import MEASURES
from synaptrial.synthesis.heterogeneity import METHODS
from synaptrial.synthesis.inference import TESTS
from synaptrial.synthesis.structures import STRUCTS

pytestmark = pytest.mark.filterwarnings("error")
MANY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)

# Mostly of one size, so that much is answered; some of any size.
SIZES = st.one_of(st.floats(-2, 2), st.floats(-20, 20), st.floats(-300, 300))
SIGNS = st.sampled_from([-1.0, 1.0])
POSITIVE = st.builds(lambda size, m: m * 10.0**size, SIZES, st.floats(1, 9))
ANY = st.one_of(st.just(0.0), st.builds(lambda sign, x: sign * x, SIGNS, POSITIVE))


def data(least: int = 1, most: int = 7) -> st.SearchStrategy[list[tuple[float, float]]]:
    """Effects and variances: of one unit, shifted by one offset, or each of any size."""
    near = st.builds(
        lambda unit, rows, offset: [((y + offset) * unit, v * unit**2) for y, v in rows],
        st.sampled_from([1e-12, 1e-3, 1.0, 1e6, 1e13]),
        st.lists(st.tuples(st.floats(-5, 5), st.floats(1e-5, 1e3)), min_size=least, max_size=most),
        st.sampled_from([0.0, 0.0, 1e3, 1e7]),
    )
    far = st.lists(st.tuples(ANY, POSITIVE), min_size=least, max_size=most)
    return st.one_of(near, near, far)


def answered(run: Callable[[], Any]) -> Any:
    """The result, or None where it was refused in words."""
    try:
        return run()
    except InputError as refused:
        assert "nan" not in str(refused).lower()
        return None


def numbers(result: Any, leave: tuple[str, ...] = ()) -> list[float]:
    """All numbers in the fields of a result but those named."""
    if result is None:
        return []
    found: list[float] = []
    for field in dataclasses.fields(result):
        value = getattr(result, field.name)
        if field.name in (*leave, "warnings", "caution", "problem", "peak", "contrasts"):
            continue
        if isinstance(value, bool | str | type(None)):
            continue
        if isinstance(value, int | float | np.ndarray | tuple | np.number):
            try:
                found += np.asarray(value, float).ravel().tolist()
            except (TypeError, ValueError):
                continue  # labels
    return found


def finite(result: Any, leave: tuple[str, ...] = ()) -> None:
    assert np.isfinite(numbers(result, leave)).all(), result


def unzip(rows: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    y, v = zip(*rows, strict=True)
    return list(y), list(v)


@MANY
@given(data(), st.sampled_from(METHODS), st.sampled_from(TESTS), st.floats(0.0, 1.0))
def test_rma(rows, method, test, level) -> None:
    y, v = unzip(rows)
    fit = answered(lambda: synthesis.rma(y, v, method=method, test=test, level=level))
    if fit is None:
        return
    # Without moderators, a degree of freedom or heterogeneity these do not exist.
    leave = ("qm", "qm_p", "qm_df", "r2", "df", "se_tau2", "pi_low", "pi_high", "prediction")
    still = ("tau2_ci", "i2_ci", "h2_ci") if len(y) == 1 else ()
    flat = ("stat", "p") if fit.se[0] == 0 else ()
    finite(fit, (*leave, *still, *flat))
    finite(fit.blup())
    assert fit.tau2 >= 0
    if len(y) > 1:
        alone = ("p", "se") if fit.se[0] == 0 else ()
        finite(answered(lambda: synthesis.leave_one_out(fit)), ("p", *alone))
        answered(lambda: synthesis.influence(fit))
        answered(lambda: synthesis.baujat(fit))
        answered(lambda: synthesis.cumulative(fit, range(len(y))))
        answered(lambda: synthesis.permutation_test(fit, iterations=64))
        answered(lambda: synthesis.trim_and_fill(fit))
        batch = answered(lambda: synthesis.rma_batch([y], [v], method=method, test=test))
        finite(batch)


@MANY
@given(data(2, 8))
def test_what_is_answered_is_right(rows) -> None:
    """Sums and products against exact fractions, however far apart the numbers are."""
    y, v = unzip(rows)
    fit = answered(lambda: synthesis.rma(y, v, method="DL", test="z"))
    common = answered(lambda: synthesis.rma(y, v, method="EE"))
    if fit is None or common is None:
        return
    ys, w = [Fraction(a) for a in y], [1 / Fraction(b) for b in v]
    total = sum(w)
    mean = sum(a * b for a, b in zip(w, ys, strict=True)) / total
    q = sum(a * (b - mean) ** 2 for a, b in zip(w, ys, strict=True))
    trace = total - sum(a * a for a in w) / total
    tau2 = max((q - (len(y) - 1)) / trace, Fraction(0))
    assert abs(common.beta[0] - mean) <= 1e-5 * common.se[0]
    assert common.qe == pytest.approx(float(q), rel=1e-9, abs=1e-5)
    # Q less its degrees of freedom may be all but 0: as near as Q is.
    assert fit.tau2 == pytest.approx(float(tau2), rel=1e-5, abs=1e-5 * float(len(y) / trace))
    assert fit.i2 == pytest.approx(float(100 * tau2 / (tau2 + (len(y) - 1) / trace)), abs=1e-2)


@MANY
@given(data(4, 9), st.sampled_from(METHODS), st.sampled_from(TESTS), st.lists(ANY, min_size=9,
       max_size=9))  # fmt: skip
def test_meta_regression(rows, method, test, mods) -> None:
    y, v = unzip(rows)
    run = lambda: synthesis.rma(y, v, mods=mods[: len(y)], method=method, test=test)  # noqa: E731
    fit = answered(run)
    if fit is not None and not any("exactly on the regression" in w for w in fit.warnings):
        finite(fit, ("qm_df", "df", "r2", "se_tau2", "pi_low", "pi_high"))
        answered(lambda: synthesis.influence(fit))


@MANY
@given(data(3, 9), st.lists(st.integers(0, 3), min_size=9, max_size=9),
       st.sampled_from(["REML", "ML"]), st.sampled_from(["z", "t"]), st.floats(-1, 1))  # fmt: skip
def test_several_effects_of_a_study(rows, study, method, test, rho) -> None:
    y, v = unzip(rows)
    label = study[: len(y)]
    covariance = answered(lambda: synthesis.impute_covariance(v, label, rho))
    for errors in (v, covariance):
        if errors is None:
            continue
        fit = answered(
            lambda errors=errors: synthesis.multilevel(
                y, errors, study=label, method=method, test=test
            )
        )
        still = ("qe", "qe_p", "i2") if fit and np.isnan(fit.qe) else ()
        finite(fit, ("df", "qm_df", "free", *still))
        if fit is not None and len(set(label)) > 1:
            assert not np.isnan(fit.sigma2_ci[fit.free]).any()
            for kind in ("CR0", "CR1", "CR2"):
                found = answered(lambda kind=kind, fit=fit: synthesis.robust(fit, kind=kind))
                assert found is None or np.isfinite(found.se).all() or found.warnings


@MANY
@given(data(6, 9), st.sampled_from(STRUCTS), st.sampled_from(["each", "one"]))
def test_several_outcomes(rows, struct, means) -> None:
    y, v = unzip(rows)
    k = len(y)
    fit = answered(
        lambda: synthesis.multivariate(
            y, v, study=[i // 2 for i in range(k)], outcome=[i % 2 for i in range(k)],
            struct=struct, means=means,
        )
    )  # fmt: skip
    finite(fit, ("df", "qm_df"))


@settings(MANY, max_examples=25)
@given(data(3, 8))
def test_small_studies(rows) -> None:
    y, v = unzip(rows)
    for run in (
        lambda: synthesis.egger(y, v), lambda: synthesis.egger(y, v, model="rma"),
        lambda: synthesis.peese(y, v),
    ):  # fmt: skip
        found = answered(run)
        for part in (found.limit, found.slope) if found else ():
            finite(part, ("stat", "p") if part.se == 0 and found.warnings else ())
    finite(answered(lambda: synthesis.rank_test(y, v)))
    finite(answered(lambda: synthesis.rosenthal(y, v)))
    finite(answered(lambda: synthesis.rosenberg(y, v)))


@settings(MANY, max_examples=20)
@given(data(3, 6), st.sampled_from(["greater", "less"]))
def test_selection(rows, alternative) -> None:
    y, v = unzip(rows)
    fit = answered(lambda: synthesis.selection_model(y, v, alternative=alternative))
    if fit is not None:
        assert np.isfinite([fit.beta, fit.tau2, fit.delta, fit.log_likelihood, fit.lrt_p]).all()
        assert math.isfinite(fit.se) or fit.warnings


@settings(MANY, max_examples=25)
@given(data(1, 5), POSITIVE, st.sampled_from(["HalfNormal", "HalfCauchy", "Uniform"]))
def test_bayes(rows, scale, prior) -> None:
    y, v = unzip(rows)
    fit = answered(lambda: synthesis.bayes_rma(y, v, tau_prior=getattr(synthesis, prior)(scale)))
    if fit is not None:
        found = [fit.mu.median, fit.tau.median, *fit.mu.central(), *fit.predictive.central(0.9),
                 fit.prob_mu_above_0]  # fmt: skip
        assert np.isfinite(found).all()
        assert fit.tau.central()[0] >= 0


@MANY
@given(data(3, 7), st.lists(st.sampled_from("abcd"), min_size=14, max_size=14))
def test_networks(rows, arms) -> None:
    y, v = unzip(rows)
    pairs = [(a, b) for a, b in zip(arms[:7], arms[7:], strict=True) if a != b][: len(y)]
    y, v = y[: len(pairs)], v[: len(pairs)]
    if not pairs:
        return
    one, other = zip(*pairs, strict=True)
    contrasts = answered(
        lambda: synthesis.pair_contrasts([str(i) for i in range(len(y))], one, other, y, v,
                                         reference=other[0])
    )  # fmt: skip
    if contrasts is None:
        return
    fit = answered(lambda: synthesis.network(contrasts))
    finite(fit)
    if fit is not None:
        finite(fit.league)
        answered(lambda: synthesis.inconsistency(fit))
        answered(lambda: synthesis.split_nodes(fit))


@MANY
@given(st.lists(st.tuples(st.integers(0, 3), ANY, POSITIVE, POSITIVE), min_size=2, max_size=6))
def test_arms_of_networks(rows) -> None:
    study, mean, sd, n = (list(column) for column in zip(*rows, strict=True))
    treatment = [f"t{i}" for i in range(len(rows))]
    found = answered(lambda: synthesis.arm_means(study, treatment, mean, sd, n, reference="t0"))
    finite(found)
    finite(answered(lambda: synthesis.arm_events(study, treatment, np.minimum(sd, n), n,
                                                 reference="t0")))  # fmt: skip


COUNT = st.one_of(st.integers(0, 40).map(float), POSITIVE.map(lambda x: float(np.floor(x))))
PARTS = {
    "m": ANY, "pre": ANY, "sd": POSITIVE, "sdpre": POSITIVE, "n": COUNT, "a": COUNT, "b": COUNT,
    "c": COUNT, "d": COUNT, "x": COUNT, "r": st.floats(-1, 1),
}  # fmt: skip
NAMES = {
    "SMD MD SMDH SMD1 ROM CVR D2ORN D2ORL": "m1i sd1i n1i m2i sd2i n2i", "VR": "sd1i n1i sd2i n2i",
    "MC SMCC SMCR SMCRH ROMC": "m1i sd1i m2i sd2i ni ri",
    "MCD SMCRD DPPC2": "pre1i sdpre1i m1i sd1i n1i pre2i sdpre2i m2i sd2i n2i ri",
    "OR RR RD AS PETO OR2DN OR2DL RTET": "ai bi ci di", "PR PLN PLO PAS PFT": "xi ni",
    "MN": "mi sdi ni", "ZCOR": "ri ni",
}  # fmt: skip
GIVEN = {m: names.split() for ms, names in NAMES.items() for m in ms.split()}


@settings(MANY, max_examples=400)
@given(st.sampled_from(MEASURES), st.data())
def test_effect_sizes(measure: str, draw: st.DataObject) -> None:
    part = {name: draw.draw(PARTS[name.rstrip("12i")]) for name in GIVEN[measure]}
    effect = answered(lambda: synthesis.effect_size(measure, **part))
    if effect is not None:
        known = math.isfinite(effect.yi) and math.isfinite(effect.vi)
        assert known or "no estimate" in effect.trace[-1]


@MANY
@given(ANY, ANY, POSITIVE, POSITIVE, st.floats(0, 1), COUNT, COUNT, st.floats(0, 1))
def test_conversions(one, two, positive, other, p, n, m, level) -> None:
    s = synthesis
    runs = (
        lambda: s.se_from_ci(ci_low=one, ci_high=two, level=level),
        lambda: s.se_from_ci(ci_low=one, ci_high=two, df=positive),
        lambda: s.se_from_t(yi=one, ti=two), lambda: s.se_from_f(yi=one, fi=positive),
        lambda: s.se_from_p(yi=one, pi=p), lambda: s.se_from_p(yi=one, pi=p, df=positive),
        lambda: s.sd_from_se(sei=positive, ni=n),
        lambda: s.sd_from_ci(ci_low=one, ci_high=two, ni=n, level=level),
        lambda: s.sd_from_difference_se(sei=positive, n1i=n, n2i=m),
        lambda: s.sd_of_change(sd1i=positive, sd2i=other, ri=2 * p - 1),
        lambda: s.correlation_from_change(sd1i=positive, sd2i=other, sd_change=abs(one)),
        lambda: s.mean_sd_from_quantiles(median=one, q1=one - positive, q3=one + other, ni=n).mean,
        lambda: s.mean_sd_from_quantiles(median=one, q1=one - positive, q3=one + other, ni=n).sd,
        lambda: s.combine_arms(ni=[n, m], mi=[one, two], sdi=[positive, other]).sd,
    )  # fmt: skip
    for run in runs:
        found = answered(run)
        assert found is None or np.isfinite(found.value).all()
    effects = (
        lambda: s.smd_from_test(n1i=n, n2i=m, ti=one),
        lambda: s.smd_from_test(n1i=n, n2i=m, fi=positive, sign=1),
        lambda: s.smd_from_test(n1i=n, n2i=m, pi=p, sign=-1),
        lambda: s.effect_from_estimate("MD", yi=one, sei=positive),
        lambda: s.effect_from_ratio("OR", ratio=positive, ci_low=abs(one), ci_high=abs(two)),
    )  # fmt: skip
    for run in effects:
        found = answered(run)
        if found is not None and not math.isfinite(found.vi):
            assert "no estimate" in found.trace[-1]


@MANY
@given(st.lists(st.tuples(COUNT, COUNT, COUNT, COUNT), min_size=1, max_size=5))
def test_pooled_tables(rows) -> None:
    a, b, c, d = (list(column) for column in zip(*rows, strict=True))
    for measure in ("OR", "RR", "RD"):
        run = lambda m=measure: synthesis.mantel_haenszel(ai=a, bi=b, ci=c, di=d, measure=m)  # noqa: E731
        finite(answered(run))
    finite(answered(lambda: synthesis.peto(ai=a, bi=b, ci=c, di=d)))
