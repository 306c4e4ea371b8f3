"""The true solution, made anew each time (one second), and two methods that check it.

``python -m benchmarks.reference`` prints how well the methods agree; ``--against FILE.npy``
compares with a solution from elsewhere.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from benchmarks import problem as pb
from benchmarks.problem import Array

RTOL = 1e-12
STATE_SCALE = np.array([1.0, 1.0, 0.01, 0.01, 1.0])  # atol = RTOL x this x 0.1


def solve(patients: Array, rtol: float = RTOL) -> Array:
    """(n, 60, 3) by DOP853, all patients as one system.

    Stopped and started at each switch and at each observation: DOP853 interpolates between
    its steps at a lower order than it steps (1e-8 here).
    """
    n = len(patients)
    columns = patients.T
    state = np.repeat(pb.initial_state()[:, None], n, axis=1)
    atol = np.repeat(0.1 * rtol * STATE_SCALE, n)
    times, found = pb.observation_times(), []
    for seg in pb.segments():

        def rhs(_: float, y: Array, rate: float = seg.rate) -> Array:
            return pb.derivatives(y.reshape(5, n), rate, columns).ravel()

        observed = times[seg.first : seg.last]
        stops = np.union1d(observed, [seg.start, seg.stop])
        for span in itertools.pairwise(stops):
            run = solve_ivp(rhs, span, state.ravel(), "DOP853", span[1:], rtol=rtol, atol=atol)
            if not run.success:
                raise RuntimeError(f"reference failed at {span}: {run.message}")
            state = run.y.reshape(5, n)
            if span[1] in observed:
                found.append(pb.outputs(state, columns))
    return np.stack(found, axis=1)


def solve_one_by_one(patients: Array, method: str = "Radau", rtol: float = 1e-11) -> Array:
    """(n, 60, 3) by another solver, each patient alone: the second method."""
    times, result = pb.observation_times(), np.empty((len(patients), 60, 3))
    atol = 0.1 * rtol * STATE_SCALE
    for i, patient in enumerate(patients):
        state = pb.initial_state()
        for seg in pb.segments():
            stops = np.union1d(times[seg.first : seg.last], seg.stop)
            run = solve_ivp(
                lambda _, y, r=seg.rate, p=patient: pb.derivatives(y, r, p),
                (seg.start, seg.stop), state, method, stops, rtol=rtol, atol=atol,
            )  # fmt: skip
            here = pb.outputs(run.y, patient[:, None])
            result[i, seg.first : seg.last] = here[: seg.last - seg.first]
            state = run.y[:, -1]
    return result


def exact_concentration(patients: Array) -> Array:
    """(n, 60) central concentration by matrix exponentials: no solver, no right-hand side."""
    times, result = pb.observation_times(), np.empty((len(patients), 60))
    cl, v1, q, v2 = patients[:, 0], patients[:, 1], pb.TYPICAL.Q, pb.TYPICAL.V2
    # Amounts and a constant 1 that carries the infusion: z' = M z.
    m = np.zeros((len(patients), 3, 3))
    m[:, 0, 0], m[:, 0, 1] = -(cl + q) / v1, q / v2
    m[:, 1, 0], m[:, 1, 1] = q / v1, -q / v2
    z = np.tile([0.0, 0.0, 1.0], (len(patients), 1))
    for seg in pb.segments():
        m[:, 0, 2] = seg.rate
        for j in range(seg.first, seg.last):
            at = np.einsum("nij,nj->ni", expm(m * (times[j] - seg.start)), z)
            result[:, j] = at[:, 0] / v1
        z = np.einsum("nij,nj->ni", expm(m * (seg.stop - seg.start)), z)
    return result


def checked() -> tuple[Array, Array]:
    """The patients (200, 4) whose error is measured, and their solution (200, 60, 3)."""
    sample = pb.patients(pb.CHECKED)
    return sample, solve(sample)


def main() -> None:
    """Make the reference and print how well the methods agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path, help="a (200, 60, 3) .npy file to compare with")
    parser.add_argument("--second", type=int, default=4, help="patients solved by Radau as well")
    args = parser.parse_args()
    sample, made = checked()

    def show(what: str, found: Array, true: Array) -> None:
        print(f"{what}:", ", ".join(f"{e:.1e}" for e in pb.errors(found, true)))

    exact = exact_concentration(sample)[:, :, None]
    show("concentration against matrix exponentials", made[:, :, :1], exact)
    few = solve_one_by_one(sample[: args.second])
    show(f"{args.second} patients by Radau ({', '.join(pb.OUTPUTS)})", few, made[: args.second])
    if args.against:
        show(f"against {args.against.name} ({', '.join(pb.OUTPUTS)})", made, np.load(args.against))


if __name__ == "__main__":
    main()
