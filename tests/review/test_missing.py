"""What could not be read is listed, with what is known all the same and where it would be."""

from __future__ import annotations

from dataclasses import replace

from tests.review.made import NOTHING, READINGS, case, change, difference, outcome, trial

from synaptrial.review.claims import Contrast, Whereabouts
from synaptrial.review.missing import Missing, missing
from synaptrial.review.tables import Tables


def listed(tables: Tables) -> dict[str, Missing]:
    return {m.study: m for m in missing(case(tables))}


def test_a_trial_without_a_contrast_is_missing_and_one_with_it_is_not() -> None:
    tables = trial(NOTHING, "MADE1", difference("MADE1", -8, 4))
    tables = trial(tables, "MADE2", change("MADE2", "KET", -20, 10, 20), registry="NCT00000000")
    found = listed(tables)
    assert set(found) == {"MADE2"}
    assert "NCT00000000" in found["MADE2"].where


def test_a_recalled_number_is_named_and_not_counted_as_read() -> None:
    row = difference("MADE1", -8, 4, mark="RECALLED", usable="no")
    assert "RECALLED" in listed(trial(NOTHING, "MADE1", row))["MADE1"].known


def test_a_number_of_a_whole_crossover_is_named_and_not_counted_as_read() -> None:
    whole = difference("MADE1", -8, 4, label="crossover analysis")
    found = listed(trial(NOTHING, "MADE1", whole, design="crossover"))
    assert "whole crossover" in found["MADE1"].known
    first = difference("MADE1", -8, 4, label="first period")
    assert not listed(trial(NOTHING, "MADE1", first, design="crossover"))


def test_words_are_given_in_place_of_a_number() -> None:
    row = outcome("MADE1", "words", versus="MDZ", statistic="qualitative", usable="no")
    said = Contrast(row=row["row_id"], direction="no_difference", words="made up: no difference")
    read = READINGS.model_copy(update={"contrast": (said,)})
    (m,) = missing(replace(case(trial(NOTHING, "MADE1", row)), readings=read))
    assert m.known == "in words: made up: no difference"


def test_words_that_nobody_read_for_their_direction_are_said_to_be_there() -> None:
    row = outcome("MADE1", "words", versus="MDZ", statistic="qualitative", usable="no")
    assert "nobody read" in listed(trial(NOTHING, "MADE1", row))["MADE1"].known


def test_an_uncontrolled_study_with_a_number_is_not_missing() -> None:
    rows = change("MADE1", "KET", -20, 10, 20)
    assert not listed(trial(NOTHING, "MADE1", rows, design="single_arm"))
    assert listed(trial(NOTHING, "MADE2", design="single_arm"))


def test_a_trial_that_is_still_going_on_is_not_missing() -> None:
    assert not listed(trial(NOTHING, "MADE1", year=""))


def test_more_that_is_known_to_exist_is_listed_even_where_something_was_read() -> None:
    tables = trial(NOTHING, "MADE1", difference("MADE1", -8, 4))
    more = Whereabouts(study="MADE1", what="made up: clusters", where="made up: the paper")
    read = READINGS.model_copy(update={"whereabouts": (more,)})
    (m,) = missing(replace(case(tables), readings=read))
    assert (m.what, m.where) == ("made up: clusters", "made up: the paper")
