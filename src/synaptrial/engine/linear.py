"""Linear blocks, advanced exactly.

A block is dx/dt = A x + B u with A constant in time for each patient and u constant within a
step (zero-order inputs: infusions). Its propagator over a step h is exp(A h), computed as
``I + D`` by a Taylor polynomial on a short step and repeated squaring in the form
``D(2h) = 2 D + D D``, which loses no digits and needs no eigenvalues: equal rates are as good
as any others, in value and in gradient. Only the entries that can be non-zero are computed.

Squaring yields the propagators of a whole dyadic family of steps (h, 2h, 4h, ...), which is
why the meshes of `engine.mesh` are dyadic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import jax
import jax.numpy as jnp
import numpy as np

Array = jax.Array
Entry = tuple[int, int]

TAYLOR_ORDER = 10
MAX_SCALED_NORM = 0.5  # Taylor remainder there: 0.5**11 / 11! = 1e-11 of D at most
RATE_BOUND = 64.0  # 1/h; the first Taylor step is chosen so that rates up to this are resolved


@dataclass(frozen=True)
class Pattern:
    """Which entries of A, and of all its powers, may be non-zero. Hashable, hence static."""

    size: int
    entries: tuple[Entry, ...]

    @cached_property
    def closed(self) -> tuple[Entry, ...]:
        """Entries of A + A^2 + ... (reachability)."""
        reach = np.zeros((self.size, self.size), bool)
        for i, j in self.entries:
            reach[i, j] = True
        for k in range(self.size):
            reach |= np.outer(reach[:, k], reach[k, :])
        return tuple((int(i), int(j)) for i, j in np.argwhere(reach))

    def terms(self, left: Sequence[Entry], right: Sequence[Entry]) -> dict[Entry, list[int]]:
        """For each entry (i, k) of a product, the middle indices j that contribute."""
        rows = set(right)
        out: dict[Entry, list[int]] = {}
        for i, j in left:
            for k in range(self.size):
                if (j, k) in rows:
                    out.setdefault((i, k), []).append(j)
        return out


@dataclass
class LinearSystem:
    """A block under construction: named states, rates in 1/h, zero-order input channels.

    Rates are arrays of shape (P,) (patients) or scalars. Every state is an amount or a
    concentration in the unit of its writer; a channel adds its input rate to one state.
    """

    states: tuple[str, ...]
    channels: tuple[str, ...] = ()  # the state that each input channel feeds
    entries: dict[tuple[str, str], Array] = field(default_factory=dict)

    def add(self, to: str, source: str, rate: Array | float) -> None:
        """d(to)/dt += rate * source."""
        for name in (to, source):
            if name not in self.states:
                raise ValueError(f"{name!r} is not a state of this block: {self.states}")
        old = self.entries.get((to, source))
        self.entries[to, source] = jnp.asarray(rate) if old is None else old + rate

    def flow(self, source: str, to: str, rate: Array | float) -> None:
        """First-order transfer of amount: leaves `source`, enters `to`."""
        self.add(source, source, -jnp.asarray(rate))
        self.add(to, source, rate)

    def lose(self, source: str, rate: Array | float) -> None:
        """First-order loss out of the block."""
        self.add(source, source, -jnp.asarray(rate))

    def follow(self, name: str, source: str, rate: Array | float, scale: Array | float) -> None:
        """d(name)/dt = rate * (scale * source - name): an effect site, a sampling delay."""
        self.add(name, name, -jnp.asarray(rate))
        self.add(name, source, jnp.asarray(rate) * scale)

    @property
    def pattern(self) -> Pattern:
        """Pattern of A with one extra state per channel (a constant 1 that feeds it)."""
        index = {s: i for i, s in enumerate(self.states)}
        n = len(self.states)
        entries = {(index[a], index[b]) for a, b in self.entries}
        entries |= {(index[s], n + c) for c, s in enumerate(self.channels)}
        return Pattern(n + len(self.channels), tuple(sorted(entries)))

    def values(self, shape: tuple[int, ...]) -> dict[Entry, Array]:
        """Entries of the augmented A, broadcast to `shape` (P,)."""
        index = {s: i for i, s in enumerate(self.states)}
        n = len(self.states)
        out = {
            (index[a], index[b]): jnp.broadcast_to(v, shape) for (a, b), v in self.entries.items()
        }
        for c, s in enumerate(self.channels):
            out[index[s], n + c] = jnp.ones(shape)
        return out


def squarings_for(step_h: float) -> int:
    """Squarings below a step, so that the Taylor step resolves `RATE_BOUND`."""
    return max(0, int(np.ceil(np.log2(max(step_h * RATE_BOUND / MAX_SCALED_NORM, 1e-300)))))


@dataclass(frozen=True)
class Group:
    """Rows of the propagator that are multiplied together: they read the same columns.

    `own` says that each row also reads its own state, stored after the common columns.
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    own: bool

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Entries in the order in which they are stored."""
        common = tuple((i, j) for i in self.rows for j in self.columns)
        return common + (tuple((i, i) for i in self.rows) if self.own else ())


def row_groups(closed: Sequence[Entry]) -> tuple[Group, ...]:
    """Group rows by the columns that they read, with or without their own.

    One fused operation per group, instead of one per row, is what makes a march fast.
    """
    reads: dict[int, frozenset[int]] = {}
    for i, j in closed:
        reads[i] = reads.get(i, frozenset()) | {j}
    shared: dict[frozenset[int], list[int]] = {}
    for i, columns in reads.items():
        shared.setdefault(columns, []).append(i)
    groups, single = [], []
    for columns, rows in shared.items():
        if len(rows) > 1:
            groups.append(Group(tuple(rows), tuple(sorted(columns)), False))
        else:
            single += rows
    apart: dict[frozenset[int], list[int]] = {}
    for i in single:
        apart.setdefault(reads[i] - {i}, []).append(i)
    for columns, rows in apart.items():
        groups.append(Group(tuple(rows), tuple(sorted(columns)), True))
    return tuple(groups)


@dataclass(frozen=True)
class Propagators:
    """D = exp(A h) - I of a dyadic family of steps.

    table: (levels, U, n_entries, P), the shortest step first; entries in the order of `groups`.
    """

    table: Array
    groups: tuple[Group, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(e for g in self.groups for e in g.entries)

    def __getitem__(self, entry: Entry) -> Array:
        """(levels, U, P) of one entry; KeyError if it is zero by structure."""
        if entry not in self.entries:
            raise KeyError(entry)
        return self.table[:, :, self.entries.index(entry)]


jax.tree_util.register_dataclass(Propagators, ["table"], ["groups"])


def propagators(
    system: LinearSystem, step_h: Array, levels: int, squarings: int, n_patients: int
) -> Propagators:
    """Propagators for steps step_h * 2**k, k = 0 .. levels-1; step_h: (U,). The Taylor polynomial
    is taken `squarings` halvings below the shortest step."""
    pattern = system.pattern
    closed = pattern.closed
    first_h = (step_h * 2.0**-squarings)[:, None]
    scaled = {k: v[None, :] * first_h for k, v in system.values((n_patients,)).items()}
    taylor = pattern.terms(closed, tuple(scaled))
    square = pattern.terms(closed, closed)
    zero = jnp.zeros((step_h.shape[0], n_patients))
    first = {k: scaled.get(k, zero) for k in closed}
    Family = dict[Entry, Array]

    def next_term(carry: tuple[Family, Family], order: Array) -> tuple[tuple[Family, Family], None]:
        term, total = carry
        term = {
            (i, k): sum((term[i, j] * scaled[j, k] for j in taylor.get((i, k), ())), zero) / order
            for i, k in closed
        }
        return (term, {k: total[k] + term[k] for k in closed}), None

    def double(d: Family) -> Family:
        return {
            (i, k): 2 * d[i, k] + sum((d[i, j] * d[j, k] for j in square.get((i, k), ())), zero)
            for i, k in closed
        }

    groups = row_groups(closed)
    order = [e for g in groups for e in g.entries]

    def level(d: Family, _: None) -> tuple[Family, Array]:
        return double(d), jnp.stack([d[e] for e in order], axis=1)

    (_, total), _ = jax.lax.scan(next_term, (first, first), jnp.arange(2.0, TAYLOR_ORDER + 1))
    if squarings:
        total, _ = jax.lax.scan(lambda d, _: (double(d), None), total, None, squarings)
    _, table = jax.lax.scan(level, total, None, levels)
    return Propagators(table, groups)


@dataclass(frozen=True)
class LinearMarch:
    """Arrays that steer a march through the panels of a mesh; all of length n_panels, int32.

    starts is 1 where a panel opens a segment (its boluses are given there); family -1 is padding.
    """

    family: Array
    level: Array
    segment: Array
    starts: Array


jax.tree_util.register_dataclass(LinearMarch, ["family", "level", "segment", "starts"], [])


def march(
    system: LinearSystem,
    props: Propagators,
    panels: LinearMarch,
    substeps: int,
    rates: Array,
    boluses: Array,
    start: Array,
    outputs: Sequence[str],
) -> tuple[dict[str, Array], Array]:
    """Advance the block through all panels, each of `substeps` equal steps.

    rates: (n_segments, n_channels, P) zero-order input per h; boluses: (n_segments, n_states, P)
    amounts added at the start of a segment; start: (n_states, P). Returns each of `outputs` at
    the substeps + 1 nodes of each panel, (n_panels * (substeps + 1), P), and the final state.
    """
    keep = jnp.array([system.states.index(o) for o in outputs])
    n_families = props.table.shape[1]
    table = props.table.reshape(-1, *props.table.shape[2:])

    def panel(x: Array, s: LinearMarch) -> tuple[Array, Array]:
        d = table[s.level * n_families + jnp.maximum(s.family, 0)]
        d = jnp.where(s.family < 0, 0.0, 1.0) * d
        u = rates[s.segment]
        x = x + s.starts * boluses[s.segment]
        # a loop, not an unrolled chain: the compiler would compute the chain anew per output
        last, nodes = jax.lax.scan(
            lambda now, _: (_multiply(props.groups, d, now, u), now[keep]), x, None, substeps
        )
        return last, jnp.concatenate([nodes, last[keep][None]])

    end, path = jax.lax.scan(panel, start, panels)
    flat = path.reshape(-1, *path.shape[2:])
    return {name: flat[:, i] for i, name in enumerate(outputs)}, end


def _multiply(groups: tuple[Group, ...], d: Array, x: Array, u: Array) -> Array:
    """x + D (x, u), group by group. d: (n_entries, P); x: (n, P); u: (n_channels, P)."""
    full = [*x, *u]
    new: dict[int, Array] = {}
    first = 0
    for g in groups:
        r, c = len(g.rows), len(g.columns)
        block = d[first : first + r * c].reshape(r, c, x.shape[-1])
        now = jnp.stack([x[i] for i in g.rows])
        out = now + sum((block[:, j] * full[k] for j, k in enumerate(g.columns)), jnp.zeros(()))
        first += r * c
        if g.own:
            out = out + d[first : first + r] * now
            first += r
        new |= {i: out[k] for k, i in enumerate(g.rows)}
    return jnp.stack([new.get(i, x[i]) for i in range(x.shape[0])])
