"""Tables of a page, and what may stand in their cells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """Text that leads to a part of the page: `kind` and `key` make the anchor."""

    text: str
    key: str
    kind: str = "source"


@dataclass(frozen=True)
class Chip:
    """A word on a coloured ground; `kind` names the colour, the word stands without it."""

    text: str
    kind: str


@dataclass(frozen=True)
class Opened:
    """Words that open to more lines."""

    text: str
    lines: tuple[Cell, ...]


Part = str | Link | Chip | Opened
Cell = Part | tuple[Part, ...]


@dataclass(frozen=True)
class Table:
    """`numeric` are the columns set flush right; `anchors` the places of the rows, if any has one;
    `kind` a look of its own."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[int] = frozenset()
    anchors: tuple[str, ...] = ()
    kind: str = ""
