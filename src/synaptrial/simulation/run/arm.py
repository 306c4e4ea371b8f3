"""Simulate arms: chunks of patients through the model, observed and summed on the way.

Memory does not grow with the number of patients except for the recorded scores at visits
(two bytes each). Results depend neither on the chunk size nor on the number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar, Unpack

import jax
import jax.numpy as jnp
import numpy as np

from synaptrial.domain.arm import Arm
from synaptrial.execution.executor import map_threads
from synaptrial.simulation.cohort.enrol import Cohort
from synaptrial.simulation.observation import chance
from synaptrial.simulation.options import CHUNK
from synaptrial.simulation.plan.arm_plan import ArmPlan, Mesh, plan_for
from synaptrial.simulation.plan.readings import first_acting
from synaptrial.simulation.run import march, recording, response, rules
from synaptrial.simulation.run.finite import require_finite
from synaptrial.simulation.run.inputs import Given
from synaptrial.simulation.run.parameters import chunk_parameters, initial_belief, unblinding_slope
from synaptrial.simulation.run.recording import COURSE_TOPS, MAXIMA, SCORES, Kept
from synaptrial.simulation.run.tally import UNITS, Histogram, Moments, Quantised, Tally

T = TypeVar("T")
N_COURSES = 200
NOISE_PER_PATIENT = 40


@dataclass
class ArmResult:
    """Sums, histograms and scores of one arm."""

    arm: Arm
    plan: ArmPlan
    time_h: np.ndarray  # (T,) shown edges of the slow mesh
    visit_days: tuple[float, ...]  # 0 first
    moments: dict[str, Moments]
    histograms: dict[str, Histogram]
    acute_moments: dict[str, Moments]
    acute_histograms: dict[str, Histogram]
    scores: dict[str, np.ndarray]  # (S * N, V) int16
    leaving_h: np.ndarray  # (S * N,) float32
    response_h: dict[str, np.ndarray]  # by definition (2, S * N) float32: reached, lost; else inf
    maxima: dict[str, np.ndarray]  # (S * N,) float32
    courses: dict[str, np.ndarray] = field(default_factory=dict)  # (T, N_COURSES)


class _Chunk(NamedTuple):
    draw: np.ndarray  # (n,)
    scores: np.ndarray  # (10, V, n)
    kept: Kept  # of n patients and real times


class _Courses(NamedTuple):
    draw: np.ndarray  # (n,)
    par: dict[str, np.ndarray]
    belief: np.float64
    slow: dict[str, jax.Array]
    acute: dict[str, jax.Array]
    scores: np.ndarray  # (10, V, n)


@dataclass(frozen=True)
class _Work:
    """What all chunks of an arm share."""

    arm: Arm
    cohort: Cohort
    plan: ArmPlan
    arrays: Mapping[str, jax.Array]
    tables: Mapping[str, jax.Array]
    where: recording.Layout
    tops: Mapping[str, float]
    days: tuple[float, ...]
    size: int
    unblinding: bool

    def each(self, part: Callable[[int], T], cores: int) -> Iterator[tuple[int, T]]:
        """The first patient of each chunk, and what `part` makes of it, in order."""
        starts = range(0, self.cohort.size, self.size)
        return zip(starts, map_threads(part, starts, cores), strict=True)

    def no_scores(self) -> dict[str, np.ndarray]:
        """Room for the scores of all patients, by scale (P, V)."""
        return {k: np.zeros((self.cohort.size, len(self.days)), np.int16) for k in SCORES}

    def chunk(self, start: int) -> _Chunk:
        """Patients from `start` on."""
        course = self._run(start)
        seed = self.cohort.seed
        noise = chance.uniforms(seed, chance.STREAM_READINGS, start, self.size, NOISE_PER_PATIENT)
        unit = chance.unit_exponentials(seed, start, self.size)
        kept = recording.kept(
            course.slow, course.acute, course.par, course.belief, self.where, self.tops, unit, noise
        )
        return _Chunk(course.draw, course.scores, self._real(kept, len(course.draw)))

    def scores(self, start: int) -> np.ndarray:
        """Only the recorded scores of patients from `start` on, (10, V, n)."""
        return self._run(start).scores

    def _run(self, start: int) -> _Courses:
        """Chunks are padded to one size with repeats of the last patient; scores are without."""
        stop = min(start + self.size, self.cohort.size)
        n = stop - start
        draw, values = self.cohort.chunk(start, stop)
        par = chunk_parameters(self.arm, self.plan, values)
        if n < self.size:
            fill = (0, self.size - n)
            par = {k: np.pad(v, fill, mode="edge") if len(v) > 1 or n == 1 else v
                   for k, v in par.items()}  # fmt: skip
        belief = np.float64(initial_belief(self.arm))
        slope = unblinding_slope(self.arm, par, self.unblinding)
        drawn, screened = self._chance(start), self._screened(start, stop, par)

        def run(given: Given) -> tuple[dict[str, Any], dict[str, Any], np.ndarray]:
            courses, acute, _ = march.run(
                self.plan.structure, self.arrays, self.tables, par, given, belief, slope
            )
            in_order = {k: courses[k] for k in march.IN_ORDER}
            require_finite(self.arm.protocol.id, in_order, self.plan.slow.edges_h[1:])
            require_finite(self.arm.protocol.id, acute, self._acute_h)
            seen = recording.scores(courses, par, belief, self.where, drawn, screened)
            return courses, acute, np.asarray(seen)[:, : len(self.days), :n]

        courses, acute, scores = rules.apply(self.arm.protocol, self.plan, n, self.size, run)
        return _Courses(draw, par, belief, courses, acute, scores)

    @property
    def _acute_h(self) -> np.ndarray:
        """From the start of the protocol."""
        return self.plan.acute_h + first_acting(self.plan.events)[0]

    def _chance(self, start: int) -> recording.Chance:
        """At the padded visits; of those that are padding it does not matter."""
        seed, more = self.cohort.seed, len(self.where.visits[0]) - len(self.days)
        errors = chance.reading_errors(seed, self.days, start, self.size)
        week = chance.fluctuations(seed, self.days, start, self.size)
        person = chance.uniforms(seed, chance.STREAM_PERSON, start, self.size, 4)
        fill = ((0, more), (0, 0), (0, 0))
        return recording.Chance(
            np.pad(errors, fill, mode="edge"), person[:, 0], np.pad(week, fill, mode="edge")
        )

    def _screened(self, start: int, stop: int, par: Mapping[str, np.ndarray]) -> np.ndarray | None:
        """CAPS-5 clusters of the screening (4, size), where that reading is the baseline."""
        if self.arm.setting.baseline_reading != "screening":
            return None
        found = self.cohort.screened(start, stop)
        return np.pad(found, ((0, 0), (0, self.size - (stop - start))), mode="edge")

    def _real(self, kept: Kept, n: int) -> Kept:
        """Without the padding of times and patients."""
        t, a = len(self.plan.shown), len(self.plan.acute_h)
        return Kept(
            Quantised(*(np.asarray(x)[:, :t, :n] for x in kept.courses)),
            Quantised(*(np.asarray(x)[:, :a, :n] for x in kept.acute)),
            np.asarray(kept.leaving_h)[:n],
            np.asarray(kept.maxima)[:, :n],
            np.asarray(kept.response_h)[..., :n],
        )


def simulate_arm(
    arm: Arm,
    cohort: Cohort,
    *,
    cores: int = 1,
    chunk: int = CHUNK,
    unblinding: bool = True,
    progress: Callable[[int], None] = lambda n: None,
    **mesh: Unpack[Mesh],
) -> ArmResult:
    """Simulate one arm in one cohort (shared by the arms of a study)."""
    work = _work(arm, cohort, chunk, unblinding, **mesh)
    collected = _Collected(work)
    for start, part in work.each(work.chunk, cores):
        collected.add(start, part)
        progress(len(part.draw))
    return collected.result()


def simulate_scores(
    arm: Arm,
    cohort: Cohort,
    *,
    cores: int = 1,
    chunk: int = CHUNK,
    unblinding: bool = True,
    progress: Callable[[int], None] = lambda n: None,
) -> dict[str, np.ndarray]:
    """Only the recorded scores of an arm, as in `ArmResult`; `progress` is called with 0."""
    work = _work(arm, cohort, chunk, unblinding)
    out = work.no_scores()
    for start, part in work.each(work.scores, cores):
        _add_scores(out, start, part)
        progress(0)
    return out


def _work(arm: Arm, cohort: Cohort, chunk: int, unblinding: bool, **mesh: Unpack[Mesh]) -> _Work:
    plan = plan_for(arm, cohort, **mesh)
    days = (0.0, *recording.visits_after_start(arm.protocol))
    return _Work(
        arm, cohort, plan,
        {k: jnp.asarray(v) for k, v in plan.arrays.items()},
        {k: jnp.asarray(v) for k, v in plan.tables.items()},
        recording.layout(arm.protocol, plan), recording.acute_tops(plan), days, chunk, unblinding,
    )  # fmt: skip


def _add_scores(scores: dict[str, np.ndarray], start: int, part: np.ndarray) -> None:
    """Put the scores of a chunk, (10, V, n), in their place."""
    for name, values in zip(SCORES, part, strict=True):
        scores[name][start : start + part.shape[-1]] = values.T


class _Collected:
    """What is known of the chunks so far."""

    def __init__(self, work: _Work) -> None:
        self._work = work
        plan, cohort = work.plan, work.cohort
        size, draws = cohort.size, cohort.draws.n_draws
        self._courses = Tally(COURSE_TOPS, draws, cohort.n_patients, len(plan.shown))
        self._acute = Tally(work.tops, draws, cohort.n_patients, len(plan.acute_h))
        self._scores = work.no_scores()
        self._leaving_h = np.zeros(size, np.float32)
        self._response_h = np.zeros((len(response.KEYS), 2, size), np.float32)
        self._maxima = {k: np.zeros(size, np.float32) for k in MAXIMA}
        self._chosen = np.linspace(0, size - 1, min(N_COURSES, size)).astype(int)
        shape = (len(COURSE_TOPS), len(plan.shown), len(self._chosen))
        self._sampled = np.zeros(shape, np.float32)

    def add(self, start: int, part: _Chunk) -> None:
        n = len(part.draw)
        own = slice(start, start + n)
        self._courses.add(start, part.kept.courses)
        if self._work.tops:
            self._acute.add(start, part.kept.acute)
        inside = np.flatnonzero((self._chosen >= start) & (self._chosen < start + n))
        tops = np.array(list(COURSE_TOPS.values()))[:, None, None]
        whole = np.asarray(part.kept.courses.whole)
        self._sampled[:, :, inside] = whole[:, :, self._chosen[inside] - start] * tops / UNITS
        _add_scores(self._scores, start, part.scores)
        self._leaving_h[own] = part.kept.leaving_h
        self._response_h[..., own] = part.kept.response_h
        for name, values in zip(MAXIMA, np.asarray(part.kept.maxima), strict=True):
            self._maxima[name][own] = values

    def result(self) -> ArmResult:
        work = self._work
        return ArmResult(
            arm=work.arm,
            plan=work.plan,
            time_h=work.plan.slow.edges_h[work.plan.shown],
            visit_days=work.days,
            moments={k: self._courses.moments(k) for k in COURSE_TOPS},
            histograms={k: self._courses.histogram(k) for k in COURSE_TOPS},
            acute_moments={k: self._acute.moments(k) for k in work.tops},
            acute_histograms={k: self._acute.histogram(k) for k in work.tops},
            scores=self._scores,
            leaving_h=self._leaving_h,
            response_h=dict(zip(response.KEYS, self._response_h, strict=True)),
            maxima=self._maxima,
            courses=dict(zip(COURSE_TOPS, self._sampled, strict=True)),
        )


def latent_courses(arm: Arm, plan: ArmPlan, cohort: Cohort, n: int) -> dict[str, np.ndarray]:
    """Latent courses of the first n patients at the edges of a plan's slow mesh, (T, n)."""
    _, values = cohort.chunk(0, n)
    par = chunk_parameters(arm, plan, values)
    belief = np.float64(initial_belief(arm))
    courses, _, _ = march.run(
        plan.structure, plan.arrays, plan.tables, par, rules.as_declared(plan, n), belief,
        unblinding_slope(arm, par, True),
    )  # fmt: skip
    edges = recording.at_edges(courses, par, belief)
    return {k: np.asarray(v)[: len(plan.slow.edges_h)] for k, v in edges.items()}
