"""The most likely covariance matrix of a given structure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy import optimize

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.arrays import Array
from synaptrial.synthesis.components import Batch, Components
from synaptrial.synthesis.maximise import CLOSE, ENOUGH, Maximum
from synaptrial.synthesis.structures import Structure, structure

NOTHING = 1e-10  # of the effects' variance: a variance below is 0
UNTOLD = 1e-9  # least eigenvalue of the information, scaled to a diagonal of 1
STEP = 1e-5  # of the differences of slopes that give the curvature
POLISH = 30
Slopes = Callable[[Array], tuple[float, Array]]


def highest(problem: Components, struct: str, n: int) -> tuple[Array, Maximum]:
    """G (n, n) of the highest likelihood, and the fit there.

    The problem's components are the entries of G on and above its diagonal, row by row. Quasi-
    Newton climbs from several starts, then Newton steps on effects scaled to unit variance. Raises
    InputError where the data do not determine the structure's parameters.
    """
    unit = float(np.sqrt(sum(problem.scales)))
    shape, scaled = structure(struct, n), _scaled(problem, unit)
    down = _slopes(scaled, shape, n)
    starts = shape.starts(1.0)
    _check_determined(scaled, shape, starts[0], struct, n)
    with np.errstate(all="ignore"):  # steps into a singular covariance, from which it comes back
        climbs = [
            optimize.minimize(down, start, jac=True, method="BFGS", options={"gtol": 1e-6})
            for start in starts
        ]
    best = min(climbs, key=lambda climb: float(climb.fun))
    par, converged = _polished(down, best.x)
    g = _zeroed(shape.g(par)) * unit**2
    theta = g[np.triu_indices(n)]
    return g, Maximum(theta, problem.fit(theta), converged)


def _scaled(problem: Components, unit: float) -> Components:
    batches = tuple(Batch(b.rows, b.y / unit, b.x, b.v / unit**2, b.k) for b in problem.batches)
    return replace(problem, batches=batches, y=problem.y / unit, v=problem.v / unit**2)


def _slopes(problem: Components, shape: Structure, n: int) -> Slopes:
    """Minus the log-likelihood and its derivatives in the structure's parameters (q,)."""
    upper = np.triu_indices(n)

    def down(par: Array) -> tuple[float, Array]:
        fit = problem.fit(shape.g(par)[upper])
        if not fit.w:
            return np.inf, np.zeros_like(par)
        by_entry = shape.slopes(par)[:, upper[0], upper[1]]
        return -fit.loglik, -by_entry @ problem.score(fit)

    return down


def _check_determined(
    problem: Components, shape: Structure, par: Array, struct: str, n: int
) -> None:
    upper = np.triu_indices(n)
    by_entry = shape.slopes(par)[:, upper[0], upper[1]]
    information = by_entry @ problem.slope(problem.fit(shape.g(par)[upper])).expected @ by_entry.T
    root = np.sqrt(np.maximum(np.diag(information), 0))
    if root.min() > 0:
        least = float(np.linalg.eigvalsh(information / root[:, None] / root)[0])
        if least > UNTOLD:
            return
    raise InputError(
        "struct", f"{struct} of {n} outcomes, which these effects do not determine",
        "two studies or more of each outcome, and more effects than coefficients",
        "Use a simpler structure (CS), or leave an outcome out",
    )  # fmt: skip


def _polished(down: Slopes, par: Array) -> tuple[Array, bool]:
    """Newton steps from a point near the top, and whether nothing is left to gain there."""
    height, slope = down(par)
    gain = np.inf
    for _ in range(POLISH):
        values, vectors = np.linalg.eigh(_curvature(down, par))
        part = vectors.T @ slope
        steep = np.abs(values) > 1e-10 * np.abs(values).max()  # others are flat
        step = -vectors @ np.where(steep, part / np.where(steep, np.abs(values), 1.0), 0.0)
        gain = float(-0.5 * slope @ step)
        if gain < ENOUGH:
            break
        for halving in range(40):
            there = par + step / 2**halving
            reached, steeper = down(there)
            if reached < height + (CLOSE if gain < CLOSE else 0.0):
                break
        else:
            break
        par, height, slope = there, reached, steeper
    return par, bool(gain < CLOSE)


def _curvature(down: Slopes, par: Array) -> Array:
    rows = []
    for step in STEP * np.eye(par.size):
        rows.append((down(par + step)[1] - down(par - step)[1]) / (2 * STEP))
    out = np.array(rows)
    return (out + out.T) / 2


def _zeroed(g: Array) -> Array:
    """G of scaled effects, with variances that are 0 but for the search at 0."""
    nothing = np.diag(g) < NOTHING
    return np.where(nothing[:, None] | nothing, 0.0, g)
