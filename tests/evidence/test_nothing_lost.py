"""No row of the collected evidence is missing from the tables of the package.

The collection lies beside a development checkout and is not part of it; without it nothing is
compared.
"""

from __future__ import annotations

import csv
import re
from importlib import resources
from pathlib import Path

import pytest

COLLECTED = Path(__file__).parents[3] / "shared" / "evidence"
OURS = resources.files("synaptrial") / "evidence" / "data"
FILES = ("ketamine_ptsd_outcomes", "comparator_outcomes", "trd_ketamine_outcomes")
OTHER_NAMES = {"DAVIDSON2006A": "DAVIDSON2006", "ZHENG_BP": "INFUSIONS741"}
SCALE_NAMES = {
    "CAPS-5": "CAPS5", "CAPS-IV": "CAPS4", "PCL-5": "PCL5", "PCL": "PCL4", "IES-R": "IESR",
    "IES": "IES", "PSS-I": "PSSI", "DTS": "DTS", "SPRINT": "SPRINT", "SI-PTSD": "SIPTSD",
    "MADRS": "MADRS", "HAM-D-17": "HAMD", "HAM-D-6": "HAMD6", "CADSS": "CADSS", "CGI-I": "CGII",
    "CGI-S": "CGIS", "SDS": "SDS",
}  # fmt: skip
needs_collection = pytest.mark.skipif(not COLLECTED.is_dir(), reason="no collection beside it")
# A later look at the registry settled what the first collection could not read.
REGISTERED_LATER = {"KPE2_ONGOING": "NCT05737693"}
Row = dict[str, str]


def rows(path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


def lost(collected: list[Row], ours: list[Row]) -> list[tuple[str, ...]]:
    """Collected rows without a row of ours for the same study and number; each counts once."""
    left = list(ours)
    out = []
    for row in collected:
        study = OTHER_NAMES.get(row["study_id"].upper(), row["study_id"].upper())
        value = number(row["value"])
        events = number(row.get("n_events"))
        same = [r for r in left if r["study"] == study and _agrees(row, r, value, events)]
        same.sort(key=lambda r: r.get("label") != row["outcome"])
        if same:
            left.remove(same[0])
        else:
            out.append((study, row["arm_id"], row["outcome"], row["statistic"], row["value"]))
    return out


def _agrees(row: Row, ours: Row, value: float | None, events: float | None) -> bool:
    seen = {number(ours["value"]), number(ours.get("events"))} - {None}
    if value is None and events is None:
        return ours.get("label") == row["outcome"] and number(ours["value"]) is None
    # Ours: negative favours the arm.
    turned = row["statistic"] == "difference_in_decrease" or "improvement larger" in row.get(
        "source", ""
    )
    return bool(seen & ({-value} if turned and value else {value, events} - {None}))


@needs_collection
@pytest.mark.parametrize("name", FILES)
def test_no_outcome_is_lost(name: str) -> None:
    ours = [
        r
        for t in ("outcomes", "adverse_events", "acute", "pharmacodynamics")
        for r in rows(OURS / f"{t}.csv")
    ]
    found = rows(COLLECTED / f"{name}.csv")
    assert len(found) > 100
    assert lost(found, ours) == []


@needs_collection
def test_no_meta_analysis_is_lost() -> None:
    ours = {
        (r["source"], r["value"], r["low"], r["high"]) for r in rows(OURS / "meta_analyses.csv")
    }
    found = rows(COLLECTED / "meta_analyses.csv")
    assert len(found) == 21
    for r in found:
        source = r["meta_id"].split("_")[0]
        assert (source, r["estimate"], r["ci_low"], r["ci_high"]) in ours, r["meta_id"]


@needs_collection
def test_no_number_of_patients_was_filled_in() -> None:
    """An n that the collection leaves open stays open: an arm's size is not a denominator."""
    ours = rows(OURS / "outcomes.csv")
    known = {(r["study"], r["label"], number(r["value"]), number(r["n"])) for r in ours if r["n"]}
    for name in FILES[1:]:
        for r in rows(COLLECTED / f"{name}.csv"):
            if r["n"] or r["statistic"] == "count" or not r["n_arm"]:
                continue
            study = OTHER_NAMES.get(r["study_id"].upper(), r["study_id"].upper())
            assert (study, r["outcome"], number(r["value"]), float(r["n_arm"])) not in known, r


@needs_collection
def test_no_study_is_lost() -> None:
    ours = {r["study"]: r for r in rows(OURS / "studies.csv")}
    found = rows(COLLECTED / "ketamine_ptsd_studies.csv")
    assert len(found) == 23
    same = {
        "nct": "registry", "year": "year", "country": "country", "n_randomized": "n_randomised",
        "n_analyzed": "n_analysed", "age_mean": "age_mean", "age_sd": "age_sd",
        "female_pct": "female_pct", "veteran_pct": "veteran_pct", "population": "population",
        "ptsd_criteria": "criteria", "comorbidity": "comorbidity",
        "concomitant_meds": "concomitant",
    }  # fmt: skip
    for r in found:
        kept = ours[r["study_id"]]
        if r["study_id"] in REGISTERED_LATER:
            assert kept["registry"] == REGISTERED_LATER[r["study_id"]]
            continue
        for theirs, column in same.items():
            assert kept[column] == r[theirs].replace("not read", ""), (r["study_id"], column)
        for theirs, column in (("notes", "note"), ("primary_outcome", "primary_outcome")):
            assert r[theirs] in kept[column], (r["study_id"], column)


@needs_collection
def test_no_arm_is_lost() -> None:
    ours = {r["arm_id"]: r for r in rows(OURS / "arms.csv")}
    found = rows(COLLECTED / "ketamine_ptsd_arms.csv")
    assert len(found) == 33
    for r in found:
        kept = ours[f"{r['study_id']}:{r['arm_id']}"]
        assert kept["n"] == r["n"], kept
        assert kept["mark"] == r["mark"], kept
        assert kept["infusion_min"] == r["infusion_minutes"], kept
        words = " ".join((kept["dose"], kept["dose_unit"], kept["note"]))
        assert r["dose_value"] in words, kept
        assert r["n_doses"] in (kept["n_doses"], "") or r["n_doses"] in kept["note"], kept


@needs_collection
def test_no_arm_size_of_the_other_trials_is_lost() -> None:
    ours: dict[str, set[str]] = {}
    for r in rows(OURS / "arms.csv"):
        ours.setdefault(r["study"], set()).add(r["n"])
    for name in FILES[1:]:
        for r in rows(COLLECTED / f"{name}.csv"):
            study = OTHER_NAMES.get(r["study_id"].upper(), r["study_id"].upper())
            if study in ours and r["n_arm"] and "_vs_" not in r["arm_id"]:
                assert r["n_arm"] in ours[study], (study, r["arm_id"])


@needs_collection
def test_no_concentration_is_lost() -> None:
    found, ours = (rows(COLLECTED / "pk_observations.csv"), rows(OURS / "pk_observations.csv"))
    assert len(found) == len(ours) == 194
    for theirs, kept in zip(found, ours, strict=True):
        numbers = [float(x) for x in re.findall(r"\d+(?:\.\d+)?", theirs["value"])]
        assert sorted(numbers) == sorted(
            float(kept[c]) for c in ("value", "low", "high") if kept[c]
        )
        assert theirs["unit"] == kept["unit"]


@needs_collection
def test_no_range_of_a_scale_is_lost() -> None:
    ours = rows(OURS / "scales.csv")
    found = rows(COLLECTED / "scales.csv")
    assert len(found) == 17
    for r in found:
        name = SCALE_NAMES[r["scale"].split(" ")[0]]
        for column, quantity in (("min", "minimum"), ("max", "maximum")):
            values = {o["value"] for o in ours if (o["scale"], o["quantity"]) == (name, quantity)}
            assert r[column] in values, (name, quantity)


def test_a_missing_row_is_noticed() -> None:
    row = {"study_id": "x", "arm_id": "a", "outcome": "o", "statistic": "mean", "value": "1.5"}
    assert lost([row, row], [{"study": "X", "label": "o", "value": "1.5"}]) == [
        ("X", "a", "o", "mean", "1.5")
    ]


# Rows of November 2026 that became part of another row: what of it must hold them.
FOLDED = {
    ("FEDER2014", "p_value"): ("FEDER2014:KET-MDZ:IESR:1d:diff", "note", ".02"),
    ("FEDER2014", "difference_se"): ("FEDER2014:KET-MDZ:IESR:1d:diff", "se", "5.02"),
    ("FEDER2021", "p_value"): ("FEDER2021:KET-MDZ:CAPS5:14d:diff", "note", ".004"),
    ("CRTCE2025", "interaction_p"): ("CRTCE2025:KET:DEPRESSION_ANY:-:qualitative", "note", ".895"),
    ("BORGOGNA2024", "pooled_n_check"): ("BORGOGNA2024:omnibus", "note", "229"),
}


@needs_collection
def test_no_row_of_november_2026_is_lost() -> None:
    tables = {t: rows(OURS / f"{t}.csv") for t in ("outcomes", "meta_analyses")}
    by_id = {r["row_id"]: r for of_table in tables.values() for r in of_table}
    found = rows(COLLECTED / "new_2026-11.csv")
    assert len(found) == 52
    for r in found:
        if (r["study"], r["statistic"]) in FOLDED:
            row_id, column, text = FOLDED[r["study"], r["statistic"]]
            assert text in by_id[row_id][column], r
            continue
        value = abs(float(r["value"]))
        same = [o for o in tables["outcomes"] if _is(o, r, value)]
        assert same, r
        spread = number(r["spread"].split(";")[0]) if r["spread_kind"].startswith("sd") else None
        assert spread is None or any(number(o["sd"]) == spread for o in same), r


def _is(ours: Row, row: Row, value: float) -> bool:
    """The same study, day and number; a sign may have been turned."""
    numbers = {abs(number(ours["value"]) or 0), number(ours["events"])}
    day = not row["day"] or number(ours["day"]) == float(row["day"])
    return ours["study"] == row["study"] and day and value in numbers
