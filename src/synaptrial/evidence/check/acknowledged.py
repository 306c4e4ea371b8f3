"""Queries that a person has answered are silent; an answer to nothing is an error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from synaptrial.evidence.check.reading import error, numbered
from synaptrial.evidence.problems import Problem, shown
from synaptrial.evidence.raw import RawBase
from synaptrial.evidence.schema import TABLES


def unanswered(raw: RawBase, found: Sequence[Problem]) -> Iterator[Problem]:
    """The problems that are left, and answers that answer none of them.

    Nothing is said of answers about a table that could not be read.
    """
    asked = {(p.table, p.row_id, p.query) for p in found if p.query}
    answered = set()
    for line, row in numbered(raw, "acknowledged"):
        answer = row["table"], row["row_id"], row["query"]
        if answer in asked:
            answered.add(answer)
        elif row["row_id"] and (row["table"] in raw.tables or row["table"] not in TABLES):
            said = shown(f"{row['query']} of {row['row_id']} in {row['table']}")
            advice = "Remove the row; an error must be corrected"
            accepted = "a query that check asks"
            yield error("acknowledged", line, row, "query", said, accepted, advice)
    yield from (p for p in found if (p.table, p.row_id, p.query) not in answered)
