"""Rows of the evidence base with typed fields. Empty text: not known; None: a number not known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar

from synaptrial.domain.sources import Mark
from synaptrial.evidence.tables import Row, parts
from synaptrial.evidence.treatment import Treatment

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")


@dataclass(frozen=True)
class Study:
    """A trial, a review or another report."""

    study: str
    kind: str
    part_of: str
    source: str
    registry: str
    year: int | None
    country: str
    design: str
    blinding: str
    control: str
    n_randomised: int | None
    n_analysed: int | None
    population: str
    population_kind: str
    criteria: str
    comorbidity: str
    age_mean: float | None
    age_sd: float | None
    female_pct: float | None
    veteran_pct: float | None
    concomitant: str
    primary_outcome: str
    flag: str
    mark: Mark
    note: str


@dataclass(frozen=True)
class PublishedArm:
    """An arm, a pool of arms or a subgroup, with its treatment."""

    arm_id: str
    study: str
    arm: str
    subgroup_of: tuple[str, ...]
    drug: tuple[str, ...]
    ptsd: str
    n: int | None
    flag: str
    mark: Mark
    source: str
    note: str
    treatment: Treatment


@dataclass(frozen=True)
class Outcome:
    """One reported number. difference and smd: arm minus versus, negative favours the arm."""

    row_id: str
    study: str
    arm: str
    versus: str
    scale: str
    part: str
    event: str
    label: str
    day: float | None
    time_note: str
    statistic: str
    value: float | None
    sd: float | None
    se: float | None
    low: float | None
    high: float | None
    n: int | None
    events: int | None
    mark: Mark
    source: str
    locator: str
    derivation: str
    usable: bool
    why_not: str
    note: str


@dataclass(frozen=True)
class AdverseEvent:
    """One reported event in one arm."""

    row_id: str
    study: str
    arm: str
    term: str
    label: str
    organ_system: str
    serious: str
    day: float | None
    time_note: str
    statistic: str
    value: float | None
    events: int | None
    n: int | None
    collected: str
    mark: Mark
    source: str
    locator: str
    usable: bool
    why_not: str
    note: str


@dataclass(frozen=True)
class BiasJudgement:
    """Risk of bias in one domain of one result; result is `all` where it holds for the study."""

    row_id: str
    study: str
    result: str
    tool: str
    tool_version: str
    domain: str
    judgement: str
    reason: str
    judged_by: str
    mark: Mark
    source: str
    locator: str


@dataclass(frozen=True)
class GradeRating:
    """Certainty of the evidence on one outcome, as a person rated it."""

    row_id: str
    outcome: str
    comparison: str
    domain: str
    rating: str
    reason: str
    rated_by: str
    rated_on: str
    note: str


@dataclass(frozen=True)
class Overlap:
    """Two records that share people: study is the part, overlaps_with the whole."""

    row_id: str
    study: str
    overlaps_with: str
    kind: str
    certain: str
    mark: Mark
    source: str
    locator: str
    note: str


@dataclass(frozen=True)
class PooledResult:
    """A pooled estimate as published; never pooled with its inputs."""

    row_id: str
    source: str
    outcome: str
    day: float | None
    time_note: str
    scale: str
    versus: str
    statistic: str
    value: float | None
    low: float | None
    high: float | None
    p: str
    direction: str
    n_studies: int | None
    n_participants: int | None
    designs: str
    heterogeneity: str
    contains: tuple[str, ...]
    fault: str
    flag: str
    mark: Mark
    locator: str
    note: str


_READ: dict[str, Callable[[str], object]] = {
    "str": str,
    "Mark": Mark,
    "bool": lambda text: text == "yes",
    "int | None": lambda text: int(text) if text else None,
    "float | None": lambda text: float(text) if text else None,
    "tuple[str, ...]": parts,
}


def record(kind: type[R], row: Row, **others: Any) -> R:
    """A row that passed `check`, as a record; others: fields that are no column."""
    read = {f.name: _READ[str(f.type)](row[f.name]) for f in fields(kind) if f.name not in others}
    return kind(**read, **others)
