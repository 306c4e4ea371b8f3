"""The three named intervals, never mixed.

patient    individuals, over draws and patients
mean       uncertainty of an arm's mean: over draws, the study's random effects regressed out,
           corrected for the finite number of patients in a draw
new_trial  mean of an arm of n patients in a new study: between-study variance and sampling of
           n patients included
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

QUANTILES = {"q025": 0.025, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q975": 0.975}
PROBABILITIES = {k: q for k, q in QUANTILES.items() if k != "q50"}
SAMPLING_POINTS = 21


@dataclass(frozen=True)
class DrawMeans:
    """Mean and between-patient variance of a quantity in each draw, (S, T).

    inner: (T,) variance of a draw's mean that comes from its finite number of patients. All
    draws hold the same patients, so what patients have in common in all draws is not in it.
    """

    mean: np.ndarray
    variance: np.ndarray
    inner: np.ndarray
    study: np.ndarray  # (S, K) standard normal study effects

    @property
    def centre(self) -> np.ndarray:
        """Mean over draws, (T,)."""
        return self.mean.mean(axis=0)

    @property
    def mc_se(self) -> np.ndarray:
        """Monte Carlo standard error of the centre, (T,)."""
        if len(self.mean) < 2:
            return np.sqrt(self.inner)
        return self.mean.std(axis=0, ddof=1) / np.sqrt(len(self.mean))

    def corrected(self) -> np.ndarray:
        """Draw means shrunk towards the centre by the share of their variance that comes from
        the finite number of patients, (S, T)."""
        return self._shrunk(self.mean - self.centre)

    def _shrunk(self, from_centre: np.ndarray) -> np.ndarray:
        if len(self.mean) < 2:
            return self.mean
        total = from_centre.var(axis=0, ddof=1)
        keep = np.sqrt(np.clip(1 - self.inner / np.maximum(total, 1e-300), 0, 1))
        return self.centre + keep * from_centre

    def without_study(self) -> np.ndarray:
        """Draw means with the linear part of the study effects taken out, then corrected, (S, T).

        A ridge of one tenth; what it takes out of mere noise is given back as scale, so that with
        few draws little is taken out and the interval is not too narrow.
        """
        x = self.study - self.study.mean(axis=0)
        y = self.mean - self.centre
        gram, ridge = x.T @ x, 0.1 * len(x)
        left = y - x @ np.linalg.solve(gram + ridge * np.eye(x.shape[1]), x.T @ y)
        stays = ridge / (np.clip(np.linalg.eigvalsh(gram), 0, None) + ridge)
        of_noise = 1 - (1 - stays**2).sum() / max(len(x) - 1, 1)
        return self._shrunk(left / np.sqrt(of_noise))

    def mean_interval(self) -> dict[str, np.ndarray]:
        """Quantiles of the `mean` interval, each (T,)."""
        return _quantiles(self.without_study())

    def new_trial_interval(self, n_arm: int) -> dict[str, np.ndarray]:
        """Quantiles of the `new_trial` interval for an arm of n_arm patients, each (T,)."""
        return _quantiles(self.new_trial_sample(n_arm))

    def new_trial_sample(self, n_arm: int) -> np.ndarray:
        """Means of new arms, (S * SAMPLING_POINTS, T): each draw's normal sampling error is
        represented by evenly spaced quantiles instead of random numbers."""
        points = norm.ppf((np.arange(SAMPLING_POINTS) + 0.5) / SAMPLING_POINTS)
        sd = np.sqrt(self.variance / n_arm)
        sample = self.corrected()[:, None] + points[None, :, None] * sd[:, None]
        return sample.reshape(-1, self.mean.shape[1])


def from_patients(values: np.ndarray, study: np.ndarray) -> DrawMeans:
    """Draw means of a quantity of shared patients. values: (S, N, T).

    The inner variance is the residual of the two-way layout draw + patient, over N.
    """
    mean = values.mean(axis=1)
    s, n, t = values.shape
    if n < 2:
        return DrawMeans(mean, np.zeros((s, t)), np.zeros(t), study)
    variance = values.var(axis=1, ddof=1)
    residual = variance.mean(axis=0)
    if s > 1:
        residual = residual - values.mean(axis=0).var(axis=0, ddof=1)
    return DrawMeans(mean, variance, np.maximum(residual, 0.0) / n * np.ones(t), study)


def _quantiles(sample: np.ndarray) -> dict[str, np.ndarray]:
    values = np.quantile(sample, list(PROBABILITIES.values()), axis=0)
    return dict(zip(PROBABILITIES, values, strict=True))


def edge_mc_se(sample_sd: np.ndarray, n_draws: int, probability: float) -> np.ndarray:
    """Monte Carlo standard error of a band edge, by the normal density at that quantile."""
    density = norm.pdf(norm.ppf(probability))
    return sample_sd * np.sqrt(probability * (1 - probability) / n_draws) / density
