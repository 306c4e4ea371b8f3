"""Our engine's cost and peak memory from a thousand to a million patients; only means are kept."""

import json
import resource
import time

from benchmarks import problem as pb
from benchmarks.ours import FIRST_PANEL_H, SUBSTEPS, Engine, plan
from synaptrial.engine.backend import keep_scratch_memory

SIZES = (1_000, 10_000, 100_000, 1_000_000)


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    keep_scratch_memory()
    engine = Engine(plan(SUBSTEPS, FIRST_PANEL_H))
    engine(pb.patients(8))  # compile
    measures = []
    for n in SIZES:
        clock = time.perf_counter()
        mean = sum(part.sum(0) for part in engine.chunks(pb.patients(n))) / n
        seconds = time.perf_counter() - clock
        measures.append(
            {
                "name": f"{n:,} patients",
                "value": n / seconds,
                "unit": "patients/s",
                "note": f"mean symptom at the end {mean[-1, 2]:.3f}; random numbers included",
            }
        )
    measures.append(
        {
            "name": f"peak memory, {SIZES[-1]:,} patients",
            "value": peak_mib(),
            "unit": "MiB",
            "target": "below 2048",
        }
    )
    print(json.dumps({"measures": measures}))


if __name__ == "__main__":
    main()
