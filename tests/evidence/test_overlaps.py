"""Publications of one trial are linked, so that nobody is pooled twice."""

from __future__ import annotations

from tests.support.evidence import table

ROWS = table("overlaps")
STUDIES = {row["study"]: row for row in table("studies")}
SAME_PATIENTS = ("same sample", "subsample", "secondary analysis")


def wholes(study: str, kinds: tuple[str, ...] = SAME_PATIENTS) -> set[str]:
    return {r["overlaps_with"] for r in ROWS if r["study"] == study and r["kind"] in kinds}


def within(study: str, seen: tuple[str, ...] = ()) -> set[str]:
    """All studies that a study lies in, over several links; fails on a loop."""
    assert study not in seen, f"{study} lies in itself: {seen}"
    direct = {r["overlaps_with"] for r in ROWS if r["study"] == study}
    return direct.union(*(within(whole, (*seen, study)) for whole in direct))


def test_links_lie_between_known_studies_and_are_written_once() -> None:
    pairs = [frozenset((r["study"], r["overlaps_with"])) for r in ROWS]
    assert all(len(pair) == 2 for pair in pairs)
    assert len(pairs) == len(set(pairs))
    assert set().union(*pairs) <= set(STUDIES)


def test_no_study_lies_in_itself() -> None:
    for study in STUDIES:
        assert study not in within(study)


def test_the_known_double_reports_are_linked() -> None:
    for part, whole in (
        ("PRADHAN2017", "PRADHAN2018"), ("NORBURY2021", "FEDER2021"),
        ("DANBOCK2024", "DUEK2023"), ("ARTIN2022", "VASD2025"), ("SALLOUM2019", "FAVA2018"),
    ):  # fmt: skip
        assert wholes(part) == {whole}
        assert STUDIES[part]["part_of"] == whole


def test_the_main_report_named_by_a_study_is_a_link() -> None:
    for study, row in STUDIES.items():
        assert {row["part_of"]} - {""} == wholes(study)


def test_one_registration_in_two_studies_is_a_link() -> None:
    by_number: dict[str, set[str]] = {}
    for study, row in STUDIES.items():
        by_number.setdefault(row["registry"], set()).add(study)
    del by_number[""]
    linked = {frozenset((r["study"], r["overlaps_with"])) for r in ROWS}
    shared = [frozenset(s) for s in by_number.values() if len(s) > 1]
    assert shared
    assert set(shared) <= linked
