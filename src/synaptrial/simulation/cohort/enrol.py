"""Virtual patients within draws, and the entry rule.

Patients come from a scrambled Sobol sequence: patient i of a seed is the same whatever the chunk,
the number of patients, the arm or the draw.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

from synaptrial.domain.errors import InputError
from synaptrial.domain.scales import SCALES
from synaptrial.domain.setting import Setting
from synaptrial.simulation.cohort.draws import ParameterDraws, correlated, draw_parameters
from synaptrial.simulation.cohort.models import Models

CLUSTER_MAX = SCALES["CAPS5"].clusters
SCREENED = (*(f"baseline_{k}" for k in CLUSTER_MAX), "caps5_error_sd")
BLOCK = 4096  # candidates whose normals are kept together
CANDIDATES_PER_PATIENT = 8  # the entry rule may refuse up to 7 in 8


@dataclass(frozen=True)
class Cohort:
    """N patients in each of S draws; flat index q = draw * N + patient."""

    draws: ParameterDraws
    n_patients: int
    candidate: np.ndarray  # (S, N) index into the Sobol sequence
    seed: int

    @property
    def size(self) -> int:
        return self.draws.n_draws * self.n_patients

    def chunk(self, start: int, stop: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Draw index and parameter values of flat patients start..stop-1."""
        q = np.arange(start, stop)
        draw = q // self.n_patients
        candidate = self.candidate[draw, q % self.n_patients]
        return draw, self.draws.values(draw, _spread(self, candidate))


def _spread(cohort: Cohort, candidate: np.ndarray) -> np.ndarray:
    """Correlated normals of candidates, (k, P). Draws share their candidates, so blocks of the
    sequence are kept: making it anew for each chunk took a fifth of a simulation."""
    root = cohort.draws.patient_root
    block, row = np.divmod(candidate, BLOCK)
    out = np.empty((len(root), len(candidate)))
    for b in np.unique(block):
        own = block == b
        out[:, own] = _block(cohort.seed, len(root), root.tobytes(), int(b))[:, row[own]]
    return out


@lru_cache(maxsize=16)
def _block(seed: int, k: int, root: bytes, block: int) -> np.ndarray:
    z = patient_normals(seed, k, block * BLOCK, (block + 1) * BLOCK)
    return correlated(z, np.frombuffer(root).reshape(k, k))


def patient_normals(seed: int, k: int, first: int, last: int) -> np.ndarray:
    """Standard normals (last - first, k) of patients first..last-1: scrambled Sobol points."""
    sobol = qmc.Sobol(max(k, 1), scramble=True, rng=np.random.default_rng([seed, 2]))
    if first:
        sobol.fast_forward(first)
    with warnings.catch_warnings():  # a cohort need not be a power of two
        warnings.simplefilter("ignore", UserWarning)
        points = sobol.random(last - first)
    return ndtri(np.clip(points, 1e-12, 1 - 1e-12))[:, :k]


def build_cohort(models: Models, setting: Setting, patients: int, draws: int, seed: int) -> Cohort:
    """Draws and patients of a setting, the entry rule applied."""
    drawn = draw_parameters(models.sets, draws, seed)
    entry = None
    if setting.entry is not None:
        entry = setting.entry.minimum
        if setting.entry.scale == "CAPS4":
            entry /= drawn.parameters["caps4_per_caps5"].value
    return enrol(drawn, patients, seed, entry)


def enrol(draws: ParameterDraws, n_patients: int, seed: int, entry_caps5: float | None) -> Cohort:
    """Patients who pass the entry rule (a CAPS-5 total on a noisy screening score).

    Without a rule all candidates enter. Regression to the mean after screening follows from
    the noise; it is not a parameter.
    """
    s = draws.n_draws
    if entry_caps5 is None:
        candidate = np.broadcast_to(np.arange(n_patients), (s, n_patients))
        return Cohort(draws, n_patients, candidate, seed)
    out = np.empty((s, n_patients), np.int64)
    for d in range(s):
        out[d] = _first_eligible(draws, d, n_patients, seed, entry_caps5)
    return Cohort(draws, n_patients, out, seed)


@lru_cache(maxsize=4)
def _candidates(
    seed: int, k: int, root: bytes, block: int, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Correlated normals and screening noise of one block of candidates."""
    bits = np.random.Philox(key=[seed, 3])
    bits.advance(block * size // 4)
    noise = ndtri(np.random.Generator(bits).random(size))
    z = patient_normals(seed, k, block * size, (block + 1) * size)
    return correlated(z, np.frombuffer(root).reshape(k, k)), noise


def _first_eligible(
    draws: ParameterDraws, draw: int, n_patients: int, seed: int, entry_caps5: float
) -> np.ndarray:
    """The first candidates of a draw who pass, (n_patients,); blocks keep memory flat."""
    size = min(4 * n_patients + 64, 65536) // 4 * 4
    passed: list[np.ndarray] = []
    found = tried = 0
    while found < n_patients:
        if tried >= CANDIDATES_PER_PATIENT * n_patients + size:
            raise InputError(
                "setting.entry.minimum",
                f"{entry_caps5:g} CAPS-5 points, which {found} of {tried} candidates reach",
                f"a threshold that at least 1 in {CANDIDATES_PER_PATIENT} reaches",
                "Lower the threshold, or choose a more severe population",
            )
        root = draws.patient_root
        spread, noise = _candidates(seed, len(root), root.tobytes(), tried // size, size)
        values = draws.values(np.full(size, draw), spread, SCREENED)
        severity = sum(top * values[f"baseline_{k}"] for k, top in CLUSTER_MAX.items())
        ok = np.flatnonzero(severity + values["caps5_error_sd"] * noise >= entry_caps5) + tried
        passed.append(ok)
        found, tried = found + len(ok), tried + size
    return np.concatenate(passed)[:n_patients]
