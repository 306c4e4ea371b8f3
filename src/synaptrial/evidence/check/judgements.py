"""Risk of bias and certainty: which tool has which domains and judgements, and who judged."""

from __future__ import annotations

from collections.abc import Iterator

from synaptrial.evidence import vocabulary as v
from synaptrial.evidence.check.reading import cell, error, numbered, query
from synaptrial.evidence.problems import Problem
from synaptrial.evidence.raw import RawBase
from synaptrial.evidence.tables import Row

_WHOLE = "overall"


def problems(raw: RawBase) -> Iterator[Problem]:
    """All judgements."""
    designs = {row["study"]: row["design"] for row in raw.rows("studies")}
    seen: dict[tuple[str, ...], str] = {}
    for line, row in numbered(raw, "risk_of_bias"):
        if row["tool"] in v.BIAS_DOMAINS:
            yield from _tool(line, row, designs.get(row["study"], ""))
        what = tuple(row[c] for c in ("study", "result", "tool", "domain"))
        if what in seen:
            found = f"a second judgement of {' '.join(what)}; the first is {seen[what]}"
            yield error("risk_of_bias", line, row, "domain", found, "one judgement a domain")
        seen.setdefault(what, row["row_id"])
    yield from _overall(raw)
    for line, row in numbered(raw, "grade"):
        yield from _grade(line, row)


def _tool(line: int, row: Row, design: str) -> Iterator[Problem]:
    tool = row["tool"]
    allowed = {"domain": v.BIAS_DOMAINS[tool], "judgement": v.BIAS_JUDGEMENTS[tool]}
    for column, words in allowed.items():
        if row[column] and row[column] not in words:
            accepted = f"for {tool}: {', '.join(words)}"
            advice = "Use the words of the tool, or another tool"
            yield error("risk_of_bias", line, row, column, cell(row, column), accepted, advice)
    if v.BIAS_TOOL.get(design, tool) != tool:
        found, accepted = f"{tool} for a {design} study", v.BIAS_TOOL[design]
        yield query("risk_of_bias", line, row, "tool", "tool-design", found, accepted)


def _overall(raw: RawBase) -> Iterator[Problem]:
    """The overall judgement is no better than the worst of the domains."""
    worst: dict[tuple[str, ...], tuple[int, str]] = {}
    for row in raw.rows("risk_of_bias"):
        if row["domain"] != _WHOLE and _rank(row) is not None:
            what = (row["study"], row["result"], row["tool"])
            worst[what] = max(worst.get(what, (-1, "")), (_rank(row) or 0, row["row_id"]))
    for line, row in numbered(raw, "risk_of_bias"):
        rank = _rank(row) if row["domain"] == _WHOLE else None
        least, because = worst.get((row["study"], row["result"], row["tool"]), (-1, ""))
        if rank is not None and rank < least:
            accepted = f"{v.BIAS_LEVELS[row['tool']][least]} or worse, as {because} is judged"
            yield error("risk_of_bias", line, row, "judgement", cell(row, "judgement"), accepted)


def _rank(row: Row) -> int | None:
    levels = v.BIAS_LEVELS.get(row["tool"], ())
    return levels.index(row["judgement"]) if row["judgement"] in levels else None


def _grade(line: int, row: Row) -> Iterator[Problem]:
    if row["domain"] not in v.GRADE_DOMAINS or row["rating"] not in v.GRADE_RATINGS:
        return
    words = v.GRADE_CERTAINTY if row["domain"] == "certainty" else v.GRADE_STEPS
    if row["rating"] not in (*words, v.NOT_RATED):
        accepted = f"for {row['domain']}: {', '.join((v.NOT_RATED, *words))}"
        yield error("grade", line, row, "rating", cell(row, "rating"), accepted)
    for column in ("reason", "rated_by", "rated_on"):
        if row["rating"] != v.NOT_RATED and not row[column]:
            accepted = "the reason, the name of the person who rated, and the day"
            yield error("grade", line, row, column, "nothing", accepted)
