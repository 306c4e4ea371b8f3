"""Faulty folders, each one small change away from a folder without faults."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.evidence_folder import Rows, tables, write

from synaptrial.evidence.check import check
from synaptrial.evidence.problems import Problem
from synaptrial.exchange.evidence.folder import read_folder, shipped_folder

Change = tuple[str, int, str, str]  # table, row (from 0), column, new value


def problems(folder: Path) -> tuple[Problem, ...]:
    return check(read_folder(folder))


def changed(folder: Path, *changes: Change) -> Path:
    rows = tables()
    for table, k, column, value in changes:
        rows[table][k][column] = value
    return write(folder, rows)


def test_shipped_evidence_has_no_fault() -> None:
    assert [str(p) for p in problems(shipped_folder())] == []


def test_a_whole_folder_has_no_fault(tmp_path: Path) -> None:
    assert problems(write(tmp_path)) == ()


# One cell changed: where it must be reported, and what the message must say.
CELLS: dict[str, tuple[Change, str]] = {
    "text in a number": (("outcomes", 0, "value", "forty"), "a finite number"),
    "decimal comma": (("outcomes", 0, "value", "40,5"), "decimal point"),
    "NaN": (("outcomes", 0, "sd", "nan"), "a finite number"),
    "infinity": (("outcomes", 7, "value", "-inf"), "a finite number"),
    "half a person": (("outcomes", 0, "n", "19.5"), "a whole number"),
    "unknown word": (("outcomes", 0, "scale", "CAPS-5"), "Did you mean CAPS5?"),
    "unknown statistic": (("outcomes", 0, "statistic", "average"), "qualitative"),
    "bad mark": (("arms", 0, "mark", "SEEN"), "DIGITISED"),
    "no mark": (("studies", 0, "mark", ""), "READ, DIGITISED"),
    "no source": (("outcomes", 1, "source", ""), "found nothing"),
    "no locator": (("outcomes", 1, "locator", ""), "found nothing"),
    "dangling source": (("outcomes", 1, "source", "GAMMA1999"), "a key of sources.bib"),
    "dangling study": (("overlaps", 0, "overlaps_with", "ALPHA2016"), "Did you mean ALPHA2015?"),
    "dangling arm": (("outcomes", 1, "arm", "SALINE"), "an arm of ALPHA2015: KET, PBO"),
    "dangling comparator": (("outcomes", 7, "versus", "MDZ"), "an arm of ALPHA2015: KET, PBO"),
    "no comparator": (("outcomes", 7, "versus", ""), "the comparator of a smd"),
    "dangling protocol": (("arms", 0, "protocol", "FEDER2021_KETT"), "FEDER2021_KET?"),
    "dangling trial of a pool": (("meta_analyses", 0, "contains", "ALPHA"), "a row of studies"),
    "neither protocol nor unknown": (("arms", 1, "unknown", ""), "what is unknown"),
    "SE as SD": (("outcomes", 0, "sd", "2.24"), "se * sqrt(n)"),
    "SD as SE": (("outcomes", 0, "se", "10.0"), "se 10.0 and n 20 give 44.7"),
    "SE as SD, no SE given": (("outcomes", 1, "sd", "2.1"), "it may be a standard error"),
    "SE as SD of a change": (("outcomes", 4, "sd", "2.2"), "it may be a standard error"),
    "negative SD": (("outcomes", 1, "sd", "-9.5"), "0 or more"),
    "negative SE": (("outcomes", 0, "se", "-2"), "0 or more"),
    "a number beyond all bounds": (("outcomes", 0, "value", "9" * 400), "a finite number"),
    "derived without a derivation": (("outcomes", 0, "mark", "DERIVED"), "what was computed"),
    "SD of nothing": (("outcomes", 1, "sd", "0"), "more than 0"),
    "SD beyond the scale": (("outcomes", 2, "sd", "55"), "the largest that CAPS5 total allows"),
    "n above the arm": (("outcomes", 1, "n", "21"), "at most 20, the n of PBO"),
    "arms above the study": (("arms", 1, "n", "24"), "40, its n_randomised"),
    "an arm above the study": (("arms", 1, "n", "44"), "n_randomised of ALPHA2015"),
    "arms below the study": (("arms", 1, "n", "19"), "40, its n_randomised"),
    "value outside its interval": (("outcomes", 6, "value", "-1.0"), "outside its interval"),
    "interval turned round": (("meta_analyses", 0, "low", "0.9"), "low at most high"),
    "half an interval": (("meta_analyses", 0, "low", ""), "both ends"),
    "value off the middle": (("meta_analyses", 0, "value", "0.45"), "off the middle"),
    "SE against interval": (("outcomes", 6, "se", "9.0"), "a quarter of the interval"),
    "wrong sign of a smd": (("outcomes", 7, "value", "0.87"), "arm minus comparator"),
    "wrong sign of d": (("outcomes", 8, "value", "-1.25"), "positive for improvement"),
    "wrong sign of a change": (("outcomes", 4, "value", "15.0"), "negative for a fall"),
    "fall beyond baseline": (("outcomes", 4, "value", "-42"), "beyond the baseline of 40.0"),
    "mean beyond the scale": (("outcomes", 1, "value", "93"), "0 to 80, the range of CAPS5"),
    "change beyond the scale": (("outcomes", 5, "value", "-85"), "the range of CAPS5"),
    "large standardised effect": (("outcomes", 7, "value", "-4.1"), "-3 to 3"),
    "percent above 100": (("outcomes", 10, "value", "130"), "a percent, 0 to 100"),
    "percent against its count": (("outcomes", 10, "value", "60"), "6 of 20 are 30"),
    "percent of women": (("studies", 0, "female_pct", "101"), "0 to 100 %"),
    "more events than people": (("adverse_events", 0, "events", "21"), "at most n = 20"),
    "a day before the first": (("outcomes", 0, "day", "-7"), "0 or more d"),
    "registry number": (("studies", 0, "registry", "NCT1234567"), "NCT01234567"),
    "year": (("studies", 0, "year", "2105"), "a year up to 2027"),
    "an early year": (("studies", 0, "year", "215"), "1950 or more"),
    "usable from memory": (("outcomes", 0, "mark", "RECALLED"), "usable = no"),
    "unusable without a reason": (("outcomes", 0, "usable", "no"), "the reason"),
    "domain of another tool": (("risk_of_bias", 0, "domain", "confounding"), "for RoB2"),
    "judgement of another tool": (("risk_of_bias", 0, "judgement", "serious"), "for RoB2"),
    "better than its worst domain": (("risk_of_bias", 2, "judgement", "low"), "some concerns or"),
    "tool of another design": (("studies", 0, "design", "crossover"), "RoB2-crossover"),
    "dose in another unit": (("arms", 0, "dose", "500"), "500 mg/kg of ketamine"),
    "more days than doses": (("arms", 0, "days", "0;2;4;7;9;11;14;16;18"), "more days than"),
    "days out of order": (("arms", 0, "days", "7;0"), "in order of time"),
    "no reason": (("risk_of_bias", 0, "reason", ""), "found nothing"),
    "a part that no overlap states": (("overlaps", 0, "kind", "pool"), "a row of overlaps.csv"),
    "blanks around": (("outcomes", 0, "label", "CAPS-5 "), "no blanks around"),
}  # fmt: skip
# Reported in another column, or row, than the one that was changed.
ELSEWHERE = {
    "SD as SE": ("outcomes", "A:KET:0", "sd"),
    "unusable without a reason": ("outcomes", "A:KET:0", "why_not"),
    "derived without a derivation": ("outcomes", "A:KET:0", "derivation"),
    "half an interval": ("meta_analyses", "M", "low"),
    "tool of another design": ("risk_of_bias", "A:rob:missing", "tool"),
    "a part that no overlap states": ("studies", "BETA2021", "part_of"),
}


@pytest.mark.parametrize("name", CELLS)
def test_a_faulty_cell_is_named(name: str, tmp_path: Path) -> None:
    (table, k, column, value), said = CELLS[name]
    folder = changed(tmp_path, (table, k, column, value))
    key = tables()[table][k].get({"studies": "study", "arms": "arm_id"}.get(table, "row_id"))
    expected = ELSEWHERE.get(name, (table, key, column))
    found = [p for p in problems(folder) if (p.table, p.row_id, p.column) == expected]
    assert any(said in str(p) for p in found), [str(p) for p in problems(folder)]
    rows: Rows = tables()[expected[0]]
    line = 2 + [expected[1] in row.values() for row in rows].index(True)
    assert {p.line for p in found} == {line}


IMPOSSIBLE: dict[str, tuple[str, int, dict[str, str], str, str]] = {
    "a hazard ratio below 0": (
        "outcomes", 7, {"statistic": "hazard_ratio", "value": "-0.4"}, "value", "a ratio above 0",
    ),
    "an odds ratio of 0": (
        "outcomes", 7, {"statistic": "odds_ratio", "value": "0"}, "value", "a ratio above 0",
    ),
    "a limit of a ratio below 0": (
        "outcomes", 7,
        {"statistic": "risk_ratio", "value": "0.69", "low": "-0.07", "high": "1.45"}, "low",
        "not its logarithm",
    ),
    "a pooled ratio below 0": (
        "meta_analyses", 0, {"statistic": "odds ratio", "value": "-0.2", "low": "", "high": ""},
        "value", "a ratio above 0",
    ),
    "a risk difference in percent": (
        "outcomes", 7, {"statistic": "risk_difference", "value": "-44"}, "value", "a share",
    ),
    "a percent below 0": ("outcomes", 10, {"value": "-3"}, "value", "0 to 100"),
    "a limit of a percent": ("outcomes", 10, {"low": "12", "high": "101"}, "high", "0 to 100"),
    "a fall by more than all": (
        "outcomes", 4, {"statistic": "percent_change", "value": "-104"}, "value", "100 percent",
    ),
    "a change as a score": ("outcomes", 0, {"value": "-10.2"}, "value", "0 to 80, the range"),
    "a median beyond the scale": (
        "outcomes", 0, {"statistic": "median", "value": "81"}, "value", "0 to 80, the range",
    ),
    "a pooled difference beyond the scale": (
        "meta_analyses", 0,
        {"statistic": "mean difference", "scale": "MADRS", "value": "-61", "low": "", "high": ""},
        "value", "-60 to 60",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_an_impossible_number_is_an_error(name: str, tmp_path: Path) -> None:
    table, k, cells, column, said = IMPOSSIBLE[name]
    folder = changed(tmp_path, *((table, k, c, value) for c, value in cells.items()))
    found = [p for p in problems(folder) if (p.table, p.column) == (table, column)]
    assert any(said in str(p) and not p.query for p in found), [str(p) for p in problems(folder)]


# The whole file changed: a change of its text, then file, line, column and words of the message.
FILES: dict[str, tuple[str, Callable[[bytes], bytes], tuple[str, int, str], str]] = {
    "missing column": (
        "outcomes.csv", lambda b: b.replace(b"locator", b"place", 1), ("outcomes", 1, "locator"),
        "no such column",
    ),
    "unknown column": (
        "outcomes.csv", lambda b: b.replace(b"row_id", b"rowid", 1), ("outcomes", 1, "rowid"),
        "Did you mean row_id?",
    ),
    "a column twice": (
        "outcomes.csv", lambda b: b.replace(b",note", b",value", 1), ("outcomes", 1, "value"),
        "stands twice",
    ),
    "a blank in a name": (
        "arms.csv", lambda b: b.replace(b"route", b" route", 1), ("arms", 1, "' route'"),
        "Did you mean route?",
    ),
    "a blank first line": ("arms.csv", lambda b: b"\n" + b, ("arms", 1, ""), "a blank line"),
    "semicolons": ("arms.csv", lambda b: b.replace(b",", b";"), ("arms", 1, ""), "semicolons"),
    "empty file": ("overlaps.csv", lambda b: b"", ("overlaps", 0, ""), "an empty file"),
    "no rows": ("arms.csv", lambda b: b.split(b"\n")[0], ("arms", 0, ""), "without rows"),
    "not UTF-8": (
        "outcomes.csv", lambda b: b.replace(b"Table 2", b"Tabl\xe9", 1), ("outcomes.csv", 2, ""),
        "0xe9",
    ),
    "byte order mark": ("arms.csv", lambda b: b"\xef\xbb\xbf" + b, ("arms", 1, ""), "byte order"),
    "blank line": (
        "arms.csv", lambda b: b.replace(b"\nALPHA2015:PBO", b"\n\nALPHA2015:PBO"), ("arms", 3, ""),
        "a blank line",
    ),
    "a cell too many": (
        "arms.csv", lambda b: b.replace(b"saline", b"saline,0.9%", 1), ("arms", 3, ""), "24 cells",
    ),
    "open quote": (
        "arms.csv", lambda b: b.replace(b"saline", b'"saline', 1), ("arms", 3, ""), "not CSV",
    ),
    "id twice": (
        "outcomes.csv", lambda b: b.replace(b"A:PBO:0", b"A:KET:0"), ("outcomes", 3, "row_id"),
        "it stands on line 2",
    ),
    "id of another table": (
        "overlaps.csv", lambda b: b.replace(b"B-A", b"A:KET:0"), ("overlaps", 2, "row_id"),
        "which outcomes.csv uses too",
    ),
    "DOI": (
        "sources.bib", lambda b: b.replace(b"10.1234/", b"doi:10.1234/"), ("sources.bib", 5, "doi"),
        "a DOI such as",
    ),
    "entry without end": (
        "sources.bib", lambda b: b.replace(b"}\n\n", b"\n\n", 1), ("sources.bib", 6, ""),
        "} alone on a line",
    ),
    "release": (
        "release.toml", lambda b: b.replace(b"1.0.0", b"one"), ("release.toml", 0, "version"), "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_faulty_file_is_named(name: str, tmp_path: Path) -> None:
    file, change, (table, line, column), said = FILES[name]
    path = write(tmp_path) / file
    path.write_bytes(change(path.read_bytes()))
    found = [p for p in problems(tmp_path) if (p.table, p.line, p.column) == (table, line, column)]
    assert any(said in str(p) for p in found), [str(p) for p in problems(tmp_path)]


def test_every_file_is_needed(tmp_path: Path) -> None:
    files = sorted(p.name for p in write(tmp_path / "whole").iterdir())
    assert len(files) == 17
    for name in files:
        (write(tmp_path / name) / name).unlink()
        assert any(p.table == name for p in problems(tmp_path / name)), name


@pytest.mark.parametrize(("n", "asked"), [("19", ""), ("21", "arms-many")])
def test_people_of_a_single_arm_against_those_analysed(n: str, asked: str, tmp_path: Path) -> None:
    rows = tables()
    rows["arms"] = [row for row in rows["arms"] if row["study"] == "ALPHA2015"][:1]
    rows["studies"][0] |= {"design": "single_arm", "n_randomised": "", "n_analysed": "20"}
    rows["arms"][0]["n"] = n
    for name in ("outcomes", "adverse_events", "risk_of_bias", "meta_analyses"):
        rows[name] = [r for r in rows[name] if "KET" == r.get("arm") and not r.get("versus")]
    found = [p for p in problems(write(tmp_path, rows)) if p.table == "arms"]
    assert [(p.row_id, p.column, p.query) for p in found] == [("ALPHA2015:KET", "n", asked)]


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "grade.csv").unlink()
    os.mkfifo(folder / "grade.csv")  # reading it would wait for ever
    (folder / "scales.csv").unlink()
    (folder / "scales.csv").mkdir()
    (folder / "acute.csv").unlink()
    (folder / "acute.csv").symlink_to("acute.csv")
    found = {p.table: p.found for p in problems(folder)}
    assert found["grade.csv"] == "something that is no file"
    assert found["scales.csv"] == "a folder"
    assert "a file that cannot be read" in found["acute.csv"]


def test_a_table_that_cannot_be_linked_is_told_once(tmp_path: Path) -> None:
    path = write(tmp_path) / "arms.csv"
    path.write_bytes(path.read_bytes().replace(b",study,", b",trial,", 1))
    assert {(p.table, p.line) for p in problems(tmp_path)} == {("arms", 1)}


def test_answers_about_an_unreadable_table_stand(tmp_path: Path) -> None:
    rows = tables()
    rows["outcomes"][7]["value"] = "-4.1"
    answer = {"table": "outcomes", "row_id": "A:smd", "query": "smd-large"}
    rows["acknowledged"] = [answer | {"reason": "printed so", "by": "Someone"}]
    (write(tmp_path, rows) / "outcomes.csv").write_bytes(b"")
    (found,) = problems(tmp_path)
    assert found.table == "outcomes"


def test_a_misspelt_table_is_told(tmp_path: Path) -> None:
    (write(tmp_path) / "outcome.csv").write_text("row_id\n", encoding="utf-8")
    (found,) = problems(tmp_path)
    assert "Did you mean outcomes.csv?" in str(found)


def test_every_problem_is_listed(tmp_path: Path) -> None:
    folder = changed(
        tmp_path, ("outcomes", 0, "mark", "SEEN"), ("outcomes", 1, "value", "x"),
        ("arms", 0, "n", "-1"), ("studies", 0, "source", "NOBODY"),
    )  # fmt: skip
    places = {(p.table, p.line, p.column) for p in problems(folder)}
    assert places == {
        ("outcomes", 2, "mark"), ("outcomes", 3, "value"), ("arms", 2, "n"),
        ("studies", 2, "source"),
    }  # fmt: skip


def test_part_of_may_not_run_in_a_loop(tmp_path: Path) -> None:
    folder = changed(tmp_path, ("studies", 0, "part_of", "BETA2021"))
    loops = [p for p in problems(folder) if "a loop" in p.found]
    assert [(p.row_id, p.column) for p in loops] == [
        ("ALPHA2015", "part_of"),
        ("BETA2021", "part_of"),
    ]


def test_sign_of_a_difference_follows_its_arms(tmp_path: Path) -> None:
    changes = [
        ("outcomes", 6, c, v) for c, v in (("value", "10"), ("low", "2.6"), ("high", "17.4"))
    ]
    found = [p for p in problems(changed(tmp_path, *changes)) if p.row_id == "A:diff"]
    assert any("the arms have -15 and -5" in p.found for p in found)
    assert all((p.line, p.column) == (8, "value") for p in found)


def test_an_sd_as_se_of_a_difference_is_asked(tmp_path: Path) -> None:
    changes = [("outcomes", 6, c, v) for c, v in (("se", "12"), ("low", ""), ("high", ""))]
    (found,) = problems(changed(tmp_path, *changes))
    assert (found.row_id, found.column, found.query) == ("A:diff", "se", "se-large")


def test_a_query_is_silent_once_it_is_answered(tmp_path: Path) -> None:
    rows = tables()
    rows["outcomes"][7]["value"] = "-4.1"
    (asked,) = problems(write(tmp_path, rows))
    assert (asked.severity, asked.query) == ("query", "smd-large")
    answer = {"table": "outcomes", "row_id": "A:smd", "query": "smd-large"}
    rows["acknowledged"] = [answer | {"reason": "printed so", "by": "Someone"}]
    assert problems(write(tmp_path, rows)) == ()


@pytest.mark.parametrize(
    ("changes", "column"),
    [({"rating": "high"}, "rating"), ({"reason": ""}, "reason"), ({"rated_by": ""}, "rated_by"),
     ({"rated_on": ""}, "rated_on"), ({"rated_on": "31.1.2026"}, "rated_on")],
)  # fmt: skip
def test_a_rating_of_certainty_is_a_persons(
    changes: dict[str, str], column: str, tmp_path: Path
) -> None:
    rows = tables()
    rated = {"row_id": "GR", "outcome": "CAPS5", "comparison": "ketamine", "domain": "imprecision"}
    rated |= {
        "rating": "serious",
        "reason": "wide",
        "rated_by": "Someone",
        "rated_on": "2026-01-31",
    }
    rows["grade"] = [rated]
    assert problems(write(tmp_path / "good", rows)) == ()
    rows["grade"] = [rated | changes]
    (found,) = problems(write(tmp_path / "bad", rows))
    assert (found.table, found.line, found.column) == ("grade", 2, column)


def test_an_answer_to_nothing_is_an_error(tmp_path: Path) -> None:
    rows = tables()
    answer = {"table": "outcomes", "row_id": "A:smd", "query": "smd-large"}
    rows["acknowledged"] = [answer | {"reason": "printed so", "by": "Someone"}]
    (found,) = problems(write(tmp_path, rows))
    assert (found.severity, found.table, found.line) == ("error", "acknowledged", 2)


def test_an_error_cannot_be_answered(tmp_path: Path) -> None:
    rows = tables()
    rows["outcomes"][1]["value"] = "93"
    answer = {"table": "outcomes", "row_id": "A:PBO:0", "query": "score"}
    rows["acknowledged"] = [answer | {"reason": "printed so", "by": "Someone"}]
    found = problems(write(tmp_path, rows))
    assert {p.table for p in found} == {"outcomes", "acknowledged"}
