"""Adding plainly artificial trials moves verdicts, as the rules say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.review.made import (
    BOOK,
    NOTHING,
    READINGS,
    arm,
    case,
    change,
    difference,
    outcome,
    published,
    trial,
    with_arm,
)

from synaptrial.review.claims import Claim, Contrast
from synaptrial.review.judge import judge
from synaptrial.review.tables import Tables
from synaptrial.review.verdicts import Verdict


def claim(key: str) -> Claim:
    return next(c for c in BOOK.claim if c.id == key)


def verdict(key: str, tables: Tables) -> Verdict:
    return judge(claim(key), case(tables)).ruling.verdict


def repeated(tables: Tables, key: str, value: float, se: float = 4.0) -> Tables:
    tables = trial(tables, key, difference(key, value, se))
    return with_arm(tables, key, "KET", {"n_doses": "6"})


def test_trials_that_agree_support_a_claim_and_one_alone_does_not() -> None:
    assert verdict("repeated", NOTHING) is Verdict.UNTESTED
    tables = with_arm(trial(NOTHING, "MADE0"), "MADE0", "KET", {"n_doses": "6"})
    assert verdict("repeated", tables) is Verdict.NOT_OBTAINED
    tables = repeated(tables, "MADE1", -12)
    assert verdict("repeated", tables) is Verdict.WEAKENED
    for key, value in (("MADE2", -12.4), ("MADE3", -11.6)):
        tables = repeated(tables, key, value)
    assert verdict("repeated", tables) is Verdict.WEAKENED  # three of 40 patients: not yet certain
    for key in ("MADE1", "MADE2", "MADE3"):
        tables = with_arm(with_arm(tables, key, "KET", {"n": "100"}), key, "MDZ", {"n": "100"})
    precise = tuple(r | {"se": "2"} for r in tables.outcomes)
    assert verdict("repeated", replace(tables, outcomes=precise)) is Verdict.SUPPORTED


def test_large_null_trials_contradict_a_claim() -> None:
    tables = NOTHING
    for i, value in enumerate((-0.1, 0.0, 0.1, 0.2)):
        tables = repeated(tables, f"MADE{i}", value, se=1.0)
        tables = with_arm(tables, f"MADE{i}", "KET", {"n": "300"})
        tables = with_arm(tables, f"MADE{i}", "MDZ", {"n": "300"})
    assert verdict("repeated", tables) is Verdict.CONTRADICTED


def test_a_null_result_in_words_contests_a_single_positive_trial() -> None:
    tables = repeated(NOTHING, "MADE1", -14)
    row = outcome("MADE2", "words", versus="MDZ", statistic="qualitative", usable="no")
    tables = with_arm(trial(tables, "MADE2", row), "MADE2", "KET", {"n_doses": "6"})
    said = Contrast(row=row["row_id"], direction="no_difference", words="made up: no difference")
    read = READINGS.model_copy(update={"contrast": (said,)})
    judged = judge(claim("repeated"), replace(case(tables), readings=read))
    assert judged.ruling.verdict is Verdict.CONTESTED
    assert judged.studies == ("MADE1", "MADE2")


def test_words_do_not_count_beside_a_published_pool_of_a_later_year() -> None:
    row = outcome("MADE1", "words", versus="MDZ", statistic="qualitative", usable="no", day="1")
    tables = replace(
        trial(NOTHING, "MADE1", row), published=(published("MADE9", 0.35, 0.1, 0.6, day="1"),)
    )
    tables = replace(tables, sources={**tables.sources, "MADE9": tables.sources["MADE1"]})
    said = Contrast(row=row["row_id"], direction="favours_control", words="made up: worse")
    read = READINGS.model_copy(update={"contrast": (said,)})
    here = replace(case(tables), readings=read)
    assert judge(claim("onset"), here).ruling.verdict is Verdict.CONTESTED  # the same year
    older = replace(here, tables=replace(tables, studies=(tables.studies[0] | {"year": "2015"},)))
    assert judge(claim("onset"), older).ruling.verdict is Verdict.WEAKENED
    known = tuple(r | {"contains": "MADE8"} for r in tables.published)
    without = replace(older, tables=replace(older.tables, published=known))
    assert judge(claim("onset"), without).ruling.verdict is Verdict.CONTESTED


def counts(key: str, event: str, events: int, n: int, **cells: str) -> Tables:
    numbers = {"events": str(events), "n": str(n), "statistic": "count", "event": event}
    return trial(NOTHING, key, outcome(key, event, **(numbers | cells)))


@pytest.mark.parametrize(
    ("events", "result"),
    [(38, Verdict.SUPPORTED), (20, Verdict.WEAKENED), (3, Verdict.CONTRADICTED)],
)
def test_magnitude_goes_by_the_share_with_at_least_half_the_symptoms_gone(
    events: int, result: Verdict
) -> None:
    assert verdict("magnitude", counts("MADE1", "response_50", events, 40)) is result


def test_a_score_of_mood_is_no_relief_of_ptsd() -> None:
    tables = counts("MADE1", "response_50", 38, 40, scale="MADRS")
    assert verdict("magnitude", tables) is Verdict.NOT_OBTAINED


@pytest.mark.parametrize(
    ("events", "n", "result"),
    [(0, 100, Verdict.SUPPORTED), (0, 20, Verdict.WEAKENED), (1, 100, Verdict.CONTRADICTED)],
)
def test_serious_events(events: int, n: int, result: Verdict) -> None:
    row = {
        "row_id": "MADE1:ae", "study": "MADE1", "arm": "KET", "term": "any_serious", "day": "14",
        "statistic": "count", "events": str(events), "n": str(n), "mark": "READ",
    }  # fmt: skip
    tables = replace(trial(NOTHING, "MADE1"), adverse_events=(row,))
    assert verdict("serious_events", tables) is result


def test_the_time_to_a_depressive_relapse_is_not_that_of_ptsd() -> None:
    cells = {"event": "relapse", "statistic": "median", "value": "400"}
    mood = outcome("MADE1", "a", label="time to depression relapse", **cells)
    assert verdict("transient", trial(NOTHING, "MADE1", mood)) is Verdict.NOT_OBTAINED
    ptsd = outcome("MADE1", "b", label="time to PTSD relapse", **cells)
    assert verdict("transient", trial(NOTHING, "MADE1", mood, ptsd)) is Verdict.CONTRADICTED


def test_large_trials_take_the_claim_of_small_ones_away() -> None:
    tables = trial(NOTHING, "MADE1")
    assert verdict("small_samples", tables) is Verdict.SUPPORTED
    for key in ("MADE2", "MADE3"):
        tables = trial(tables, key)
        for name in ("KET", "MDZ"):
            tables = with_arm(tables, key, name, {"n": "64"})
    assert verdict("small_samples", tables) is Verdict.CONTRADICTED


def test_long_follow_up_fills_the_gap() -> None:
    tables = trial(NOTHING, "MADE1", difference("MADE1", -8, 4, day="182"))
    assert verdict("long_term", tables) is Verdict.WEAKENED
    assert verdict("long_term", trial(NOTHING, "MADE1")) is Verdict.SUPPORTED


def test_a_decided_comparison_of_doses_fills_the_gap() -> None:
    row = difference("MADE1", -12, 4, versus="KET02")
    tables = trial(NOTHING, "MADE1", row)
    tables = replace(tables, arms=(*tables.arms, arm("MADE1", "KET02", dose="0.2")))
    assert verdict("dose", tables) is Verdict.WEAKENED
    undecided = replace(tables, outcomes=(row | {"se": "9"},))
    assert verdict("dose", undecided) is Verdict.SUPPORTED


def ssri(*rows: dict[str, str]) -> Tables:
    tables = trial(NOTHING, "MADE1", *rows, kind="review_ptsd")
    tables = with_arm(tables, "MADE1", "KET", {"drug": "sertraline"})
    return with_arm(tables, "MADE1", "MDZ", {"drug": "placebo"})


def smd(row: str, value: float, low: float, high: float, day: str) -> dict[str, str]:
    numbers = {"value": str(value), "low": str(low), "high": str(high), "day": day}
    return outcome("MADE1", row, versus="MDZ", statistic="smd", **numbers)


def test_ssri_claims_go_by_early_and_late_effects() -> None:
    late = smd("late", -0.3, -0.4, -0.2, "84")
    assert verdict("ssri_partial", ssri(late)) is Verdict.SUPPORTED
    assert verdict("ssri_onset", ssri(late)) is Verdict.NOT_OBTAINED
    assert verdict("ssri_onset", ssri(late, smd("a", -0.1, -0.4, 0.2, "7"))) is Verdict.SUPPORTED
    assert (
        verdict("ssri_onset", ssri(late, smd("a", -0.3, -0.5, -0.1, "7"))) is Verdict.CONTRADICTED
    )
    assert verdict("ssri_partial", NOTHING) is Verdict.UNTESTED


def test_stopping_for_side_effects() -> None:
    cells = {"event": "no_ae_stop", "value": "0.9", "low": "0.85", "high": "0.95", "day": "84"}
    ratio = outcome("MADE1", "ratio", versus="MDZ", statistic="risk_ratio", **cells)
    shares = (
        outcome("MADE1", "a", event="ae_stop", statistic="percent", value="16"),
        outcome("MADE1", "b", arm="MDZ", event="ae_stop", statistic="percent", value="7"),
    )
    assert verdict("ssri_adherence", ssri(ratio, *shares)) is Verdict.SUPPORTED
    assert verdict("ssri_adherence", ssri(ratio)) is Verdict.NOT_OBTAINED


def test_benefit_is_compared_with_depression_under_the_same_control() -> None:
    tables = trial(NOTHING, "MADE1", kind="review_depression")
    row = smd("mood", -0.9, -1.1, -0.7, "1") | {"scale": "MADRS"}
    tables = replace(
        tables, outcomes=(row,),
        published=(published("MADE9", 0.1, -0.1, 0.3, day="1", versus="active"),),
    )  # fmt: skip
    assert verdict("as_in_depression", tables) is Verdict.CONTRADICTED
    other = replace(tables, published=(tables.published[0] | {"versus": "passive"},))
    assert verdict("as_in_depression", other) is Verdict.UNTESTED


def test_clusters_are_asked_for_by_part() -> None:
    rows = [
        change("MADE1", name, value, 4, 20, part=part)
        for part, value_of in (("b", -5.0), ("e", -1.0))
        for name, value in (("KET", value_of), ("MDZ", -1.0))
    ]
    tables = trial(NOTHING, "MADE1", *rows)
    assert judge(claim("intrusion"), case(tables)).effects[0].yi > 0.5
    assert judge(claim("arousal"), case(tables)).effects[0].yi == pytest.approx(0)


def reason(key: str, tables: Tables) -> str:
    return judge(claim(key), case(tables)).ruling.reason


def test_beside_two_trials_the_bayesian_interval_stands_in_the_reason() -> None:
    two = repeated(repeated(NOTHING, "MADE1", -12), "MADE2", -2)
    assert "one degree of freedom" in reason("repeated", two)
    assert "Bayesian, with a sourced prior" in reason("repeated", two)
    for key in ("MADE3", "MADE4", "MADE5"):
        two = repeated(two, key, -6)
    assert "Bayesian" not in reason("repeated", two)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([-14], "shown in one trial alone"),
        ([-9], "points the claimed way"),
        ([0], "not shown, though not excluded either"),
    ],
)
def test_a_weakened_claim_says_whether_anything_was_shown(values: list[float], says: str) -> None:
    tables = NOTHING
    for i, value in enumerate(values):
        tables = repeated(tables, f"MADE{i}", value)
    assert verdict("repeated", tables) is Verdict.WEAKENED
    assert says in reason("repeated", tables)


def test_events_in_people_whose_diagnosis_was_not_read_are_told_and_not_counted() -> None:
    tables = counts("MADE1", "serious_ae", 0, 20)
    other = counts("MADE2", "serious_ae", 0, 100)
    other = with_arm(other, "MADE2", "KET", {"ptsd": "unknown"})
    both = replace(
        tables,
        studies=tables.studies + other.studies,
        arms=tables.arms + other.arms,
        outcomes=tables.outcomes + other.outcomes,
    )
    assert verdict("serious_events", both) is Verdict.WEAKENED
    assert "0 of 20 patients" in reason("serious_events", both)
    assert reason("serious_events", both).endswith("diagnosis was not read: MADE2, 0 of 100")
    assert "not counted" not in reason("serious_events", tables)


def test_a_work_that_was_not_found_is_not_contradicted_by_that() -> None:
    judged = judge(claim("reference_abdallah2019"), case(NOTHING)).ruling
    assert judged.verdict is Verdict.NOT_OBTAINED
    assert "does not prove its absence" in judged.reason


def test_estimates_of_an_ssri_without_an_interval_are_told() -> None:
    smd = {"arm": "SER", "versus": "PBO", "statistic": "smd", "scale": "CAPS4", "day": "84"}
    given = outcome("MADE1", "a", value="-0.2", low="-0.3", high="-0.1", **smd)
    bare = outcome("MADE1", "b", value="-0.6", **smd)
    drugs = (
        arm("MADE1", "SER", drug="sertraline"),
        arm("MADE1", "PBO", drug="placebo"),
    )
    made = trial(NOTHING, "MADE1", given, bare, kind="medication_ptsd")
    tables = replace(made, arms=drugs)
    assert verdict("ssri_partial", tables) is Verdict.SUPPORTED
    assert reason("ssri_partial", tables).endswith("hence not judged: MADE1 SER 0.60")
