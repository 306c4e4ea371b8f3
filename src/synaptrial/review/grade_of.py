"""Certainty of the main outcomes (GRADE): what numbers can say, and what persons have rated.

Computed are imprecision, inconsistency, the share of the weight at high risk of bias, and a test of
small-study effects as far as it goes (evidence/grade.py). A person's entry in grade.csv names the
outcome by the key of its analysis and the comparison by its words here; it takes the place of a
computed rating. There is no certainty before all five domains have a rating.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, exp, log
from typing import Literal

from synaptrial.evidence import grade
from synaptrial.evidence.exact import exact_interval
from synaptrial.evidence.tables import Row
from synaptrial.evidence.vocabulary import NOT_RATED
from synaptrial.review.analyses import Analysis
from synaptrial.review.case import Case
from synaptrial.review.claims import Query
from synaptrial.review.counts_of import counts_of
from synaptrial.review.pooling import Pool
from synaptrial.review.rules import Interval
from synaptrial.review.small_study_document import egger_p
from synaptrial.synthesis.cautions import FEW

SEVERITY = "PTSD severity"
SERIOUS = "serious_ae-share"
ANY, NO_CONTROL = "any control", "arms given ketamine, without a control"
INDIRECTNESS = "a person rates it: are these patients, doses, controls and scales those meant?"
WHOLE = "; by overall judgements, high where any domain is"
CERTAINTY = "certainty"
Start = Literal["high", "low"]


@dataclass(frozen=True)
class Graded:
    """One outcome. measure: SMD, RR (log scale) or share; `people`: analysed, 0 where not read;
    interval: that which judgements go by, None where nothing is analysed here."""

    key: str
    outcome: str
    comparison: str
    controls: tuple[str, ...]
    measure: str
    k: int
    people: int
    interval: Interval | None
    starts_at: Start
    findings: tuple[grade.Finding, ...]
    judgements: tuple[grade.Judgement, ...]
    said: str  # a certainty that a person has stated, else empty

    @property
    def certainty(self) -> grade.Certainty:
        """From the domains; without a level while any of them lacks a rating."""
        return grade.certainty(self.findings, self.judgements, self.starts_at)


def graded(case: Case, found: Sequence[Analysis]) -> tuple[Graded, ...]:
    """Severity by window, response, dropout and serious events, of those that were read; then what
    persons rated beyond them."""
    computed = [*_of_analyses(case, found), *_serious(case)]
    here = {(g.key, g.comparison) for g in computed}
    others = dict.fromkeys((r["outcome"], r["comparison"]) for r in case.tables.grade)
    return (*computed, *(_by_persons(case, *o) for o in others if o not in here))


def _of_analyses(case: Case, found: Sequence[Analysis]) -> Iterator[Graded]:
    for a in found:
        severity = (a.outcome, a.part, a.measure) == ("ptsd", "total", "SMD")
        response = (a.outcome, a.window) == ("response", "2-4w")
        if not severity and not response and a.outcome != "dropout":
            continue
        effects, key = a.pool.effects, (a.key, ANY)
        controls = tuple(sorted({e.control or "not read" for e in effects}))
        yield Graded(
            a.key, f"{SEVERITY if severity else a.outcome}, {_when(case, a.window)}", ANY,
            controls, a.measure, a.pool.k, sum(sum(e.n) for e in effects), a.pool.safe, "high",
            _findings(case, a), _judgements(case, *key), _said(case, *key),
        )  # fmt: skip


def _when(case: Case, window: str) -> str:
    if window not in case.book.windows_days:
        return "at any time"
    after, until = case.book.windows_days[window]
    last = window == list(case.book.windows_days)[-1]
    return f"after day {after:g}" + ("" if last else f" to day {until:g}")


def _findings(case: Case, a: Analysis) -> tuple[grade.Finding, ...]:
    weights = a.pool.fit.weights if a.pool.fit else [100.0]
    return (
        _bias(case, [e.study for e in a.pool.effects], list(map(float, weights))),
        _inconsistency(a.pool, _threshold(case, a.measure), a.measure == "RR"),
        grade.Finding("indirectness", None, INDIRECTNESS),
        _imprecision(case, a),
        grade.publication_bias(a.pool.k, egger_p(a.pool, a.measure) if a.pool.k >= FEW else None),
    )


def _imprecision(case: Case, a: Analysis) -> grade.Finding:
    """Hartung-Knapp interval; beside two to four studies the Bayesian one is told, not used."""
    threshold, safe, ratio = _threshold(case, a.measure), a.pool.safe, a.measure == "RR"
    people = sum(sum(e.n) for e in a.pool.effects)
    found = grade.imprecision(safe.low, safe.high, threshold, people, _optimal(case, a), ratio)
    reason = found.reason
    if a.bayes:
        low, high = (exp(x) if ratio else x for x in a.bayes.mu.central())
        reason += f"; the Bayesian 95% interval beside it is {low:.2f} to {high:.2f}"
    return grade.Finding("imprecision", found.rating, reason)


def _inconsistency(found: Pool, threshold: float, ratio: bool) -> grade.Finding:
    """Not rated where the confidence interval already holds both thresholds: then no prediction
    interval could reach further, however much the studies differ."""
    if found.fit is None:
        reason = "one study: how much studies differ cannot be seen"
        return grade.Finding("inconsistency", None, reason)
    reach = None if found.next_low is None else (found.next_low, float(found.next_high or 0.0))
    ci, fit = (found.safe.low, found.safe.high), found.fit
    rated = grade.inconsistency(ci, reach, threshold, fit.tau2, fit.i2, found.k, ratio)
    if rated.rating and ci[0] < -threshold and ci[1] > threshold:
        reason = f"the confidence interval is too wide to tell: {rated.reason}"
        return grade.Finding("inconsistency", None, reason)
    return rated


def _threshold(case: Case, measure: str) -> float:
    """The smallest effect to act on, on the scale of the measure."""
    if measure == "RR":
        return log(case.book.limit("appreciable_ratio"))
    return case.book.limit("worthwhile")


def _optimal(case: Case, a: Analysis) -> int:
    """People whom one adequate trial of the threshold would need; of events at the pooled risk of
    the controls, with the variance of a share."""
    if a.measure != "RR":
        return grade.optimal_information_size(case.book.limit("worthwhile"))
    rows = {r["row_id"]: r for r in case.tables.outcomes}
    controls = [rows[e.rows[1]] for e in a.pool.effects]
    events, n = (sum(float(r[c]) for r in controls) for c in ("events", "n"))
    risk = min(max(events / n, 0.5 / n), 1 - 0.5 / n)
    difference = risk * (case.book.limit("appreciable_ratio") - 1)
    return grade.optimal_information_size(difference, (risk * (1 - risk)) ** 0.5)


def _bias(case: Case, studies: Sequence[str], weights: Sequence[float]) -> grade.Finding:
    found = grade.bias_share(weights, [case.tables.overall_bias(s) for s in studies])
    return grade.Finding("risk_of_bias", None, f"a person rates it: {found.reason}{WHOLE}")


def _serious(case: Case) -> Iterator[Graded]:
    """Serious events as a share of those given the drug, against the share at which 'none' says
    something; without a control they start as low."""
    found = counts_of(case.tables, case.book, Query(events=("serious_ae",)))
    if not found:
        return
    events, n = sum(c.count.events for c in found), sum(c.count.n for c in found)
    interval = Interval(events / n, *exact_interval(events, n))
    limit = case.book.limit("serious_upper")
    enough = ceil(log(0.025) / log(1 - limit))  # none seen in so many excludes the limit
    lone = "shares of arms stand beside no control; how they differ is not pooled"
    findings = (
        _bias(case, [c.study for c in found], [float(c.count.n) for c in found]),
        grade.Finding("inconsistency", None, lone),
        grade.Finding("indirectness", None, INDIRECTNESS),
        grade.imprecision(interval.low, interval.high, limit, n, enough),
        grade.publication_bias(len(found), None),
    )
    yield Graded(
        SERIOUS, "serious adverse events, at any time", NO_CONTROL, ("none",), "share", len(found),
        n, interval, "low", findings, _judgements(case, SERIOUS, NO_CONTROL),
        _said(case, SERIOUS, NO_CONTROL),
    )  # fmt: skip


def _by_persons(case: Case, key: str, comparison: str) -> Graded:
    """An outcome that persons rated and that has no analysis here."""
    nothing = "not analysed here"
    findings = tuple(grade.Finding(d, None, nothing) for d in grade.DOMAINS)
    return Graded(
        key, key, comparison, ("not read",), "none", 0, 0, None, "high", findings,
        _judgements(case, key, comparison), _said(case, key, comparison),
    )  # fmt: skip


def _rows(case: Case, key: str, comparison: str) -> Iterator[Row]:
    for row in case.tables.grade:
        if (row["outcome"], row["comparison"]) == (key, comparison) and row["rating"] != NOT_RATED:
            yield row


def _judgements(case: Case, key: str, comparison: str) -> tuple[grade.Judgement, ...]:
    return tuple(
        grade.Judgement.model_validate(_filled(r))
        for r in _rows(case, key, comparison)
        if r["domain"] != CERTAINTY
    )


def _filled(row: Row) -> Mapping[str, object]:
    names = ("domain", "rating", "reason", "rated_by")
    return {n: row[n] for n in names} | {"rated_on": date.fromisoformat(row["rated_on"])}


def _said(case: Case, key: str, comparison: str) -> str:
    said = [r for r in _rows(case, key, comparison) if r["domain"] == CERTAINTY]
    words = "{rating} ({rated_by}, {rated_on}: {reason})"
    return "; ".join(words.format_map(r) for r in said)
