"""Power of the published trials, and the information that is still needed."""

from __future__ import annotations

from dataclasses import dataclass

from synaptrial.review.case import Case
from synaptrial.review.claims import PublishedQuery
from synaptrial.review.pooling import Pool
from synaptrial.review.power import (
    detectable,
    exaggeration,
    needed_total,
    power,
    wrong_sign,
)
from synaptrial.review.published import published_pools
from synaptrial.review.sizes import TrialPair, trial_pairs
from synaptrial.synthesis import rma

WANTED = 0.9
OVERALL = PublishedQuery(outcome="PTSD symptoms", time_note="all")


@dataclass(frozen=True)
class Assumed:
    """A true effect, SD, that power is computed for, and where it comes from."""

    key: str
    what: str
    d: float


@dataclass(frozen=True)
class TrialPower:
    """One trial under one assumed effect; `detectable`: the effect for 80% power."""

    pair: TrialPair
    assumed: Assumed
    power: float
    exaggeration: float
    wrong_sign: float
    detectable: float


@dataclass(frozen=True)
class Information:
    """Patients in all for the wanted power under an assumed effect, without and with allowance for
    diversity between trials; `accrued`: patients in the trials whose effects were read."""

    assumed: Assumed
    needed: int
    diversity: float | None
    adjusted: int | None
    accrued: int


def assumed_effects(case: Case, own: Pool | None) -> tuple[Assumed, ...]:
    """The published pooled effects over all times, and ours; only those above zero."""
    published = [
        Assumed(p.row, f"{p.source}: {p.outcome}, {p.control} control", p.interval.estimate)
        for p in published_pools(case.tables, (OVERALL,))
    ]
    if own:
        what = "pooled here" if own.k > 1 else "one trial, not pooled"
        published.append(Assumed("own", f"{what}, k = {own.k}", own.interval.estimate))
    return tuple(a for a in published if a.d > 0)


def power_table(case: Case, assumed: tuple[Assumed, ...]) -> tuple[TrialPower, ...]:
    """Every trial whose arms' sizes were read, under every assumed effect; two-sided 0.05. A
    crossover by its first period."""
    pairs, _ = trial_pairs(case.tables)
    return tuple(_of(pair, a) for pair in pairs for a in assumed)


def _of(pair: TrialPair, a: Assumed) -> TrialPower:
    n = pair.n_drug, pair.n_control
    return TrialPower(
        pair, a, power(a.d, *n), exaggeration(a.d, *n), wrong_sign(a.d, *n), detectable(*n)
    )


def information(assumed: tuple[Assumed, ...], own: Pool | None) -> tuple[Information, ...]:
    """Required information size at 90% power: as of one trial, times 1 / (1 - D2) with diversity
    D2 = 1 - (fixed variance / random variance) of our pool (Wetterslev and others 2009,
    doi 10.1186/1471-2288-9-86)."""
    diversity = _diversity(own) if own else None
    accrued = sum(sum(e.n) for e in own.effects) if own else 0
    out = []
    for a in assumed:
        needed = needed_total(a.d, WANTED)
        adjusted = round(needed / (1 - diversity)) if diversity is not None else None
        out.append(Information(a, needed, diversity, adjusted, accrued))
    return tuple(out)


def _diversity(own: Pool) -> float | None:
    if own.fit is None:
        return None
    fixed = rma(own.fit.yi, own.fit.vi, method="EE", test="z")
    random = rma(own.fit.yi, own.fit.vi, method=own.fit.method, test="z")
    return float(1 - (fixed.se[0] / random.se[0]) ** 2)
