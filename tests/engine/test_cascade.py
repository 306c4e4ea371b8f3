"""A cascade of one's own: order of convergence, stages of a user, refusals, resuming."""

from __future__ import annotations

from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from synaptrial.engine.cascade import Affine, Cascade, Readout
from synaptrial.engine.linear import LinearMarch, LinearSystem, march, propagators
from synaptrial.engine.mesh import (
    LEVELS,
    FastMesh,
    SlowMesh,
    fast_mesh,
    projected,
    projection,
    slow_mesh,
)

P = 2
HORIZON_H = 12.0
PAR = {"on": np.array([0.8, 2.0]), "off": np.array([0.1, 0.4]), "k": np.array([0.3, 1.1])}
START = 0.3  # of z


def on_slow(fast: FastMesh, slow: SlowMesh, signal: np.ndarray) -> np.ndarray:
    """A signal (n_nodes, 1) at the nodes of the slow mesh, (n, 3, 1)."""
    made = projection(fast, slow)
    return np.asarray(projected(made.first, made.weights, signal))


def signal(t: np.ndarray) -> np.ndarray:
    return np.exp(-0.3 * t) * (1 + np.sin(2 * t) ** 2)


def zero(p: Mapping[str, jnp.ndarray]) -> jnp.ndarray:
    return jnp.zeros(())


ANY = (-np.inf, np.inf)
# x has a loss that varies in time; y reads it through a power; z through an exponential
STAGES = (
    Affine("x", ("u",), ("on", "off"),
           lambda s, p: (p["on"] * s["u"], p["on"] * s["u"] + p["off"]), zero, ANY),
    Readout("square", ("x",), (), lambda s, p: s["x"] ** 2, ANY),
    Affine("y", ("square",), ("k",), lambda s, p: (p["k"] * s["square"], p["k"]), zero, ANY),
    Affine("z", ("x", "y"), ("k",), lambda s, p: (p["k"] * jnp.exp(-s["y"]), p["k"] * (1 + s["x"])),
           lambda p: jnp.full((), START), ANY),
)  # fmt: skip
CASCADE = Cascade(STAGES, ("u",))
COUNTS = (24, 48, 96)


def truth(u_of: object = signal) -> np.ndarray:
    """x, y, z at the horizon, (3, P)."""
    out = np.empty((3, P))
    for i in range(P):
        on, off, k = (PAR[n][i] for n in ("on", "off", "k"))

        def rhs(
            t: float, v: np.ndarray, on: float = on, off: float = off, k: float = k
        ) -> list[float]:
            x, y, z = v
            u = u_of(t)
            return [on * u * (1 - x) - off * x, k * (x**2 - y), k * (np.exp(-y) - (1 + x) * z)]

        out[:, i] = solve_ivp(
            rhs, (0, HORIZON_H), [0, 0, START], "DOP853", rtol=1e-12, atol=1e-14
        ).y[:, -1]
    return out


@jax.jit
def march_cascade(length: jax.Array, u: jax.Array) -> dict[str, jax.Array]:
    start = {k: jnp.broadcast_to(v, (P,)) for k, v in CASCADE.initial(PAR).items()}
    return CASCADE.march(length, {"u": u}, PAR, start, ("z",))[1]


def marched(length: np.ndarray, u: np.ndarray) -> np.ndarray:
    """x, y, z at the end, (3, P). Padded with intervals of no length, so that one compiled
    function serves all meshes."""
    pad = COUNTS[-1] - len(length)
    end = march_cascade(np.pad(length, (0, pad)), np.pad(u, ((0, pad), (0, 0), (0, 0))))
    return np.stack([np.asarray(end[k]) for k in ("x", "y", "z")])


def orders(errors: list[float]) -> np.ndarray:
    return np.log2(np.array(errors[:-1]) / np.array(errors[1:]))


def test_a_nonlinear_cascade_converges_with_order_four() -> None:
    errors = []
    exact = truth()
    for n in COUNTS:
        edges = np.linspace(0, HORIZON_H, n + 1)
        nodes = np.stack([edges[:-1], (edges[:-1] + edges[1:]) / 2, edges[1:]], axis=1)
        found = marched(np.diff(edges), signal(nodes)[:, :, None])
        errors.append(np.abs(found - exact).max())
    assert errors[-1] < 1e-6
    assert orders(errors).min() > 3.7, (errors, orders(errors))


def test_the_projected_scheme_of_two_meshes_converges_with_order_four() -> None:
    """The signal is a squared concentration: linear block on the fast mesh, projected."""
    k = 0.7
    exact = truth(lambda t: (4 * k * t * np.exp(-k * t)) ** 2)
    errors = []
    fast = fast_mesh((0.0, HORIZON_H), 8, splits=4)  # fine: the slow mesh is what is tested
    block = LinearSystem(("depot", "central"))
    block.flow("depot", "central", jnp.full(1, k))
    block.lose("central", jnp.full(1, k))
    boluses = np.zeros((fast.n_segments, 2, 1))
    boluses[0, 0] = 4.0
    steer = (fast.family, fast.level, fast.segment, fast.starts)
    path, _ = march(
        block, propagators(block, jnp.asarray(fast.step_h), LEVELS, fast.squarings, 1),
        LinearMarch(*(jnp.asarray(x) for x in steer)), fast.substeps,
        jnp.zeros((fast.n_segments, 0, 1)), jnp.asarray(boluses), jnp.zeros((2, 1)), ("central",),
    )  # fmt: skip
    squared = np.asarray(path["central"]) ** 2
    for n in (6, 12, 24, 48, 96):
        slow = slow_mesh(list(np.linspace(0, HORIZON_H, n + 1)), longest_h=np.inf)
        u = on_slow(fast, slow, squared)
        errors.append(np.abs(marched(slow.length_h[:n], u[:n]) - exact).max())
    assert errors[-1] < 1e-7
    assert orders(errors)[1:].mean() > 3.7, (errors, orders(errors))


def test_a_projected_signal_keeps_its_integral() -> None:
    fast, slow = fast_mesh((0.0, 8.0), 4), slow_mesh((0.0, 1.0, 3.0, 8.0))
    values = np.zeros(fast.n_nodes)
    values[: len(fast.node_h)] = 1 + 2 * fast.node_h + 3 * fast.node_h**2
    found = on_slow(fast, slow, values[:, None])[:3, :, 0]
    integral = (found * [1, 4, 1]).sum(axis=1) / 6 * np.diff(slow.edges_h)
    antiderivative = slow.edges_h + slow.edges_h**2 + slow.edges_h**3
    np.testing.assert_allclose(integral, np.diff(antiderivative), rtol=1e-12)


def test_a_user_adds_a_stage_without_touching_the_engine() -> None:
    """A tolerance state with an impulse: jumps by one at an event, fades with its own rate."""
    fades = Affine(
        "tolerance", ("z",), ("k",), lambda s, p: (0.0 * s["z"], p["k"]), zero, ANY,
        impulse=lambda x, s, p: x + s["event"] * s["y"], impulse_inputs=("event", "y"),
    )  # fmt: skip
    cascade = Cascade((*STAGES, fades), ("u", "event"))
    edges = np.linspace(0, HORIZON_H, 49)
    nodes = np.stack([edges[:-1], (edges[:-1] + edges[1:]) / 2, edges[1:]], axis=1)
    event = np.zeros((48, 3, 1))
    event[20] = 1.0
    given = {"u": jnp.asarray(signal(nodes)[:, :, None]), "event": jnp.asarray(event)}
    start = {k: jnp.broadcast_to(v, (P,)) for k, v in cascade.initial(PAR).items()}
    path, end = cascade.march(jnp.diff(edges), given, PAR, start, ("y", "tolerance"))
    since = HORIZON_H - edges[20]
    expected = np.asarray(path["y"])[19, 1] * np.exp(-PAR["k"] * since)
    np.testing.assert_allclose(np.asarray(end["tolerance"]), expected, rtol=1e-12)
    plain = marched(np.diff(edges), signal(nodes)[:, :, None])
    for i, name in enumerate(("x", "y", "z")):
        np.testing.assert_allclose(np.asarray(end[name]), plain[i], rtol=1e-14)


def test_a_stage_that_reads_a_later_stage_is_refused() -> None:
    with pytest.raises(ValueError, match=r"stage 'square' reads \['x'\]"):
        Cascade((STAGES[1], STAGES[0]), ("u",))


def test_an_impulse_that_reads_a_later_stage_is_refused() -> None:
    bad = Affine(
        "w", (), (), lambda s, p: (0.0, None), zero, ANY,
        impulse=lambda x, s, p: x, impulse_inputs=("z",),
    )  # fmt: skip
    with pytest.raises(ValueError, match=r"stage 'w' reads \['z'\]"):
        Cascade((bad, *STAGES), ("u",))


def test_two_stages_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="called 'x'"):
        Cascade((*STAGES, STAGES[0]), ("u",))


def test_a_march_goes_on_from_the_state_it_handed_back() -> None:
    edges = np.linspace(0, HORIZON_H, 25)
    nodes = np.stack([edges[:-1], (edges[:-1] + edges[1:]) / 2, edges[1:]], axis=1)
    u, length = jnp.asarray(signal(nodes)[:, :, None]), jnp.diff(edges)
    start = {k: jnp.broadcast_to(v, (P,)) for k, v in CASCADE.initial(PAR).items()}
    whole, end = CASCADE.march(length, {"u": u}, PAR, start, ("z",))
    first, half = CASCADE.march(length[:9], {"u": u[:9]}, PAR, start, ("z",))
    second, last = CASCADE.march(length[9:], {"u": u[9:]}, PAR, half, ("z",))
    both = np.concatenate([np.asarray(first["z"]), np.asarray(second["z"])])
    np.testing.assert_allclose(both, np.asarray(whole["z"]), rtol=1e-14)
    for name in CASCADE.states:
        np.testing.assert_allclose(np.asarray(last[name]), np.asarray(end[name]), rtol=1e-14)
