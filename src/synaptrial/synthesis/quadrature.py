"""Integrals over the heterogeneity tau, adaptive in log tau.

What lies below `low`, where tau no longer changes the likelihood, is an atom at tau = 0 that holds
the prior's mass there. Above it, panels of Gauss-Legendre nodes are halved until halving changes
nothing. All in logarithms: neither a tiny nor an enormous likelihood is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize, special

from synaptrial.synthesis.arrays import Array
from synaptrial.synthesis.priors import TauPrior

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_HIGHEST = 345.0  # log tau: the square of a larger tau overflows
_STEP = 0.25
_SKIP = 4  # points of the grid to a panel, before any is halved
_CLOSER = 0.5 ** np.arange(35)  # distances from the peak
_NOTHING = -1e100  # a log density of -inf, for the search of the highest point
_NEGLIGIBLE = 40.0  # in log density, below the highest
_CHANGE = 1e-14  # of the whole, by halving a panel
_HALVINGS = 40
LogDensity = Callable[[Array], Array]


@dataclass(frozen=True)
class Panels:
    """Gauss-Legendre panels: edges a, b (M,), nodes (M, 16) and what each node counts, in tau."""

    a: Array
    b: Array
    nodes: Array
    widths: Array

    @staticmethod
    def of(a: Array, b: Array) -> Panels:
        half = (b - a)[:, None] / 2
        return Panels(a, b, (a + b)[:, None] / 2 + half * _NODES, half * _WEIGHTS)

    def masses(self, log_density: LogDensity, top: float) -> Array:
        """Integral of exp(log_density - top) over each panel; shape (M,)."""
        heights = log_density(self.nodes.ravel()).reshape(self.nodes.shape)
        return np.asarray(np.sum(self.widths * np.exp(heights - top), axis=1))

    def halved(self) -> Panels:
        middle = (self.a + self.b) / 2
        edges = np.stack([self.a, middle, self.b], axis=1)
        return Panels.of(edges[:, :2].ravel(), edges[:, 1:].ravel())


def lowest(prior: TauPrior, smallest_sd: float) -> float:
    """log tau below which all is an atom at tau = 0."""
    small = max(min(1e-9 * smallest_sd, prior.quantile(1e-10)), 1e-150)
    return float(np.log(small))


def panels(log_density: LogDensity, low: float, power: float) -> Panels:
    """Panels in t = log tau that hold exp(log_density(t)), and that times tau ** power."""
    grid = np.arange(low, _HIGHEST, _STEP)
    weighted = [lambda t, r=r: log_density(t) + r * t for r in {0.0, power}]
    found = [_edges(w, grid) for w in weighted]
    edges = np.unique(np.concatenate([edges for edges, _ in found]))
    edges = edges[np.concatenate([[True], np.diff(edges) > 1e-12])]
    fine = Panels.of(edges[:-1], edges[1:])
    for w, (_, top) in zip(weighted, found, strict=True):
        fine = _refined(fine, w, top)
    return fine


def _edges(log_density: LogDensity, grid: Array) -> tuple[Array, float]:
    """First edges of panels around all that is not negligible, and the highest log density."""
    heights = log_density(grid)
    best = int(np.argmax(heights))
    around = (grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)])
    peak = optimize.minimize_scalar(
        lambda t: -max(log_density(np.array([t]))[0], _NOTHING), bounds=around,
        method="bounded", options={"xatol": 1e-12},
    )  # fmt: skip
    top = max(float(heights[best]), -float(peak.fun))
    kept = np.append(np.flatnonzero(heights > top - _NEGLIGIBLE), best)
    first, last = max(kept.min() - 1, 0), min(kept.max() + 1, len(grid) - 1)
    near = peak.x + np.concatenate([_CLOSER, -_CLOSER])
    near = near[(near > grid[first]) & (near < grid[last])]
    steep = near[log_density(near) < top - 0.5]  # none for a peak as wide as a panel
    return np.concatenate([grid[first:last:_SKIP], [grid[last], peak.x], steep]), top


def _refined(start: Panels, log_density: LogDensity, top: float) -> Panels:
    settled: list[Array] = []
    left, mass = start, start.masses(log_density, top)
    total = mass.sum()
    for _ in range(_HALVINGS):
        halves = left.halved()
        parts = halves.masses(log_density, top)
        changed = np.abs(parts.reshape(-1, 2).sum(axis=1) - mass) > _CHANGE * total
        settled.append(np.stack([left.a, left.b], axis=1)[~changed])
        if not changed.any():
            break
        again = np.repeat(changed, 2)
        left, mass = Panels.of(halves.a[again], halves.b[again]), parts[again]
    else:
        settled.append(np.stack([left.a, left.b], axis=1))
    ends = np.concatenate(settled)
    ends = ends[np.argsort(ends[:, 0])]
    return Panels.of(ends[:, 0], ends[:, 1])


@dataclass(frozen=True)
class TauIntegral:
    """The posterior of tau as nodes: tau (N,) with probabilities (N,), the first the atom at 0.

    `log_evidence` is the logarithm of the integral of prior times likelihood.
    """

    tau: Array
    probability: Array
    log_evidence: float
    panels: Panels
    cumulative: Array  # probability below each panel's left edge (M,), the atom included
    log_density: LogDensity  # of t = log tau, normalised

    def cdf(self, tau: float) -> float:
        """Probability that the heterogeneity is at most tau."""
        if tau < 0:
            return 0.0
        t = np.log(tau) if tau > 0 else -np.inf
        if t <= self.panels.a[0]:
            return float(self.cumulative[0])
        i = int(np.searchsorted(self.panels.a, t, side="right")) - 1
        t = min(t, self.panels.b[i])
        part = Panels.of(self.panels.a[i : i + 1], np.array([t]))
        return float(min(self.cumulative[i] + part.masses(self.log_density, 0.0)[0], 1.0))

    def quantile(self, p: float) -> float:
        """tau that is not exceeded with probability p."""
        if p <= self.cumulative[0]:
            return 0.0
        i = int(np.searchsorted(self.cumulative, p, side="left")) - 1
        a, b = float(self.panels.a[i]), float(self.panels.b[i])
        if self.cdf(np.exp(b)) <= p:
            return float(np.exp(b))
        log = optimize.brentq(lambda t: self.cdf(np.exp(t)) - p, a, b, xtol=1e-14, rtol=1e-14)
        return float(np.exp(log))


@dataclass(frozen=True)
class _LogJoint:
    """Log density of t = log tau with the data, less a constant; a class, so that it pickles."""

    log_likelihood: LogDensity
    prior: TauPrior
    minus: float = 0.0

    def __call__(self, t: Array) -> Array:
        tau = np.exp(t)
        return self.prior.log_pdf(tau) + t + self.log_likelihood(tau) - self.minus


def integrate(
    log_likelihood: LogDensity, prior: TauPrior, smallest_sd: float, power: float = 0.0
) -> TauIntegral:
    """Integrate exp(log_likelihood(tau)) over the prior of tau.

    smallest_sd: of the studies, below which tau makes no difference. power: the highest power of
    tau whose mean will be asked for, and exists.
    """
    low = lowest(prior, smallest_sd)
    log_joint = _LogJoint(log_likelihood, prior)
    grid = panels(log_joint, low, power)
    atom = float(log_likelihood(np.zeros(1))[0])
    mass_below = max(prior.cdf(float(np.exp(grid.a[0]))), 0.0)
    with np.errstate(divide="ignore"):
        log_mass = log_joint(grid.nodes.ravel()) + np.log(grid.widths.ravel())
        log_mass = np.concatenate([[np.log(mass_below) + atom], log_mass])
    log_evidence = float(special.logsumexp(log_mass))
    probability = np.exp(log_mass - log_evidence)
    by_panel = probability[1:].reshape(grid.nodes.shape).sum(axis=1)
    below = probability[0] + np.concatenate([[0.0], np.cumsum(by_panel)[:-1]])
    tau = np.concatenate([[0.0], np.exp(grid.nodes.ravel())])
    return TauIntegral(
        tau, probability, log_evidence, grid, below, replace(log_joint, minus=log_evidence)
    )
