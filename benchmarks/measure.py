"""One engine's row: find its loosest sufficient tolerance, then time it at that tolerance.

Every engine, ours too, goes through here, in a process of its own.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from multiprocessing import get_context

import numpy as np

from benchmarks import problem as pb
from benchmarks import reference
from benchmarks.problem import Array

GRID = tuple(m * 10.0**-k for k in range(2, 10) for m in (3.0, 1.0))  # 3e-2, 1e-2, 3e-3, ...
ATOL_SHARE = 1e-3  # absolute tolerance = this x relative tolerance
SECONDS = 4.0  # aimed length of one timed run
MOST = 100_000  # patients in one timed run
REPEATS = 3  # the best counts: others may use the machine

Solve = Callable[[Array, float], Array]  # (n, 4) patients, relative tolerance -> (n, 60, 3)


def print_row(
    engine: str,
    version: str,
    solve: Solve,
    *,
    started: float,
    note: str,
    model_class: str = "general ODE",
    tolerances: Sequence[float] = GRID,
    cores: int = 2,
    batch: int = 100,
) -> None:
    """Print one row as JSON.

    ``started``: when the engine's import began (perf_counter); ``batch``: the timed number of
    patients is a multiple of it, so that no engine is charged for a part-filled batch.
    """
    solve(pb.patients(8), tolerances[-1])
    first_result_s = time.perf_counter() - started
    sample, true = reference.checked()
    rtol = loosest_sufficient(solve, sample, true, tolerances)
    n = _timed_size(solve, rtol, batch)
    many, seconds = pb.patients(n), float("inf")
    for _ in range(REPEATS):
        clock = time.perf_counter()
        result = solve(many, rtol)
        seconds = min(seconds, time.perf_counter() - clock)
    each = pb.errors(result[: pb.CHECKED], true)
    row = {
        "engine": engine,
        "version": version,
        "model_class": model_class,
        "cores": cores,
        "patients_per_s": n / seconds,
        "worst_error": float(each.max()),
        "errors": dict(zip(pb.OUTPUTS, map(float, each), strict=True)),
        "relative_tolerance": rtol or None,  # 0: nothing to choose
        "patients": n,
        "first_result_s": first_result_s,
        "note": note,
    }
    print(json.dumps(row), flush=True)


def loosest_sufficient(
    solve: Solve, sample: Array, true: Array, tolerances: Sequence[float]
) -> float:
    """The first tolerance whose worst error is below the problem's; the last one if none is."""
    for rtol in tolerances:
        worst = pb.errors(solve(sample, rtol), true).max()
        if worst < pb.TOLERANCE:  # False for NaN
            return rtol
    return tolerances[-1]


def _timed_size(solve: Solve, rtol: float, batch: int) -> int:
    """About `SECONDS` worth of patients, whole batches, no fewer than are checked."""
    trial = pb.patients(max(batch, pb.CHECKED))
    clock = time.perf_counter()
    solve(trial, rtol)
    wanted = min(len(trial) / (time.perf_counter() - clock) * SECONDS, MOST)
    return max(len(trial), batch * round(wanted / batch))


class TwoProcesses:
    """Runs a function of (patients, rtol) over parts of the patients in two forked processes."""

    def __init__(self, solve: Solve) -> None:
        self._solve = solve
        self._pool = get_context("fork").Pool(2)

    def __call__(self, patients: Array, rtol: float) -> Array:
        parts = np.array_split(patients, min(8, len(patients)))
        return np.concatenate(self._pool.starmap(self._solve, [(p, rtol) for p in parts]))
