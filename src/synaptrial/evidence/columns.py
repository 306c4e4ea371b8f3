"""How a table of the evidence base is described, and the columns that many tables share.

A cell is text. Empty text means not known, or does not apply; a needed cell is never empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from synaptrial.evidence import vocabulary as v

Kind = Literal[
    "text",  # anything
    "id",  # letters, digits and . _ : @ + -
    "number",
    "whole",  # a whole number, 0 or more
    "numbers",  # numbers with ; between
    "word",  # one of `accepted`
    "words",  # some of `accepted`, with ; between
    "row",  # the key of a row of table `refers`
    "rows",  # some of them, with ; between
    "source",  # a key of sources.bib
    "arm",  # an arm of the row's study
    "arms",  # some of them, with ; between
    "date",  # YYYY-MM-DD
    "registry",  # a registry number
]


@dataclass(frozen=True)
class Column:
    """One column. low, high: what a number may be, both included; unit: of a number."""

    name: str
    kind: Kind = "text"
    needed: bool = False
    accepted: tuple[str, ...] = ()
    refers: str = ""
    low: float | None = None
    high: float | None = None
    unit: str = ""
    help: str = ""


@dataclass(frozen=True)
class Table:
    """One table. key: columns that together name a row; filled: it must have rows."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    filled: bool = False
    help: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns in order."""
        return tuple(c.name for c in self.columns)

    def column(self, name: str) -> Column:
        """A column by name; KeyError if there is none."""
        return next(c for c in self.columns if c.name == name)


def text(name: str, help: str = "", needed: bool = False) -> Column:
    return Column(name, needed=needed, help=help)


def word(name: str, accepted: tuple[str, ...], help: str = "", needed: bool = False) -> Column:
    return Column(name, "word", needed, accepted, help=help)


def words(name: str, accepted: tuple[str, ...], help: str = "", needed: bool = False) -> Column:
    return Column(name, "words", needed, accepted, help=help)


def number(
    name: str,
    help: str = "",
    low: float | None = None,
    high: float | None = None,
    unit: str = "",
    needed: bool = False,
) -> Column:
    return Column(name, "number", needed, low=low, high=high, unit=unit, help=help)


def whole(name: str, help: str = "", low: float = 0) -> Column:
    return Column(name, "whole", low=low, help=help)


def percent(name: str, help: str = "") -> Column:
    return number(name, help, 0, 100, "%")


ROW_ID = Column("row_id", "id", True, help="names the row; never used twice, in any table")
STUDY = Column("study", "row", True, refers="studies")
ARM = Column("arm", "arm", True, help="as in the arms table")
MARK = word("mark", v.MARKS, "how the number is known", needed=True)
SOURCE = Column("source", "source", True, help="key in sources.bib")
LOCATOR = text("locator", "where in the source: table, page, DOI or registry number", needed=True)
NOTE = text("note")
KNOWN = (MARK, SOURCE, LOCATOR, NOTE)  # how a row ends
FLAG = text("flag", "what could not be normalised, in words")
DAY = number("day", "days since the first dose", low=0, unit="d")
N = whole("n", "people the number is of", low=1)
USABLE = (
    word("usable", v.YES_NO, "may an analysis use it", needed=True),
    text("why_not", "the reason, where usable is no"),
)
LOW, HIGH = number("low", "lower end of the interval"), number("high", "its upper end")
SD = number("sd", "standard deviation between people", low=0)
ANY_STUDY = Column("study", "row", True, refers="studies or sources")
