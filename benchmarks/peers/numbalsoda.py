"""numbalsoda: LSODA called from numba, patients on two threads."""

import time

started = time.perf_counter()

from importlib.metadata import version  # noqa: E402

import numba  # noqa: E402
import numpy as np  # noqa: E402
from numbalsoda import lsoda, lsoda_sig  # noqa: E402

from benchmarks import problem as pb  # noqa: E402
from benchmarks.measure import ATOL_SHARE, print_row  # noqa: E402

Q, V2, KE0, KON = pb.TYPICAL.Q, pb.TYPICAL.V2, pb.TYPICAL.KE0, pb.TYPICAL.KON
KS, S0, SMAX = pb.TYPICAL.KS, pb.TYPICAL.S0, pb.TYPICAL.SMAX
SEGMENTS = np.array(pb.segments())
TIMES = pb.observation_times()


@numba.cfunc(lsoda_sig)
def derivatives(t, y, dy, p):  # p: CL, V1, EC50, KOUT, rate
    conc, ce = y[0] / p[1], y[2]
    drive = ce * ce / (p[2] * p[2] + ce * ce)
    dy[0] = p[4] - (p[0] + Q) * conc + Q / V2 * y[1]
    dy[1] = Q * conc - Q / V2 * y[1]
    dy[2] = KE0 * (conc - ce)
    dy[3] = KON * drive * (1.0 - y[3]) - p[3] * y[3]
    dy[4] = KS * (S0 * (1.0 - SMAX * y[3]) - y[4])


ADDRESS = derivatives.address


@numba.njit(parallel=True)
def solve_all(patients, rtol, atol):
    result = np.empty((len(patients), len(TIMES), 3))
    for i in numba.prange(len(patients)):
        values = np.empty(5)
        values[:4] = patients[i]
        state = np.zeros(5)
        state[4] = S0
        for k in range(len(SEGMENTS)):
            start, stop, values[4] = SEGMENTS[k, 0], SEGMENTS[k, 1], SEGMENTS[k, 2]
            first, last = int(SEGMENTS[k, 3]), int(SEGMENTS[k, 4])
            inside = last - first
            grid = np.empty(inside + 2)
            grid[0] = start
            grid[1 : inside + 1] = TIMES[first:last]
            grid[inside + 1] = stop
            if inside and TIMES[last - 1] == stop:
                grid = grid[:-1]
            course, _ = lsoda(ADDRESS, state, grid, values, rtol, atol)
            for j in range(inside):
                result[i, first + j, 0] = course[j + 1, 0] / values[1]
                result[i, first + j, 1] = course[j + 1, 3]
                result[i, first + j, 2] = course[j + 1, 4]
            state = course[-1].copy()
    return result


if __name__ == "__main__":
    numba.set_num_threads(2)
    print_row(
        "numbalsoda",
        version("numbalsoda"),
        lambda p, rtol: solve_all(p, rtol, ATOL_SHARE * rtol),
        started=started,
        note="LSODA, right-hand side compiled by numba, two threads, stopped at each switch",
    )
