"""SciPy: solve_ivp with LSODA and a right-hand side in Python, two processes."""

import time

started = time.perf_counter()

import numpy as np  # noqa: E402
import scipy  # noqa: E402
from scipy.integrate import solve_ivp  # noqa: E402

from benchmarks import problem as pb  # noqa: E402
from benchmarks.measure import ATOL_SHARE, GRID, TwoProcesses, print_row  # noqa: E402

Y = pb.TYPICAL
TIMES = pb.observation_times()


def derivatives(_, state, rate, cl, v1, ec50, kout):
    """The equations in plain numbers: several times faster than arrays of length 1."""
    a1, a2, ce, p, s = state
    conc, back = a1 / v1, Y.Q / Y.V2 * a2
    drive = ce * ce / (ec50 * ec50 + ce * ce)
    return (
        rate - (cl + Y.Q) * conc + back,
        Y.Q * conc - back,
        Y.KE0 * (conc - ce),
        Y.KON * drive * (1 - p) - kout * p,
        Y.KS * (Y.S0 * (1 - Y.SMAX * p) - s),
    )


def one(patient, rtol):
    state, result = pb.initial_state(), np.empty((len(TIMES), 3))
    for seg in pb.segments():
        stops = np.union1d(TIMES[seg.first : seg.last], seg.stop)
        course = solve_ivp(
            derivatives, (seg.start, seg.stop), state, "LSODA", stops,
            args=(seg.rate, *patient), rtol=rtol, atol=ATOL_SHARE * rtol,
        ).y  # fmt: skip
        here = pb.outputs(course, patient[:, None])
        result[seg.first : seg.last] = here[: seg.last - seg.first]
        state = course[:, -1]
    return result


def solve(patients, rtol):
    return np.array([one(p, rtol) for p in patients])


if __name__ == "__main__":
    print_row(
        "SciPy",
        scipy.__version__,
        TwoProcesses(solve),
        started=started,
        note="solve_ivp LSODA, right-hand side in Python, two processes, stopped at each switch",
        tolerances=GRID[4:],  # looser ones fail, and each try takes seconds
    )
