"""Meshes: where the engine steps, known before any patient is.

Doses, infusion ends, sessions and decisions break the mesh, so nothing is stepped over, and no
result depends on when output is wanted: a day that is only observed breaks nothing. A mesh is
plain numpy and depends on the protocol alone. It is padded to few shapes, so that a new schedule
reuses compiled code.

Fast mesh (linear blocks): each segment between two breaks is cut into panels that double in
length, one unit, 1, 2, 4, ..., and then shrink to fit; each has `substeps` equal steps. So short
steps follow each change of input, and all steps are dyadic multiples of few units: segments that
are whole multiples of the usual unit share their propagators.

Slow mesh (affine scalars): edges only; each interval has a start, a middle and an end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import comb

import jax
import jax.numpy as jnp
import numpy as np
from numpy.polynomial import legendre

from synaptrial.engine.linear import squarings_for

Array = jax.Array

FIRST_PANEL_H = 5.0 / 60.0
PANEL_BUCKET, SEGMENT_BUCKET, FAMILY_BUCKET, INTERVAL_BUCKET = 16, 16, 1, 16
LEVELS = 14  # the longest step of a family is its shortest times 2**(LEVELS - 1)
RESOLUTION_H = 1e-6  # breaks closer than this are one


def padded(n: int, bucket: int) -> int:
    """n rounded up to few sizes: 1, 2, ... 8, then 10, 12, 14, 16, 20, ... buckets."""
    k = -(-max(n, 1) // bucket)
    unit = 2 ** max(0, (k - 1).bit_length() - 3)
    return -(-k // unit) * unit * bucket


def merge_breaks(times: Sequence[float]) -> np.ndarray:
    """Sorted break times without near-duplicates, (n,)."""
    t = np.unique(np.asarray(times, float))
    return t[np.concatenate([[True], np.diff(t) > RESOLUTION_H])]


def cut(edges_h: np.ndarray, longest_h: float) -> np.ndarray:
    """The edges with more between them, evenly, so that no two are further apart."""
    pieces = [edges_h[:1]]
    for a, b in pairwise(edges_h):
        k = max(1, int(np.ceil((b - a) / longest_h - 1e-9)))
        pieces.append(a + (b - a) * np.arange(1, k + 1) / k)
    return np.concatenate(pieces)


@dataclass(frozen=True)
class FastMesh:
    """Panels of a linear block; each has `substeps` equal steps, hence substeps + 1 nodes.

    Node k of panel p is row p * (substeps + 1) + k of any signal; the first node of a panel
    repeats the last of the one before, after the boluses of a new segment. Panels are padded.
    """

    breaks_h: np.ndarray  # (n_segments_real + 1,)
    step_h: np.ndarray  # (U,) shortest step of each family of dyadic steps
    family: np.ndarray  # (n_panels,) -1 in padding
    level: np.ndarray  # (n_panels,) a panel's steps are step_h[family] * 2**level
    segment: np.ndarray  # (n_panels,)
    starts: np.ndarray  # (n_panels,) 1 where a segment opens
    edges_h: np.ndarray  # (n_panels_real, 2) start and end
    n_segments: int  # padded
    substeps: int
    squarings: int  # below the shortest step, for `linear.propagators`; the same for all breaks

    @property
    def n_nodes(self) -> int:
        """Rows of a signal on this mesh, padding included."""
        return len(self.family) * (self.substeps + 1)

    @property
    def node_h(self) -> np.ndarray:
        """Times of the real nodes, (n_real,); they are the first rows of a signal."""
        share = np.arange(self.substeps + 1) / self.substeps
        a, b = self.edges_h[:, :1], self.edges_h[:, 1:]
        return (a + (b - a) * share).ravel()


def fast_mesh(
    breaks_h: Sequence[float],
    substeps: int = 4,
    first_panel_h: float = FIRST_PANEL_H,
    splits: int = 1,
) -> FastMesh:
    """Mesh over the segments between consecutive breaks (hours, at least two).

    The first panel of a segment is at most `first_panel_h`; `splits` (a power of two) cuts each
    panel into as many equal ones. Raises ValueError for another number of splits.
    """
    if splits < 1 or splits & (splits - 1):
        raise ValueError(f"splits must be a power of two, not {splits}")
    breaks = merge_breaks(breaks_h)
    families: dict[float, int] = {}
    rows: list[tuple[int, int, int, int, float, float]] = []
    for s, (start, end) in enumerate(pairwise(breaks)):
        unit, count = _units(end - start, first_panel_h)
        family = families.setdefault(float(f"{unit:.12g}"), len(families))
        done = 0.0
        for size in _doubling(count):
            for _ in range(splits):
                stop = done + size / splits
                edges = [end if x == count else start + x * unit for x in (done, stop)]
                rows.append((family, size.bit_length() - 1, s, int(done == 0), *edges))
                done = stop
    n_panels = padded(len(rows), PANEL_BUCKET)
    column = list(zip(*rows, strict=True))
    shortest = np.array(list(families)) / (substeps * splits)
    more = padded(len(shortest), FAMILY_BUCKET) - len(shortest)
    fill = lambda i, value: np.array(  # noqa: E731
        [*column[i], *[value] * (n_panels - len(rows))], np.int32
    )
    return FastMesh(
        breaks_h=breaks,
        step_h=np.pad(shortest, (0, more), mode="edge"),
        family=fill(0, -1),
        level=fill(1, 0),
        segment=fill(2, 0),
        starts=fill(3, 0),
        edges_h=np.array([column[4], column[5]]).T,
        n_segments=padded(len(breaks) - 1, SEGMENT_BUCKET),
        substeps=substeps,
        squarings=squarings_for(first_panel_h / (substeps * splits)),
    )


def _units(length_h: float, most_h: float) -> tuple[float, int]:
    """A unit of at most `most_h`, and how many of it make a segment: `most_h` itself where that
    fits, else the length halved until it is short enough."""
    whole = round(length_h / most_h)
    if whole >= 1 and abs(length_h - whole * most_h) < RESOLUTION_H:
        return most_h, whole
    halvings = int(np.clip(np.ceil(np.log2(length_h / most_h)), 0, LEVELS - 1))
    return length_h * 2.0**-halvings, 2**halvings


def _doubling(count: int) -> list[int]:
    """Sizes of panels, powers of two that add up to count: 1, 1, 2, 4, ..., then what is left."""
    sizes, size = [1], 1
    while sum(sizes) + size <= count:
        sizes.append(size)
        size = min(2 * size, 2 ** (LEVELS - 1))
    left = count - sum(sizes)
    return sizes + [2**k for k in range(left.bit_length() - 1, -1, -1) if left >> k & 1]


@dataclass(frozen=True)
class SlowMesh:
    """Intervals of the affine scalars; padding has length zero at the end."""

    edges_h: np.ndarray  # (n + 1,) real edges
    length_h: np.ndarray  # (n_intervals,) padded with 0

    @property
    def n_intervals(self) -> int:
        return len(self.length_h)

    @property
    def node_h(self) -> np.ndarray:
        """Start, middle and end of each real interval, (n, 3)."""
        a, b = self.edges_h[:-1], self.edges_h[1:]
        return np.stack([a, (a + b) / 2, b], axis=1)


def slow_mesh(
    breaks_h: Sequence[float],
    after_dose_h: Sequence[float] = (),
    offsets_h: Sequence[float] = (2.0, 6.0, 12.0, 24.0),
    longest_h: float = 84.0,
) -> SlowMesh:
    """Edges at breaks and at `offsets_h` after each of `after_dose_h`; no interval above
    `longest_h`."""
    breaks = merge_breaks(breaks_h)
    end = breaks[-1]
    starts = np.sort(np.asarray(after_dose_h, float))
    extra = []
    for i, t in enumerate(starts):
        stop = starts[i + 1] if i + 1 < len(starts) else end
        extra += [t + o for o in offsets_h if t + o < stop]
    edges = merge_breaks([*breaks, *extra])
    edges = cut(edges, longest_h)
    n = padded(len(edges) - 1, INTERVAL_BUCKET)
    return SlowMesh(edges, np.concatenate([np.diff(edges), np.zeros(n - len(edges) + 1)]))


def legendre_to_2(u: np.ndarray) -> np.ndarray:
    """The first three Legendre polynomials at u (n,) within -1 to 1, (3, n)."""
    return np.stack([np.ones_like(u), u, (3 * u**2 - 1) / 2])


# (3, 3): from the first three Legendre moments of a signal on -1 to 1 to the start, middle and end
# of the quadratic that has the same
FROM_MOMENTS = (legendre_to_2(np.array([-1.0, 0.0, 1.0])).T * np.array([1.0, 3.0, 5.0])) / 2


@dataclass(frozen=True)
class Projection:
    """From a signal at fast nodes to slow nodes: each interval reads K nodes, one after another.

    A dense matrix is zero but for a hundredth, and took a sixth of the time of a simulation.
    """

    first: np.ndarray  # (n_intervals,) first node that is read
    weights: np.ndarray  # (n_intervals, 3, K)


def projection(fast: FastMesh, slow: SlowMesh) -> Projection:
    """On each slow interval the signal (a polynomial through the nodes of each fast panel) is
    replaced by the quadratic with the same three Legendre moments, given at start, middle and
    end. A slow state then receives the same integral, the same mean time and the same spread.
    """
    degree = fast.substeps
    gauss_x, gauss_w = legendre.leggauss(degree // 2 + 3)
    unit = np.linspace(-1.0, 1.0, degree + 1)
    bary = _barycentric(degree)
    starts, ends = fast.edges_h.T
    first = np.searchsorted(ends, slow.edges_h[:-1] + RESOLUTION_H, "right")
    last = np.searchsorted(starts, slow.edges_h[1:] - RESOLUTION_H, "left")
    most = padded(int(np.max(last - first, initial=1)), 1)
    first = np.minimum(first, max(len(fast.family) - most, 0))
    weights = np.zeros((slow.n_intervals, 3, most, degree + 1))
    for n, (a, b) in enumerate(pairwise(slow.edges_h)):
        for p in range(first[n], last[n]):
            lo, hi = max(a, starts[p]), min(b, ends[p])
            if hi <= lo:
                continue
            t = (lo + hi) / 2 + (hi - lo) / 2 * gauss_x
            u = 2 * (t - a) / (b - a) - 1
            x = 2 * (t - starts[p]) / (ends[p] - starts[p]) - 1
            moment = legendre_to_2(u) * gauss_w * (hi - lo) / (b - a)  # du = 2 dt / (b - a)
            weights[n, :, p - first[n]] = FROM_MOMENTS @ (moment @ _lagrange(unit, bary, x))
    rows = np.zeros(slow.n_intervals, np.int32)
    rows[: len(first)] = first * (degree + 1)
    return Projection(rows, weights.reshape(slow.n_intervals, 3, -1))


def projected(first: Array, weights: Array, signal: Array) -> Array:
    """Apply a `Projection` to a signal (n_nodes, P): (n_intervals, 3, P)."""
    read = [signal[first + i][:, None] for i in range(weights.shape[2])]
    return sum((weights[:, :, i, None] * x for i, x in enumerate(read)), jnp.zeros(()))


def interpolation(fast: FastMesh, times_h: np.ndarray) -> np.ndarray:
    """Matrix (len(times_h), n_nodes): from a signal at fast nodes to its values at other times,
    by the polynomial of the panel that holds each time."""
    degree = fast.substeps
    unit = np.linspace(-1.0, 1.0, degree + 1)
    bary = _barycentric(degree)
    starts, ends = fast.edges_h.T
    out = np.zeros((len(times_h), fast.n_nodes))
    panel = np.clip(np.searchsorted(starts, times_h, "right") - 1, 0, len(starts) - 1)
    for i, (t, p) in enumerate(zip(times_h, panel, strict=True)):
        x = np.array([2 * (t - starts[p]) / (ends[p] - starts[p]) - 1])
        out[i, p * (degree + 1) : (p + 1) * (degree + 1)] = _lagrange(unit, bary, x)[0]
    return out


def _barycentric(degree: int) -> np.ndarray:
    """Barycentric weights of equally spaced nodes."""
    return np.array([(-1.0) ** i * comb(degree, i) for i in range(degree + 1)])


def _lagrange(nodes: np.ndarray, bary: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Values at x of the Lagrange polynomials of the nodes, (len(x), len(nodes))."""
    gap = x[:, None] - nodes[None, :]
    hit = np.abs(gap) < 1e-13
    terms = bary / np.where(hit, 1.0, gap)
    values = terms / terms.sum(axis=1, keepdims=True)
    rows = hit.any(axis=1)
    values[rows] = hit[rows].astype(float)
    return values
