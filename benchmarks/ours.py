"""Our engine on the problem: linear block A1, A2, CE exact; P and S affine scalars."""

import os
import time

os.environ["JAX_PLATFORMS"] = "cpu"
started = time.perf_counter()

from collections import deque  # noqa: E402
from collections.abc import Iterator  # noqa: E402
from concurrent.futures import Future, ThreadPoolExecutor  # noqa: E402
from functools import partial  # noqa: E402
from importlib.metadata import version  # noqa: E402
from typing import NamedTuple  # noqa: E402

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

from benchmarks import problem as pb  # noqa: E402
from benchmarks.measure import print_row  # noqa: E402
from synaptrial.engine.backend import keep_scratch_memory  # noqa: E402
from synaptrial.engine.cascade import Affine, Cascade, Readout  # noqa: E402
from synaptrial.engine.linear import (  # noqa: E402
    LinearMarch,
    LinearSystem,
    march,
    propagators,
)
from synaptrial.engine.mesh import LEVELS, FastMesh, fast_mesh  # noqa: E402

CHUNK = 128  # patients side by side: what they need stays in the cache
THREADS = 2
SUBSTEPS, FIRST_PANEL_H = 6, 0.19
Y = pb.TYPICAL

CASCADE = Cascade(
    stages=(
        Readout(
            "drive",
            ("CE",),
            ("EC50",),
            lambda s, p: s["CE"] ** 2 / (p["EC50"] ** 2 + s["CE"] ** 2),
            bounds=(0.0, 1.0),
        ),
        Affine(
            "P",
            inputs=("drive",),
            parameters=("KOUT",),
            equation=lambda s, p: (Y.KON * s["drive"], Y.KON * s["drive"] + p["KOUT"]),
            initial=lambda p: jnp.zeros_like(p["KOUT"]),
            bounds=(0.0, 1.0),
        ),
        Affine(
            "S",
            inputs=("P",),
            parameters=(),
            equation=lambda s, p: (Y.KS * Y.S0 * (1 - Y.SMAX * s["P"]), jnp.asarray(Y.KS)),
            initial=lambda p: jnp.full_like(p["KOUT"], Y.S0),
            bounds=(0.0, Y.S0),
        ),
    ),
    exogenous=("CE",),
)


class Plan(NamedTuple):
    """What the mesh fixes for all patients (numpy, small)."""

    mesh: FastMesh
    rates: np.ndarray  # (n_segments, 1, 1) mg/h
    length_h: np.ndarray  # (n,) intervals of the affine scalars: two substeps each
    interval: np.ndarray  # (60,) interval of each observation
    weights: np.ndarray  # (60, 2, 3) of values and slopes at the interval's nodes


def plan(substeps: int, first_panel_h: float, splits: int = 1) -> Plan:
    """Mesh over the switches; nothing is stepped at an observation."""
    segs = pb.segments()
    breaks = [seg.start for seg in segs] + [pb.HORIZON]
    mesh = fast_mesh(breaks, substeps, first_panel_h, splits)
    rates = np.zeros((mesh.n_segments, 1, 1))
    rates[: len(segs), 0, 0] = [seg.rate for seg in segs]
    pieces = substeps // 2
    length_h = np.zeros(len(mesh.family) * pieces)  # padding: 0
    length_h[: len(mesh.edges_h) * pieces] = np.repeat(np.diff(mesh.edges_h) / pieces, pieces)
    times, ends = pb.observation_times(), np.cumsum(length_h)
    interval = np.searchsorted(ends, times - 1e-9)
    assert interval[0] > 0, "the start of the first interval is not kept"
    nodes = ends[interval, None] - length_h[interval, None] * [1.0, 0.5, 0.0]
    return Plan(mesh, rates, length_h, interval, hermite(nodes, times))


def hermite(nodes: np.ndarray, at: np.ndarray) -> np.ndarray:
    """(n, 2, k): weights of values and slopes at `nodes` (n, k) for the polynomial at `at` (n,)."""
    own = np.eye(nodes.shape[1], dtype=bool)
    span = np.where(own, np.inf, nodes[:, :, None] - nodes[:, None, :])
    gap = at[:, None] - nodes
    lagrange = np.where(own, 1.0, gap[:, None, :] / span).prod(axis=2)
    values = (1 - 2 * gap * (1 / span).sum(axis=2)) * lagrange**2
    return np.stack([values, gap * lagrange**2], axis=1)


def block(patients: jax.Array) -> LinearSystem:
    """Amounts in two compartments, and the effect site that follows the concentration."""
    cl, v1 = patients[:, 0], patients[:, 1]
    system = LinearSystem(("A1", "A2", "CE"), channels=("A1",))
    system.lose("A1", cl / v1)
    system.flow("A1", "A2", Y.Q / v1)
    system.flow("A2", "A1", Y.Q / Y.V2)
    system.follow("CE", "A1", Y.KE0, 1 / v1)
    return system


def chunk(patients: jax.Array, made: Plan) -> jax.Array:
    """(n, 4) patients -> (n, 60, 3) concentration, plasticity, symptom at the observations."""
    n, mesh = len(patients), made.mesh
    system = block(patients)
    props = propagators(system, jnp.asarray(mesh.step_h), LEVELS, mesh.squarings, n)
    panels = LinearMarch(*map(jnp.asarray, (mesh.family, mesh.level, mesh.segment, mesh.starts)))
    rates = jnp.asarray(made.rates)
    no_bolus, empty = jnp.zeros((mesh.n_segments, 3, 1)), jnp.zeros((3, n))
    k = mesh.substeps
    fast, _ = march(system, props, panels, k, rates, no_bolus, empty, ("A1", "A2", "CE"))
    effect = fast["CE"].reshape(-1, k + 1, n)
    forced = jnp.stack([effect[:, i : i + 3] for i in range(0, k, 2)], 1).reshape(-1, 3, n)
    parameters = dict(zip(pb.VARYING, patients.T, strict=True))
    start = CASCADE.initial(parameters)
    slow, _ = CASCADE.march(
        jnp.asarray(made.length_h), {"CE": forced}, parameters, start, ("P", "S")
    )
    panel, piece = np.divmod(made.interval, k // 2)
    three = np.arange(3)
    row = (panel * (k + 1) + 2 * piece)[:, None] + three
    a1, a2, ce = (fast[name][row] for name in ("A1", "A2", "CE"))  # (60, 3, n)
    # An interval starts where the last one ended; row 0 is the first node after time 0.
    p, s = (slow[name].reshape(-1, n)[2 * made.interval[:, None] + three - 1] for name in "PS")
    state = (a1, a2, ce, p, s)
    rate = rates[mesh.segment[panel]]  # (60, 1, 1): a panel lies in one segment
    values = (a1 / patients[:, 1], p, s)
    found = [
        jnp.einsum("tkn,tk->nt", value, made.weights[:, 0])
        + jnp.einsum("tkn,tk->nt", slope, made.weights[:, 1])
        for value, slope in zip(values, slopes(state, rate, patients), strict=True)
    ]
    return jnp.stack(found, -1)


def slopes(
    state: tuple[jax.Array, ...], rate: jax.Array, patients: jax.Array
) -> tuple[jax.Array, ...]:
    """Derivatives of concentration, plasticity, symptom."""
    a1, a2, ce, p, s = state
    cl, v1, ec50, kout = patients.T
    drive = ce**2 / (ec50**2 + ce**2)
    return (
        (rate - (cl + Y.Q) * a1 / v1 + Y.Q / Y.V2 * a2) / v1,
        Y.KON * drive * (1 - p) - kout * p,
        Y.KS * (Y.S0 * (1 - Y.SMAX * p) - s),
    )


class Engine:
    """Compiled once for a chunk; chunks go to threads."""

    def __init__(self, made: Plan, size: int = CHUNK, threads: int = THREADS) -> None:
        self._size, self._threads = size, threads
        self._solve = jax.jit(partial(chunk, made=made))

    def chunks(self, patients: np.ndarray) -> Iterator[np.ndarray]:
        """(k, 60, 3) for each chunk in turn; few are held at a time."""
        with ThreadPoolExecutor(self._threads) as pool:
            waiting: deque[Future[np.ndarray]] = deque()
            for first in range(0, len(patients), self._size):
                waiting.append(pool.submit(self._one, patients[first : first + self._size]))
                if len(waiting) > 4 * self._threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def _one(self, part: np.ndarray) -> np.ndarray:
        whole = np.resize(part, (self._size, 4))  # one shape, so one compilation
        return np.asarray(self._solve(whole))[: len(part)]

    def __call__(self, patients: np.ndarray, _: float = 0.0) -> np.ndarray:
        """(n, 60, 3); the mesh is fixed, so there is no tolerance."""
        result, first = np.empty((len(patients), 60, 3)), 0
        for part in self.chunks(patients):
            result[first : first + len(part)] = part
            first += len(part)
        return result


if __name__ == "__main__":
    keep_scratch_memory()  # as a simulation does
    print_row(
        "Synaptrial",
        version("synaptrial"),
        Engine(plan(SUBSTEPS, FIRST_PANEL_H)),
        started=started,
        model_class="cascade (linear blocks + affine scalars)",
        note=f"fixed mesh on the doses, {CHUNK} patients a chunk, {THREADS} threads",
        tolerances=(0.0,),
        batch=THREADS * CHUNK,
    )
