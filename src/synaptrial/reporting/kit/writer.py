"""Writes a page: figures to panels, template to HTML, everything to files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from synaptrial.reporting.kit.cells import Chip, Link, Opened
from synaptrial.reporting.kit.errors import ReportError
from synaptrial.reporting.kit.figure import Figure
from synaptrial.reporting.kit.numbers import label, number, say
from synaptrial.reporting.kit.panels import Drawn, live
from synaptrial.reporting.kit.pictures import Svg, combine, png_of, svg_of


@dataclass(frozen=True)
class Page:
    """`html` is the whole page; `figures` maps a name to an SVG picture, `tables` one to CSV."""

    name: str
    html: str
    figures: Mapping[str, Svg]
    tables: Mapping[str, str] = field(default_factory=dict)

    def save(self, write: Callable[[str, bytes], None]) -> None:
        """Hand every file to `write`: NAME.html, figures/NAME.svg and .png, tables/NAME.csv."""
        write(f"{self.name}.html", self.html.encode())
        for name, svg in self.figures.items():
            write(f"figures/{name}.svg", svg.text.encode())
            write(f"figures/{name}.png", png_of(svg))
        for name, text in self.tables.items():
            write(f"tables/{name}.csv", text.encode())


@dataclass(frozen=True)
class Cell:
    """A panel on the page: the picture, and on a page with a script its specification.

    `text` is the sentence that stands where there is nothing to draw.
    """

    svg: str = ""
    alt_text: str = ""
    text: str = ""
    spec: str = ""


@dataclass(frozen=True)
class Shown:
    """A figure on the page."""

    figure: Figure
    cells: list[list[Cell]]
    columns: int


def draw_figures(
    figures: Iterable[Figure], *, alive: bool = False
) -> tuple[dict[str, Shown], dict[str, Svg]]:
    """The figures as they stand on the page, and as pictures of their own, by name.

    `alive`: with the specification that the page's script draws from.
    """
    shown: dict[str, Shown] = {}
    pictures: dict[str, Svg] = {}
    for figure in figures:
        drawn = _svgs(figure)
        cells = [
            [_cell(c, svg, alive) for c, svg in zip(row, svgs, strict=True)]
            for row, svgs in zip(figure.rows, drawn, strict=True)
        ]
        shown[figure.name] = Shown(figure, cells, max(map(len, cells)))
        pictures[figure.name] = combine(drawn, figure.title, figure.keys, figure.foot)
    return shown, pictures


def fill(name: str, template: str, pictures: Mapping[str, Svg], **context: Any) -> Page:
    """Fill the template; raises ReportError rather than print an empty field."""
    return Page(name, environment().get_template(template).render(**context), pictures)


def _svgs(figure: Figure) -> list[list[Svg | str]]:
    return [
        [
            svg_of(cell.spec, f"{figure.name}-{i}-{j}") if isinstance(cell, Drawn) else cell
            for j, cell in enumerate(row)
        ]
        for i, row in enumerate(figure.rows)
    ]


def _cell(cell: Drawn | str, svg: Svg | str, alive: bool) -> Cell:
    if isinstance(cell, str) or isinstance(svg, str):
        return Cell(text=str(cell))
    return Cell(svg.text, cell.alt_text, spec=script_json(live(cell.spec)) if alive else "")


def script_json(value: Any) -> str:
    """JSON that may stand inside a script element: no "<" in it; NaN is refused."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"), ensure_ascii=False)
    return text.replace("<", "\\u003c")


def environment() -> Environment:
    """Templates that escape what they print, and refuse to print nothing."""
    made = Environment(
        loader=PackageLoader("synaptrial.reporting", ""),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_whole,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"label": label, "say": say, "number": number}
    made.tests["link"] = lambda cell: isinstance(cell, Link)
    made.tests["chip"] = lambda cell: isinstance(cell, Chip)
    made.tests["opened"] = lambda cell: isinstance(cell, Opened)
    made.tests["parts"] = lambda cell: isinstance(cell, tuple)
    return made


def _whole(value: Any) -> Any:
    if value is None or (isinstance(value, float) and value != value):
        raise ReportError("the page would print an empty field")
    return value
