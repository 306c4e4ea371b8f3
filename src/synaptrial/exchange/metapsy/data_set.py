"""Import a Metapsy data set: one row for each comparison of two arms, into waiting rows.

Format: the Metapsy data standard (docs.metapsy.org/data-preparation/format): semicolons and decimal
commas, or commas and decimal points; NA for what is not known. Needed: study, condition_arm1,
condition_arm2, instrument, and numbers of at least one kind.

Ours is arm 1 minus arm 2 on a scale where higher is worse. Which way g of the file counts, its own
rows say (`sign`); g is computed again where means or changes are given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from synaptrial.domain.errors import InputError
from synaptrial.domain.sources import Source
from synaptrial.evidence.tables import Row
from synaptrial.exchange.delimited import read_delimited
from synaptrial.exchange.evidence.awaiting import RAW, Imported, slug
from synaptrial.exchange.evidence.checked import with_checks
from synaptrial.exchange.metapsy.columns import NEEDED, our_name, unread
from synaptrial.exchange.metapsy.comparison import Comparison
from synaptrial.exchange.metapsy.rows import numbers
from synaptrial.exchange.metapsy.sign import votes
from synaptrial.exchange.words.scales import PTSD_SCALES


def import_metapsy(path: Path) -> Imported:
    """All comparisons of a file. Raises InputError naming row and column."""
    given = read_delimited(path)
    written = _written(tuple(given[0]), path)
    rows = [{our_name(name): value for name, value in row.items()} for row in given]
    missing = [c for c in NEEDED if c not in rows[0]]
    if missing:
        found = f"no column {missing[0]}; the header is {', '.join(rows[0])[:80]}"
        raise InputError(str(path), found, f"a Metapsy data set with {', '.join(NEEDED)}")
    key = slug(path.stem)
    comparisons = [
        Comparison(key, k, row, f"{path}, row {k}", written) for k, row in enumerate(rows, start=1)
    ]
    _check(comparisons)
    file, counted = f"{RAW}/{path.name}", votes(comparisons)
    found_numbers = [
        n for c in comparisons for n in numbers(c, file, counted, _repeated(c, comparisons))
    ]
    if not found_numbers:
        raise InputError(str(path), "no effect, mean or count", "numbers of at least one kind")
    citation = f"Metapsy data set, file {path.name}"
    imported = Imported(
        studies=_studies(comparisons),
        arms=_arms(comparisons),
        numbers=tuple(found_numbers),
        sources=(Source(key=key, kind="dataset", citation=citation, note="imported"),),
        raw={path.name: path.read_bytes()},
        unread=unread(rows, written),
    )
    return with_checks(imported)


def _written(header: Sequence[str], path: Path) -> dict[str, str]:
    """Our name of a column -> its name in the file; two of one meaning are refused."""
    written: dict[str, str] = {}
    for name in header:
        other = written.setdefault(our_name(name), name)
        if other != name:
            found = f"the columns {other} and {name}, which mean the same"
            raise InputError(f"{path}, line 1", found, "one of them", "Remove one")
    return written


def _check(comparisons: Sequence[Comparison]) -> None:
    labels: dict[str, str] = {}
    for c in comparisons:
        for column in NEEDED[:3]:
            if not c.cells[column]:
                raise InputError(f"{c.where}, column {column}", "nothing", "a name")
        same = labels.setdefault(c.study, c.cells["study"])
        if same != c.cells["study"]:
            found = f"{c.cells['study']!r}, which makes the same key as {same!r}"
            raise InputError(f"{c.where}, column study", found, "names that differ in letters")


def _repeated(c: Comparison, all_of_them: Sequence[Comparison]) -> bool:
    """Whether the same arms are compared by the same instrument and time in another row."""

    def what(x: Comparison) -> tuple[str, ...]:
        told = [x.cells.get(k, "") for k in ("instrument", "rating", "time", "time_weeks",
                                             "outcome_type")]  # fmt: skip
        return (x.study, x.arm(1), x.arm(2), *told)

    return any(x is not c and what(x) == what(c) for x in all_of_them)


def _studies(comparisons: Sequence[Comparison]) -> tuple[Row, ...]:
    rows: dict[str, Row] = {}
    for c in comparisons:
        ptsd = c.scale.value in PTSD_SCALES
        year = re.search(r"\b(19|20)\d\d\b", c.cells["study"])
        rows.setdefault(c.study, {
            "study": c.study, "kind": "psychotherapy_ptsd" if ptsd else "other", "source": c.key,
            "year": year[0] if year else "", "mark": "READ",
            "flag": "kind taken from the instrument", "note": c.cells["study"],
        })  # fmt: skip
    return tuple(_with_twins(row, list(rows.values())) for row in rows.values())


def _with_twins(row: Row, rows: Sequence[Row]) -> Row:
    """The row, flagged where another study has the same first author and year."""

    def named(x: Row) -> tuple[str, str]:
        year = re.search(r"\b(19|20)\d\d[a-z]?\b", x["note"])
        return x["note"].lower().split()[0].strip(","), year[0] if year else ""

    twins = [x["study"] for x in rows if x is not row and named(x)[1] and named(x) == named(row)]
    flags = [row["flag"], *(f"may be the same trial as {twin}" for twin in twins)]
    return {**row, "flag": "; ".join(flags)}


def _arms(comparisons: Sequence[Comparison]) -> tuple[Row, ...]:
    rows: dict[str, Row] = {}
    for c in comparisons:
        for side in (1, 2):
            arm_id = f"{c.study}:{c.arm(side)}"
            rows.setdefault(arm_id, {
                "arm_id": arm_id, "study": c.study, "arm": c.arm(side), "drug": "unknown",
                "unknown": "the treatment beyond its name", "ptsd": "unknown", "mark": "READ",
                "psychotherapy_note": c.cells[f"condition_arm{side}"], "source": c.key,
                "flag": "",
            })  # fmt: skip
    return tuple(rows.values())
