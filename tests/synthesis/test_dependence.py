"""vcalc against contrasts of means whose covariances are written out."""

from __future__ import annotations

import numpy as np
import pytest

from synaptrial.domain.errors import InputError
from synaptrial.synthesis import impute_covariance, vcalc


def correlation(v: np.ndarray) -> np.ndarray:
    return v / np.sqrt(np.diag(v)[:, None] * np.diag(v))


def of_contrasts(groups, times, sizes, phi):
    """Correlations of differences of means, by a covariance of all the means that there are."""
    means = [(g, t, w) for part in zip(groups, times, sizes, strict=True)
             for g, t, w in zip(*part, strict=True)]  # fmt: skip
    of_means = np.array([
        [(g == h) * phi ** abs(t - s) / np.sqrt(w * u) for h, s, u in means] for g, t, w in means
    ])  # fmt: skip
    contrast = np.kron(np.eye(len(groups)), [1, -1])
    return correlation(contrast @ of_means @ contrast.T)


@pytest.mark.parametrize("phi", [0.0, 0.6, 1.0])
def test_groups_times_and_sizes_as_contrasts_of_means(phi):
    groups = [("a", "c"), ("b", "c"), ("c", "d"), ("a", "b"), ("a", "e")]
    times = [(1, 1), (1, 1), (2, 2), (3, 1), (2, 2)]
    sizes = [(20, 30), (25, 30), (30, 12), (20, 25), (20, 9)]
    v = np.array([0.1, 0.2, 0.15, 0.12, 0.3])
    (g1, g2), (t1, t2), (w1, w2) = (zip(*part, strict=True) for part in (groups, times, sizes))
    got = vcalc(v, cluster=[1] * 5, grp1=g1, grp2=g2, time1=t1, time2=t2, w1=w1, w2=w2, phi=phi)
    assert np.diag(got) == pytest.approx(v)
    assert correlation(got) == pytest.approx(of_contrasts(groups, times, sizes, phi), abs=1e-12)


def test_a_shared_group_of_equal_size_is_one_half_and_opposite_sides_are_minus_one_half():
    got = vcalc([1.0, 1.0, 1.0], cluster="xxx", grp1="abc", grp2="cca"[:2] + "d")
    assert got[0, 1] == pytest.approx(0.5)
    assert got[0, 2] == pytest.approx(-0.5)


def test_within_one_group_over_time():
    got = correlation(vcalc([1, 2], cluster="xx", grp1="aa", grp2="aa", time1=[2, 3],
                            time2=[1, 1], phi=0.8))  # fmt: skip
    assert got[0, 1] == pytest.approx((1 - 0.8 - 0.8**2 + 0.8) / np.sqrt(0.4 * 0.72))


def test_rho_of_scales_constructs_and_both():
    obs, kind, v = ["1", "2", "1", "3"], ["dep", "dep", "anx", "dep"], [0.1, 0.2, 0.3, 0.4]
    one = correlation(vcalc(v, cluster="xxxx", obs=obs, rho=0.6))
    assert one[0] == pytest.approx([1, 0.6, 1, 0.6])
    two = correlation(vcalc(v, cluster="xxxx", type=kind, rho=0.3))
    assert two[0] == pytest.approx([1, 1, 0.3, 1])
    both = correlation(vcalc(v, cluster="xxxx", obs=obs, type=kind, rho=(0.6, 0.3)))
    assert both[0] == pytest.approx([1, 0.6, 0.3, 0.6])
    pairs = {("2", "1"): 0.5, ("1", "3"): 0.4, ("2", "3"): 0.7}
    named = correlation(vcalc(v, cluster="xxxx", obs=obs, rho=pairs))
    assert named[0] == pytest.approx([1, 0.5, 1, 0.4])
    assert named[1, 3] == pytest.approx(0.7)


def test_parts_multiply_and_clusters_and_subgroups_stand_apart():
    options = {"obs": ["1", "2", "1", "1"], "rho": 0.5, "time1": [0, 3, 1, 0], "phi": 0.9}
    got = correlation(vcalc([1.0] * 4, cluster="xxxy", **options))
    assert got[0] == pytest.approx([1, 0.5 * 0.9**3, 0.9, 0])
    apart = vcalc([1.0] * 4, cluster="xxxy", subgroup=["m", "f", "m", "m"], **options)
    assert (apart[1, [0, 2, 3]] == 0).all()
    assert apart[0, 2] == pytest.approx(0.9)


def test_each_row_a_scale_of_its_own_is_the_imputed_covariance():
    v, study = [0.1, 0.2, 0.3, 0.4, 0.5], list("aabbb")
    got = vcalc(v, cluster=study, obs=range(5), rho=0.6)
    assert got == pytest.approx(impute_covariance(v, study, 0.6), rel=1e-12)


def test_two_effects_of_the_same_two_groups_are_singular_not_refused():
    got = vcalc([1.0, 4.0], cluster="xx", grp1="aa", grp2="bb")
    assert got == pytest.approx(np.array([[1, 2], [2, 4]]))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "none of them"),
        ({"obs": "12"}, "obs: found 2 labels"),
        ({"obs": "123"}, "rho: found none"),
        ({"obs": "123", "rho": 1.2}, "from -1 to 1"),
        ({"obs": "123", "rho": "high"}, "from -1 to 1"),
        ({"obs": "123", "rho": {("1", "2"): 0.4}}, r"rho: found no pair \('1', '3'\)"),
        ({"obs": "123", "type": "aab", "rho": 0.4}, "two: within"),
        ({"grp1": "abc", "rho": 0.4}, "also obs or type"),
        ({"time1": [1, 2, 3]}, "both, or neither"),
        ({"time1": [1, 2, 3], "phi": 1.5}, "from -1 to 1"),
        ({"time1": [1, 2.5, 3], "phi": -0.5}, "no whole numbers"),
        ({"grp1": "aac", "grp2": "abb"}, r"grp1\[0\]: found a group compared with itself"),
        ({"grp2": "abc", "obs": "123", "rho": 0.3}, "grp2, grp1"),
        ({"grp1": "abc", "w2": [1, 2, 3]}, "w2, w1"),
        ({"obs": "123", "rho": {("1", "2"): 0.9, ("1", "3"): 0.9, ("2", "3"): -0.9}},
         "not positive definite"),
    ],
)  # fmt: skip
def test_bad_input_is_told(change, said):
    with pytest.raises(InputError, match=said):
        vcalc([0.1, 0.2, 0.3], cluster="xxx", **change)
