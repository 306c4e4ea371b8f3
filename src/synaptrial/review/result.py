"""The review as one object, from which the page, the tables and claims.json come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from synaptrial.evidence.base import EvidenceBase
from synaptrial.evidence.vocabulary import KETAMINE_PTSD, RANDOMISED
from synaptrial.review.analyses import Analysis, analyses
from synaptrial.review.analysis_document import analysis_document
from synaptrial.review.base_rows import rows_document, sources_document, table_documents
from synaptrial.review.case import Case
from synaptrial.review.claim_document import claim_document, thresholds_document
from synaptrial.review.claims import ClaimBook, Query, Readings
from synaptrial.review.compare import ANY_TIME, compared
from synaptrial.review.effects_of import effects_of
from synaptrial.review.grade_document import grade_document
from synaptrial.review.grade_of import graded
from synaptrial.review.missing import missing
from synaptrial.review.pooling import Pool, pool
from synaptrial.review.power_table import assumed_effects, information, power_table
from synaptrial.review.release import ReleaseNote
from synaptrial.review.sizes import trial_pairs
from synaptrial.review.small_study_document import small_study_document
from synaptrial.review.table_documents import (
    compared_document,
    information_document,
    power_document,
)
from synaptrial.review.tables import Tables
from synaptrial.synthesis.bayes import FEW_FOR_BAYES

REVIEW_YEAR = 2019
NOW = "now"
NO_FLOW = "No screening log was supplied, so no flow of studies is drawn."
STATEMENT = "Research tool: it sums up what is published, and is no advice on treating patients."
INFORMATION = (
    "Patients that one trial, or a pool without heterogeneity, would need for 90% power, and the"
    " same allowing for the diversity between the trials that were read. Until so many have been"
    " randomised, a pooled interval that excludes zero is not firm: each look at a growing pool is"
    " a further chance of a false finding, so a trial-sequential analysis would ask for more than"
    " the usual 95% at every look before. Accrued are the patients of the trials whose effects were"
    " read, not all who were randomised."
)
DIVERSITY = (
    " The diversity is that of {k} trials, whose tau2 may lie anywhere from {low:.2f} to"
    " {high:.0f}: the size that allows for it is an order of magnitude at best."
)


@dataclass(frozen=True)
class Review:
    """The evidence as it was when the starting text was written (`then`) and as it is (`now`)."""

    then: Case
    now: Case
    release: ReleaseNote
    force_bias_tests: bool
    version: str
    as_of: int | None
    flow: Sequence[Mapping[str, str | int]] = ()  # of a screening log, if there is one

    @cached_property
    def analyses(self) -> tuple[Analysis, ...]:
        """Every outcome and window that has an effect now."""
        return analyses(self.now)

    @cached_property
    def analyses_then(self) -> tuple[Analysis, ...]:
        """Those that had an effect when the starting text was written."""
        return analyses(self.then)

    @cached_property
    def _claims(self) -> list[dict[str, Any]]:
        return [claim_document(c, self.then, self.now) for c in self.now.book.claim]

    @cached_property
    def document(self) -> dict[str, Any]:
        """All of it as plain values: claims.json. Raises InputError for evidence that cannot be
        computed with."""
        return {
            "title": self.release.title,
            "statement": STATEMENT,
            "release": asdict(self.release),
            "review_year": REVIEW_YEAR,
            "as_of": NOW if self.as_of is None else self.as_of,
            "include_recalled": self.now.recalled,
            "force_bias_tests": self.force_bias_tests,
            "windows_days": {k: list(v) for k, v in self.now.book.windows_days.items()},
            "thresholds": thresholds_document(self.now.book),
            "counts": self._counts(),
            "claims": self._claims,
            "analyses": self._analyses(self.analyses),
            "analyses_then": self._analyses(self.analyses_then),
            "missing": [asdict(m) for m in missing(self.now)],
            "published": [compared_document(c) for c in compared(self.now)],
            **self._power(),
            **self._tables,
            "grade": [grade_document(g) for g in graded(self.now, self.analyses)],
            "rows": self._rows,
            "sources": sources_document(self.now.tables.sources, self._source_keys()),
            "flow": list(self.flow) if self.flow else NO_FLOW,
            "version": self.version,
        }

    def _analyses(self, found: Sequence[Analysis]) -> list[dict[str, Any]]:
        return [
            analysis_document(
                a, REVIEW_YEAR, small_study_document(a.pool, a.measure, force=self.force_bias_tests)
            )
            for a in found
        ]

    def _counts(self) -> dict[str, Any]:
        tables = self.now.tables
        studies = [r for r in tables.studies if r["kind"] == KETAMINE_PTSD]
        trials = {tables.family(r["study"]) for r in tables.trials()}
        severity = [a for a in self.analyses if a.outcome == "ptsd" and a.part == "total"]
        read = {e.family for a in severity for e in a.pool.effects}
        return {
            "reports_of_ketamine_in_ptsd": len(studies),
            "randomised_trials": len(trials),
            "trials_with_a_readable_effect": len(read),
            "uncontrolled_studies": sum(r["design"] not in RANDOMISED for r in studies),
        }

    def _power(self) -> dict[str, Any]:
        query = Query(windows=ANY_TIME)
        own = pool(effects_of(self.now.tables, self.now.book, query, recalled=self.now.recalled))
        assumed = assumed_effects(self.now, own)
        return {
            "power": [power_document(p) for p in power_table(self.now, assumed)],
            "power_not_read": list(trial_pairs(self.now.tables)[1]),
            "information": [information_document(i) for i in information(assumed, own)],
            "information_says": INFORMATION + _diversity(own),
        }

    @cached_property
    def _tables(self) -> dict[str, list[dict[str, str]]]:
        return table_documents(self.now.tables)

    @cached_property
    def _rows(self) -> dict[str, dict[str, str]]:
        """Every row of the base that a number here rests on, by its id."""
        effects = [e for a in (*self.analyses, *self.analyses_then) for e in a.pool.effects]
        used = {r for e in effects for r in e.rows} | self._of_claims("rows")
        used |= {r["row_id"] for r in self.now.tables.published}
        return rows_document(self.now.tables, used)

    def _source_keys(self) -> set[str]:
        """Sources of all rows shown, of the thresholds, and of what claims name."""
        shown = [*self._rows.values(), *(r for rows in self._tables.values() for r in rows)]
        keys = {r["source"] for r in shown if "source" in r}
        keys |= {t["source"] for t in thresholds_document(self.now.book)}
        return keys | self._of_claims("studies")

    def _of_claims(self, what: str) -> set[str]:
        return {x for c in self._claims for when in ("then", "now") for x in c[when][what]}


def _diversity(own: Pool | None) -> str:
    """How little few trials say of their own diversity."""
    if own is None or own.fit is None or own.k >= FEW_FOR_BAYES:
        return ""
    low, high = own.fit.tau2_ci
    return DIVERSITY.format(k=own.k, low=low, high=high)


def review_of(
    base: EvidenceBase,
    book: ClaimBook,
    readings: Readings,
    *,
    as_of: int | None,
    recalled: bool,
    force_bias_tests: bool,
    version: str,
    flow: Sequence[Mapping[str, str | int]] = (),
) -> Review:
    """The review of a base: as it was in 2019, and as it is, or was in the year `as_of`.

    flow: the rows of a flow diagram, counted from a screening log.
    """
    known = base if as_of is None else base.as_of(as_of)
    before = known.as_of(REVIEW_YEAR)
    then, now = (Case(Tables.of(b), book, readings, recalled) for b in (before, known))
    return Review(then, now, ReleaseNote.of(base), force_bias_tests, version, as_of, flow)
