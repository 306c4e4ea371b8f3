"""Mantel-Haenszel and Peto against R (rma.mh, rma.peto), at 1e-9 relative."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.support.metafor import reference

from synaptrial.domain.errors import InputError
from synaptrial.synthesis.two_by_two import PooledTables, mantel_haenszel, peto

SETS = ("bcg", "hine1989", "egger2001")
NAMES = {
    "beta": "beta", "se": "se", "p": "p", "QE": "qe", "QEp": "qe_p", "I2": "i2",
    "CMH": "cmh", "CMH_p": "cmh_p",
}  # fmt: skip


def _tables(name: str) -> dict[str, Any]:
    columns = reference(name).columns
    return {k: np.array(columns[k], dtype=float) for k in ("ai", "n1i", "ci", "n2i")}


def _agrees(out: PooledTables, expected: dict[str, Any]) -> None:
    assert set(expected) <= {*NAMES, "ci"}
    for key, ours in NAMES.items():
        if expected.get(key, "absent") != "absent":
            mine = getattr(out, ours)
            assert mine == (
                None if expected[key] is None else pytest.approx(expected[key], rel=1e-9, abs=1e-14)
            )
    np.testing.assert_allclose([out.ci_low, out.ci_high], expected["ci"], rtol=1e-9)


@pytest.mark.parametrize("name", SETS)
def test_mantel_haenszel(name: str) -> None:
    expected = reference(name).results["MantelHaenszel"]
    assert set(expected) == {"OR", "RR", "RD"}
    for measure, results in expected.items():
        _agrees(mantel_haenszel(**_tables(name), measure=measure), results)


@pytest.mark.parametrize("name", SETS)
def test_peto(name: str) -> None:
    _agrees(peto(**_tables(name)), reference(name).results["Peto"])


TWO = {"ai": [3, 1], "bi": [7, 9], "ci": [2, 4], "di": [8, 6]}


def test_one_table_gives_its_own_odds_ratio() -> None:
    out = mantel_haenszel(ai=3, bi=7, ci=2, di=8)
    assert out.beta == pytest.approx(np.log(3 * 8 / (7 * 2)))
    assert (out.k, out.qe, out.qe_p, out.i2) == (1, 0.0, 1.0, 0.0)


def test_a_table_without_events_leaves_estimate_and_scatter_alone() -> None:
    more = {k: [*x, extra] for (k, x), extra in zip(TWO.items(), (0, 10, 0, 10), strict=True)}
    for pool in (mantel_haenszel, peto):
        one, two = pool(**TWO), pool(**more)
        assert (two.k, two.qe_df) == (3, 1)
        assert two.beta == pytest.approx(one.beta) and two.qe == pytest.approx(one.qe)


@pytest.mark.parametrize("measure", ("OR", "RR", "RD"))
def test_arms_swapped_turn_the_sign(measure: str) -> None:
    swapped = {"ai": TWO["ci"], "bi": TWO["di"], "ci": TWO["ai"], "di": TWO["bi"]}
    one, two = mantel_haenszel(**TWO, measure=measure), mantel_haenszel(**swapped, measure=measure)
    assert two.beta == pytest.approx(-one.beta) and two.se == pytest.approx(one.se)
    assert peto(**swapped).beta == pytest.approx(-peto(**TWO).beta)


@pytest.mark.parametrize("pool", (mantel_haenszel, peto))
def test_no_events_is_refused(pool: Any) -> None:
    with pytest.raises(InputError, match="too few events"):
        pool(ai=[0, 0], bi=[5, 5], ci=[0, 0], di=[5, 5])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("measure", ["OR", "RR", "RD"])
@pytest.mark.parametrize("table", [(1, 0, 1, 0), (1, 0, 6, 0), (3, 0, 7, 0), (0, 4, 0, 9)])
def test_a_table_without_contrast_is_refused_not_pooled_with_a_variance_of_0(
    measure: str, table: tuple[float, ...]
) -> None:
    a, b, c, d = ([float(cell)] for cell in table)
    with pytest.raises(InputError, match="too few events"):
        mantel_haenszel(ai=a, bi=b, ci=c, di=d, measure=measure)
