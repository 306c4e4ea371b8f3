import numpy as np
import pytest

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.contrasts import arm_contrasts, arm_events, arm_means, pair_contrasts

STUDY = ["one", "two", "one", "two", "one", "two", "two"]
ARM = ["b", "d", "ref", "c", "a", "a", "b"]
MEAN = np.array([1.0, 2.0, 0.5, 4.0, 3.0, 2.5, 7.0])
SD = np.array([2.0, 1.0, 3.0, 2.0, 1.5, 2.5, 1.0])
N = np.array([20, 25, 30, 16, 9, 25, 50])


def test_arms_of_trials_with_three_and_four_arms():
    got = arm_means(STUDY, ARM, MEAN, SD, N, reference="ref")
    assert got.study == ("one",) * 2 + ("two",) * 3
    # The reference is the base where a trial has it, else the arm that is listed first.
    assert got.t2 == ("ref",) * 2 + ("d",) * 3 and got.t1 == ("b", "a", "c", "a", "b")
    assert got.yi == pytest.approx([0.5, 2.5, 2.0, 0.5, 5.0])
    s = SD**2 / N
    want = np.zeros((5, 5))
    want[:2, :2] = np.diag(s[[0, 4]]) + s[2]
    want[2:, 2:] = np.diag(s[[3, 5, 6]]) + s[1]
    assert got.v == pytest.approx(want)
    assert got.treatments == ("a", "b", "c", "d", "ref")
    assert got.arms[0].tolist() == [0, 1, 0, 0, -1]


@pytest.mark.parametrize(
    ("measure", "y", "v"),
    [
        ("OR", np.log(4 * 8 / (6 * 2)), 1 / 4 + 1 / 6 + 1 / 2 + 1 / 8),
        ("RR", np.log(4 / 2), 1 / 4 - 1 / 10 + 1 / 2 - 1 / 10),
        ("RD", 0.2, 0.4 * 0.6 / 10 + 0.2 * 0.8 / 10),
    ],
)
def test_arms_with_events(measure, y, v):
    got = arm_events(["s", "s"], ["a", "b"], [4, 2], [10, 10], reference="b", measure=measure)
    assert got.yi[0] == pytest.approx(y) and got.v[0, 0] == pytest.approx(v)


def test_an_empty_cell_moves_its_own_trial_only():
    got = arm_events(["s", "s", "t", "t"], ["a", "b"] * 2, [0, 2, 4, 2], [10] * 4, reference="b")
    assert got.yi[0] == pytest.approx(np.log(0.5 * 8.5 / (10.5 * 2.5)))
    assert got.yi[1] == pytest.approx(np.log(4 * 8 / (6 * 2)))


def all_pairs():
    """The arms above as every pair of each trial, with variances alone."""
    s, rows = SD**2 / N, []
    for name in ("one", "two"):
        i = [k for k in range(7) if STUDY[k] == name]
        rows += [
            (name, ARM[a], ARM[b], MEAN[a] - MEAN[b], s[a] + s[b]) for a in i for b in i if a < b
        ]
    return [list(column) for column in zip(*rows, strict=True)]


def test_all_pairs_give_the_arms():
    want = arm_means(STUDY, ARM, MEAN, SD, N, reference="ref")
    got = pair_contrasts(*all_pairs(), reference="ref")
    sign = {(s, t): i for i, (s, t) in enumerate(zip(want.study, want.t1, strict=True))}
    assert set(got.study) == {"one", "two"} and len(got.yi) == 5
    rows = [i for i, s in enumerate(got.study) if s == "one"]
    place = [sign["one", got.t1[i]] for i in rows]
    assert got.yi[rows] == pytest.approx(want.yi[place])
    assert got.v[np.ix_(rows, rows)] == pytest.approx(want.v[np.ix_(place, place)])


def test_two_arms_may_be_written_either_way():
    got = pair_contrasts(["s", "t"], ["a", "b"], ["b", "a"], [1, -2], [0.1, 0.2], reference="b")
    assert got.yi.tolist() == [1, 2] and got.t2 == ("b", "b")
    assert np.diag(got.v) == pytest.approx([0.1, 0.2])


def changed(i, value):
    columns = all_pairs()
    columns[i][0] = value
    return columns


@pytest.mark.parametrize(
    ("call", "where"),
    [
        (lambda: arm_contrasts(["s"], ["a"], [1], [1], reference="a"), "study s: found one arm"),
        (lambda: arm_contrasts(["s"] * 2, ["a"] * 2, [1, 2], [1, 1], reference="a"), "a twice"),
        (lambda: arm_contrasts(["s"] * 2, ["a"], [1, 2], [1, 1], reference="a"), "treatment"),
        (lambda: arm_means(["s"] * 2, "ab", [1, 2], [1, 0], [9, 9], reference="a"), r"sd\[1\]"),
        (lambda: arm_means(["s"] * 2, "ab", [1, 2], [1, 1], [9], reference="a"), "n: found 1"),
        (lambda: arm_events(["s"] * 2, "ab", [1, 9], [9, 8], reference="a"), r"events\[1\]"),
        (
            lambda: arm_events(["s"] * 2, "ab", [1, 2], [9, 9], reference="a", measure="HR"),
            "measure",
        ),
        (lambda: pair_contrasts(*changed(3, 9.0), reference="a"), "contradict"),
        (lambda: pair_contrasts(*changed(4, 50.0), reference="a"), "negative variance"),
        (lambda: pair_contrasts(*changed(0, "three"), reference="a"), "2 contrasts with variances"),
        (
            lambda: pair_contrasts(["s"] * 2, "ab", "cc", [1, 2], np.ones((2, 2)), reference="c"),
            "not positive definite",
        ),
        (
            lambda: pair_contrasts(["s"] * 2, "ab", "cd", [1, 2], np.eye(2), reference="c"),
            "2 contrasts of 4 arms",
        ),
        (
            lambda: pair_contrasts(["s", "t"], "ab", "cc", [1, 2], [[2, 1], [1, 2]], reference="c"),
            "covariance between trials",
        ),
    ],
)
def test_bad_input_is_told(call, where):
    with pytest.raises(InputError, match=where):
        call()


def test_an_arm_without_treatment_is_refused():
    with pytest.raises(InputError, match=r"treatment\[1\]: found no label"):
        arm_means(["1", "1"], ["A", None], [1.0, 2.0], [1.0, 1.0], [9, 9], reference="A")
