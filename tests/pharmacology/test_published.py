"""Published structures: mass is kept, and terminal behaviour equals what the papers state."""

from __future__ import annotations

import numpy as np
import pytest

from synaptrial.exchange.bundled import load_parameter_set
from synaptrial.pharmacology import published
from synaptrial.pharmacology.published import Structure


def values(model: str) -> dict[str, float]:
    return {k: p.value for k, p in load_parameter_set(model).parameter.items()}


def structures() -> dict[str, Structure]:
    weight = 73.0
    out = {
        m: getattr(published, m)(values(m), weight)
        for m in ("kamp2020", "domino1982", "fanta2015_otto2021", "simons2022")
    }
    return out | {"perez_ruixo2021": published.perez_ruixo2021(values("perez_ruixo2021"))}


def matrix(s: Structure) -> np.ndarray:
    a = np.zeros((len(s.states),) * 2)
    index = {name: i for i, name in enumerate(s.states)}
    for (to, source), rate in s.transfers.items():
        a[index[to], index[source]] += rate
        a[index[source], index[source]] -= rate
    for state, rate in s.losses.items():
        a[index[state], index[state]] -= rate
    return a


@pytest.mark.parametrize("model", list(structures()))
def test_all_drug_leaves_and_none_appears(model: str) -> None:
    """Column sums are minus the losses, and every amount decays to nothing."""
    s = structures()[model]
    a = matrix(s)
    losses = np.array([s.losses.get(name, 0.0) for name in s.states])
    assert np.allclose(a.sum(axis=0), -losses)
    assert (np.linalg.eigvals(a).real < 0).all()
    assert all(rate >= 0 for rate in [*s.transfers.values(), *s.losses.values()])


def area_per_mg(s: Structure, route: str) -> float:
    """AUC to infinity of the parent per mg, from the matrix alone, ng h/mL."""
    given = np.zeros(len(s.states))
    for share in s.inputs[route]:
        given[s.states.index(share.state)] += share.share
    state, factor = s.readouts["ketamine"]
    return float(-np.linalg.solve(matrix(s), given)[s.states.index(state)] * factor)


@pytest.mark.parametrize(
    ("model", "cl_l_per_h", "tolerance"),
    [
        ("kamp2020", 84.0 * 73 / 70, 1e-9),
        ("fanta2015_otto2021", 95.2 * (73 / 70) ** 0.75, 1e-9),
        ("simons2022", 88.8 * (73 / 70) ** 0.75, 1e-9),
        ("perez_ruixo2021", 114.0, 0.06),  # abstract; Table 3 gives 109
    ],
)
def test_clearance_is_the_published_one(model: str, cl_l_per_h: float, tolerance: float) -> None:
    assert 1000 / area_per_mg(structures()[model], "iv") == pytest.approx(cl_l_per_h, rel=tolerance)


def test_perez_ruixo_bioavailability_is_that_of_the_abstract() -> None:
    """Abstract: 18.6% of a swallowed dose, 54% of 56 mg, 51% of 84 mg (PEREZRUIXO2021)."""
    s = structures()["perez_ruixo2021"]
    iv, first, later, oral = (
        area_per_mg(s, r) for r in ("iv", "intranasal", "intranasal_next", "oral")
    )
    assert oral / iv == pytest.approx(0.186, rel=0.05)
    assert (first + later) / 2 / iv == pytest.approx(0.54, rel=0.05)
    assert (first + 2 * later) / 3 / iv == pytest.approx(0.51, rel=0.05)


def test_covariates_of_perez_ruixo_act_as_published() -> None:
    p = values("perez_ruixo2021")
    typical, old = published.perez_ruixo2021(p), published.perez_ruixo2021(p, age_y=70.0)
    assert old.transfers["liver", "K"] == pytest.approx((151 - 21.9) / 192)
    assert typical.transfers == published.perez_ruixo2021(p, age_y=60.0).transfers
    japanese = published.perez_ruixo2021(p, asian=1.0, japanese=1.0)
    assert japanese.inputs["intranasal"][0].share == pytest.approx(0.54 * 1.34)
    assert japanese.losses["liver"] == pytest.approx(1.11 * 0.36)
    assert japanese.losses["N"] == pytest.approx(38 * 0.81 / 70)
