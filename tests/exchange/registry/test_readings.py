"""Records whose parts disagree, or that say something else than they seem to: all are made up."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.registry import KET, MDZ, cells, classes, flow, groups, measure, record

from synaptrial.exchange.bundled import load_table
from synaptrial.exchange.evidence.awaiting import Imported, Number
from synaptrial.exchange.registry.record import import_registry

SCORE, SD = "score on a scale", "Standard Deviation"
Import = Callable[[dict[str, Any]], Imported]


@pytest.fixture
def imported(tmp_path: Path) -> Import:
    def read(changed: dict[str, Any]) -> Imported:
        path = tmp_path / "made_up.json"
        path.write_text(json.dumps(changed), "utf-8")
        return import_registry(path)

    return read


def one(read: Import, of: dict[str, Any], row_id: str = "om0.0.0.0") -> Number:
    """A number of a record that has one outcome measure."""
    changed = record()
    changed["resultsSection"]["outcomeMeasuresModule"]["outcomeMeasures"] = [of]
    return next(n for n in read(changed).numbers if n.row_id.endswith(f":{row_id}"))


def score(title: str = "CAPS-5", label: str = "", frame: str = "Week 2", **more: Any) -> Any:
    values = cells("OG", {"value": "22.5", "spread": "11"}, {"value": "30", "spread": "12"})
    made = measure(title, frame, "MEAN", SD, SCORE, classes((label, values)))
    return made | more


def count(title: str, *labels: str, param: str = "COUNT_OF_PARTICIPANTS") -> Any:
    values = cells("OG", {"value": "12"}, {"value": "5"})
    of_class = [{"categories": [{"title": x, "measurements": values} for x in labels or ("",)]}]
    return measure(title, "Week 2", param, "", "Participants", of_class)


def test_the_plain_score_is_placed_without_a_flag(imported: Import) -> None:
    number = one(imported, score())
    assert (number.row["statistic"], number.row["value"], number.row["sd"]) == (
        "mean", "22.5", "11",
    )  # fmt: skip
    assert number.flags == ()


@pytest.mark.parametrize(
    ("of", "why"),
    [
        (score(label="Male"), "class or category not read: Male"),
        (score(label="Completers"), "class or category not read: Completers"),
        (score(label="Visit 4"), "class or category not read: Visit 4"),
        (score(label="CAPS-5, women"), "class or category not read: CAPS-5, women"),
        (score(label="Day -7"), "class or category not read: Day -7"),
        (score("Median CAPS-5"), "the text speaks of a median, the record of a mean: which?"),
        (score("Percent Change in CAPS-5"), "the title says percent, the unit score on a scale"),
        (score(unitOfMeasure="percent"), "a score in percent: of what?"),
        (score("CAPS-5 relative to baseline"), "relative to baseline: scores or changes?"),
        (score(typeUnitsAnalyzed="Sessions"), "unit of analysis: Sessions, not people"),
        (score(groups=groups("OG", KET, KET)), "two groups are titled Ketamine: which arm?"),
        (score(label="CAPS-5, week 8 or later"), "not read: CAPS-5, week 8 or later"),
        (count("Remission", "Remission, week 8"), "not read: Remission, week 8"),
        (count("Remission", "Yes", "No", param="COUNT_OF_UNITS"), "statistic not recognised"),
        (count("Remission") | {"unitOfMeasure": "Eyes"}, "participants counted in Eyes: which?"),
        (count("Remission", "Women in remission, Yes"), "not read: Women in remission, Yes"),
    ],
)
def test_in_doubt_nothing_is_placed(imported: Import, of: Any, why: str) -> None:
    number = one(imported, of)
    assert (number.table, number.row) == ("", {})
    assert any(why in flag for flag in number.flags), number.flags


def test_half_a_person_is_no_count(imported: Import) -> None:
    of = count("Remission")
    of["classes"][0]["categories"][0]["measurements"][0]["value"] = "8.5"
    number = one(imported, of)
    assert (number.table, number.flags) == ("", ("people are a whole number, not 8.5",))


@pytest.mark.parametrize(
    ("of", "why"),
    [
        (score("CAPS-5 (per protocol)"), "population: per protocol"),
        (score(populationDescription="Completers"), "population: Completers"),
        (score(description="The change in CAPS-5."), "the description speaks of change: scores?"),
        (score("Decrease in CAPS-5"), "sign: Decrease may count a fall as positive"),
        (score(label="Change at 2 weeks"), "only the class, category or unit speaks of change"),
        (score(label="Week 4"), "the class says Week 4, the time frame Week 2: which?"),
        (score(label="Change at week 4"), "the class says Change at week 4, the time frame Week 2"),
        (score("CAPS-5 at Week 4"), "the time frame says Week 2, the title another time: which?"),
        (score(dispersionType="Inter-Quartile Range"), "inter-quartile range of a mean"),
        (score(paramType="MEDIAN"), "Standard Deviation of a median: mean or median?"),
        (score("CAPS-5 (mean, SE)"), "the record says Standard Deviation, its text SE: not used"),
    ],
)
def test_what_is_placed_in_doubt_is_flagged(imported: Import, of: Any, why: str) -> None:
    number = one(imported, of)
    assert number.table == "outcomes"
    assert any(why in flag for flag in number.flags), number.flags


def test_a_spread_that_its_text_contradicts_is_not_used(imported: Import) -> None:
    for of in (score("CAPS-5 (mean, SE)"), score(description="Standard errors are shown")):
        assert not {"sd", "se"} & set(one(imported, of).row)
    assert one(imported, score(description="Mean and SD; SE on request")).row["sd"] == "11"


def test_a_class_and_the_time_frame_that_disagree_leave_the_day_open(imported: Import) -> None:
    row = one(imported, score(label="Week 4")).row
    assert (row["day"], row["time_note"]) == ("", "Week 4, Week 2")
    assert one(imported, score(label="Week 4", frame="1 month")).row["day"] == "28"
    assert one(imported, score(label="Day 14")).row["day"] == "14"


@pytest.mark.parametrize(
    ("param", "value", "low", "high"),
    [
        ("Odds Ratio (OR)", "0.5", "-0.7", "1.7"),
        ("Hazard Ratio (HR)", "-0.4", "-0.9", "0.1"),
        ("Risk Ratio (RR)", "0", "0", "0.4"),
    ],
)
def test_no_ratio_is_zero_or_below(
    imported: Import, param: str, value: str, low: str, high: str
) -> None:
    analysis = {
        "groupIds": ["OG000", "OG001"], "paramType": param, "paramValue": value,
        "ciPctValue": "95", "ciNumSides": "TWO_SIDED", "ciLowerLimit": low, "ciUpperLimit": high,
    }  # fmt: skip
    number = one(imported, count("Remission") | {"analyses": [analysis]}, "om0.a0")
    assert number.table == ""
    assert "a ratio is above 0: is this its logarithm?" in number.flags


def test_a_note_on_logarithms_contradicts_a_ratio(imported: Import) -> None:
    analysis = {
        "groupIds": ["OG000", "OG001"], "paramType": "Odds Ratio (OR)", "paramValue": "1.25",
        "estimateComment": "on the log scale",
    }  # fmt: skip
    number = one(imported, count("Remission") | {"analyses": [analysis]}, "om0.a0")
    assert number.table == ""
    assert "a note speaks of logarithms: a ratio or its logarithm?" in number.flags


def with_periods(*titles: str, crossover: bool = False) -> dict[str, Any]:
    """A record whose periods started with 21, 22, 23, ... people in the first arm."""
    changed = record()
    if crossover:
        design = changed["protocolSection"]["designModule"]["designInfo"]
        design["interventionModel"] = "CROSSOVER"
    periods = changed["resultsSection"]["participantFlowModule"]["periods"] = []
    for k, title in enumerate(titles):
        period = flow()["periods"][0] | {"title": title}
        period["milestones"][0]["achievements"][0]["numSubjects"] = str(21 + k)
        periods.append(period)
    return changed


@pytest.mark.parametrize(
    ("titles", "crossover", "randomised"),
    [
        (("Overall Study",), False, "21"),
        (("Treatment", "Follow-up"), False, "21"),
        (("Placebo Run-in", "Treatment"), False, "22"),
        (("Screening", "Washout", "Treatment", "Follow-up"), False, "23"),
        (("Open-label Induction", "Optimization", "Double-blind Maintenance"), False, "23"),
        (("Open-label", "Extension"), False, "21"),
        (("Screening", "First Intervention", "Washout", "Second Intervention"), True, "22"),
        (("Phase A", "Randomized Phase"), False, ""),
        (("Screening", "Follow-up"), False, ""),
        (("Lead-in",), False, ""),
    ],
)
def test_the_randomised_period(
    imported: Import, titles: tuple[str, ...], crossover: bool, randomised: str
) -> None:
    found = imported(with_periods(*titles, crossover=crossover))
    placed = [n.row for n in found.numbers if n.row.get("event") == "randomised"]
    assert [row["events"] for row in placed[:1]] == ([randomised] if randomised else [])
    assert found.arms[0]["n"] == randomised
    if crossover:
        second = [n.row["events"] for n in found.numbers
                  if n.row.get("event") == "entered_period_2"]  # fmt: skip
        assert second[0] == "24"


def test_a_group_that_nobody_started_gives_no_events(imported: Import) -> None:
    changed = with_periods("Lead-in", "Treatment")
    started = changed["resultsSection"]["participantFlowModule"]["periods"][1]["milestones"][0]
    started["achievements"][0]["numSubjects"] = "0"
    found = imported(changed)
    told = [n for n in found.numbers if n.row_id.endswith("pf1.m0.0")]
    assert told[0].flags == ("nobody of this group started the period",)
    assert [n.table for n in told] == [""]


def test_two_groups_of_one_title_are_told(imported: Import) -> None:
    changed = record()
    changed["resultsSection"]["adverseEventsModule"]["eventGroups"][1]["title"] = KET
    found = imported(changed)
    arms = {arm["arm"]: arm["flag"] for arm in found.arms}
    assert "two groups have this title" in arms["KETAMINE"]
    assert MDZ.upper() in arms
    assert not any(n.row.get("arm") == "KETAMINE" for n in found.numbers)


def test_what_check_finds_becomes_a_flag(imported: Import) -> None:
    change = score("CAPS-5")
    change["classes"][0]["categories"][0]["measurements"][0] |= {"value": "-10.2", "spread": "1.6"}
    number = one(imported, change)
    assert number.table == "outcomes"
    assert sorted(flag.partition(",")[0] for flag in number.flags) == [
        "check sd-small: sd 1.6", "check sd-tiny: sd 1.6 beside a mean of -10.2",
        "check: value -10.2",
    ]  # fmt: skip


def test_more_people_than_were_enrolled_are_told(imported: Import) -> None:
    changed = with_periods("Treatment")
    changed["protocolSection"]["designModule"]["enrollmentInfo"]["count"] = 30
    assert "check: n 21 + 20 = 41 in the arms" in imported(changed).arms[1]["flag"]


def test_a_trial_that_stands_twice_is_told(tmp_path: Path) -> None:
    other = json.loads(json.dumps(record()).replace("NCT00000000", "NCT00000001"))
    other["protocolSection"]["identificationModule"]["briefTitle"] = "Another title"
    path = tmp_path / "both.json"
    path.write_text(json.dumps([record(), other]), "utf-8")
    assert not any("same trial" in study["flag"] for study in import_registry(path).studies)
    grant = [{"id": "R01 made up"}]
    for r in (other, first := record()):
        r["protocolSection"]["identificationModule"]["secondaryIdInfos"] = grant
    path.write_text(json.dumps([first, other]), "utf-8")
    assert not any("same trial" in study["flag"] for study in import_registry(path).studies)
    other["protocolSection"]["identificationModule"]["secondaryIdInfos"] = [{"id": "NCT00000000"}]
    path.write_text(json.dumps([record(), other]), "utf-8")
    one_of_two, second = import_registry(path).studies
    assert "may be the same trial as NCT00000001" in one_of_two["flag"]
    assert "may be the same trial as NCT00000000" in second["flag"]


def test_a_trial_of_the_package_is_told(imported: Import) -> None:
    known = next(row for row in load_table("studies") if row["registry"].startswith("NCT"))
    changed = record()
    changed["protocolSection"]["identificationModule"]["nctId"] = known["registry"]
    (study,) = imported(changed).studies
    assert f"{known['registry']} is {known['study']} in the evidence" in study["flag"]


def test_an_se_given_as_sd_and_the_reverse_are_asked(imported: Import) -> None:
    both = score()
    cell = both["classes"][0]["categories"][0]["measurements"][0]
    cell["spread"] = "2.4"
    assert any("check sd-tiny" in flag for flag in one(imported, both).flags)
    cell["spread"] = "11"
    assert one(imported, both).flags == ()
    both["dispersionType"] = "Standard Error"
    assert any("check se-large" in flag for flag in one(imported, both).flags)
