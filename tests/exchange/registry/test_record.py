"""A made-up registry record becomes rows: each number once, nothing guessed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.support.registry import NCT, record

from synaptrial.domain.errors import InputError
from synaptrial.evidence.check import check
from synaptrial.exchange.evidence.awaiting import Imported, Number, write_import
from synaptrial.exchange.evidence.folder import read_folder
from synaptrial.exchange.registry.record import import_registry


def write(folder: Path, content: Any, name: str = f"{NCT}.json") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    return import_registry(write(tmp_path_factory.mktemp("registry"), record()))


@pytest.fixture(scope="module")
def numbers(imported: Imported) -> dict[str, Number]:
    return {n.row_id.removeprefix(f"{NCT}:"): n for n in imported.numbers}


def told_values(value: Any, keys: tuple[str, ...]) -> list[str]:
    """Every value under one of these keys, anywhere in a document."""
    if isinstance(value, list):
        return [v for item in value for v in told_values(item, keys)]
    if not isinstance(value, dict):
        return []
    here = [str(v) for k, v in value.items() if k in keys]
    return here + [v for item in value.values() for v in told_values(item, keys)]


def test_every_number_of_the_record_is_kept_once(numbers: dict[str, Number]) -> None:
    results = record()["resultsSection"]
    for part in ("outcomeMeasuresModule", "baselineCharacteristicsModule"):
        for module in results[part].values():
            for measure in module if isinstance(module, list) else []:
                measure.pop("denoms", None)
    told = [n.told["value"] for n in numbers.values() if n.told["value"]]
    results["baselineCharacteristicsModule"].pop("denoms")
    there = told_values(results, ("value", "numSubjects", "paramValue", "numAffected"))
    there += told_values(results, ("deathsNumAffected", "seriousNumAffected", "otherNumAffected"))
    assert sorted(told) == sorted(there)


def test_every_locator_leads_to_its_number(numbers: dict[str, Number]) -> None:
    for n in numbers.values():
        file, path = n.told["locator"].split(": ")
        assert file == f"raw/{NCT}.json"
        found: Any = record()
        for step in path.replace("[", ".[").split("."):
            found = found[int(step[1:-1])] if step.startswith("[") else found[step]
        assert n.told["value"] in {str(v) for v in found.values()} | {""}


def test_dispersion_type_decides_what_a_spread_is(numbers: dict[str, Number]) -> None:
    score = numbers["om0.0.0.0"].row
    assert (score["scale"], score["statistic"], score["day"]) == ("CAPS5", "mean", "14")
    assert (score["value"], score["sd"], score["n"]) == ("22.5", "11", "20")
    adjusted = numbers["om1.1.0.1"]
    assert (adjusted.row["se"], adjusted.row["day"], adjusted.row.get("sd")) == ("1.8", "7", None)
    assert "adjusted mean (least squares)" in adjusted.flags
    change = numbers["om2.0.0.1"].row
    assert (change["statistic"], change["day"]) == ("change", "7")
    assert (change["value"], change["low"], change["high"]) == ("-9", "-15", "-3")
    median = numbers["om3.0.0.0"]
    assert (median.row["statistic"], median.row["low"]) == ("median", "10")
    assert median.row["note"] == "low, high: inter-quartile range."
    unknown = numbers["om6.0.0.0"]
    assert not {"sd", "se", "low"} & set(unknown.row)
    assert unknown.told["spread"] == "3"
    assert "dispersion type missing: spread and limits not used" in unknown.flags


def test_what_is_not_sure_is_in_no_table(numbers: dict[str, Number]) -> None:
    for row_id, why in {
        "om5.0.0.0": "scale not recognised: its edition is not named",
        "om6.0.0.1": "the value is no number: NA",
        "om7.1.0.0": "the title says change, a class is titled baseline: scores or changes?",
        "om0.a1": "no estimate: a p-value only",
        "bc0.0.0.0": "baseline characteristic: no table of ours",
        "bc2.0.0.2": "no arm: all participants, or a group without a title",
        "pf0.w1.0": "participant flow: no event of ours for this milestone or reason",
    }.items():
        assert (numbers[row_id].table, numbers[row_id].row) == ("", {}), row_id
        assert why in numbers[row_id].flags


def test_counts_flow_and_contrast(numbers: dict[str, Number]) -> None:
    count = numbers["om4.0.0.1"].row
    assert (count["event"], count["events"], count["n"]) == ("response", "5", "19")
    flow = {k: numbers[f"pf0.{k}"].row for k in ("m0.0", "m1.0", "m2.1", "w0.0")}
    assert [(r["event"], r["events"], r["n"]) for r in flow.values()] == [
        ("randomised", "21", "21"), ("completed", "18", "21"), ("dropout", "1", "20"),
        ("ae_stop", "2", "21"),
    ]  # fmt: skip
    contrast = numbers["om0.a0"]
    assert (contrast.row["arm"], contrast.row["versus"]) == ("KETAMINE", "MIDAZOLAM")
    assert (contrast.row["value"], contrast.row["low"], contrast.row["high"]) == (
        "-7.5", "-14", "-1",
    )  # fmt: skip
    assert contrast.row["note"] == "p 0.02, ANCOVA"
    assert any(f.startswith("direction of the contrast") for f in contrast.flags)


def test_adverse_events(numbers: dict[str, Number]) -> None:
    nausea = numbers["otherEvents0.0"].row
    assert (nausea["term"], nausea["serious"], nausea["events"], nausea["n"]) == (
        "nausea", "no", "6", "21",
    )  # fmt: skip
    assert (nausea["day"], nausea["collected"], nausea["note"]) == (
        "28", "non_systematic", "7 events",
    )  # fmt: skip
    assert numbers["seriousEvents0.1"].row["term"] == "suicidality"
    assert numbers["ae0.serious"].row["term"] == "any_serious"
    assert numbers["ae1.deaths"].row["events"] == "0"
    assert numbers["otherEvents1.1"].row["term"] == "other"


def test_study_and_arms(imported: Imported) -> None:
    (study,) = imported.studies
    assert (study["kind"], study["design"], study["blinding"]) == (
        "ketamine_ptsd", "parallel", "double",
    )  # fmt: skip
    assert (study["n_randomised"], study["age_mean"], study["age_sd"]) == ("41", "37", "9.5")
    assert float(study["female_pct"]) == pytest.approx(100 * 17 / 41, abs=0.01)
    assert [(a["arm"], a["drug"], a["n"], a["ptsd"]) for a in imported.arms] == [
        ("KETAMINE", "ketamine", "21", "yes"), ("MIDAZOLAM", "midazolam", "20", "yes"),
    ]  # fmt: skip


def test_the_written_folder_passes_the_check(imported: Imported, tmp_path: Path) -> None:
    write_import(tmp_path, imported)
    assert [str(p) for p in check(read_folder(tmp_path, partial=True))] == []


def test_a_page_a_list_and_a_folder_give_the_same_rows(imported: Imported, tmp_path: Path) -> None:
    without = {"protocolSection": {"identificationModule": {"nctId": "NCT00000001"}}}
    page = import_registry(write(tmp_path, {"studies": [record(), without]}, "page.json"))
    listed = import_registry(write(tmp_path, [without, record()], "list.json"))
    (tmp_path / "folder").mkdir()
    write(tmp_path / "folder", record())
    write(tmp_path / "folder", without, "other.json")
    of_folder = import_registry(tmp_path / "folder")
    for other in (page, listed, of_folder):
        assert [n.row.get("value") for n in other.numbers] == [
            n.row.get("value") for n in imported.numbers
        ]
    assert page.numbers[0].told["locator"].startswith("raw/page.json: studies[0].resultsSection.")
    assert listed.numbers[0].told["locator"].startswith("raw/list.json: [1].resultsSection.")


def test_crossover_periods_and_pooled_groups(tmp_path: Path) -> None:
    changed = record()
    changed["protocolSection"]["designModule"]["designInfo"]["interventionModel"] = "CROSSOVER"
    flow = changed["resultsSection"]["participantFlowModule"]
    flow["periods"] += [
        {**flow["periods"][0], "title": "Second Intervention"},
        {**flow["periods"][0], "title": "Follow-up"},
    ]
    outcome = changed["resultsSection"]["outcomeMeasuresModule"]["outcomeMeasures"][0]
    outcome["groups"][1]["title"] = "Both arms of the second period"
    found = import_registry(write(tmp_path, changed))
    rows = {n.row_id.removeprefix(f"{NCT}:"): n for n in found.numbers}
    assert rows["pf1.m0.0"].row["event"] == "entered_period_2"
    assert rows["pf1.w0.0"].table == rows["pf2.m0.0"].table == ""
    pooled = next(a for a in found.arms if a["arm"].startswith("BOTH"))
    assert "no group of the participant flow" in pooled["flag"]
    assert pooled["drug"] == "unknown"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("not JSON", "text that is not JSON"),
        ("[1]", "found no number NCT... in protocolSection.identificationModule.nctId"),
        ("{}", "found no number NCT... in protocolSection.identificationModule.nctId"),
        ('{"studies": {}}', "found 0 records, none with results"),
        ('{"studies": 3}', "studies: found 3; accepted: a list"),
        ({"protocolSection": {"identificationModule": {"nctId": NCT}}}, "none with results"),
        ([record(), record()], f"found {NCT} in raw/{NCT}.json and again"),
        (record() | {"resultsSection": {"outcomeMeasuresModule": {"outcomeMeasures": {"a": 1}}}},
         "resultsSection.outcomeMeasuresModule.outcomeMeasures: found an object"),
        (record() | {"resultsSection": {"outcomeMeasuresModule": {"outcomeMeasures": ["x"]}}},
         "outcomeMeasures[0]: found 'x'; accepted: an object"),
    ],
)  # fmt: skip
def test_bad_input_is_told_in_one_message(tmp_path: Path, content: Any, told: str) -> None:
    with pytest.raises(InputError) as error:
        import_registry(write(tmp_path, content))
    assert told in str(error.value)


def test_a_folder_without_records_and_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="without a .json file"):
        import_registry(tmp_path)
    with pytest.raises(InputError, match="no such file; accepted: a JSON file"):
        import_registry(tmp_path / "absent.json")
