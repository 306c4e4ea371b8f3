"""Fits in a batch are the fits one by one."""

from __future__ import annotations

import numpy as np
import pytest

from synaptrial.domain.errors import InputError
from synaptrial.synthesis import batched as module
from synaptrial.synthesis import bootstrap, rma, rma_batch
from synaptrial.synthesis.heterogeneity import METHODS

RNG = np.random.default_rng(7)
YI, VI = RNG.normal(0.3, 0.5, 12), RNG.uniform(0.01, 0.3, 12)


@pytest.mark.parametrize("method", METHODS)
def test_bootstrap_is_rma_of_each_sample(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 100)  # several chunks
    batch = bootstrap(YI, VI, replicates=40, seed=3, method=method)
    chosen = np.random.default_rng(3).integers(12, size=(40, 12))
    for i, rows in enumerate(chosen):
        one = rma(YI[rows], VI[rows], method=method)
        assert batch.beta[i] == pytest.approx(one.beta[0], rel=1e-9)
        assert batch.tau2[i] == pytest.approx(one.tau2, abs=1e-9)
        assert batch.ci_low[i] == pytest.approx(one.ci_low[0], rel=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_a_study_left_out_has_no_part(method: str) -> None:
    keep = ~np.eye(12, dtype=bool)
    batch = rma_batch(np.tile(YI, (12, 1)), np.tile(VI, (12, 1)), keep=keep, method=method)
    for i in range(12):
        one = rma(np.delete(YI, i), np.delete(VI, i), method=method)
        assert (batch.k[i], batch.beta[i]) == (11, pytest.approx(one.beta[0], rel=1e-9))
        assert batch.se[i] == pytest.approx(one.se[0], rel=1e-8)


def test_what_is_left_out_may_be_missing() -> None:
    batch = rma_batch([[0.1, 0.4, np.nan]], [[0.1, 0.2, np.nan]], keep=[[1, 1, 0]])
    one = rma([0.1, 0.4], [0.1, 0.2])
    assert (batch.beta[0], batch.k[0]) == (pytest.approx(one.beta[0], rel=1e-12), 2)


@pytest.mark.parametrize(
    ("y", "v", "options", "said"),
    [
        ([[1, 2]], [[1, 1, 1]], {}, "vi: found shape"),
        ([[1, 2]], [[1, -1]], {}, "yi, vi: found a value"),
        ([[1, 2]], [[1, 1]], {"keep": [[True, False]]}, "fewer than two"),
        ([[1, 2]], [[1, 1]], {"method": "X"}, "method: found 'X'"),
        ([[1, 2]], [[1, 1]], {"level": 95}, "level: found 95"),
        ([["a", "b"]], [[1, 1]], {}, "yi: found"),
        ([[1, np.nan]], [[1, 1]], {}, "yi, vi: found a value"),
    ],
)
def test_bad_input(y, v, options, said) -> None:
    with pytest.raises(InputError, match=said):
        rma_batch(y, v, **options)
