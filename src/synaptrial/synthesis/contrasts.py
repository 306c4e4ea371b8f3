"""Contrasts between the arms of trials, with the covariances that a shared arm brings.

A trial of n arms gives n - 1 contrasts against one of its arms: the reference treatment where the
trial has it, else the arm that is listed first. Two contrasts share the variance of that arm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.arrays import (
    VARIANCES,
    Array,
    check_range,
    floats,
    labelled,
    too_large,
    variances,
)

TOLERANCE = 0.01  # of a standard error; pairs of one trial may disagree by that much


@dataclass(frozen=True)
class Contrasts:
    """k contrasts t1 - t2: labels (k,), yi (k,), covariances v (k, k), 0 between trials."""

    study: tuple[str, ...]
    t1: tuple[str, ...]
    t2: tuple[str, ...]
    yi: Array
    v: Array
    reference: str

    @property
    def treatments(self) -> tuple[str, ...]:
        """All treatments, in alphabetical order."""
        return tuple(sorted({*self.t1, *self.t2}))

    @property
    def arms(self) -> Array:
        """Which arms a contrast joins (k, T): 1 for t1, -1 for t2."""
        names = np.array(self.treatments)
        return np.subtract(
            np.array(self.t1)[:, None] == names, np.array(self.t2)[:, None] == names, dtype=float
        )


def arm_means(
    study: Sequence[str],
    treatment: Sequence[str],
    mean: ArrayLike,
    sd: ArrayLike,
    n: ArrayLike,
    *,
    reference: str,
) -> Contrasts:
    """Mean differences from arms, one row an arm in any order; sd (not se) and n above 0."""
    spread, size = floats("sd", sd, positive=True), floats("n", n, positive=True)
    if spread.size != size.size:
        raise InputError("n", f"{size.size} values", f"{spread.size}, one for each arm")
    return arm_contrasts(study, treatment, mean, spread**2 / size, reference=reference)


def arm_events(
    study: Sequence[str],
    treatment: Sequence[str],
    events: ArrayLike,
    n: ArrayLike,
    *,
    reference: str,
    measure: Literal["OR", "RR", "RD"] = "OR",
) -> Contrasts:
    """Log odds ratios, log risk ratios or risk differences from arms, one row an arm.

    events of n patients. In a trial with an empty cell, 1/2 is added to each cell of each arm.
    """
    some, size = floats("events", events), floats("n", n, positive=True)
    _check_counts(some, size)
    labels = np.array(labelled("study", study))
    _same_length(labels.size, some.size, "events")
    empty = set(labels[(some == 0) | (some == size)])
    half = np.where(np.isin(labels, sorted(empty)), 0.5, 0.0)
    some, other = some + half, size - some + half
    total = some + other
    if measure == "OR":
        estimate, variance = np.log(some / other), 1 / some + 1 / other
    elif measure == "RR":
        estimate, variance = np.log(some / total), 1 / some - 1 / total
    elif measure == "RD":
        estimate, variance = some / total, some * other / total**3
    else:
        raise InputError("measure", measure, "OR, RR or RD")
    return arm_contrasts(study, treatment, estimate, variance, reference=reference)


def _check_counts(some: Array, size: Array) -> None:
    _same_length(some.size, size.size, "n")
    wrong = (some < 0) | (some > size)
    if wrong.any():
        i = int(np.argmax(wrong))
        raise InputError(f"events[{i}]", f"{some[i]:g}", f"0 to n, which is {size[i]:g}")


def _same_length(one: int, other: int, where: str) -> None:
    if one != other:
        raise InputError(where, f"{other} values", f"{one}, one for each arm")


def arm_contrasts(
    study: Sequence[str],
    treatment: Sequence[str],
    estimate: ArrayLike,
    variance: ArrayLike,
    *,
    reference: str,
) -> Contrasts:
    """Contrasts from an estimate and its sampling variance for each arm, one row an arm.

    Raises InputError for a trial with one arm, or with two arms of one treatment.
    """
    y, s = floats("estimate", estimate), variances("variance", variance)
    _same_length(y.size, s.size, "variance")
    check_range(y, s)
    _same_length(y.size, len(study), "study")
    _same_length(y.size, len(treatment), "treatment")
    treatments = labelled("treatment", treatment)
    trials = [
        _trial(name, [treatments[i] for i in rows], y[rows], s[rows], reference)
        for name, rows in _by_study(study).items()
    ]
    return _joined(trials, reference)


def pair_contrasts(
    study: Sequence[str],
    t1: Sequence[str],
    t2: Sequence[str],
    yi: ArrayLike,
    v: ArrayLike,
    *,
    reference: str,
) -> Contrasts:
    """Contrasts t1 - t2 as reported.

    v (k, k): covariances; a trial of n arms then has n - 1 contrasts, none the sum of others.
    v (k,): variances; a trial of n > 2 arms must then have all n (n - 1) / 2 pairs, from which the
    variances of its arms follow (as in R's netmeta). Raises InputError for anything else.
    """
    y, matrix = floats("yi", yi), np.asarray(v, dtype=np.float64)
    for where, labels in (("study", study), ("t1", t1), ("t2", t2)):
        _same_length(y.size, len(labels), where)
    t1, t2 = labelled("t1", t1), labelled("t2", t2)
    if matrix.ndim == 2:
        return _with_covariances(study, t1, t2, y, matrix, reference)
    s = variances("v", matrix)
    _same_length(y.size, s.size, "v")
    check_range(y, s)
    trials = []
    for name, rows in _by_study(study).items():
        pairs = [(t1[i], t2[i]) for i in rows]
        arms, estimate, variance = _arms_of_pairs(name, pairs, y[rows], s[rows])
        trials.append(_trial(name, arms, estimate, variance, reference))
    return _joined(trials, reference)


def _by_study(study: Sequence[str]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for i, name in enumerate(labelled("study", study)):
        rows.setdefault(name, []).append(i)
    return rows


def _trial(name: str, arms: list[str], y: Array, s: Array, reference: str) -> Contrasts:
    """Contrasts of one trial against its base arm."""
    if len(arms) < 2:
        raise InputError(f"study {name}", f"one arm, {arms[0]}", "two arms or more")
    twice = sorted({a for a in arms if arms.count(a) > 1})
    if twice:
        advice = "Merge these arms, or name them as different treatments"
        raise InputError(f"study {name}", f"{twice[0]} twice", "each treatment once", advice)
    base = arms.index(reference) if reference in arms else 0
    rest = [i for i in range(len(arms)) if i != base]
    m = len(rest)
    return Contrasts(
        study=(name,) * m,
        t1=tuple(arms[i] for i in rest),
        t2=(arms[base],) * m,
        yi=y[rest] - y[base],
        v=np.diag(s[rest]) + s[base],
        reference=reference,
    )


def _joined(trials: Sequence[Contrasts], reference: str) -> Contrasts:
    size = [len(t.study) for t in trials]
    v, at = np.zeros((sum(size),) * 2), 0
    for trial, m in zip(trials, size, strict=True):
        v[at : at + m, at : at + m] = trial.v
        at += m
    return Contrasts(
        study=tuple(s for t in trials for s in t.study),
        t1=tuple(s for t in trials for s in t.t1),
        t2=tuple(s for t in trials for s in t.t2),
        yi=np.concatenate([t.yi for t in trials]),
        v=v,
        reference=reference,
    )


def _arms_of_pairs(
    name: str, pairs: list[tuple[str, str]], y: Array, s: Array
) -> tuple[list[str], Array, Array]:
    """Arms of a trial in order of first mention, with estimates against the first of t2 and the
    arms' variances, from all its pairs."""
    arms = list(dict.fromkeys([pairs[0][1], *(a for pair in pairs for a in pair)]))
    wanted = {frozenset(pair) for pair in combinations(arms, 2)}
    if {frozenset(p) for p in pairs} != wanted or len(pairs) != len(wanted):
        raise InputError(
            f"study {name}",
            f"{len(pairs)} contrasts with variances alone for {len(arms)} arms",
            f"all {len(wanted)} pairs once each, or v as a matrix of covariances",
        )
    sign = np.array([[(a == t1) - (a == t2) for a in arms] for t1, t2 in pairs], dtype=float)
    estimate = np.append(0.0, np.linalg.lstsq(sign[:, 1:], y, rcond=None)[0])
    variance = np.linalg.lstsq(np.abs(sign), s, rcond=None)[0]
    off = np.abs(sign @ estimate - y) > TOLERANCE * np.sqrt(s)
    if off.any() or (np.abs(np.abs(sign) @ variance - s) > TOLERANCE * s).any():
        accepted = "pairs that agree, with variances that are sums over two arms"
        raise InputError(f"study {name}", "pairs that contradict each other", accepted)
    if (variance <= 0).any():
        accepted = "variances of pairs that are sums of two positive variances"
        raise InputError(f"study {name}", "an arm of negative variance", accepted)
    return arms, estimate, variance


def _with_covariances(
    study: Sequence[str], t1: Sequence[str], t2: Sequence[str], y: Array, v: Array, reference: str
) -> Contrasts:
    square = v.shape == (y.size, y.size) and np.isfinite(v).all()
    if not square or not np.allclose(v, v.T, rtol=1e-8, atol=0) or (np.diag(v) <= 0).any():
        raise InputError("v", f"shape {v.shape}", f"symmetric covariances, ({y.size}, {y.size})")
    too_large("v", v, VARIANCES[1])
    check_range(y, np.diag(v))
    names = tuple(labelled("study", study))
    given = Contrasts(names, tuple(t1), tuple(t2), y, v, reference)
    if (v[np.array(names)[:, None] != np.array(names)] != 0).any():
        raise InputError("v", "covariance between trials", "0 between different trials")
    for name, rows in _by_study(names).items():
        _check_trial(name, given.arms[rows], v[np.ix_(rows, rows)])
    return given


def _check_trial(name: str, arms: Array, v: Array) -> None:
    n_arms = int(np.sum((arms != 0).any(axis=0)))
    if len(arms) != n_arms - 1 or np.linalg.matrix_rank(arms) < len(arms):
        raise InputError(
            f"study {name}",
            f"{len(arms)} contrasts of {n_arms} arms",
            "one less than arms, none the sum of others",
        )
    if np.linalg.eigvalsh(v)[0] <= 0:
        raise InputError(f"study {name}", "covariances not positive definite", "covariances")
