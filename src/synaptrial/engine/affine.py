"""Intervals of a scalar equation dx/dt = a(t) - b(t) x, fourth order, exact where it can be.

Over an interval, a and b are given at the start, the middle and the end; it is taken in two
halves. With b constant the result is exact for a quadratic a, however stiff; with varying b a
commutator correction (Magnus expansion) keeps the order at four. What an interval does to x is
affine, x -> e x + f, with e and f known before x is: all intervals are worked out at once, and
only the bare recurrence goes from one interval to the next.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

Array = jax.Array
Nodes = tuple[Array, Array, Array]  # at start, middle and end

SERIES_BELOW, SERIES_TERMS = 0.2, 8  # remainder 1e-15; the closed form loses 3 digits there


class Interval(NamedTuple):
    """x at the middle is e_middle x + f_middle, at the end e_end x + f_end; x at the start."""

    e_middle: Array
    f_middle: Array
    e_end: Array
    f_end: Array


@jax.custom_jvp
def kernel_moments(z: Array) -> tuple[Array, ...]:
    """exp(-z) and M_n = integral over [0, 1] of exp(-z (1 - s)) s**n, n = 0, 1, 2.

    Series near 0, closed form elsewhere; both branches stay finite.
    """
    return _moments(z)[:4]


@kernel_moments.defjvp
def _slope(
    primals: tuple[Array], tangents: tuple[Array]
) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """d exp(-z) = -exp(-z) dz and dM_n = (M_n+1 - M_n) dz: no derivative of a branch is taken."""
    e, m0, m1, m2, m3 = _moments(primals[0])
    dz = tangents[0]
    return (e, m0, m1, m2), (-e * dz, (m1 - m0) * dz, (m2 - m1) * dz, (m3 - m2) * dz)


def _moments(z: Array) -> tuple[Array, ...]:
    """exp(-z), M_0, M_1, M_2, M_3."""
    small = jnp.abs(z) < SERIES_BELOW
    zs = jnp.where(small, z, 0.0)
    series = jnp.ones_like(zs)
    for k in range(SERIES_TERMS, 0, -1):
        series = 1.0 - zs * (1.0 / (4 + k)) * series
    m3s = series * 0.25
    m2s = (1.0 - zs * m3s) * (1.0 / 3.0)
    m1s = (1.0 - zs * m2s) * 0.5
    m0s = 1.0 - zs * m1s
    near = (1.0 - zs * m0s, m0s, m1s, m2s, m3s)
    zl = jnp.where(small, 1.0, z)
    el = jnp.exp(-zl)
    inv = 1.0 / zl
    m0l = (1.0 - el) * inv
    m1l = (1.0 - m0l) * inv
    m2l = (1.0 - 2.0 * m1l) * inv
    far = (el, m0l, m1l, m2l, (1.0 - 3.0 * m2l) * inv)
    return tuple(jnp.where(small, s, c) for s, c in zip(near, far, strict=True))


def _weights(moments: tuple[Array, ...]) -> tuple[Array, Array, Array]:
    """Of the three nodes of a quadratic in the integral over [0, 1] of exp(-z (1 - s)) times it."""
    _, m0, m1, m2 = moments
    return m0 - 3 * m1 + 2 * m2, 4 * (m1 - m2), 2 * m2 - m1


def _constant(h: Array, a: Nodes, b: Array) -> Interval:
    """With b constant. The weights of a over both halves have the shape of b h, which may be
    far smaller than that of a."""
    moments = kernel_moments(b * h / 2)
    e = moments[0]
    c0, c1, c2 = (h / 2 * w for w in _weights(moments))
    first = c0 + 3 / 8 * c1, 3 / 4 * c1 + c2, -c1 / 8
    second = -c1 / 8, c0 + 3 / 4 * c1, 3 / 8 * c1 + c2
    both = [e * u + v for u, v in zip(first, second, strict=True)]
    total = lambda w: w[0] * a[0] + w[1] * a[1] + w[2] * a[2]  # noqa: E731
    return Interval(e, total(first), e * e, total(both))


def _half(h: Array, a: Nodes, b: Nodes, area: Array) -> tuple[Array, Array]:
    """e and f of a half with varying b; the commutator keeps order four."""
    moments = kernel_moments(area)
    forced = sum(w * x for w, x in zip(_weights(moments), a, strict=True))
    commutator = (b[2] * h - area) * a[0] - (b[0] * h - area) * a[2]
    return moments[0], h * (forced - commutator * moments[1] / 12)


def _halves(a: Nodes) -> tuple[Nodes, Nodes]:
    """The quadratic through three nodes, as nodes of the first and of the second half."""
    first = (3 * a[0] + 6 * a[1] - a[2]) / 8
    second = (3 * a[2] + 6 * a[1] - a[0]) / 8
    return (a[0], first, a[1]), (a[1], second, a[2])


def _varying(h: Array, a: Nodes, b: Nodes) -> Interval:
    """With b a quadratic."""
    (a_first, a_second), (b_first, b_second) = _halves(a), _halves(b)
    area = h / 24 * (5 * b[0] + 8 * b[1] - b[2]), h / 24 * (5 * b[2] + 8 * b[1] - b[0])
    e, f = _half(h / 2, a_first, b_first, area[0])
    e_second, f_second = _half(h / 2, a_second, b_second, area[1])
    return Interval(e, f, e_second * e, e_second * f + f_second)


def nodes(signal: Array) -> Nodes:
    """Of a signal (3, ...), or (1, ...) where the three are equal. Not by index: the derivative is
    then one concatenation, not three padded arrays and their sum."""
    parts = jax.lax.split(signal, [1] * signal.shape[0])
    first, *others = (jnp.squeeze(x, 0) for x in parts)
    return (first, others[0], others[1]) if others else (first, first, first)


def interval(h: Array, a: Nodes, b: Nodes | Array | None) -> Interval:
    """What an interval of length h does to x.

    a: gain; b: loss, three nodes where it varies, one array where it is constant, None where it
    is zero. Shapes broadcast.
    """
    if b is None:
        one = jnp.ones_like(h)
        halfway = h / 24 * (5 * a[0] + 8 * a[1] - a[2])
        return Interval(one, halfway, one, h / 6 * (a[0] + 4 * a[1] + a[2]))
    return _varying(h, a, b) if isinstance(b, tuple) else _constant(h, a, b)


@jax.custom_jvp
def recur(start: Array, e: Array, f: Array) -> tuple[Array, Array]:
    """x before each interval, (n, P), and after the last, where x -> e x + f, (n, P) each."""
    return _recur(start, e, f)


def _recur(start: Array, e: Array, f: Array) -> tuple[Array, Array]:
    def after(x: Array, does: tuple[Array, Array]) -> tuple[Array, Array]:
        return does[0] * x + does[1], x

    end, before = jax.lax.scan(after, start, (e, f))
    return before, end


@recur.defjvp
def _recur_slope(
    primals: tuple[Array, Array, Array], tangents: tuple[Array, Array, Array]
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """dx obeys the same recurrence, with f = df + x de: sums over patients stay outside it."""
    start, e, f = primals
    before, end = recur(start, e, f)
    return (before, end), _recur(tangents[0], e, tangents[2] + tangents[1] * before)
