"""libroadrunner: SBML compiled to machine code, CVODE, two processes."""

import time

started = time.perf_counter()

from importlib.metadata import version  # noqa: E402

import numpy as np  # noqa: E402
import roadrunner  # noqa: E402

from benchmarks import problem as pb  # noqa: E402
from benchmarks.measure import ATOL_SHARE, TwoProcesses, print_row  # noqa: E402
from benchmarks.peers import sbml  # noqa: E402

MODEL = roadrunner.RoadRunner(sbml.document())
MODEL.timeCourseSelections = ["concentration", "P", "S"]
MODEL.integrator.setValue("maximum_num_steps", 100_000)
TIMES = [0.0, *pb.observation_times().tolist()]


def solve(patients, rtol):
    MODEL.integrator.relative_tolerance = rtol
    MODEL.integrator.absolute_tolerance = ATOL_SHARE * rtol
    result = np.full((len(patients), len(TIMES) - 1, 3), np.nan)
    for i, patient in enumerate(patients):
        MODEL.resetAll()
        for name, value in zip(pb.VARYING, patient, strict=True):
            MODEL.setValue(name, value)
        try:
            result[i] = MODEL.simulate(times=TIMES)[1:]
        except RuntimeError:  # CVODE gave up at a loose tolerance: not a solution
            pass
    return result


if __name__ == "__main__":
    print_row(
        "libroadrunner",
        version("libroadrunner"),
        TwoProcesses(solve),
        started=started,
        note="CVODE, SBML with time events, two processes",
    )
