"""Worked examples with a published answer, chains of conversions, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from synaptrial.domain.errors import InputError
from synaptrial.synthesis import effects as fx

MEANS: dict[str, Any] = {"m1i": 5, "sd1i": 2, "n1i": 20, "m2i": 4, "sd2i": 2, "n2i": 20}
PAIR: dict[str, Any] = {"m1i": 7.0, "sd1i": 2.38, "m2i": 6.5, "sd2i": 2.21, "ni": 10, "ri": 0.68}


def test_crossover_example_of_the_cochrane_handbook() -> None:
    """Version 5.1, section 16.4.6.4, as printed there to three digits."""
    md, smd = (fx.effect_from_crossover(m, **PAIR) for m in ("MD", "SMD"))
    assert (md.yi, round(float(md.sei), 3)) == (0.5, 0.583)
    assert (round(float(smd.yi), 3), round(float(smd.sei), 3)) == (0.218, 0.256)
    assert "period effects taken as absent" in " ".join(md.trace)


def test_first_period_is_a_parallel_trial() -> None:
    alone, parallel = fx.effect_from_first_period("SMD", **MEANS), fx.effect_size("SMD", **MEANS)
    assert (alone.yi, alone.vi) == (parallel.yi, parallel.vi)
    assert "first period only" in alone.trace[-1]


def test_change_scores_are_a_difference_of_changes() -> None:
    """MCD is MD of changes whose SDs come from the correlation."""
    end = {"m1i": 20, "sd1i": 10, "n1i": 30, "m2i": 28, "sd2i": 12, "n2i": 25}
    start = {"pre1i": 38, "sdpre1i": 7, "pre2i": 37, "sdpre2i": 8}
    one = fx.effect_from_pre_post("MCD", **end, **start, ri=0.5)
    sd1, sd2 = fx.sd_of_change(sd1i=10, sd2i=7, ri=0.5), fx.sd_of_change(sd1i=12, sd2i=8, ri=0.5)
    two = fx.effect_from_means("MD", m1i=-18, sd1i=sd1, n1i=30, m2i=-9, sd2i=sd2, n2i=25)
    assert (one.yi, one.vi) == (pytest.approx(two.yi), pytest.approx(two.vi))


def test_a_chain_of_conversions_keeps_every_step_once() -> None:
    group = fx.mean_sd_from_quantiles(median=20, q1=12, q3=26, ni=30)
    arms = fx.combine_arms(ni=[10, 15], mi=[28, 31], sdi=[9, 8])
    out = fx.effect_size(
        "SMD", m1i=group.mean, sd1i=group.sd, n1i=30, m2i=arms.mean, sd2i=arms.sd, n2i=arms.n
    )
    told = "\n".join(out.trace)
    for step in ("Luo", "Wan", "arms combined", "mean weighted by size", "Hedges 1981", "n = 25"):
        assert step in told
    assert told.count("q1 = 12") == 1 and told.count("arms combined") == 1
    assert out.trace[-1].startswith("yi = ")


def test_like_conversions_of_both_arms_are_both_told() -> None:
    sd1, sd2 = fx.sd_from_se(sei=1, ni=20), fx.sd_from_se(sei=2, ni=20)
    out = fx.effect_size("MD", **{**MEANS, "sd1i": sd1, "sd2i": sd2})
    assert "\n".join(out.trace).count("SD = SE sqrt(n)") == 2


def test_standard_error_and_variance_go_by_name() -> None:
    by_se, by_variance = (
        fx.effect_from_estimate("MD", yi=3, **x) for x in ({"sei": 2.0}, {"vi": 4.0})
    )
    assert by_se.vi == by_variance.vi == 4.0
    with pytest.raises(TypeError):
        fx.effect_from_estimate("MD", 3, 2.0)
    for wrong in ({}, {"sei": 1.0, "vi": 1.0}):
        with pytest.raises(InputError, match="sei, vi"):
            fx.effect_from_estimate("MD", yi=3, **wrong)


def test_ratio_with_its_interval_goes_to_the_log_scale() -> None:
    out = fx.effect_from_ratio("OR", ratio=0.5, ci_low=0.5 / np.e, ci_high=0.5 * np.e)
    assert out.yi == pytest.approx(np.log(0.5))
    assert out.sei == pytest.approx(1 / 1.959963984540054)
    assert "caution" not in " ".join(out.trace)


def test_an_estimate_off_the_middle_of_its_interval_is_said() -> None:
    out = fx.se_from_ci(yi=0.5, ci_low=0.2, ci_high=1.25)
    assert "off the middle" in " ".join(out.trace)


def test_an_uneven_summary_is_said() -> None:
    even = fx.mean_sd_from_quantiles(median=20, q1=15, q3=25, ni=40)
    uneven = fx.mean_sd_from_quantiles(median=16, q1=15, q3=25, ni=40)
    assert "caution" not in " ".join(even.mean.trace) and "caution" in " ".join(uneven.mean.trace)
    assert even.mean.value == pytest.approx(20)


def test_sd_from_the_standard_error_of_a_difference() -> None:
    md = fx.effect_size("MD", **MEANS)
    sd = fx.sd_from_difference_se(sei=md.sei, n1i=20, n2i=20)
    assert sd.value == pytest.approx(2.0)


def test_events_of_arms_are_summed() -> None:
    events, people = fx.combine_events(xi=[3, 4], ni=[10, 12])
    assert (events.value, people.value) == (7, 22)


@pytest.mark.parametrize(
    ("add", "to", "expected"),
    [(0.5, "only0", [0.5, 2.0]), (0.5, "all", [0.5, 2.5]), (0.5, "if0all", [0.5, 2.5]),
     (1.0, "only0", [1.0, 2.0])],
)  # fmt: skip
def test_what_is_added_where(add: float, to: str, expected: list[float]) -> None:
    out = fx.effect_from_tables("RD", ai=[0, 2], n1i=[9, 9], ci=[3, 3], n2i=[9, 9], add=add, to=to)
    extra = np.array([add, add if to != "only0" else 0.0])
    by_hand = np.array(expected) / (9 + 2 * extra) - (3 + extra) / (9 + 2 * extra)
    np.testing.assert_allclose(out.yi, by_hand, rtol=1e-12)


def test_nothing_added_leaves_no_ratio_where_a_cell_is_empty() -> None:
    out = fx.effect_from_tables("RR", ai=[0, 2], n1i=[9, 9], ci=[3, 3], n2i=[9, 9], to="none")
    assert np.isnan(np.asarray(out.yi)[0]) and np.isnan(np.asarray(out.vi)[0])
    assert "index 0" in out.trace[-1]


REFUSED: dict[str, tuple[str, Callable[[], object]]] = {
    "sd of 0": (r"sd1i\[1\]: found 0", lambda: fx.effect_size("MD", **MEANS | {"sd1i": [1, 0]})),
    "one person": ("n2i: found 1", lambda: fx.effect_size("MD", **MEANS | {"n2i": 1})),
    "not a number": (r"m1i\[0\]: found nan",
                     lambda: fx.effect_size("MD", **MEANS | {"m1i": [np.nan, 1]})),
    "text": ("m1i: found 'low'", lambda: fx.effect_size("MD", **MEANS | {"m1i": "low"})),
    "lengths": ("lengths", lambda: fx.effect_size("MD", **MEANS | {"m1i": [1, 2], "m2i": [1] * 3})),
    "two axes": ("shape", lambda: fx.effect_size("MD", **MEANS | {"m1i": [[1, 2]]})),
    "no means": ("m1i: found nothing",
                 lambda: fx.effect_from_means("MD", sd1i=1, n1i=9, sd2i=1, n2i=9)),
    "unknown measure": ("measure: found 'G'", lambda: fx.effect_size("G", **MEANS)),
    "unknown number": ("sd3i", lambda: fx.effect_size("MD", **MEANS, sd3i=1)),
    "unknown variance": ("vtype", lambda: fx.effect_size("SMD", **MEANS, vtype="HO")),
    "ratio over the sign": ("m1i: found -5",
                            lambda: fx.effect_size("ROM", **MEANS | {"m1i": -5})),
    "correlation of 1": ("ri: found 1", lambda: fx.effect_size("MC", **PAIR | {"ri": 1.0})),
    "no second sd": ("sd2i: found nothing",
                     lambda: fx.effect_from_pairs("MC", m1i=1, m2i=2, sd1i=1, ni=9, ri=0.5)),
    "interval turned": ("ci_high", lambda: fx.se_from_ci(ci_low=2, ci_high=1)),
    "interval elsewhere": ("yi: found 5", lambda: fx.se_from_ci(yi=5, ci_low=1, ci_high=2)),
    "level in percent": ("level: found 95", lambda: fx.se_from_ci(ci_low=1, ci_high=2, level=95)),
    "t of 0": ("ti: found 0", lambda: fx.se_from_t(yi=1, ti=0)),
    "t of the other sign": ("ti: found -2", lambda: fx.se_from_t(yi=1, ti=-2)),
    "p of 0": ("pi: found 0", lambda: fx.se_from_p(yi=1, pi=0.0)),
    "p without a sign": ("sign: found nothing", lambda: fx.smd_from_test(pi=0.1, n1i=9, n2i=9)),
    "t with a sign": ("sign", lambda: fx.smd_from_test(ti=2, n1i=9, n2i=9, sign=-1)),
    "t and p": ("ti, fi, pi", lambda: fx.smd_from_test(ti=2, pi=0.1, n1i=9, n2i=9)),
    "change too spread": ("sd_change",
                          lambda: fx.correlation_from_change(sd1i=1, sd2i=2, sd_change=4)),
    "median alone": ("median alone", lambda: fx.mean_sd_from_quantiles(median=3, ni=20)),
    "half a range": ("maximum: found nothing",
                     lambda: fx.mean_sd_from_quantiles(median=3, minimum=1, ni=20)),
    "out of order": ("q3: found 2",
                     lambda: fx.mean_sd_from_quantiles(median=3, q1=1, q3=2, ni=20)),
    "more events than people": ("ai: found 12",
                                lambda: fx.effect_size("OR", ai=12, n1i=9, ci=1, n2i=9)),
    "sizes that disagree": ("n1i: found 9",
                            lambda: fx.effect_size("OR", ai=1, bi=3, n1i=9, ci=1, n2i=9)),
    "no sizes": ("n2i: found nothing", lambda: fx.effect_size("OR", ai=1, bi=3, ci=1)),
    "negative count": ("ci: found -1", lambda: fx.effect_size("OR", ai=1, n1i=9, ci=-1, n2i=9)),
    "one arm": ("one arm", lambda: fx.combine_arms(ni=[9], mi=[1], sdi=[1])),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_refused_by_name(case: str) -> None:
    message, act = REFUSED[case]
    with pytest.raises(InputError, match=message):
        act()
