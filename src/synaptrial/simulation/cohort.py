"""Virtual patients: draws of the parameters, patients within them, the entry rule.

A parameter's value in draw d and patient i is g(m_d + study_sd u_d + patient_sd z_i), see
`domain.parameters`. Draws come from a counter-based generator, patients from a scrambled Sobol
sequence: patient i of a seed is the same whatever the chunk, the number of patients, the arm or
the draw. One draw is one study, and its arms share its u_d and its patients. A correlation of
two parameters holds between patients and between studies: what makes a study's assay or sample
differ moves both.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

from synaptrial.domain.errors import InputError
from synaptrial.domain.parameters import Parameter, ParameterSet
from synaptrial.domain.scales import SCALES

CLUSTER_MAX = SCALES["CAPS5"].clusters
SCREENED = (*(f"baseline_{k}" for k in CLUSTER_MAX), "caps5_error_sd")
BLOCK = 4096  # candidates whose normals are kept together
CANDIDATES_PER_PATIENT = 8  # the entry rule may refuse up to 7 in 8


def transform(parameter: Parameter, x: np.ndarray) -> np.ndarray:
    """From the transformed scale to the value."""
    if parameter.distribution == "lognormal":
        return np.exp(x)
    if parameter.distribution == "logit_normal":
        return 1 / (1 + np.exp(-x))
    if parameter.distribution == "half_normal":
        return np.abs(x)
    return x


@dataclass(frozen=True)
class ParameterDraws:
    """Named parameters in S draws. Only uncertain ones carry a draw axis."""

    parameters: Mapping[str, Parameter]
    level: Mapping[str, np.ndarray]  # name -> (S,) on the transformed scale, study effect included
    study: np.ndarray  # (S, n_study) standard normal study effects, correlated as patients are
    study_names: tuple[str, ...]
    patient_names: tuple[str, ...]
    patient_root: np.ndarray  # (n_patient, n_patient) Cholesky factor of the correlation
    seed: int

    @property
    def n_draws(self) -> int:
        return len(self.study)

    def values(
        self, draw: np.ndarray, spread: np.ndarray, names: Iterable[str] = ()
    ) -> dict[str, np.ndarray]:
        """Values for patients in draws, of all parameters or of `names`.

        draw: (P,) index; spread: (n_patient, P) standard normals, correlated. Returns (P,)
        arrays, or (1,) where nothing varies."""
        out = {}
        for name in names or self.parameters:
            p = self.parameters[name]
            level = self.level[name]
            x = level[draw] if len(level) > 1 else level
            if p.patient_sd > 0:
                x = x + p.patient_sd * spread[self.patient_names.index(name)]
            out[name] = transform(p, x)
        return out


def correlated(z: np.ndarray, root: np.ndarray) -> np.ndarray:
    """(k, P) from independent standard normals (P, k) and the Cholesky factor of their correlation.

    Summed column by column: a matrix product rounds differently in blocks of other sizes."""
    rows = [sum(z[:, j] * row[j] for j in np.flatnonzero(row)) for row in root]
    return np.stack(rows) if rows else z.T


def draw_parameters(sets: Sequence[ParameterSet], n_draws: int, seed: int) -> ParameterDraws:
    """S draws of all parameters of the sets. The first draws do not depend on S."""
    parameters: dict[str, Parameter] = {}
    for s in sets:
        twice = set(parameters) & set(s.parameter)
        if twice:
            raise ValueError(f"set {s.id!r} repeats parameters: {sorted(twice)}")
        parameters.update(s.parameter)
    names = tuple(parameters)
    study_names = tuple(n for n in names if parameters[n].study_sd > 0)
    patient_names = tuple(n for n in names if parameters[n].patient_sd > 0)
    normal = _normals(seed, 1, n_draws, len(names) + len(study_names))
    study = normal[:, len(names) :] @ _root(sets, study_names).T
    level = {}
    for i, name in enumerate(names):
        p = parameters[name]
        if p.uncertainty == 0 and p.study_sd == 0:
            level[name] = np.array([p.centre])
            continue
        x = p.centre + p.uncertainty * normal[:, i]
        if p.study_sd > 0:
            x = x + p.study_sd * study[:, study_names.index(name)]
        level[name] = x
    return ParameterDraws(
        parameters,
        level,
        study,
        study_names,
        patient_names,
        _root(sets, patient_names),
        seed,
    )


def _normals(seed: int, stream: int, n: int, k: int) -> np.ndarray:
    """(n, k) standard normals; row i depends on seed, stream and i only."""
    bits = np.random.Philox(key=[seed, stream])
    return np.random.Generator(bits).standard_normal((n, k))


def _root(sets: Sequence[ParameterSet], names: tuple[str, ...]) -> np.ndarray:
    corr = np.eye(len(names))
    for s in sets:
        for c in s.correlation:
            if set(c.pair) <= set(names):
                i, j = (names.index(n) for n in c.pair)
                corr[i, j] = corr[j, i] = c.value
    smallest = np.linalg.eigvalsh(corr).min() if len(names) else 1.0
    if smallest < 1e-8:
        raise InputError(
            "correlation",
            f"a correlation matrix with eigenvalue {smallest:.2g}",
            "a positive definite matrix",
            "Lower the correlations, or state those that are missing",
        )
    return np.linalg.cholesky(corr)


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
