"""Draws of the parameters.

A value in draw d and patient i is g(m_d + study_sd u_d + patient_sd z_i), see `domain.parameters`.
Draws come from a counter-based generator: the first ones do not depend on
how many there are. One draw is one study, and its arms share its u_d. A correlation of two
parameters holds between patients and between studies: what makes a study's assay or sample differ
moves both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synaptrial.domain.errors import InputError
from synaptrial.domain.parameters import Parameter, ParameterSet


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
        self, draw: np.ndarray, spread: Mapping[str, np.ndarray], names: Iterable[str] = ()
    ) -> dict[str, np.ndarray]:
        """Values for patients in draws, of all parameters or of `names`.

        draw: (P,) index; spread: name -> (P,) standard normals, correlated. Returns (P,) arrays, or
        (1,) where nothing varies."""
        out = {}
        for name in names or self.parameters:
            p = self.parameters[name]
            level = self.level[name]
            x = level[draw] if len(level) > 1 else level
            if p.patient_sd > 0:
                x = x + p.patient_sd * spread[name]
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
    study_names = tuple(n for n in parameters if parameters[n].study_sd > 0)
    patient_names = tuple(n for n in parameters if parameters[n].patient_sd > 0)
    of_study = [_normals(seed, f"study of {name}", n_draws) for name in study_names]
    study = np.stack([*of_study, np.zeros(n_draws)], axis=1)[:, :-1] @ _root(sets, study_names).T
    level = {}
    for name, p in parameters.items():
        if p.uncertainty == 0 and p.study_sd == 0:
            level[name] = np.array([p.centre])
            continue
        x = p.centre + p.uncertainty * _normals(seed, name, n_draws)
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


def _normals(seed: int, name: str, n: int) -> np.ndarray:
    """(n,) standard normals; each depends on seed, name and place only, so that a parameter more
    leaves the draws of the others as they are."""
    stream = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])
    return np.random.Generator(np.random.Philox(key=[seed, stream])).standard_normal(n)


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
