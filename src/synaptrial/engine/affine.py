"""One step of a scalar equation dx/dt = a(t) - b(t) x, fourth order, exact where it can be.

Over a step, a and b are given at the start, the middle and the end; the step is taken in two
halves. With b constant the result is exact for a quadratic a, however stiff; with varying b a
commutator correction (Magnus expansion) keeps the order at four.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

Array = jax.Array

SERIES_TERMS = 15  # remainder below 1e-15 for |z| <= 1


def kernel_moments(z: Array) -> tuple[Array, ...]:
    """exp(-z) and M_n = integral over [0, 1] of exp(-z (1 - s)) s**n, n = 0, 1, 2.

    Series below |z| = 1, closed form above; both branches stay finite, so gradients do too.
    """
    small = jnp.abs(z) < 1.0
    zs = jnp.where(small, z, 0.0)
    series = jnp.ones_like(zs)
    for k in range(SERIES_TERMS, 0, -1):
        series = 1.0 - zs * (1.0 / (3 + k)) * series
    m2s = series * (1.0 / 3.0)
    m1s = (1.0 - zs * m2s) * 0.5
    m0s = 1.0 - zs * m1s
    es = 1.0 - zs * m0s
    zl = jnp.where(small, 1.0, z)
    el = jnp.exp(-zl)
    inv = 1.0 / zl
    m0l = (1.0 - el) * inv
    m1l = (1.0 - m0l) * inv
    m2l = (1.0 - 2.0 * m1l) * inv
    return tuple(
        jnp.where(small, s, c) for s, c in zip((es, m0s, m1s, m2s), (el, m0l, m1l, m2l), strict=True)
    )


def _forced(a: Array, moments: tuple[Array, ...]) -> Array:
    """Integral over [0, 1] of exp(-z (1 - s)) times the quadratic through a (3, P)."""
    _, m0, m1, m2 = moments
    return (m0 - 3 * m1 + 2 * m2) * a[0] + 4 * (m1 - m2) * a[1] + (2 * m2 - m1) * a[2]


def _varying(x: Array, h: Array, a: Array, b: Array, integral_b: Array) -> Array:
    """x after h with varying b (3, P); the commutator keeps order four."""
    moments = kernel_moments(integral_b)
    commutator = (b[2] * h - integral_b) * a[0] - (b[0] * h - integral_b) * a[2]
    return moments[0] * x + h * (_forced(a, moments) - commutator * moments[1] / 12)


def _halves(a: Array) -> tuple[Array, Array]:
    """The quadratic through a (3, P), as node values of the first and of the second half."""
    first = (3 * a[0] + 6 * a[1] - a[2]) / 8
    second = (3 * a[2] + 6 * a[1] - a[0]) / 8
    return jnp.stack([a[0], first, a[1]]), jnp.stack([a[1], second, a[2]])


def step(x: Array, h: Array, a: Array, b: Array | None) -> tuple[Array, Array]:
    """x (P,) at the middle and at the end of a step of length h.

    a: (3, P) gain at start, middle and end. b: loss, (3, P) where it varies, (P,) or () where
    it is constant, None where it is zero.
    """
    a_first, a_second = _halves(a)
    if b is None:
        middle = x + h / 12 * (a_first[0] + 4 * a_first[1] + a_first[2])
        return middle, x + h / 6 * (a[0] + 4 * a[1] + a[2])
    if b.ndim <= x.ndim:
        moments = kernel_moments(b * h / 2)
        middle = moments[0] * x + h / 2 * _forced(a_first, moments)
        return middle, moments[0] * middle + h / 2 * _forced(a_second, moments)
    b_first, b_second = _halves(b)
    area = h / 24 * (5 * b[0] + 8 * b[1] - b[2]), h / 24 * (5 * b[2] + 8 * b[1] - b[0])
    middle = _varying(x, h / 2, a_first, b_first, area[0])
    return middle, _varying(middle, h / 2, a_second, b_second, area[1])
