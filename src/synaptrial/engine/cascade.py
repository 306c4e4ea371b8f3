"""A cascade of affine scalars, advanced side by side for all patients.

Stages are declared in order; each may read the signals of stages before it and signals given
from outside, never of stages after it. So each stage is worked out for all intervals at once
(`engine.affine`), and only its bare recurrence x -> e x + f goes from interval to interval.
Adding a stage needs no change here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp

from synaptrial.engine.affine import Nodes, interval, nodes, recur

Array = jax.Array
Signals = Mapping[str, Array]
Parameters = Mapping[str, Array]


@dataclass(frozen=True)
class Affine:
    """A state with dx/dt = gain - loss * x.

    equation(signals, parameters) -> (gain, loss); it is elementwise. Signals carry axes for time
    before that of the patients; parameters are (P,). A loss of the shape of a parameter is
    constant, and a loss of None is zero (an integral): both are cheaper. `impulse(x, signals,
    parameters) -> x` acts at the start of each interval, on x and signals (P,) of that moment;
    event signals are zero where nothing happens. `bounds`: the range that the state never leaves.
    """

    name: str
    inputs: tuple[str, ...]
    parameters: tuple[str, ...]
    equation: Callable[[Signals, Parameters], tuple[Array, Array | None]]
    initial: Callable[[Parameters], Array]
    bounds: tuple[float, float]
    impulse: Callable[[Array, Signals, Parameters], Array] | None = None
    impulse_inputs: tuple[str, ...] = ()
    unit: str = ""
    doc: str = ""


@dataclass(frozen=True)
class Readout:
    """A signal without memory: equation(signals, parameters) -> value, within `bounds`."""

    name: str
    inputs: tuple[str, ...]
    parameters: tuple[str, ...]
    equation: Callable[[Signals, Parameters], Array]
    bounds: tuple[float, float]
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

    def needed_for(self, outputs: Sequence[str]) -> Cascade:
        """The cascade with only the stages that the outputs depend on."""
        needed = set(outputs)
        for s in reversed(self.stages):
            if s.name in needed:
                needed |= {*s.inputs, *(s.impulse_inputs if isinstance(s, Affine) else ())}
        return Cascade(tuple(s for s in self.stages if s.name in needed), self.exogenous)

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

        length_h: (n,) or (n, P); signals: exogenous, each (n, 3, P) or (n, 3, 1), (n, 1, ...) where
        start, middle and end are equal, (1, 1, ...) for one that never changes. Returns the
        outputs at the middle and end of each interval, each (n, 2, P), and the final state. An
        interval of length zero changes nothing but may carry an impulse. For P patients may stand
        several axes; a parameter or signal of length 1 along some is worked with as such.
        """
        lanes = jnp.broadcast_shapes(*(jnp.shape(v) for v in state.values()))
        h = length_h.reshape(*length_h.shape, *[1] * (1 + len(lanes) - length_h.ndim))
        values: dict[str, Signal] = {k: _given(v) for k, v in signals.items()}
        end = {}
        for s in self.stages:
            if isinstance(s, Readout):
                found, kind = _inputs(s, values)
                values[s.name] = kind(s.equation(found, parameters))
            else:
                start = jnp.broadcast_to(state[s.name], lanes)
                values[s.name], end[s.name] = _advance(s, h, values, parameters, start)
        shape = (3, h.shape[0], *lanes)
        path = {
            k: jnp.moveaxis(jnp.broadcast_to(values[k].three, shape)[1:], 0, 1) for k in outputs
        }
        return path, end


class Steady(NamedTuple):
    """A signal that does not change, (P,)."""

    value: Array

    @property
    def three(self) -> Array:
        return self.value[None, None]


class Smooth(NamedTuple):
    """A signal without jumps: at the n + 1 edges of n intervals, then at their middles,
    (2 n + 1, P). So an edge is worked with once, not as an end and again as a start."""

    points: Array

    @property
    def _n(self) -> int:
        return self.points.shape[0] // 2

    @property
    def start(self) -> Array:
        return self.points[: self._n]

    @property
    def middle(self) -> Array:
        return self.points[self._n + 1 :]

    @property
    def end(self) -> Array:
        return self.points[1 : self._n + 1]

    @property
    def three(self) -> Array:
        return jnp.stack([self.start, self.middle, self.end])


class Broken(NamedTuple):
    """A signal that may jump between intervals: at start, middle and end of each, (3, n, P)."""

    three: Array


Signal = Steady | Smooth | Broken


def _given(signal: Array) -> Signal:
    if signal.shape[:2] == (1, 1):
        return Steady(signal[0, 0])
    return Broken(jnp.moveaxis(signal, 1, 0))


def _inputs(stage: Stage, values: Mapping[str, Signal]) -> tuple[dict[str, Array], type[Signal]]:
    """The inputs of a stage as arrays alike in their first axes, and of which kind they are."""
    own = [values[k] for k in stage.inputs]
    if not any(isinstance(x, Broken) for x in own) and any(isinstance(x, Smooth) for x in own):
        points = lambda x: x.points if isinstance(x, Smooth) else x.value[None]  # noqa: E731
        return {k: points(x) for k, x in zip(stage.inputs, own, strict=True)}, Smooth
    return {k: x.three for k, x in zip(stage.inputs, own, strict=True)}, Broken


def _advance(
    stage: Affine, h: Array, values: Mapping[str, Signal], parameters: Parameters, start: Array
) -> tuple[Signal, Array]:
    """One state through all intervals, and after the last."""
    found, kind = _inputs(stage, values)
    gain, loss = stage.equation(found, parameters)
    whole = start.ndim + (1 if kind is Smooth else 2)  # axes of a signal
    gain = jnp.reshape(gain, (*[1] * (whole - jnp.ndim(gain)), *jnp.shape(gain)))
    b = _nodes(kind(loss)) if loss is not None and jnp.ndim(loss) == whole else loss
    does = interval(h, _nodes(kind(gain)), b)
    f = jnp.broadcast_to(does.f_end, (h.shape[0], *start.shape))
    if stage.impulse is not None:
        jump, at_jump = stage.impulse, {k: values[k].three[0] for k in stage.impulse_inputs}
        before, end = _with_impulses(jump, at_jump, does.e_end, f, parameters, start)
        middle = does.e_middle * before + does.f_middle
        return Broken(jnp.stack([before, middle, does.e_end * before + f])), end
    before, end = recur(start, does.e_end, f)
    middle = does.e_middle * before + does.f_middle
    return Smooth(jnp.concatenate([before, end[None], middle])), end


def _nodes(signal: Signal) -> Nodes:
    if isinstance(signal, Smooth) and signal.points.shape[0] > 1:
        return signal.start, signal.middle, signal.end
    return nodes(signal.three if isinstance(signal, Broken) else signal[0][None])


def _with_impulses(
    impulse: Callable[[Array, Signals, Parameters], Array],
    signals: Signals,
    e: Array,
    f: Array,
    parameters: Parameters,
    start: Array,
) -> tuple[Array, Array]:
    """As `recur`, with the impulse at the start of each interval, on `signals` of that moment, seen
    in what is returned."""
    at_start = {k: jnp.broadcast_to(v, (f.shape[0], *v.shape[1:])) for k, v in signals.items()}

    def after(x: Array, given: tuple[Array, Array, Signals]) -> tuple[Array, Array]:
        e, f, here = given
        x = impulse(x, here, parameters)
        return e * x + f, x

    end, before = jax.lax.scan(after, start, (e, f, at_start))
    return before, end
