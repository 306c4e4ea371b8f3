"""The three named intervals, never mixed.

patient    individuals, over draws and patients
mean       uncertainty of an arm's mean: over draws, the study's random effects regressed out,
           corrected for the finite number of patients in a draw
new_trial  mean of an arm of n patients in a new study: between-study variance and sampling of
           n patients included
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from synaptrial.simulation.summary import mixture

QUANTILES = {"q025": 0.025, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q975": 0.975}
PROBABILITIES = {k: q for k, q in QUANTILES.items() if k != "q50"}
EDGES = ("q025", "q975")
BLOCKS = 4  # of patients, for the error that all draws share


@dataclass(frozen=True)
class DrawMeans:
    """A quantity of the patients of S draws, at T times.

    mean, variance: (S, T) over the patients of a draw, and between them.
    halves: (S, T) difference of the first and the second half of a draw's patients, scaled so that
    its variance over draws is that which the finite number of patients gives a draw's mean. What
    patients have in common in all draws is not in it. Halves and not odd against even patients:
    each half of a Sobol sequence is spread evenly as the whole is, interleaved ones repel.
    study: (S, K) standard normal study effects.
    patients: (T,) variance of the mean over draws that comes from all draws sharing their
    patients; NaN where single patients were not kept.
    """

    mean: np.ndarray
    variance: np.ndarray
    halves: np.ndarray
    study: np.ndarray
    patients: np.ndarray

    @property
    def centre(self) -> np.ndarray:
        """Mean over draws, (T,)."""
        return self.mean.mean(axis=0)

    @property
    def inner(self) -> np.ndarray:
        """Variance of a draw's mean that comes from its finite number of patients, (T,)."""
        return self.halves.var(axis=0, ddof=1)

    @property
    def mc_se(self) -> np.ndarray:
        """Monte Carlo standard error of the centre, (T,): finite draws and finite patients.

        The part of patients comes from the spread of four blocks of them. It is right for
        independent patients; a Sobol sequence errs about half as much, so this is cautious.
        """
        return np.sqrt(self.mean.var(axis=0, ddof=1) / len(self.mean) + self.patients)

    def minus(self, other: DrawMeans, n: tuple[int, int]) -> DrawMeans:
        """This arm less another, for n patients in each: arms of a trial hold different patients,
        so their sampling variances add, expressed per patient of this arm."""
        unknown = np.full(self.mean.shape[1], np.nan)
        return DrawMeans(
            self.mean - other.mean,
            self.variance + other.variance * n[0] / n[1],
            self.halves - other.halves,
            self.study,
            unknown,
        )

    def at(self, known_h: np.ndarray, wanted_h: np.ndarray) -> DrawMeans:
        """The same at other times, linear between those that are known, (S, len(wanted_h))."""
        j = np.clip(np.searchsorted(known_h, wanted_h, side="right") - 1, 0, len(known_h) - 2)
        w = np.clip((wanted_h - known_h[j]) / (known_h[j + 1] - known_h[j]), 0.0, 1.0)
        between = lambda x: (1 - w) * x[..., j] + w * x[..., j + 1]  # noqa: E731
        return DrawMeans(
            between(self.mean), between(self.variance), between(self.halves), self.study,
            between(self.patients),
        )  # fmt: skip

    def corrected(self) -> np.ndarray:
        """Draw means shrunk towards the centre by the share of their variance that comes from
        the finite number of patients, (S, T)."""
        return self._shrunk(self.mean - self.centre)

    def without_study(self) -> np.ndarray:
        """Draw means without the linear part of the study effects, then corrected, (S, T)."""
        return self._shrunk(self._study_taken_out)

    def unresolved(self) -> dict[str, np.ndarray]:
        """Where the finite number of patients may make up all that is seen: the interval is then
        not corrected, and too wide. By name of the interval, (T,)."""
        return {
            "mean_interval": self._all_inner(self._study_taken_out),
            "new_trial": self._all_inner(self.mean - self.centre),
        }

    def mean_interval(self) -> dict[str, np.ndarray]:
        """Quantiles of the `mean` interval, each (T,)."""
        values = np.quantile(self.without_study(), list(PROBABILITIES.values()), axis=0)
        return dict(zip(PROBABILITIES, values, strict=True))

    def new_trial_interval(self, n_arm: int) -> dict[str, np.ndarray]:
        """Quantiles of the `new_trial` interval for an arm of n_arm patients, each (T,)."""
        values = self.new_trial_quantiles(n_arm, list(PROBABILITIES.values()))
        return dict(zip(PROBABILITIES, values, strict=True))

    def new_trial_quantiles(self, n_arm: int, probabilities: list[float]) -> np.ndarray:
        """Quantiles of means of new arms, (len(probabilities), T): each draw gives a normal of its
        corrected mean and its sampling error."""
        return mixture.quantiles(self.corrected(), self.sampling_sd(n_arm), probabilities)

    def new_trial_edge_se(self, n_arm: int) -> dict[str, np.ndarray]:
        """Monte Carlo standard errors of the outer edges of `new_trial`, each (T,): of the number
        of draws and of where the shared patients lie, not of how widely these differ."""
        mean, sd = self.corrected(), self.sampling_sd(n_arm)
        at = mixture.quantiles(mean, sd, [PROBABILITIES[k] for k in EDGES])
        return {
            k: np.sqrt(mixture.edge_se(mean, sd, x) ** 2 + self.patients)
            for k, x in zip(EDGES, at, strict=True)
        }

    def sampling_sd(self, n_arm: int) -> np.ndarray:
        """Sampling error of the mean of n_arm patients, (S, T)."""
        return np.sqrt(self.variance / n_arm)

    @cached_property
    def _study_taken_out(self) -> np.ndarray:
        """Deviations from the centre without the linear part of the study effects, (S, T).

        A ridge of one tenth; what it takes out of mere noise is given back as scale, so that with
        few draws little is taken out and the interval is not too narrow.
        """
        x, fit, of_noise = _regression(self.study.tobytes(), self.study.shape)
        y = self.mean - self.centre
        deviations: np.ndarray = (y - x @ (fit @ y)) / np.sqrt(of_noise)
        return deviations

    def _shrunk(self, deviations: np.ndarray) -> np.ndarray:
        total = np.maximum(deviations.var(axis=0, ddof=1), 1e-300)
        keep = np.sqrt(np.clip(1 - self.inner / total, 0, 1))
        return self.centre + np.where(self._all_inner(deviations), 1.0, keep) * deviations

    def _all_inner(self, deviations: np.ndarray) -> np.ndarray:
        """Whether the inner variance is that of the deviations, within two standard errors of the
        ratio of the two, (T,)."""
        error = 2 * np.sqrt(4 / (len(deviations) - 1))
        found: np.ndarray = self.inner * (1 + error) >= deviations.var(axis=0, ddof=1)
        return found & (self.inner > 0)


@lru_cache(maxsize=4)
def _regression(study: bytes, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, float]:
    """Of the study effects of a cohort, once for all its quantities: centred effects (S, K), what
    turns deviations into coefficients (K, S), and the share of mere noise that is left."""
    effects = np.frombuffer(study).reshape(shape)
    x = effects - effects.mean(axis=0)
    gram, ridge = x.T @ x, 0.1 * len(x)
    fit = np.linalg.solve(gram + ridge * np.eye(x.shape[1]), x.T)
    stays = ridge / (np.clip(np.linalg.eigvalsh(gram), 0, None) + ridge)
    return x, fit, 1 - (1 - stays**2).sum() / max(len(x) - 1, 1)


def from_patients(values: np.ndarray, study: np.ndarray) -> DrawMeans:
    """Draw means of a quantity of patients, in the order of their sequence. values: (S, N, T), N
    of 2 or more."""
    mean = values.mean(axis=1)
    n, first = values.shape[1], values.shape[1] // 2
    halves = values[:, :first].mean(axis=1) - values[:, first:].mean(axis=1)
    halves = halves * np.sqrt(first * (n - first)) / n
    blocks = np.array_split(values.mean(axis=0), min(BLOCKS, n))
    of_blocks = np.stack([b.mean(axis=0) for b in blocks])
    patients = of_blocks.var(axis=0, ddof=1) / len(blocks)
    return DrawMeans(mean, values.var(axis=1, ddof=1), halves, study, patients)
