"""The checks of an evidence folder on a plain table of studies, one a row, as `evidence meta`
reads it: its rows are told as outcomes, and what the checks find is told of its own columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from synaptrial.evidence.check import impossible, intervals, signs, spread
from synaptrial.evidence.check.reading import NUMBER
from synaptrial.evidence.problems import Problem
from synaptrial.evidence.raw import RawBase, RawTable
from synaptrial.evidence.schema import TABLES
from synaptrial.evidence.tables import Row

Cells = Mapping[str, Sequence[str]]
_STANDARDISED = ("SMD", "SMDH", "SMD1")
_NOT_ASKED = ("contrast-positive", "half-interval")  # which sign is better is the user's
# Columns of an arm and of an effect, by the names that outcomes have for them.
_ARMS = {
    "1": {"value": "m1i", "sd": "sd1i", "n": "n1i"},
    "2": {"value": "m2i", "sd": "sd2i", "n": "n2i"},
}
_EFFECT = {"value": "yi", "se": "se", "low": "ci_low", "high": "ci_high"}


def plain_problems(cells: Cells, lines: Sequence[int], measure: str) -> Iterator[str]:
    """Sentences on cells that look wrong: columns of equal length by name, the line of the file of
    each row. A column `scale` holds names of scales, such as CAPS5, where there is one."""
    yield from _twice(cells, lines)
    yield from _percentages(cells, lines)
    rows, origins = _outcomes(cells, lines, measure)
    header = TABLES["outcomes"].names
    raw = RawBase({"outcomes": RawTable(header, tuple(rows), tuple(range(len(rows))))}, None, None)
    for module in (spread, impossible, intervals, signs):
        for problem in module.problems(raw):
            if problem.query not in _NOT_ASKED:
                yield _told(problem, *origins[problem.line])


def _twice(cells: Cells, lines: Sequence[int]) -> Iterator[str]:
    """A label that stands on several lines."""
    places: dict[str, list[int]] = {}
    for label, line in zip(cells.get("study", ()), lines, strict=False):
        places.setdefault(label.strip().casefold(), []).append(line)
    for label, found in places.items():
        if label and len(found) > 1:
            told = ", ".join(map(str, found))
            yield (
                f"study {label}: lines {told} are pooled as if of different people; for several"
                " effects of one trial use --cluster study."
            )


def _percentages(cells: Cells, lines: Sequence[int]) -> Iterator[str]:
    for name, column in cells.items():
        if "percent" not in name.lower() and "pct" not in name.lower() and "%" not in name:
            continue
        for text, line in zip(column, lines, strict=True):
            if NUMBER.fullmatch(text) and not 0 <= float(text) <= 100:
                yield f"line {line}, {name}: found {text}; accepted: a percent, 0 to 100."


def _outcomes(
    cells: Cells, lines: Sequence[int], measure: str
) -> tuple[list[Row], list[tuple[int, Mapping[str, str]]]]:
    """Rows of outcomes, and of each the line of the file and the columns that it came from."""
    statistic = "smd" if measure in _STANDARDISED else "difference" if measure == "MD" else ""
    rows: list[Row] = []
    origins: list[tuple[int, Mapping[str, str]]] = []

    def add(i: int, names: Mapping[str, str], **fields: str) -> None:
        row = dict.fromkeys(TABLES["outcomes"].names, "")
        row |= {to: cells[name][i].strip() for to, name in names.items() if name in cells}
        scale = cells["scale"][i].strip() if "scale" in cells else ""
        row |= {
            "row_id": f"{lines[i]}{fields['arm']}{fields.get('versus', '')}",
            "study": f"{lines[i]}", "scale": scale or "NONE", "part": "total", "day": "1",
            "usable": "yes", **fields,
        }  # fmt: skip
        rows.append(row)
        origins.append((lines[i], names))

    for i in range(len(lines)):
        for arm, names in _ARMS.items():
            if names["value"] in cells:
                add(i, names, arm=arm, statistic="mean")
        if "yi" in cells and statistic:
            add(i, _EFFECT, arm="1", versus="2", statistic=statistic)
    return rows, origins


def _told(problem: Problem, line: int, names: Mapping[str, str]) -> str:
    column = names.get(problem.column, problem.column)
    text = f"line {line}, {column}: found {problem.found}; accepted: {problem.accepted}."
    return text + (f" {problem.advice}." if problem.advice and not problem.query else "")
