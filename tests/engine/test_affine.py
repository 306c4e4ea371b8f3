"""Kernel moments and the exponential step of one scalar."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

from synaptrial.engine.affine import Array, interval, kernel_moments, nodes

EDGES = [0.1999999, 0.2000001, 0.9999, 1.0001]  # where series and closed form may meet
WIDE = np.concatenate([-np.logspace(-12, 0.3, 25), [0.0], np.logspace(-12, 3, 61), EDGES])


def step(x: Array, h: Array, a: Array, b: Array | None) -> tuple[Array, Array]:
    """x (P,) at the middle and at the end of an interval of length h.

    a: (3, P) gain at start, middle and end. b: loss, (3, P) where it varies, (P,) or () where
    it is constant, None where it is zero.
    """
    does = interval(h, nodes(a), nodes(b) if b is not None and b.ndim > x.ndim else b)
    return does.e_middle * x + does.f_middle, does.e_end * x + does.f_end


def moment(z: float, n: int) -> float:
    """By quadrature; for large z all weight is near s = 1, and quad is told where."""
    points = [1 - 30 / z] if z > 30 else None
    value, _ = quad(
        lambda s: np.exp(-z * (1 - s)) * s**n, 0, 1, epsabs=0, epsrel=1e-12, limit=200,
        points=points,
    )  # fmt: skip
    return value


def test_moments_equal_quadrature_over_a_wide_range() -> None:
    found = np.array(kernel_moments(jnp.asarray(WIDE)))
    np.testing.assert_allclose(found[0], np.exp(-WIDE), rtol=1e-12, atol=1e-15)
    for n in range(3):
        truth = [moment(z, n) for z in WIDE]
        np.testing.assert_allclose(found[n + 1], truth, rtol=2e-12)


def test_moments_have_finite_gradients_everywhere() -> None:
    """dM_n/dz = -(M_n - M_(n+1)); for n = 2, M_3 = (1 - 3 M_2) / z."""
    for n in (1, 2):
        slope = jax.vmap(jax.grad(lambda z, n=n: kernel_moments(z)[n]))(jnp.asarray(WIDE))
        moments = np.array(kernel_moments(jnp.asarray(WIDE)))
        np.testing.assert_allclose(slope, moments[n + 1] - moments[n], rtol=1e-8)
    slope = jax.vmap(jax.grad(lambda z: kernel_moments(z)[3]))(jnp.asarray(WIDE))
    assert np.isfinite(slope).all()


@pytest.mark.parametrize("rate", [0.0, 1e-9, 0.3, 5.0, 1e3, 1e6])
def test_a_quadratic_gain_with_constant_loss_is_exact(rate: float) -> None:
    h, x0 = 2.0, 3.0
    gain = lambda t: 1.0 + 2.0 * t - 0.7 * t**2  # noqa: E731
    a = jnp.array([gain(0.0), gain(h / 2), gain(h)])[:, None]
    middle, end = step(jnp.array([x0]), jnp.asarray(h), a, jnp.array([rate]))
    for found, t in ((middle, h / 2), (end, h)):
        forced, _ = quad(lambda s, t=t: np.exp(-rate * (t - s)) * gain(s), 0, t, epsrel=1e-12,
                         points=[max(0.0, t - 30 / rate)] if rate > 15 else None)  # fmt: skip
        assert float(found[0]) == pytest.approx(x0 * np.exp(-rate * t) + forced, rel=1e-10)


def test_a_loss_of_none_is_an_integral() -> None:
    a = jnp.array([1.0, 4.0, 9.0])[:, None]  # (1 + s)^2, s = 2 t / h, h = 2
    middle, end = step(jnp.array([0.5]), jnp.asarray(2.0), a, None)
    assert float(middle[0]) == pytest.approx(0.5 + 7 / 3, rel=1e-14)
    assert float(end[0]) == pytest.approx(0.5 + 26 / 3, rel=1e-14)


def gain_of(t: np.ndarray) -> np.ndarray:
    return 1.0 + np.sin(3 * t)


def loss_of(t: np.ndarray) -> np.ndarray:
    return 2.0 + np.cos(2 * t) * 1.5


def test_a_step_with_varying_loss_has_order_four() -> None:
    truth = solve_ivp(
        lambda t, x: gain_of(t) - loss_of(t) * x, (0, 4), [2.0], "DOP853", rtol=1e-13, atol=1e-14
    ).y[0, -1]
    errors = []
    for n in (8, 16, 32, 64):
        x, h = jnp.array([2.0]), 4.0 / n
        for k in range(n):
            t = np.array([k, k + 0.5, k + 1]) * h
            _, x = step(x, jnp.asarray(h), gain_of(t)[:, None], jnp.asarray(loss_of(t))[:, None])
        errors.append(abs(float(x[0]) - truth))
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert orders[-1] > 3.9 and orders.min() > 3.5, (errors, orders)


def test_a_step_of_no_length_changes_nothing() -> None:
    a, b = jnp.ones((3, 2)), jnp.full((3, 2), 5.0)
    for loss in (None, b[0], b):
        middle, end = step(jnp.array([1.5, -2.0]), jnp.asarray(0.0), a, loss)
        np.testing.assert_array_equal(np.asarray(middle), [1.5, -2.0])
        np.testing.assert_array_equal(np.asarray(end), [1.5, -2.0])
