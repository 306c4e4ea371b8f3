"""GRADE: what numbers can say of the five domains, and the certainty once a person has rated them.

Imprecision and inconsistency are rated by the rules below, which a person's entry overrides. The
share of weight at high risk of bias and a small-study test inform two domains that only a person
rates; indirectness is a person's alone. There is no certainty before all five have a rating.

Sources: Cochrane Handbook for Systematic Reviews of Interventions, chapters 14 (domains, levels),
10 (prediction intervals, limits of I2) and 13 (ten studies for a small-study test); Guyatt GH et
al. GRADE guidelines 6: imprecision. J Clin Epidemiol 2011;64:1283-1293 (optimal information size).
The step from an interval to a rating is our reading of them, and each reason says what it rests on.

Estimates, intervals and the threshold are on one scale where 0 is no effect (logarithms for
ratios). The threshold is the smallest effect that the reader would act on; the reader chooses it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import NormalDist
from typing import Literal, get_args

from pydantic import Field

from synaptrial.domain.document import Document
from synaptrial.domain.errors import InputError

Domain = Literal["risk_of_bias", "inconsistency", "indirectness", "imprecision", "publication_bias"]
Rating = Literal["not serious", "serious", "very serious"]
Level = Literal["high", "moderate", "low", "very low"]

DOMAINS: tuple[Domain, ...] = get_args(Domain)
LEVELS: tuple[Level, ...] = get_args(Level)
STEPS: Mapping[str, int] = {rating: k for k, rating in enumerate(get_args(Rating))}
FEWEST_STUDIES = 10  # for a test of small-study effects
SMALL_STUDY_P = 0.10  # ours: such tests have little power, hence not 0.05


@dataclass(frozen=True)
class Finding:
    """What numbers say of a domain. rating: None where only a person can rate it."""

    domain: Domain
    rating: Rating | None
    reason: str


class Judgement(Document):
    """A person's rating of one domain, with who, when and why."""

    domain: Domain
    rating: Rating
    reason: str = Field(pattern=r"\S")
    rated_by: str = Field(pattern=r"\S")
    rated_on: date


@dataclass(frozen=True)
class Certainty:
    """level: None until no domain is `missing`. ratings: domain -> rating and its reason."""

    level: Level | None
    ratings: Mapping[Domain, tuple[Rating, str]]
    missing: tuple[Domain, ...]


def optimal_information_size(
    difference: float, sd: float = 1.0, alpha: float = 0.05, power: float = 0.8
) -> int:
    """People in two equal arms that one trial would need for a difference in means.

    ``difference`` and ``sd`` share a unit; for a standardised difference ``sd`` is 1. Formula:
    n = 4 sd^2 (z(1 - alpha/2) + z(power))^2 / difference^2.
    Raises InputError for a difference of 0.
    """
    if difference == 0 or not math.isfinite(difference) or not sd > 0:
        found = f"difference {difference:g}, sd {sd:g}"
        raise InputError("optimal information size", found, "a difference other than 0, sd above 0")
    z = NormalDist().inv_cdf
    return math.ceil(4 * (sd * (z(1 - alpha / 2) + z(power)) / difference) ** 2)


def imprecision(
    ci_low: float, ci_high: float, threshold: float, n: int, optimal_n: int, ratio: bool = False
) -> Finding:
    """Confidence interval against an effect that matters, either way, and the information size.

    Very serious: the interval holds both an important benefit and an important harm. Serious: it
    holds one of the two limits, or fewer people than ``optimal_n`` took part. ``ratio``: interval
    and threshold are logarithms, and the reason tells the ratios.
    """
    held = _held(ci_low, ci_high, threshold)
    size = f"{n} people of {optimal_n} that one adequate trial would need"
    interval = f"the 95% interval {_told(ci_low, ratio)} to {_told(ci_high, ratio)}"
    if len(held) == 2:
        reason = (
            f"{interval} holds both {_listed(held, ratio)}: important effects either way; {size}"
        )
        return Finding("imprecision", "very serious", reason)
    if held:
        reason = f"{interval} holds the threshold {_listed(held, ratio)}; {size}"
        return Finding("imprecision", "serious", reason)
    both = _listed((-abs(threshold), abs(threshold)), ratio)
    reason = f"{interval} holds neither {both.replace(' and ', ' nor ')}; {size}"
    return Finding("imprecision", "serious" if n < optimal_n else "not serious", reason)


def inconsistency(
    ci: tuple[float, float],
    pi: tuple[float, float] | None,
    threshold: float,
    tau2: float,
    i2: float,
    k: int,
    ratio: bool = False,
) -> Finding:
    """Does the range of true effects reach where the mean effect does not?

    Rated by the limits (threshold and its mirror) that the 95% prediction interval holds and the
    confidence interval does not: one is serious, two are very serious. I2 is told, not used: it
    grows with the size of the studies. Without a prediction interval there is no rating.
    ``ratio`` as in `imprecision`; tau is that of the logarithms.
    """
    spread = f"tau {math.sqrt(tau2):.3g}, I2 {i2:.0f}%, {_studies(k)}"
    if pi is None or not all(map(math.isfinite, pi)):
        return Finding("inconsistency", None, f"no prediction interval; {spread}")
    beyond = [t for t in _held(*pi, threshold) if not ci[0] < t < ci[1]]
    rating: tuple[Rating, ...] = get_args(Rating)
    reach = f"reaches {_listed(beyond, ratio)}" if beyond else "reaches no threshold"
    reason = (
        f"the 95% prediction interval {_told(pi[0], ratio)} to {_told(pi[1], ratio)} {reach} beyond"
        f" the confidence interval {_told(ci[0], ratio)} to {_told(ci[1], ratio)}; {spread}"
    )
    return Finding("inconsistency", rating[len(beyond)], reason)


def publication_bias(k: int, p: float | None) -> Finding:
    """A test of small-study effects, as far as it goes: a person rates the domain.

    p: of the test; it is not looked at below ten studies.
    """
    if k < FEWEST_STUDIES:
        reason = f"not assessable by a test of small-study effects: {_studies(k)}, fewer than 10"
    elif p is None:
        reason = "no test of small-study effects was given"
    elif p < SMALL_STUDY_P:
        reason = f"small studies show other effects than large ones (p = {p:.2g}, {k} studies)"
    else:
        reason = f"no small-study effect detected (p = {p:.2g}, {k} studies), which excludes none"
    return Finding("publication_bias", None, reason)


def bias_share(weights: Sequence[float], judgements: Sequence[str]) -> Finding:
    """Share of the weight that comes from studies at high risk of bias: a person rates the domain.

    weights (k,): of the analysis, any unit; judgements (k,): overall risk of bias of each study.
    """
    total = sum(weights)
    if len(weights) != len(judgements) or not total > 0:
        found = f"{len(weights)} weights, {len(judgements)} judgements, sum {total:g}"
        raise InputError("risk of bias", found, "one judgement for each weight, sum above 0")

    def share(*words: str) -> float:
        hits = (w for w, j in zip(weights, judgements, strict=True) if j in words)
        return 100 * sum(hits) / total

    reason = (
        f"{share('high', 'serious', 'critical'):.0f}% of the weight at high risk of bias, "
        f"{share('some concerns', 'moderate'):.0f}% with some concerns, "
        f"{share('low'):.0f}% low, {share('not judged', 'no information', ''):.0f}% not judged"
    )
    return Finding("risk_of_bias", None, reason)


def certainty(
    findings: Sequence[Finding],
    judgements: Sequence[Judgement],
    starts_at: Literal["high", "low"] = "high",
) -> Certainty:
    """Certainty of a body of evidence, one step down for serious and two for very serious.

    starts_at: high for randomised trials (or for other designs judged by ROBINS-I), low otherwise.
    Raises InputError where a domain is judged twice.
    """
    ratings: dict[Domain, tuple[Rating, str]] = {
        f.domain: (f.rating, f"computed: {f.reason}") for f in findings if f.rating is not None
    }
    judged = [j.domain for j in judgements]
    twice = [d for d in DOMAINS if judged.count(d) > 1]
    if twice:
        raise InputError(f"GRADE, {twice[0]}", "two judgements", "one for each domain")
    for j in judgements:
        ratings[j.domain] = (j.rating, f"{j.rated_by}, {j.rated_on}: {j.reason}")
    missing = tuple(d for d in DOMAINS if d not in ratings)
    if missing:
        return Certainty(None, ratings, missing)
    down = sum(STEPS[rating] for rating, _ in ratings.values())
    return Certainty(LEVELS[min(LEVELS.index(starts_at) + down, 3)], ratings, ())


def _held(low: float, high: float, threshold: float) -> list[float]:
    """Which of the threshold and its mirror lie inside an interval."""
    if threshold == 0 or not math.isfinite(threshold):
        raise InputError("threshold", f"{threshold:g}", "an effect that matters, other than 0")
    if not low <= high:
        raise InputError("interval", f"{low:g} to {high:g}", "the lower end first")
    return [t for t in (-abs(threshold), abs(threshold)) if low < t < high]


def _studies(k: int) -> str:
    return "one study" if k == 1 else f"{k} studies"


def _listed(values: Sequence[float], ratio: bool) -> str:
    return " and ".join(f"{math.exp(v) if ratio else v:.3g}" for v in values)


def _told(value: float, ratio: bool) -> str:
    """As a table prints it: two decimals, or two digits of a ratio where these hide it."""
    if not ratio or 0.1 <= math.exp(value) < 1000:
        return f"{math.exp(value) if ratio else value:.2f}"
    return f"{math.exp(value):.0f}" if 0 < value < 14 else f"{math.exp(value):.2g}"
