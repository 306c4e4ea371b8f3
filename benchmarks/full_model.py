"""The full model: patients per second against SciPy, time of an SSRI arm, cost and memory of many.

``python -m benchmarks.full_model [LARGEST]``: patients of the largest run, 100,000 if not given.
"""

import json
import os
import resource
import sys
import time
from typing import Any

os.environ["JAX_PLATFORMS"] = "cpu"

import numpy as np  # noqa: E402
from tests.support import prepared, reference  # noqa: E402

from synaptrial import facade  # noqa: E402
from synaptrial.domain.arm import Arm
from synaptrial.engine.backend import keep_scratch_memory  # noqa: E402
from synaptrial.simulation.cohort.build import build_cohort
from synaptrial.simulation.cohort.enrol import Cohort
from synaptrial.simulation.run.arm import simulate_arm  # noqa: E402

KETAMINE, SSRI = "FEDER2021_KET", "BRADY2000_SERTRALINE"  # eight and twelve weeks
PATIENTS, DRAWS, CORES, REPEATS = 64, 100, 2, 3  # of the timed arms
SIZES = (1_000, 10_000, 100_000)

Measure = dict[str, Any]


def cohort_of(arm: Arm) -> Cohort:
    return build_cohort(facade.load_models(arm.setting.population), arm.setting, PATIENTS, DRAWS, 1)


def best_s(arm: Arm, cohort: Cohort) -> float:
    """Shortest wall time of the arm, observation and sums included, once it is compiled."""
    simulate_arm(arm, cohort, cores=CORES)
    spent = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        simulate_arm(arm, cohort, cores=CORES)
        spent.append(time.perf_counter() - began)
    return min(spent)


def against_scipy(arm: Arm) -> tuple[float, float]:
    """Patients per second of the reference solver on one core, and our largest error in the
    latent CAPS-5 total, relative to its true value."""
    ours = prepared.prepared(arm)
    times = np.array([24.0 * d for d in arm.protocol.visits_days])
    found = ours.courses()["caps5_total"][np.searchsorted(ours.edges_h[1:], times - 1e-6)]
    began = time.perf_counter()
    true = reference.solve(ours.case(), times)["caps5_total"]
    seconds = time.perf_counter() - began
    return prepared.PATIENTS / seconds, prepared.relative_errors(found, true)


def speed() -> list[Measure]:
    """Patients per second of the ketamine arm, and the SSRI arm's time beside its own."""
    arm, ssri = facade.load_arm(KETAMINE), facade.load_arm(SSRI)
    cohort = cohort_of(arm)
    seconds = best_s(arm, cohort)
    scipy_rate, error = against_scipy(arm)
    return [
        {
            "name": f"full model, {KETAMINE} over eight weeks, {CORES} cores",
            "value": cohort.size / seconds,
            "unit": "patients/s",
            "note": f"{cohort.size:,} patients, plasma to scores; severity within {error:.0e} of "
            "the reference",
            "target": "at least 10,000",
        },
        {
            "name": "the same model through SciPy, one core",
            "value": scipy_rate,
            "unit": "patients/s",
            "note": f"{reference.METHOD}, rtol {reference.RTOL:g}, latent courses only",
        },
        {
            "name": f"time of {SSRI} (12 weeks) over that of {KETAMINE}",
            "value": best_s(ssri, cohort_of(ssri)) / seconds,
            "unit": "times",
            "target": "at most 2",
        },
    ]


def _simulate(n: int) -> None:
    facade.simulate([KETAMINE], patients=n // 2, draws=2, cores=CORES)  # no fewer draws


def scaling(sizes: tuple[int, ...]) -> list[Measure]:
    """Cost of whole simulations, figures of the summary included, and their peak memory."""
    _simulate(SIZES[0])  # compile
    measures: list[Measure] = []
    for n in sizes:
        began = time.perf_counter()
        _simulate(n)
        seconds = time.perf_counter() - began
        measures.append(
            {
                "name": f"whole simulation, {n:,} patients",
                "value": n / seconds,
                "unit": "patients/s",
                "note": f"{seconds:.1f} s",
            }
        )
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    measures.append(
        {
            "name": f"peak memory, whole simulation, {sizes[-1]:,} patients",
            "value": peak_mib,
            "unit": "MiB",
            "target": "below 2048 for 1,000,000",
        }
    )
    return measures


def main() -> None:
    keep_scratch_memory()
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else SIZES[-1]
    sizes = (*(n for n in SIZES if n < largest), largest)
    print(json.dumps({"measures": speed() + scaling(sizes)}))


if __name__ == "__main__":
    main()
