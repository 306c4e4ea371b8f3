"""The correlation of two normal variables that were cut into a two by two table.

Maximum likelihood: the model is saturated, so the margins fix the cuts and the correlation makes
the first cell's probability equal to its share. The variance is the inverse of the information
there (Tallis 1962). metafor comes to the same numbers by Nelder-Mead, to about four digits.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from synaptrial.synthesis.effects.cells import Cells
from synaptrial.synthesis.effects.size import Array

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(400)


def tetrachoric(x: Cells) -> tuple[Array, Array]:
    """Correlation and variance, each (k,) or (). A table with a cell of 0 pushes the correlation
    to the border, where the information says nothing: both are NaN, as for a margin of 0."""
    shares = np.stack(np.broadcast_arrays(x.a, x.b, x.c, x.d), axis=-1) / x.n[..., None]
    out = np.full((*shares.shape[:-1], 2), np.nan)
    for at in np.ndindex(shares.shape[:-1]):
        if shares[at].min() > 0:  # also false for NaN
            out[at] = _one(shares[at], float(x.n[at]))
    return out[..., 0], out[..., 1]


def _one(p: Array, n: float) -> tuple[float, float]:
    row, column = norm.ppf(p[0] + p[1]), norm.ppf(p[0] + p[2])
    edge = np.pi / 2 - 1e-9
    angle = brentq(lambda t: _first_cell(row, column, t) - p[0], -edge, edge, xtol=1e-14)
    rho, slack = np.sin(angle), np.cos(angle)
    by_rho = np.exp(-(row**2 + column**2 - 2 * rho * row * column) / (2 * slack**2))
    by_rho /= 2 * np.pi * slack
    by_row = norm.pdf(row) * norm.cdf((column - rho * row) / slack)
    by_column = norm.pdf(column) * norm.cdf((row - rho * column) / slack)
    first = np.array([by_rho, by_row, by_column])
    of_row, of_column = np.array([0, norm.pdf(row), 0]), np.array([0, 0, norm.pdf(column)])
    cells = np.stack([first, of_row - first, of_column - first, first - of_row - of_column])
    information = n * np.einsum("ci,cj,c->ij", cells, cells, 1 / p)
    return float(rho), float(np.linalg.inv(information)[0, 0])


def _first_cell(row: float, column: float, angle: float) -> float:
    """Bivariate normal distribution function at (row, column), correlation sin(angle): the
    integral of its density over the correlation, from none (Drezner and Wesolowsky 1990)."""
    t = angle * (_NODES + 1) / 2
    power = (row**2 + column**2 - 2 * np.sin(t) * row * column) / (2 * np.cos(t) ** 2)
    whole = angle / 2 * np.sum(_WEIGHTS * np.exp(-power)) / (2 * np.pi)
    return float(norm.cdf(row) * norm.cdf(column) + whole)
