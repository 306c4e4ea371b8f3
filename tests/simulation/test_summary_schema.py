"""summary.json: documented keys, finite numbers, any valid protocol."""

import json
from dataclasses import replace
from importlib import resources

import jsonschema
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synaptrial import facade
from synaptrial.domain.arm import Arm
from synaptrial.domain.population import RECORDED
from synaptrial.domain.protocol import Protocol
from synaptrial.domain.setting import OPEN_LABEL
from synaptrial.engine.backend import keep_compiled_code
from synaptrial.exchange.bundled import load_sources
from synaptrial.exchange.store import to_json
from synaptrial.exchange.toml import validate
from synaptrial.mechanism.learning import KINDS
from synaptrial.simulation.cohort.build import build_cohort
from synaptrial.simulation.options import Options
from synaptrial.simulation.run.arm import simulate_arm
from synaptrial.simulation.study import simulate
from synaptrial.simulation.summary.result import Result

SCHEMA = json.loads(
    (resources.files("synaptrial") / "data/schemas/summary.schema.json").read_text()
)
keep_compiled_code()  # the generated protocols are the same in each run
CHECK = jsonschema.Draft202012Validator(SCHEMA)
DEMO = ("FEDER2021_KET", "FEDER2021_MDZ", "ABDALLAH2022_KET05", "ABDALLAH2022_PBO")


@pytest.fixture(scope="module")
def result() -> Result:
    return facade.simulate(DEMO, patients=8, draws=4, sampled=2)


def assert_sound(result: Result) -> None:
    summary = json.loads(to_json(result.summary))  # refuses NaN
    CHECK.validate(summary)
    for arm in summary["arms"]:
        for visit in arm["visits"]:
            for scale, x in visit["scale"].items():
                for name in ("patient", "mean_interval", "new_trial"):
                    q = list(x[name].values())
                    assert q == sorted(q), (scale, name)
    assert np.isfinite(result.courses["value"]).all()


def test_the_schema_is_one_and_closed(result):
    CHECK.check_schema(SCHEMA)
    broken = json.loads(to_json(result.summary))
    broken["arms"][0]["visits"][0]["scale"]["CAPS5"]["median_"] = 1.0
    assert not CHECK.is_valid(broken)


def test_a_run_fits_the_schema(result):
    assert_sound(result)


def test_every_outcome_key_has_its_definition(result):
    definitions = result.summary["definitions"]
    seen = 0
    for arm in result.summary["arms"]:
        for visit in arm["visits"]:
            for scale, x in visit["scale"].items():
                for key in x:
                    if key.startswith(("response_", "remission_", "loss_of_", "first_loss_of_")):
                        base = key.removeprefix("first_").removeprefix("loss_of_")
                        base = base.partition("_since_day_")[0]
                        assert definitions[scale][base]["text"]
                        seen += 1
    assert seen > 50


def test_every_source_key_has_an_entry(result):
    listed = {s["key"] for s in result.summary["sources"]}
    assert listed <= set(load_sources())
    rows = [*result.summary["observed"]]
    rows += [d for of_scale in result.summary["definitions"].values() for d in of_scale.values()]
    assert {r["source"] for r in rows} <= listed
    stated = {a["source"] for k in ("assumptions", "recorded") for a in result.summary[k]}
    assert stated - {"own choice"} <= listed


def test_what_no_equation_reads_is_listed_apart(result):
    texts = [[a["text"] for a in result.summary[k]] for k in ("recorded", "assumptions")]
    for name in ("background", *(n.replace("_", " ") for n in RECORDED)):
        found = [sum(text.startswith(f"{name} =") for text in part) for part in texts]
        assert found[0] >= 1 and found[1] == 0, name
    assert len(texts[0]) == len(set(texts[0]))


def test_recorded_facts_change_no_course():
    """The proof that they are recorded only: another value, the same courses and scores."""
    arm = facade.load_arm("FEDER2014_KET")
    models = facade.load_models(arm.setting.population)
    own = models.population.parameter
    other = {k: own[k].model_copy(update={"value": own[k].value / 2}) for k in RECORDED}
    population = models.population.model_copy(update={"parameter": {**own, **other}})
    protocol = arm.protocol.model_copy(update={"background": "stable_ssri"})
    one = simulate_arm(arm, build_cohort(models, arm.setting, 4, 2, 1))
    changed = replace(models, population=population)
    two = simulate_arm(Arm(protocol, arm.setting), build_cohort(changed, arm.setting, 4, 2, 1))
    for name, scores in one.scores.items():
        np.testing.assert_array_equal(scores, two.scores[name])
    for name, moments in one.moments.items():
        np.testing.assert_array_equal(moments.total, two.moments[name].total)


def test_both_populations_of_a_run_are_in_its_provenance(result):
    sets = {k for k in result.summary["run"]["digests"] if k.endswith("_ptsd_trial")}
    assert sets == {"set adult_ptsd_trial", "set military_ptsd_trial"}
    for s in result.summary["sources"]:
        assert s["citation"]


def test_a_reasonable_size(result):
    per_arm = len(to_json(result.summary["arms"])) / len(DEMO)
    rest = len(to_json(result.summary)) - per_arm * len(DEMO)
    assert 5 * per_arm + 1.5 * rest < 450_000, "five arms in less than 450 kB"


def test_with_two_draws_of_two_patients(result):
    assert_sound(facade.simulate(DEMO[:2], patients=2, draws=2, sampled=0))


def days(count: int, first: int = 0) -> st.SearchStrategy[list[int]]:
    """So many days, in order: the number of steps decides what is compiled."""
    return st.sets(st.integers(first, 80), min_size=count, max_size=count).map(sorted)


@st.composite
def alike(draw: st.DrawFn) -> dict:
    """Protocols of one structure, so that the code is compiled once: infusions and sessions."""
    return {
        "id": "generated",
        "title": "generated",
        "arm": "generated",
        "kind": draw(st.sampled_from(["drug", "control"])),
        "horizon_days": 84.0,
        "visits_days": draw(days(3, first=1)),
        "doses": [
            {
                "drug": "ketamine",
                "enantiomer": draw(st.sampled_from(["racemic", "r"])),
                "route": "iv",
                "amount_mg_per_kg": draw(st.floats(0.0, 3.0)),
                "infusion_min": draw(st.sampled_from([2, 40, 1000])),
                "days": draw(days(4)),
            }
        ],
        "sessions": [{"kind": "exposure", "days": draw(days(2))}],
        "background": draw(st.sampled_from(["none", "stable_ssri", "as_population"])),
    }


@settings(
    max_examples=3, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(alike())
def test_a_generated_protocol_gives_finite_results(table):
    arm = Arm(validate(Protocol, table, "generated"), OPEN_LABEL)
    models = {OPEN_LABEL.population: facade.load_models(OPEN_LABEL.population)}
    options = Options(patients=2, draws=2, sampled=0, chunk=16)
    assert_sound(simulate([arm], models, facade.load_evidence(), options))


def test_everything_at_once_and_a_late_first_dose():
    """All routes, sertraline, sessions of each kind, a rule; the first dose of a drug that acts
    comes after a week of saline, the last one just before the horizon and sessions at it."""
    routes = ("iv", "im", "sc", "intranasal", "sublingual", "oral")
    extra = {"iv": {"infusion_min": 40}, "intranasal": {"devices": 2}}
    doses = [
        {
            "drug": "ketamine", "enantiomer": "racemic", "route": r, "amount_mg": 30.0,
            "days": [7 + 2 * i], **extra.get(r, {}),
        }
        for i, r in enumerate(routes)
    ]  # fmt: skip
    doses += [
        {"drug": "saline", "route": "iv", "infusion_min": 40, "days": [1]},
        {"drug": "midazolam", "route": "iv", "infusion_min": 40, "amount_mg": 3.0, "days": [20]},
        {"drug": "fentanyl", "route": "im", "amount_mg": 0.05, "days": [27.99]},
    ]
    table = {
        "id": "all", "title": "all", "arm": "all", "kind": "drug", "horizon_days": 28.0,
        "visits_days": [0, 7, 28], "doses": doses,
        "daily": [
            {"drug": "sertraline", "steps": [{"day": 0, "mg_per_day": 50}], "end_day": 28}
        ],
        "sessions": [{"kind": k, "days": [3, 28]} for k in KINDS],
        "rules": [{"do": "stop_if", "stops": ["doses"], "visits_days": [7], "scale": "CAPS5",
                   "test": "score_below", "value": 20}],
    }  # fmt: skip
    arm = Arm(validate(Protocol, table, "all"), OPEN_LABEL)
    models = {OPEN_LABEL.population: facade.load_models(OPEN_LABEL.population)}
    options = Options(patients=4, draws=2, sampled=0, chunk=16)
    result = simulate([arm], models, facade.load_evidence(), options)
    assert_sound(result)
    assert "fentanyl has no effect of its own" in result.summary["extrapolation"][0]
    assert result.summary["arms"][0]["acute"]["cadss_peak"]["mean_curve_max"] > 0
