"""Priors as data: marks, sources, the rows they rest on, and what they must not rest on."""

from __future__ import annotations

import csv
import math
import tomllib
from importlib import resources

import numpy as np
import pytest
from scipy.stats import norm

from synaptrial.domain.parameters import ParameterSet
from synaptrial.domain.population import Population
from synaptrial.domain.sources import Mark
from synaptrial.exchange.bundled import load_sources

PACKAGE = resources.files("synaptrial")
PRIORS = (
    "receptor", "acute", "plasticity", "circuits", "severity", "learning", "ssri", "nonspecific",
    "leaving", "scales",
)  # fmt: skip
POPULATIONS = ("adult_ptsd_trial", "military_ptsd_trial", "ssri_failed_ptsd")
ROW_TABLES = ("outcomes", "acute", "pharmacodynamics", "scales")
CIRCUITS = ("amygdala", "prefrontal", "default_mode")


def document(kind: str, name: str) -> ParameterSet:
    text = (PACKAGE / "data" / kind / f"{name}.toml").read_text(encoding="utf-8")
    kinds = {"priors": ParameterSet, "populations": Population}
    return kinds[kind].model_validate(tomllib.loads(text))


def table(name: str) -> list[dict[str, str]]:
    path = PACKAGE / "evidence" / "data" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


DOCUMENTS = {name: document("priors", name) for name in PRIORS}
DOCUMENTS |= {name: document("populations", name) for name in POPULATIONS}
ROWS = {row["row_id"]: row for name in ROW_TABLES for row in table(name)}
SOURCES = set(load_sources())
PARAMETERS = [(d, n, p) for d, s in DOCUMENTS.items() for n, p in s.parameter.items()]
PARAMETERS += [(d, n, p) for d in POPULATIONS for n, p in DOCUMENTS[d].override.items()]
KETAMINE_PTSD = {row["study"] for row in table("studies") if row["kind"] == "ketamine_ptsd"}


def prior(name: str):
    return next(p for d, n, p in PARAMETERS if n == name and d in PRIORS)


@pytest.mark.parametrize(("where", "name", "parameter"), PARAMETERS)
def test_every_value_says_how_it_is_known(where, name, parameter) -> None:
    assert parameter.mark is not Mark.RECALLED, "a prior does not rest on memory"
    if parameter.mark is Mark.ASSUMED:
        assert len(parameter.reason) > 20
    else:
        assert parameter.source in SOURCES
        assert parameter.locator
    assert parameter.unit
    missing = [row for row in parameter.rows if row not in ROWS]
    assert not missing


def test_priors_rest_on_no_recalled_row() -> None:
    recalled = [
        (where, name, row)
        for where, name, parameter in PARAMETERS
        for row in parameter.rows
        if ROWS[row]["mark"] == Mark.RECALLED
    ]
    assert recalled == []


def test_trials_of_ketamine_in_ptsd_stay_for_the_likelihood() -> None:
    """Only baseline age of the population comes from them; no effect, change or dropout does."""
    used = {
        row for _, _, parameter in PARAMETERS for row in parameter.rows
        if row.split(":")[0] in KETAMINE_PTSD
    }  # fmt: skip
    assert used == {"FEDER2021:KET:age:0d:mean", "FEDER2021:MDZ:age:0d:mean"}


def test_ptsd_drug_effect_is_assumed_and_includes_zero() -> None:
    p = prior("drug_effect")
    assert p.mark is Mark.ASSUMED
    assert p.distribution == "normal"
    assert 0.15 <= norm.cdf(0, p.value, p.uncertainty) <= 0.25


def test_signed_modulation_of_learning_is_centred_on_zero() -> None:
    p = prior("learn_plasticity_modulation")
    assert (p.value, p.distribution) == (0, "normal")
    assert p.uncertainty > 0


def test_slow_half_life_spans_3_to_25_days() -> None:
    p = prior("slow_half_life")
    low, high = (math.exp(p.centre + z * p.uncertainty) / 24 for z in norm.ppf([0.05, 0.95]))
    assert p.value == 9 * 24
    assert low == pytest.approx(3, rel=0.08)
    assert high == pytest.approx(25, rel=0.08)


def test_scale_of_circuits_is_fixed_by_loadings_and_weights() -> None:
    for cluster in "bcde":
        assert sum(prior(f"load_{cluster}_{c}").value for c in CIRCUITS) == pytest.approx(2.5)
    for driver in ("drug", "learning", "ssri"):
        weights = [prior(f"w_{driver}_{c}").value for c in CIRCUITS]
        assert np.mean(weights) == pytest.approx(1)
        assert len(set(weights)) == 3


@pytest.mark.parametrize(
    ("noise", "row"),
    [("sbp_noise_sd", "SBP"), ("dbp_noise_sd", "DBP"), ("hr_noise_sd", "HR")],
)
def test_reading_noise_gives_the_maxima_seen_on_placebo(noise: str, row: str) -> None:
    """Liebe 2017: the largest of 8 readings above baseline, nothing but noise on placebo."""
    expected_max_of_8 = 1.4236
    observed = float(ROWS[f"LIEBE2017:PBO:{row}:max:mean"]["value"])
    assert prior(noise).value * expected_max_of_8 == pytest.approx(observed, rel=0.02)


@pytest.mark.parametrize("name", POPULATIONS)
def test_population_starts_where_trials_start(name: str) -> None:
    """CAPS-5 near 40 of 80 before entry; correlations form a valid matrix."""
    population = DOCUMENTS[name]
    top = {"b": 20, "c": 8, "d": 28, "e": 24}
    assert sum(m * population.value(f"baseline_{k}") for k, m in top.items()) == pytest.approx(
        39, abs=2
    )
    names = [f"baseline_{k}" for k in (*top, "mood")]
    matrix = np.eye(5)
    for c in population.correlation:
        i, j = (names.index(n) for n in c.pair)
        matrix[i, j] = matrix[j, i] = c.value
    assert np.linalg.eigvalsh(matrix).min() > 0.05
    assert (matrix != 0).all()
