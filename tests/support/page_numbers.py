"""Numbers that stand on a page, and whether they stand in the files beside it."""

from __future__ import annotations

import csv
import io
import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

# A number that is no part of a name: CAPS-5, FEDER2021, RoB2, row ids and versions (1.0.0) hold
# digits of their own.
NUMBER = re.compile(r"(?<![\w.:/-])-?\d[\d,]*(?:\.\d+)?(?:e[-+]\d+)?(?![\w:/]|\.\d)")
VOID = {"meta", "br", "img", "link", "hr", "input", "wbr"}


class _Text(HTMLParser):
    """The text that a reader sees; the ticks of an axis and the style left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[bool] = []
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            ticks = "role-axis-label" in (dict(attrs).get("class") or "")
            self.open.append(tag in ("style", "script") or ticks)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.open:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if not any(self.open):
            self.parts.append(data)


def text_of(html: str) -> str:
    reader = _Text()
    reader.feed(html)
    return " ".join(reader.parts)


def numbers_in(text: str) -> set[str]:
    """Numbers as they are printed, with a plain minus and no separator of thousands."""
    plain = text.replace("\u2212", "-").replace("\u2007", "")
    return {m[0].rstrip(",").replace(",", "") for m in NUMBER.finditer(plain)}


class Known:
    """The numbers of a document and of the CSVs beside it."""

    def __init__(self, document: Mapping[str, Any], tables: Mapping[str, str]) -> None:
        texts = [json.dumps(document, ensure_ascii=False), *tables.values()]
        found = (m for text in texts for m in re.findall(r"-?\d[\d.,]*", text))
        self.said = {m.rstrip(".,").replace(",", "") for m in found}
        cells = [c for t in tables.values() for row in csv.reader(io.StringIO(t)) for c in row]
        values = [v for v in (*_leaves(document), *map(_number, cells)) if v is not None]
        self.values = sorted({*values, *(100 * v for v in values)})  # shares stand as percent

    def has(self, printed: str) -> bool:
        """Whether a number stands there as printed, or rounds to what is printed."""
        if printed in self.said:
            return True
        half, _, power = printed.partition("e")
        digits = len(half.partition(".")[2])
        slack = 0.5000001 * 10.0 ** (int(power or 0) - digits)
        value = float(printed)
        at = bisect_left(self.values, value - slack)
        return at < len(self.values) and self.values[at] <= value + slack


def _leaves(value: Any) -> Iterator[float]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for x in value:
            yield from _leaves(x)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
