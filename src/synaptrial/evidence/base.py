"""The evidence base: studies, arms with their treatments, results, judgements, and sources."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from synaptrial.domain.errors import InputError
from synaptrial.domain.protocol import Protocol
from synaptrial.domain.sources import Source
from synaptrial.evidence import overlaps as overlap
from synaptrial.evidence.digest import digest
from synaptrial.evidence.raw import RawBase
from synaptrial.evidence.records import (
    AdverseEvent,
    BiasJudgement,
    GradeRating,
    Outcome,
    Overlap,
    PooledResult,
    PublishedArm,
    Study,
    record,
)
from synaptrial.evidence.release import Release
from synaptrial.evidence.tables import Row
from synaptrial.evidence.treatment import treatment

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")


@dataclass(frozen=True)
class EvidenceBase:
    """Tables that passed `check`, with typed views of them.

    tables: rows as text by name of table; protocols: those that arms state, by name.
    """

    tables: Mapping[str, tuple[Row, ...]]
    sources: Mapping[str, Source]
    release: Release
    protocols: Mapping[str, Protocol]

    @classmethod
    def of(cls, raw: RawBase, protocols: Mapping[str, Protocol]) -> EvidenceBase:
        """The base of tables as read, which passed `check`."""
        if raw.sources is None or raw.release is None:
            raise InputError("evidence", "no sources or no release", "a folder that passed `check`")
        tables = {name: table.rows for name, table in raw.tables.items()}
        return cls(tables, raw.sources, raw.release, protocols)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of rows and sources."""
        return digest(self.tables, self.sources)

    @cached_property
    def studies(self) -> Mapping[str, Study]:
        """Studies by name."""
        return {row["study"]: record(Study, row) for row in self.tables["studies"]}

    @cached_property
    def arms(self) -> Mapping[tuple[str, str], PublishedArm]:
        """Arms by (study, arm)."""
        return {(row["study"], row["arm"]): self._arm(row) for row in self.tables["arms"]}

    def _arm(self, row: Row) -> PublishedArm:
        given = treatment(row, self.protocols.get(row["protocol"]))
        return record(PublishedArm, row, treatment=given)

    @cached_property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Reported numbers."""
        return self._records(Outcome, "outcomes")

    @cached_property
    def adverse_events(self) -> tuple[AdverseEvent, ...]:
        """Reported events."""
        return self._records(AdverseEvent, "adverse_events")

    @cached_property
    def risk_of_bias(self) -> tuple[BiasJudgement, ...]:
        """Judgements of bias."""
        return self._records(BiasJudgement, "risk_of_bias")

    @cached_property
    def grade(self) -> tuple[GradeRating, ...]:
        """Ratings of certainty."""
        return self._records(GradeRating, "grade")

    @cached_property
    def overlaps(self) -> tuple[Overlap, ...]:
        """Records that share people."""
        return self._records(Overlap, "overlaps")

    @cached_property
    def meta_analyses(self) -> tuple[PooledResult, ...]:
        """Pooled results as published."""
        return self._records(PooledResult, "meta_analyses")

    def _records(self, kind: type[R], table: str) -> tuple[R, ...]:
        return tuple(record(kind, row) for row in self.tables[table])

    @cached_property
    def overlapping(self) -> tuple[frozenset[str], ...]:
        """Sets of studies that share people: at most one of a set enters an analysis."""
        return overlap.groups(self.overlaps)

    def clashes(self, studies: Collection[str]) -> tuple[tuple[str, str], ...]:
        """Pairs among the studies that may not enter one analysis together."""
        return overlap.clashes(studies, self.overlaps)

    def year_of(self, row: Row) -> int | None:
        """The year of a row: of its study, else of its source; None if neither is known."""
        study = self.studies.get(row.get("study", ""))
        if study is not None and study.year is not None:
            return study.year
        source = self.sources.get(study.source if study else row.get("source", ""))
        return source.year if source else None

    def as_of(self, year: int) -> EvidenceBase:
        """What was known at the end of a year. Rows of an unknown year are left out."""

        def known(row: Row) -> bool:
            at = self.year_of(row)
            return at is not None and at <= year

        return self._kept(known)

    def _kept(self, keep: Callable[[Row], bool]) -> EvidenceBase:
        """Rows that are kept, without those that then point at nothing."""
        studied = {n: r for n, r in self.tables.items() if r and {"study", "source"} & set(r[0])}
        tables = dict(self.tables) | {
            name: tuple(row for row in rows if keep(row)) for name, rows in studied.items()
        }
        studies = {row["study"] for row in tables["studies"]}
        tables["overlaps"] = tuple(r for r in tables["overlaps"] if r["overlaps_with"] in studies)
        exposure = {row["row_id"] for row in tables["pk_observations"]}
        for name in ("pk_claims", "pk_miss_notes"):
            tables[name] = tuple(row for row in tables[name] if row["row_id"] in exposure)
        return replace(self, tables=tables)
