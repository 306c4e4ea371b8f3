"""The review as one object, from which the page, the tables and claims.json come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from synaptrial.evidence.base import EvidenceBase
from synaptrial.evidence.tables import Row
from synaptrial.review.analyses import Analysis, analyses
from synaptrial.review.analysis_document import analysis_document
from synaptrial.review.case import Case
from synaptrial.review.claim_document import claim_document, thresholds_document
from synaptrial.review.claims import ClaimBook, Query, Readings
from synaptrial.review.compare import ANY_TIME, Compared, compared
from synaptrial.review.effects_of import effects_of
from synaptrial.review.missing import missing
from synaptrial.review.plain import NOT_READ, interval, number_or, text_or
from synaptrial.review.pooling import pool
from synaptrial.review.power_table import (
    Information,
    TrialPower,
    assumed_effects,
    information,
    power_table,
)
from synaptrial.review.release import ReleaseNote
from synaptrial.review.sizes import trial_pairs
from synaptrial.review.small_study_document import small_study_document
from synaptrial.review.tables import KETAMINE_PTSD, RANDOMISED, Tables

REVIEW_YEAR = 2019
NOW = "now"
STATEMENT = "Research tool: it sums up what is published, and is no advice on treating patients."
INFORMATION = (
    "Patients that one trial, or a pool without heterogeneity, would need for 90% power, and the"
    " same allowing for the diversity between the trials that were read. Until so many have been"
    " randomised, a pooled interval that excludes zero is not firm: each look at a growing pool is"
    " a further chance of a false finding, so a trial-sequential analysis would ask for more than"
    " the usual 95% at every look before."
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

    @cached_property
    def analyses(self) -> tuple[Analysis, ...]:
        """Every outcome and window that has an effect now."""
        return analyses(self.now)

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
            "analyses_then": self._analyses(analyses(self.then)),
            "missing": [asdict(m) for m in missing(self.now)],
            "published": [_compared(c) for c in compared(self.now)],
            **self._power(),
            "risk_of_bias": [_filled(r) for r in self._of_ketamine(self.now.tables.risk_of_bias)],
            "studies": [_filled(r) for r in self._of_ketamine(self.now.tables.studies)],
            "arms": [_filled(r) for r in self._of_ketamine(self.now.tables.arms)],
            "rows": self._rows(),
            "sources": self._sources(),
            "flow": self.release.flow,
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
            "power": [_power(p) for p in power_table(self.now, assumed)],
            "power_not_read": list(trial_pairs(self.now.tables)[1]),
            "information": [_information(i) for i in information(assumed, own)],
            "information_says": INFORMATION,
        }

    def _of_ketamine(self, rows: Sequence[Row]) -> list[Row]:
        studies = {r["study"] for r in self.now.tables.studies if r["kind"] == KETAMINE_PTSD}
        return [r for r in rows if r["study"] in studies]

    def _rows(self) -> dict[str, dict[str, str]]:
        """Every row of the base that a number here rests on, by its id."""
        tables = self.now.tables
        every = (
            *tables.outcomes, *tables.acute, *tables.pharmacodynamics, *tables.published,
            *tables.adverse_events,
        )  # fmt: skip
        used = self._used()
        return {r["row_id"]: _filled(r) for r in every if r["row_id"] in used}

    def _used(self) -> set[str]:
        effects = [e for a in self.analyses for e in a.pool.effects]
        of_claims = {r for c in self._claims for when in ("then", "now") for r in c[when]["rows"]}
        published = {r["row_id"] for r in self.now.tables.published}
        return of_claims | published | {r for e in effects for r in e.rows}

    def _sources(self) -> dict[str, dict[str, str]]:
        """Sources of those rows and of the studies of ketamine in PTSD, by key."""
        studies = self._of_ketamine(self.now.tables.studies)
        keys = {r["source"] for r in (*self._rows().values(), *studies)}
        known = self.now.tables.sources
        return {k: _source(known[k].model_dump()) for k in sorted(keys) if k in known}


def review_of(
    base: EvidenceBase,
    book: ClaimBook,
    readings: Readings,
    *,
    as_of: int | None,
    recalled: bool,
    force_bias_tests: bool,
    version: str,
) -> Review:
    """The review of a base: as it was in 2019, and as it is, or was in the year `as_of`."""
    known = base if as_of is None else base.as_of(as_of)
    before = known.as_of(REVIEW_YEAR)
    then, now = (Case(Tables.of(b), book, readings, recalled) for b in (before, known))
    return Review(then, now, ReleaseNote.of(base), force_bias_tests, version, as_of)


def _source(fields: Mapping[str, Any]) -> dict[str, str]:
    wanted = ("citation", "doi", "url", "note")
    return {k: text_or(str(fields.get(k) or ""), "none") for k in wanted}


def _filled(row: Row) -> dict[str, str]:
    """A row of the base; an empty cell says that it was not read or does not apply."""
    return {k: text_or(v, "-") for k, v in row.items()}


def _compared(c: Compared) -> dict[str, Any]:
    none = "none printed"
    row = c.row
    return {
        "row": row["row_id"],
        "source": row["source"],
        "year": number_or(c.year, NOT_READ),
        "outcome": row["outcome"],
        "when": text_or(row["day"] and f"day {row['day']}", text_or(row["time_note"])),
        "versus": text_or(row["versus"]),
        "statistic": text_or(row["statistic"], none),
        "direction": text_or(row["direction"], none),
        "studies": text_or(row["n_studies"]),
        "printed": interval(c.printed, none),
        "ours": interval(c.ours.interval if c.ours else None, "none could be read"),
        "ours_k": c.ours.k if c.ours else 0,
        "reproduced": interval(c.reproduced, "its inputs are not at hand"),
        "comparison": c.outcome,
        "reason": c.reason,
        "faults": list(c.faults),
        "note": text_or(row["note"], "none"),
    }


def _power(p: TrialPower) -> dict[str, Any]:
    return {
        "study": p.pair.study,
        "year": number_or(p.pair.year, NOT_READ),
        "arm": p.pair.arm,
        "versus": p.pair.versus,
        "n_drug": p.pair.n_drug,
        "n_control": p.pair.n_control,
        "first_period": p.pair.crossover,
        "assumed": p.assumed.key,
        "assumed_says": p.assumed.what,
        "assumed_d": p.assumed.d,
        "power": p.power,
        "type_m": p.exaggeration,
        "type_s": p.wrong_sign,
        "detectable_d_at_80": p.detectable,
    }


def _information(i: Information) -> dict[str, Any]:
    one = "not defined: nothing is pooled"
    return {
        "assumed": i.assumed.key,
        "assumed_says": i.assumed.what,
        "assumed_d": i.assumed.d,
        "needed": i.needed,
        "diversity": number_or(i.diversity, one),
        "needed_with_diversity": number_or(i.adjusted, one),
        "accrued": i.accrued,
    }
