"""Linear blocks against the matrix exponential, and what holds for any linear system."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.linalg import expm

from synaptrial.engine.linear import LinearMarch, LinearSystem, march, propagators
from synaptrial.engine.mesh import LEVELS, FastMesh, fast_mesh
from synaptrial.pharmacology import ketamine

P = 3
BREAKS_H = (0.0, 40 / 60, 6.0, 30.0, 30.5, 78.0)
SUBSTEPS = 4


def advance(
    block: LinearSystem, mesh: FastMesh, rates: object, boluses: object, start: object = None
) -> tuple[dict[str, jax.Array], jax.Array]:
    props = propagators(block, jnp.asarray(mesh.step_h), LEVELS, mesh.squarings, P)
    steer = (mesh.family, mesh.level, mesh.segment, mesh.starts)
    panels = LinearMarch(*(jnp.asarray(x) for x in steer))
    first = jnp.zeros((len(block.states), P)) if start is None else start
    return march(
        block, props, panels, mesh.substeps, jnp.asarray(rates), jnp.asarray(boluses), first,
        block.states,
    )  # fmt: skip


def inputs(mesh: FastMesh, block: LinearSystem, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A rate in the first and fourth segment, boluses at the start of the third and fourth."""
    rng = np.random.default_rng(seed)
    rates = np.zeros((mesh.n_segments, len(block.channels), P))
    boluses = np.zeros((mesh.n_segments, len(block.states), P))
    rates[[0, 3]] = rng.uniform(1, 20, (2, len(block.channels), P))
    boluses[[2, 3]] = rng.uniform(0, 5, (2, len(block.states), P))
    return rates, boluses


def dense(block: LinearSystem, patient: int) -> np.ndarray:
    """A of one patient with one more column per channel."""
    n = len(block.states) + len(block.channels)
    out = np.zeros((n, n))
    for (i, j), v in block.values((P,)).items():
        out[i, j] = v[patient]
    return out


def by_expm(
    block: LinearSystem, mesh: FastMesh, rates: np.ndarray, boluses: np.ndarray
) -> np.ndarray:
    """States at the end of each segment, (n_segments, n_states, P)."""
    n = len(block.states)
    out = np.zeros((len(mesh.breaks_h) - 1, n, P))
    for p in range(P):
        a, x = dense(block, p), np.zeros(n)
        for s, h in enumerate(np.diff(mesh.breaks_h)):
            full = np.concatenate([x + boluses[s, :, p], rates[s, :, p]])
            x = (expm(a * h) @ full)[:n]
            out[s, :, p] = x
    return out


def chain(k: Callable[[int], object]) -> LinearSystem:
    """Depot, two transit states, central, a peripheral one, a sink that gathers what is lost."""
    block = LinearSystem(("depot", "t1", "t2", "central", "side", "sink"), ("depot", "central"))
    block.flow("depot", "t1", k(0))
    block.flow("t1", "t2", k(1))
    block.flow("t2", "central", k(2))
    block.flow("central", "side", k(3))
    block.flow("side", "central", k(4))
    block.flow("central", "sink", k(5))
    return block


def distinct(i: int) -> jax.Array:
    return jnp.array([0.4, 2.3, 8.1])[jnp.array([i % 3, (i + 1) % 3, (i + 2) % 3])] * (1 + 0.1 * i)


def equal(_: int) -> jax.Array:
    """Absorption = transit = elimination: nothing can be told apart by its eigenvalue."""
    return jnp.array([0.3, 1.7, 6.0])


MESH = fast_mesh(BREAKS_H, SUBSTEPS)


@jax.jit
def march_chain(
    k: jax.Array, rates: jax.Array, boluses: jax.Array
) -> tuple[dict[str, jax.Array], jax.Array]:
    """The chain over `MESH`, compiled once; k: (6, P) rates."""
    return advance(chain(lambda i: k[i]), MESH, rates, boluses)


def rates_of(kind: Callable[[int], object]) -> jax.Array:
    return jnp.stack([jnp.asarray(kind(i)) for i in range(6)])


def segment_ends(path: dict[str, jax.Array], mesh: FastMesh, block: LinearSystem) -> np.ndarray:
    last = [int(np.flatnonzero(mesh.segment[: len(mesh.edges_h)] == s)[-1])
            for s in range(len(mesh.breaks_h) - 1)]  # fmt: skip
    rows = np.array(last) * (mesh.substeps + 1) + mesh.substeps
    return np.stack([np.asarray(path[s])[rows] for s in block.states], axis=1)


@pytest.mark.parametrize("kind", [distinct, equal])
def test_a_march_equals_the_matrix_exponential(kind: Callable[[int], object]) -> None:
    block = chain(kind)
    rates, boluses = inputs(MESH, block, 1)
    path, end = march_chain(rates_of(kind), rates, boluses)
    truth = by_expm(block, MESH, rates, boluses)
    scale = np.abs(truth).max()
    assert np.abs(segment_ends(path, MESH, block) - truth).max() < 1e-11 * scale
    assert np.abs(np.asarray(end) - truth[-1]).max() < 1e-11 * scale


def test_equal_rates_give_the_known_gamma_curve() -> None:
    """Depot, two transits and elimination at one rate k: central = dose k^3 t^3 / 6 exp(-k t)."""
    k = jnp.array([0.3, 1.7, 6.0])
    block = LinearSystem(("depot", "t1", "t2", "central"))
    for a, b in (("depot", "t1"), ("t1", "t2"), ("t2", "central")):
        block.flow(a, b, k)
    block.lose("central", k)
    boluses = np.zeros((MESH.n_segments, 4, P))
    boluses[0, 0] = 100.0
    path, _ = advance(block, MESH, np.zeros((MESH.n_segments, 0, P)), boluses)
    kt = MESH.node_h[:, None] * np.asarray(k)
    found = np.asarray(path["central"])[: len(kt)]
    np.testing.assert_allclose(found, 100 * kt**3 / 6 * np.exp(-kt), rtol=1e-9, atol=1e-11)


def test_gradient_at_equal_rates_is_finite_and_right() -> None:
    mesh = fast_mesh((0.0, 2.0), SUBSTEPS)
    boluses = np.zeros((mesh.n_segments, 2, P))
    boluses[0, 0] = 1.0

    def central(ka: jax.Array) -> jax.Array:
        block = LinearSystem(("depot", "central"))
        block.flow("depot", "central", ka)
        block.lose("central", jnp.array([0.3, 1.7, 6.0]))
        return advance(block, mesh, np.zeros((mesh.n_segments, 0, P)), boluses)[1][1].sum()

    k, t = np.array([0.3, 1.7, 6.0]), 2.0
    found = np.asarray(jax.grad(central)(jnp.asarray(k)))
    # d/dka of ka (exp(-ka t) - exp(-k t)) / (k - ka) at ka = k is t exp(-kt) (1 - kt / 2)
    np.testing.assert_allclose(found, t * np.exp(-k * t) * (1 - k * t / 2), rtol=1e-9)


def test_mass_is_kept_with_a_sink() -> None:
    block = chain(distinct)
    rates, boluses = inputs(MESH, block, 2)
    path, end = march_chain(rates_of(distinct), rates, boluses)
    hours = np.zeros(MESH.n_segments)
    hours[: len(BREAKS_H) - 1] = np.diff(MESH.breaks_h)
    given = (rates * hours[:, None, None]).sum(axis=(0, 1)) + boluses.sum(axis=(0, 1))
    np.testing.assert_allclose(np.asarray(end).sum(axis=0), given, rtol=1e-12)
    assert min(float(x.min()) for x in path.values()) >= 0.0


def test_twice_the_dose_gives_twice_the_amounts() -> None:
    block = chain(distinct)
    rates, boluses = inputs(MESH, block, 3)
    k = rates_of(distinct)
    one, two = march_chain(k, rates, boluses)[0], march_chain(k, 2 * rates, 2 * boluses)[0]
    for s in block.states:
        np.testing.assert_array_equal(np.asarray(two[s]), 2 * np.asarray(one[s]))


def test_doses_superpose() -> None:
    block = chain(distinct)
    first, second = inputs(MESH, block, 4), inputs(MESH, block, 5)
    k = rates_of(distinct)
    paths = [march_chain(k, *x)[0] for x in (first, second)]
    both = march_chain(k, first[0] + second[0], first[1] + second[1])[0]
    for s in block.states:
        total = np.asarray(paths[0][s]) + np.asarray(paths[1][s])
        np.testing.assert_allclose(np.asarray(both[s]), total, rtol=1e-12, atol=1e-13)


def test_a_march_goes_on_from_its_final_state() -> None:
    block = chain(distinct)
    rates, boluses = inputs(MESH, block, 6)
    _, whole = march_chain(rates_of(distinct), rates, boluses)
    early, late = fast_mesh(BREAKS_H[:4], SUBSTEPS), fast_mesh(BREAKS_H[3:], SUBSTEPS)
    _, middle = advance(block, early, rates, boluses)
    later = [np.concatenate([x[3:], np.zeros_like(x[:3])]) for x in (rates, boluses)]
    _, end = advance(block, late, *later, start=middle)
    np.testing.assert_allclose(np.asarray(end), np.asarray(whole), rtol=1e-11)


@pytest.mark.parametrize("route", [r for r, s in ketamine.ROUTE_STATES.items() if s])
def test_every_route_of_the_ketamine_block_equals_the_matrix_exponential(route: str) -> None:
    rng = np.random.default_rng(7)
    names = (
        "V1", "V2", "V3", "VN1", "VN2", "CL", "Q2", "Q3", "CLN", "QN", "MTT_NK", "ka_im", "ka_sc",
        "ka_nasal", "ka_swallowed", "ka_oral", "ka_sl", "ka_sl_swallowed", "MTT_gut",
        "venous_half_life", "ke0_dissociation", "ke0_pressure",
    )  # fmt: skip
    par = {k: jnp.asarray(rng.uniform(0.5, 2.0, P)) for k in names}
    par |= {k: jnp.full(P, 0.3) for k in ("fm", "swallowed_systemic", "oral_systemic")}
    block = ketamine.system(par, (route,))
    mesh = fast_mesh((0.0, 0.5, 12.0), SUBSTEPS)
    rates = np.zeros((mesh.n_segments, len(block.channels), P))
    boluses = np.zeros((mesh.n_segments, len(block.states), P))
    rates[0] = 10.0
    boluses[0, block.states.index(ketamine.ROUTE_STATES[route][0])] = 50.0
    path, end = advance(block, mesh, rates, boluses)
    truth = by_expm(block, mesh, rates, boluses)
    assert np.abs(np.asarray(end) - truth[-1]).max() < 1e-11 * np.abs(truth).max()
    assert np.abs(segment_ends(path, mesh, block) - truth).max() < 1e-11 * np.abs(truth).max()


def test_an_unknown_state_is_refused() -> None:
    with pytest.raises(ValueError, match="'gut' is not a state"):
        chain(distinct).flow("gut", "central", 1.0)
