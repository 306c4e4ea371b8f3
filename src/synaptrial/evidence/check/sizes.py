"""Numbers of people: arms against their study, outcomes against their arm."""

from __future__ import annotations

from collections.abc import Iterator

from synaptrial.evidence.check.reading import error, number, numbered, query
from synaptrial.evidence.problems import Problem
from synaptrial.evidence.raw import RawBase
from synaptrial.evidence.tables import Row


def problems(raw: RawBase) -> Iterator[Problem]:
    """All counts of people."""
    for line, row in numbered(raw, "studies"):
        randomised, analysed = number(row, "n_randomised"), number(row, "n_analysed")
        if randomised and analysed and analysed > randomised:
            accepted = f"at most n_randomised = {row['n_randomised']}"
            yield error("studies", line, row, "n_analysed", row["n_analysed"], accepted)
    yield from _arms(raw)
    sizes = {(r["study"], r["arm"]): _size(r) for r in raw.rows("arms")}
    for table in ("outcomes", "adverse_events"):
        for line, row in numbered(raw, table):
            yield from _result(table, line, row, sizes)


def _size(row: Row) -> float | None:
    """n of an arm; a negative one is no size, which `cells` reports."""
    n = number(row, "n")
    return n if n is not None and n > 0 else None


def _arms(raw: RawBase) -> Iterator[Problem]:
    """Arms of one study, its subgroups and pools left out."""
    studies = {row["study"]: row for row in raw.rows("studies")}
    arms: dict[str, list[tuple[int, Row]]] = {}
    for line, row in numbered(raw, "arms"):
        total = number(studies.get(row["study"], {}), "n_randomised")
        n = _size(row)
        if total and n and n > total:
            accepted = f"at most {total:g}, n_randomised of {row['study']}"
            yield error("arms", line, row, "n", row["n"], accepted, "Check both numbers")
        elif not row["subgroup_of"]:
            arms.setdefault(row["study"], []).append((line, row))
    for study, members in arms.items():
        yield from _together(studies.get(study, {}), members)


def _together(study: Row, arms: list[tuple[int, Row]]) -> Iterator[Problem]:
    total = number(study, "n_randomised")
    yield from _analysed(study, arms)
    sizes = [_size(row) for _, row in arms]
    known = [n for n in sizes if n]
    if not total or study.get("design") != "parallel":
        return
    line, last = arms[-1]
    found = f"{' + '.join(f'{n:g}' for n in known)} = {sum(known):g} in the arms of {last['study']}"
    accepted = f"{total:g}, its n_randomised"
    if sum(known) > total:
        advice = "Check the arms; a part of another arm says so in subgroup_of"
        yield error("arms", line, last, "n", found, accepted, advice)
    elif len(known) == len(sizes) and sum(known) < total:
        yield query("arms", line, last, "n", "arms-few", found, accepted)


def _analysed(study: Row, arms: list[tuple[int, Row]]) -> Iterator[Problem]:
    """Studies without a number randomised: their arms against the number analysed."""
    analysed, sizes = number(study, "n_analysed"), [_size(row) for _, row in arms]
    treated = sum(n for n in sizes if n)
    one_group = study.get("design") in ("single_arm", "observational")
    if not one_group or not analysed or study["n_randomised"] or None in sizes:
        return
    line, last = arms[-1]
    found = f"{treated:g} in the arms of {last['study']}"
    accepted = f"{analysed:g}, its n_analysed"
    if treated < analysed:
        yield error("arms", line, last, "n", found, accepted, "Check both numbers")
    elif treated > analysed:
        yield query("arms", line, last, "n", "arms-many", found, f"{accepted}, or some were lost")


def _result(
    table: str, line: int, row: Row, sizes: dict[tuple[str, str], float | None]
) -> Iterator[Problem]:
    n, arm = number(row, "n"), sizes.get((row["study"], row["arm"]))
    if n is None or arm is None:
        return
    versus = row.get("versus", "")
    other = sizes.get((row["study"], versus)) if versus else 0.0
    if other is not None and n > arm + other:
        whose = f"{row['arm']} and {versus}" if versus else row["arm"]
        accepted = f"at most {arm + other:g}, the n of {whose} in arms.csv"
        yield error(table, line, row, "n", row["n"], accepted, "Check both numbers")
