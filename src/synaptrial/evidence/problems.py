"""One thing that is wrong, or to be asked, in an evidence folder."""

from __future__ import annotations

from dataclasses import dataclass

QUERY_ADVICE = "Correct it, or say in acknowledged.csv why it stands"


@dataclass(frozen=True)
class Problem:
    """Where, what was found, what is accepted, what to do.

    line: of the file, 0 where a whole file is meant. query: the code of an implausible but
    possible value, which a row of `acknowledged` answers; empty for an error, which nothing does.
    """

    table: str
    found: str
    accepted: str
    advice: str = ""
    line: int = 0
    row_id: str = ""
    column: str = ""
    query: str = ""

    @property
    def severity(self) -> str:
        """`error` or `query`."""
        return "query" if self.query else "error"

    @property
    def where(self) -> str:
        """File, line, row and column, as far as there are any."""
        file = self.table if "." in self.table else f"{self.table}.csv"
        where = f"{file}, line {self.line}" if self.line else file
        where += f", row {self.row_id}" if self.row_id else ""
        return where + (f", column {self.column}" if self.column else "")

    def __str__(self) -> str:
        asked = f" [{self.query}]" if self.query else ""
        text = f"{self.where}: found {self.found}; accepted: {self.accepted}"
        return f"{self.severity}{asked}: {text}" + (f". {self.advice}" if self.advice else "")


def shown(text: str) -> str:
    """A cell as a message shows it."""
    return repr(text) if len(text) <= 60 else f"{text[:57]!r}..."
