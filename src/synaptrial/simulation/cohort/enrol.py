"""Virtual patients within draws, and the entry rule.

Patients come from a scrambled Sobol sequence: patient i of a seed is the same whatever the chunk,
the number of patients, the arm or the draw.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

from synaptrial.domain.errors import InputError
from synaptrial.domain.setting import EntryRule
from synaptrial.simulation.cohort.draws import ParameterDraws, correlated
from synaptrial.simulation.observation.chance import screening
from synaptrial.simulation.observation.scores import MAXIMUM, caps4, rated

SCREENED = (
    *(f"baseline_{k}" for k in MAXIMUM),
    "caps5_error_sd", "symptom_fluctuation_sd", "caps4_per_caps5",
)  # fmt: skip
BLOCK = 4096  # candidates whose normals are kept together
CANDIDATES_PER_PATIENT = 1000  # the entry rule may refuse up to 999 in 1000
MOST_AT_ONCE = 65536
ENOUGH = 100 * CANDIDATES_PER_PATIENT  # candidates who tell that too few pass


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
        draw, candidate = self._of(start, stop)
        return draw, self.draws.values(draw, _spread(self, candidate))

    def screened(self, start: int, stop: int) -> np.ndarray:
        """CAPS-5 clusters of the screening of flat patients start..stop-1, (4, n), as recorded."""
        draw, candidate = self._of(start, stop)
        values = self.draws.values(draw, _spread(self, candidate), SCREENED)
        noise = _of_blocks(candidate, lambda b: _screening_block(self.seed, b))
        found = rated(_latent(values), values, noise[:4].T, noise[4])
        return np.stack([np.broadcast_to(x, len(candidate)) for x in found.values()])

    def _of(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        q = np.arange(start, stop)
        draw = q // self.n_patients
        return draw, self.candidate[draw, q % self.n_patients]


def _spread(cohort: Cohort, candidate: np.ndarray) -> dict[str, np.ndarray]:
    """Correlated normals of candidates, each (k,). Draws share their candidates, so blocks of the
    sequence are kept: making it anew for each chunk took a fifth of a simulation."""
    names, root = cohort.draws.patient_names, cohort.draws.patient_root
    made = partial(_block, cohort.seed, len(root), root.tobytes())
    return dict(zip(names, _of_blocks(candidate, made), strict=True))


def _of_blocks(candidate: np.ndarray, made: Callable[[int], np.ndarray]) -> np.ndarray:
    """Columns of candidates, (k, len(candidate)), from blocks (k, BLOCK) that are kept."""
    block, row = np.divmod(candidate, BLOCK)
    blocks = {int(b): made(int(b)) for b in np.unique(block)}
    out = np.empty((len(next(iter(blocks.values()))), len(candidate)))
    for b, of_block in blocks.items():
        own = block == b
        out[:, own] = of_block[:, row[own]]
    return out


@lru_cache(maxsize=16)
def _screening_block(seed: int, block: int) -> np.ndarray:
    return screening(seed, block * BLOCK, BLOCK).T


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


def enrol(
    draws: ParameterDraws, n_patients: int, seed: int, entry: EntryRule | None = None
) -> Cohort:
    """Patients who pass the entry rule on the reading of the screening; without a rule all
    candidates enter. What the reading has of error and of a bad week, the next one has not:
    regression to the mean follows, and is not a parameter.
    """
    s = draws.n_draws
    if entry is None:
        candidate = np.broadcast_to(np.arange(n_patients), (s, n_patients))
        return Cohort(draws, n_patients, candidate, seed)
    out = np.empty((s, n_patients), np.int64)
    for d in range(s):
        out[d] = _first_eligible(draws, d, n_patients, seed, entry)
    return Cohort(draws, n_patients, out, seed)


@lru_cache(maxsize=64)
def _candidates(
    seed: int, k: int, root: bytes, rows: tuple[int, ...], first: int, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Of candidates first..first+size-1: some of their correlated normals, and the screening's."""
    z = patient_normals(seed, k, first, first + size)
    own = np.frombuffer(root).reshape(k, k)[list(rows)]
    return correlated(z, own), screening(seed, first, size)


def _first_eligible(
    draws: ParameterDraws, draw: int, n_patients: int, seed: int, entry: EntryRule
) -> np.ndarray:
    """The first candidates of a draw who pass, (n_patients,). Blocks of candidates grow, so that a
    rare passer costs no long loop, up to a size that keeps memory flat."""
    root = draws.patient_root
    names = [n for n in SCREENED if n in draws.patient_names]
    rows = tuple(draws.patient_names.index(n) for n in names)
    passed: list[np.ndarray] = []
    found = tried = 0
    while found < n_patients:
        if tried >= min(CANDIDATES_PER_PATIENT * n_patients, ENOUGH) and (
            found * CANDIDATES_PER_PATIENT < tried
        ):
            raise InputError(
                "setting.entry.minimum",
                f"{entry.minimum:g} points of {entry.scale}, which {found} of {tried} reach",
                f"a threshold that at least 1 in {CANDIDATES_PER_PATIENT} reaches",
                "Lower the threshold, or choose a more severe population",
            )
        size = min(max(4 * n_patients + 64, tried), MOST_AT_ONCE)
        spread, noise = _candidates(seed, len(root), root.tobytes(), rows, tried, size)
        known = dict(zip(names, spread, strict=True))
        values = draws.values(np.full(size, draw), known, SCREENED)
        total = sum(rated(_latent(values), values, noise[:, :4], noise[:, 4]).values())
        score = caps4(total, values) if entry.scale == "CAPS4" else total
        passed.append(np.flatnonzero(score >= entry.minimum) + tried)
        found, tried = found + len(passed[-1]), tried + size
    return np.concatenate(passed)[:n_patients]


def _latent(values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {k: top * values[f"baseline_{k}"] for k, top in MAXIMUM.items()}
