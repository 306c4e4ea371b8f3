"""Priors of the Bayesian model: of the heterogeneity tau (a standard deviation) and of mu."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from scipy import special, stats

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.arrays import LARGEST, Array

SMALLEST = 1 / LARGEST
DF = (0.1, 1e6)
LOGARITHMS = (-70.0, 70.0)
LOG_SDS = (1e-9, 50.0)


@runtime_checkable
class TauPrior(Protocol):
    """A proper prior of tau, in the unit of the effects."""

    def log_pdf(self, tau: Array) -> Array: ...

    def cdf(self, tau: float) -> float: ...

    def quantile(self, p: float) -> float: ...

    def has_moment(self, power: float) -> bool:
        """Whether the mean of tau ** power, over large tau, is finite."""
        ...


@dataclass(frozen=True)
class HalfT:
    """|T| with T Student t of `df` degrees of freedom times `scale`."""

    scale: float
    df: float

    def __post_init__(self) -> None:
        _above_zero(self, scale=self.scale)
        _within(self, *DF, "degrees of freedom above 0", df=self.df)

    def log_pdf(self, tau: Array) -> Array:
        x = np.minimum(tau / self.scale, 1e150)  # its square must not overflow
        return _log_t(x, self.df) + np.log(2 / self.scale)

    def cdf(self, tau: float) -> float:
        return float(1 - 2 * stats.t.sf(tau / self.scale, self.df))

    def quantile(self, p: float) -> float:
        return float(self.scale * stats.t.ppf((1 + p) / 2, self.df))

    def has_moment(self, power: float) -> bool:
        return power < self.df


@dataclass(frozen=True)
class HalfCauchy(HalfT):
    """Half-t with one degree of freedom."""

    df: float = 1.0


@dataclass(frozen=True)
class HalfNormal:
    """|Z| with Z normal of mean 0 and standard deviation `scale`."""

    scale: float

    def __post_init__(self) -> None:
        _above_zero(self, scale=self.scale)

    def log_pdf(self, tau: Array) -> Array:
        x = np.minimum(tau / self.scale, 1e150)
        return -(x**2) / 2 + 0.5 * np.log(2 / np.pi) - np.log(self.scale)

    def cdf(self, tau: float) -> float:
        return float(1 - 2 * stats.norm.sf(tau / self.scale))

    def quantile(self, p: float) -> float:
        return float(self.scale * stats.norm.ppf((1 + p) / 2))

    def has_moment(self, power: float) -> bool:
        return True


@dataclass(frozen=True)
class Uniform:
    """Equal density from 0 to `upper`."""

    upper: float

    def __post_init__(self) -> None:
        _above_zero(self, upper=self.upper)

    def log_pdf(self, tau: Array) -> Array:
        return np.where(tau <= self.upper, -np.log(self.upper), -np.inf)

    def cdf(self, tau: float) -> float:
        return min(tau / self.upper, 1.0)

    def quantile(self, p: float) -> float:
        return p * self.upper

    def has_moment(self, power: float) -> bool:
        return True


@dataclass(frozen=True)
class LogNormal:
    """log tau (not log tau2) is normal."""

    location: float
    scale: float

    def __post_init__(self) -> None:
        _within(self, *LOGARITHMS, "the logarithm of a median", location=self.location)
        _within(self, *LOG_SDS, "a standard deviation above 0, of the logarithm", scale=self.scale)

    def log_pdf(self, tau: Array) -> Array:
        log = np.log(tau)
        z = (log - self.location) / self.scale
        return np.asarray(-(z**2) / 2 - np.log(self.scale * np.sqrt(2 * np.pi)) - log)

    def cdf(self, tau: float) -> float:
        return float(stats.norm.cdf((np.log(tau) - self.location) / self.scale))

    def quantile(self, p: float) -> float:
        return float(np.exp(self.location + self.scale * stats.norm.ppf(p)))

    def has_moment(self, power: float) -> bool:
        return True


@dataclass(frozen=True)
class LogT:
    """log tau (not log tau2) is Student t with `df` degrees of freedom."""

    location: float
    scale: float
    df: float = 5.0

    def __post_init__(self) -> None:
        _within(self, *LOGARITHMS, "the logarithm of a median", location=self.location)
        _within(self, *LOG_SDS, "a standard deviation above 0, of the logarithm", scale=self.scale)
        _within(self, *DF, "degrees of freedom above 0", df=self.df)

    def log_pdf(self, tau: Array) -> Array:
        log = np.log(tau)
        z = (log - self.location) / self.scale
        return np.asarray(_log_t(z, self.df) - np.log(self.scale) - log)

    def cdf(self, tau: float) -> float:
        return float(stats.t.cdf((np.log(tau) - self.location) / self.scale, self.df))

    def quantile(self, p: float) -> float:
        return float(np.exp(self.location + self.scale * stats.t.ppf(p, self.df)))

    def has_moment(self, power: float) -> bool:
        return power <= 0


@dataclass(frozen=True)
class MeanPrior:
    """mu is normal, with standard deviation `sd`."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        _above_zero(self, sd=self.sd)
        _within(self, -LARGEST, LARGEST, "a finite number", mean=self.mean)


def _log_t(z: Array, df: float) -> Array:
    """Log density of Student's t; SciPy's own takes ten times as long for a few numbers."""
    constant = special.gammaln((df + 1) / 2) - special.gammaln(df / 2) - np.log(df * np.pi) / 2
    return np.asarray(constant - (df + 1) / 2 * np.log1p(z**2 / df))


def _above_zero(prior: object, **values: float) -> None:
    _within(prior, SMALLEST, LARGEST, "a number above 0", **values)


def _within(prior: object, low: float, high: float, accepted: str, **values: float) -> None:
    for name, value in values.items():
        if not (_is_finite(value) and low <= value <= high):
            where = f"{type(prior).__name__}.{name}"
            raise InputError(where, _shown(value), f"{accepted}, from {low:g} to {high:g}")


def _is_finite(value: object) -> bool:
    return isinstance(value, int | float | np.number) and bool(np.isfinite(value))


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float | np.number) else repr(value)
