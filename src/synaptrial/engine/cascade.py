"""A cascade of affine scalars, advanced side by side for all patients.

Stages are declared in order; each may read the signals of stages before it and signals given
from outside, never of stages after it. Then one pass over the mesh is enough, and each state is
one exponential step of `engine.affine`. Adding a stage needs no change here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp

from synaptrial.engine.affine import step

Array = jax.Array
Signals = Mapping[str, Array]
Parameters = Mapping[str, Array]


@dataclass(frozen=True)
class Affine:
    """A state with dx/dt = gain - loss * x.

    equation(signals, parameters) -> (gain, loss); signals are (3, P): start, middle and end of
    an interval; parameters (P,). A loss without the leading axis is constant over the interval,
    and a loss of None is zero (an integral): both are cheaper. `impulse(x, signals, parameters) -> x` acts at the start of
    each interval, on signals (P,) of that moment; event signals are zero where nothing happens.
    """

    name: str
    inputs: tuple[str, ...]
    parameters: tuple[str, ...]
    equation: Callable[[Signals, Parameters], tuple[Array, Array | None]]
    initial: Callable[[Parameters], Array]
    impulse: Callable[[Array, Signals, Parameters], Array] | None = None
    impulse_inputs: tuple[str, ...] = ()
    unit: str = ""
    doc: str = ""


@dataclass(frozen=True)
class Readout:
    """A signal without memory: equation(signals, parameters) -> value."""

    name: str
    inputs: tuple[str, ...]
    parameters: tuple[str, ...]
    equation: Callable[[Signals, Parameters], Array]
    unit: str = ""
    doc: str = ""


Stage = Affine | Readout


@dataclass(frozen=True)
class Cascade:
    """Stages in an order in which each reads only what stands before it."""

    stages: tuple[Stage, ...]
    exogenous: tuple[str, ...]

    def __post_init__(self) -> None:
        known = set(self.exogenous)
        for stage in self.stages:
            needs = set(stage.inputs)
            if isinstance(stage, Affine):
                needs |= set(stage.impulse_inputs)
            missing = needs - known
            if missing:
                raise ValueError(
                    f"stage {stage.name!r} reads {sorted(missing)}, which no stage before it gives"
                )
            if stage.name in known:
                raise ValueError(f"two stages or inputs are called {stage.name!r}")
            known.add(stage.name)

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(s.name for s in self.stages if isinstance(s, Affine))

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(p for s in self.stages for p in s.parameters))

    def without(self, names: Sequence[str]) -> Cascade:
        """The cascade with some stages taken out; their signals must then be given."""
        kept = tuple(s for s in self.stages if s.name not in names)
        return Cascade(kept, (*self.exogenous, *names))

    def initial(self, parameters: Parameters) -> dict[str, Array]:
        """State before the first interval, each (P,)."""
        return {s.name: s.initial(parameters) for s in self.stages if isinstance(s, Affine)}

    def march(
        self,
        length_h: Array,
        signals: Signals,
        parameters: Parameters,
        state: Mapping[str, Array],
        outputs: Sequence[str],
    ) -> tuple[dict[str, Array], dict[str, Array]]:
        """Advance `state` over all intervals.

        length_h: (n,); signals: exogenous, each (n, 3, P) or (n, 3, 1). Returns the outputs at
        the middle and end of each interval, each (n, 2, P), and the final state. An interval of
        length zero changes nothing but may carry an impulse.
        """

        def interval(
            x: dict[str, Array], given: tuple[Array, dict[str, Array]]
        ) -> tuple[dict[str, Array], dict[str, Array]]:
            h, values = given[0], dict(given[1])
            new = {}
            for s in self.stages:
                if isinstance(s, Readout):
                    values[s.name] = s.equation(values, parameters)
                    continue
                start = x[s.name]
                if s.impulse is not None:
                    at_start = {k: values[k][0] for k in s.impulse_inputs}
                    start = s.impulse(start, at_start, parameters)
                gain, loss = s.equation(values, parameters)
                middle, end = step(start, h, jnp.broadcast_to(gain, (3, *start.shape)), loss)
                values[s.name] = jnp.stack([start, middle, end])
                new[s.name] = end
            width = next(iter(new.values())).shape
            kept = {k: jnp.broadcast_to(values[k], (3, *width))[1:] for k in outputs}
            return new, kept

        end, path = jax.lax.scan(interval, dict(state), (length_h, dict(signals)))
        return path, end
