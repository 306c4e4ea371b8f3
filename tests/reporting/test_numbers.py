"""Numbers as text, tables, and the answer in words."""

from __future__ import annotations

from copy import deepcopy

import pytest
from tests.reporting.made_up import Result

from synaptrial.reporting.kit.assumptions import assumption_tables
from synaptrial.reporting.kit.errors import ReportError
from synaptrial.reporting.kit.numbers import (
    aligned,
    chance,
    digits_for,
    label,
    number,
    percent,
    prose,
    ranges,
    say,
)
from synaptrial.reporting.simulation import tables
from synaptrial.reporting.simulation.answer import answers, headline


@pytest.mark.parametrize(
    ("mc_se", "digits"),
    [(0.6, 0), (0.2, 0), (0.04, 1), (0.004, 2), (1e-9, 2), (0.0, 2)],
)
def test_digits_follow_the_monte_carlo_error(mc_se: float, digits: int) -> None:
    assert digits_for(mc_se) == digits


def test_number_has_a_true_minus_and_no_negative_zero() -> None:
    assert number(-3.25, 1) == "−3.2"
    assert number(-0.04, 1) == "0.0"


def test_a_value_on_the_edge_is_rounded_alike_however_it_was_computed() -> None:
    assert number(0.355 + 1e-13, 2) == number(0.355 - 1e-13, 2)


def test_prose_has_a_true_minus_and_keeps_the_hyphens_of_names_ranges_and_dates() -> None:
    said = "0.51 (-7.42 to -0.5) by PCL-5 in 2024-01-31, weeks 1-4, -3 points"
    assert prose(said) == "0.51 (−7.42 to −0.5) by PCL-5 in 2024-01-31, weeks 1-4, −3 points"


@pytest.mark.parametrize("bad", [None, float("nan"), float("inf"), "3", True])
def test_number_refuses_what_is_none(bad: object) -> None:
    with pytest.raises(ReportError):
        number(bad)


@pytest.mark.parametrize("bad", [None, "", " ", [], {}, float("nan"), {"a": None}])
def test_say_refuses_an_empty_field(bad: object) -> None:
    with pytest.raises(ReportError):
        say(bad)


def test_say() -> None:
    assert say({"doses": 6, "route": "iv"}) == "doses 6; route iv"
    assert say([1, 2.5, "unknown"]) == "1, 2.5, unknown"
    assert say(-1234567) == "−1,234,567"


def test_share_is_never_rounded_to_none_or_all() -> None:
    assert percent(0.001) == "<1%" and percent(0.999) == ">99%"
    assert percent(0.0) == "0%" and percent(0.214) == "21%"
    assert chance(0.0, 500) == "<0.2%" and chance(1.0, 500) == ">99.8%"
    assert chance(0.08, 500) == "8%"


def test_columns_align() -> None:
    assert len({len(t) for t in aligned(["1.0", "−12.0", "100.0"])}) == 1
    assert len({len(t) for t in ranges([(-1.0, 2.0), (-10.0, 20.0)], 1)}) == 1


def test_definitions_are_told_in_words() -> None:
    assert label("response_30") == "Response: fall of 30% or more"
    assert label("remission_score_8") == "Remission: score of 8 or less"
    assert label("loss_of_response_30").startswith("Lost: response")


def test_headline_is_first_visit_after_the_last_dose(result: Result) -> None:
    chosen = headline(result.summary)
    assert [(c["arm"].split()[0], c["day"]) for c in chosen] == [
        ("FEDER2021", 14.0),
        ("ABDALLAH2022", 28.0),
        ("ABDALLAH2022", 28.0),
    ]


def test_answer_says_difference_interval_and_chance(result: Result) -> None:
    first = answers(result.summary)[0]
    assert "day 14" in first and "6.0 points lower on average" in first
    assert "between 14.8 points lower and 2.8 points higher (95% interval)" in first
    assert "4.2 points lower by the treatment itself and 1.8 points lower by belief" in first
    assert "no benefit of the treatment itself, before any fit to trials: 8%" in first
    assert "of no difference with belief at work: 2%." in first


def test_answer_ends_with_what_was_published(result: Result) -> None:
    first, second, _ = answers(result.summary)
    (o,) = [o for o in result.summary["observed"] if o["statistic"] == "difference"]
    low, high = (number(o[k]) for k in ("low", "high"))
    assert first.endswith(f" Published: {number(o['value'])} ({low} to {high}).")
    assert "Published" not in second


def test_arms_without_a_drug_have_no_acute_rows_and_need_no_evidence(result: Result) -> None:
    s = deepcopy(result.summary)
    control = s["arms"][1]
    control["events"]["doses_h"] = []
    control["nearest_evidence"] = {"study": "none needed: no ketamine in this arm"}
    acute = tables.acute_table(s)
    assert acute is not None and control["label"] not in {row[0] for row in acute.rows}
    row = tables.nearest_table(s).rows[1]
    assert row[1] == "none needed: no ketamine in this arm" and set(row[2:]) == {"\u2013"}


def test_the_time_of_the_mean_curve_stands_beside_it_in_whole_minutes(result: Result) -> None:
    s = deepcopy(result.summary)
    s["arms"][0]["acute"]["sedation"] = {"mean_curve_max": 0.41, "mean_curve_time_min": 41.3}
    table = tables.acute_table(s)
    assert table is not None
    (row,) = [r for r in table.rows if str(r[1]).startswith("Sedation")]
    assert table.heads[2:4] == ("Maximum of the mean curve (by the drug)", "Its time, min")
    assert [str(c).strip() for c in row[2:4]] == ["41%", "41"] and "not kept" in row[4]


def test_tables_are_rectangular_and_full(result: Result) -> None:
    s = result.summary
    made = [
        *tables.contrast_tables(s),
        *(t for _, parts in tables.visit_tables(s) for t in parts),
        *(t for _, t in assumption_tables(s)),
        tables.recorded_table(s),
        tables.acute_table(s),
        tables.nearest_table(s),
        tables.observed_table(s),
    ]
    for table in made:
        assert table is not None and table.rows
        for row in table.rows:
            assert len(row) == len(table.heads)
            for cell in row:
                text = cell.text if isinstance(cell, tables.Link) else cell
                assert text.strip(), table.title


def test_missing_interval_is_told(result: Result) -> None:
    table = tables.observed_table(result.summary)
    assert table is not None
    assert [row[4] for row in table.rows].count("not reported") == 1


def test_an_interval_that_is_not_resolved_is_marked_and_explained(result: Result) -> None:
    summary = deepcopy(result.summary)
    first = summary["arms"][0]["visits"][0]["scale"]["CAPS5"]
    first["not_resolved"] = ["mean_interval"]
    first["new_trial_mc_se"] = {"q025": 0.5, "q975": 0.5}
    scores, shares = next(t for name, t in tables.visit_tables(summary) if name == "CAPS-5 total")
    starred = [c for row in scores.rows for c in row if isinstance(c, str) and c.endswith("*")]
    assert len(starred) == 1
    assert "not resolved" in scores.title
    assert not any("mc" in head.lower() for head in shares.heads)
