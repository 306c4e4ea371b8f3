"""People whom an SSRI failed: what a population may put in place of a prior, and what it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import norm
from tools import failed_response

from synaptrial import facade
from synaptrial.domain.errors import InputError
from synaptrial.domain.parameters import Parameter
from synaptrial.domain.population import Population
from synaptrial.exchange.bundled import load_population
from synaptrial.simulation.cohort.draws import draw_parameters
from synaptrial.simulation.cohort.models import priors_of
from synaptrial.simulation.summary.provenance import all_models, assumptions

FAILED, OTHERS = "ssri_failed_ptsd", "adult_ptsd_trial"
OVERRIDE = load_population(FAILED).override
PRIORS = facade.load_models(OTHERS).priors
ARMS = ["SERTRALINE_PLUS_KETAMINE", "SERTRALINE_TO_KETAMINE", "SERTRALINE_PLUS_MIDAZOLAM"]
ROUNDED = 5e-4
NO_DATA = "no data tell whether that changes the effect of ketamine"


def people(**override: Any) -> Population:
    own = {k: Parameter(mark="ASSUMED", reason="a test", **p) for k, p in override.items()}  # type: ignore[arg-type]
    return load_population(OTHERS).model_copy(update={"override": own, "id": "TEST"})


def of(name: str, population: str) -> Parameter:
    sets = facade.load_models(population).sets
    (found,) = [s.parameter[name] for s in sets if name in s.parameter]
    return found


# the numbers


@pytest.mark.slow
@pytest.mark.parametrize("drug", ["sertraline", "paroxetine"])
def test_what_a_failed_ssri_says_is_recomputed(drug: str) -> None:
    """Other patients and draws than the document rests on, so within four of both their errors."""
    _, shifts = failed_response.failed(drug, 1024, 96, 2)
    for name in (f"ssri_effect_{drug}", "nonspecific_change"):
        s, own = shifts[name], OVERRIDE[name]
        share = 1.0 if name.startswith("ssri") else failed_response.LASTING
        if share < 1 and drug == "paroxetine":
            assert s.mean < -0.5  # the document takes that of sertraline
            continue
        centre, sd = s.lasting(share)
        both = 4 * share * np.sqrt(2)
        assert abs(own.value - centre) < both * s.mean_se + ROUNDED, name
        assert abs(own.patient_sd - sd) < both * s.sd_se + ROUNDED, name
        assert s.mean + 4 * s.mean_se < 0, name  # so that the prior's own value would fail


def test_what_lasts_lies_between_all_and_nothing() -> None:
    s = failed_response.Shift(0.28, 0.6, -0.56, 0.42, 0.0, 0.0)
    assert s.lasting(0.0) == pytest.approx((0.28, 0.6))
    assert s.lasting(1.0) == pytest.approx((-0.28, 0.42))
    own = OVERRIDE["nonspecific_change"]
    for share in (0.0, 1.0):
        assert abs(s.lasting(share)[0] - own.value) < own.uncertainty


def test_the_drug_effect_is_as_others_have_it_and_less_certain() -> None:
    ours, theirs = of("drug_effect", FAILED), of("drug_effect", OTHERS)
    assert ours.value == theirs.value and ours.patient_sd == theirs.patient_sd
    assert ours.uncertainty**2 == pytest.approx(2 * theirs.uncertainty**2, rel=0.1)
    assert norm.cdf(0, ours.value, ours.uncertainty) > 0.25


# an override takes the place of a prior


def test_an_override_replaces_the_prior_and_says_so() -> None:
    for name, own in OVERRIDE.items():
        used, prior = of(name, FAILED), of(name, OTHERS)
        assert used.value == own.value and used.uncertainty == own.uncertainty
        assert used.reason.startswith(f"In {FAILED}, in place of {prior.stated}. ")
        assert set(prior.rows) <= set(own.rows), "what made a prior is not fitted again"


def test_all_else_is_drawn_as_for_other_people() -> None:
    """The same normals by name and place: two populations differ where their documents do."""
    ours, theirs = (draw_parameters(facade.load_models(p).sets, 6, 1) for p in (FAILED, OTHERS))
    assert list(ours.parameters) == list(theirs.parameters)
    assert ours.patient_names == theirs.patient_names
    same = [k for k, p in ours.parameters.items() if p == theirs.parameters[k]]
    assert 0 < len(ours.parameters) - len(same) < 20
    for name in same:
        np.testing.assert_array_equal(ours.level[name], theirs.level[name])


def test_an_override_without_its_prior_is_refused() -> None:
    with pytest.raises(InputError, match=r"TEST: override.drug_efect: .*Did you mean drug_effect"):
        priors_of(people(drug_efect={"value": 0.1, "unit": "-"}), PRIORS)
    with pytest.raises(InputError, match=r"override.drug_effect.unit: found '1/h'"):
        priors_of(people(drug_effect={"value": 0.1, "unit": "1/h"}), PRIORS)


def test_a_population_without_overrides_leaves_the_priors_alone() -> None:
    assert priors_of(people(), PRIORS) == PRIORS


# the page


@pytest.mark.parametrize("order", [(FAILED, OTHERS), (OTHERS, FAILED)])
def test_a_run_of_both_populations_states_both_values(order: tuple[str, ...]) -> None:
    texts = [
        a["text"] for a in assumptions({}, all_models({p: facade.load_models(p) for p in order}))
    ]
    for name in OVERRIDE:
        words = f"{name.replace('_', ' ')} = "
        found = [t for t in texts if t.startswith(words)]
        assert len(found) == 2, name
        assert sum("in place of" in t for t in found) == 1
    assert sum(t.startswith("ssri fast share") for t in texts) == 1


def test_the_page_says_that_no_data_tell() -> None:
    result = facade.simulate(ARMS, patients=4, draws=2, sampled=0)
    (notice,) = [n for n in result.summary["notices"] if NO_DATA in n]
    assert all(a["label"] in notice for a in result.summary["arms"])
    assert {c["comparator"] for c in result.summary["contrasts"]} == {
        facade.load_arm(ARMS[-1]).protocol.arm
    }
    texts = [a["text"] for a in result.summary["assumptions"]]
    for name in OVERRIDE:
        (text,) = [t for t in texts if t.startswith(f"{name.replace('_', ' ')} = ")]
        assert f"In {FAILED}, in place of" in text
    other = facade.simulate(["FEDER2021_KET", ARMS[0]], patients=4, draws=2, sampled=0).summary
    (notice,) = [n for n in other["notices"] if NO_DATA in n]
    assert "FEDER2021" not in notice
    assert len([k for k in other["run"]["digests"] if k.startswith("set circuits")]) == 2
