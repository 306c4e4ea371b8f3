"""A page of still pictures: small, no script, the same look as the report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .figures import Figure
from .page import _environment, refuse_holes
from .panels import Drawn
from .pictures import Svg, combine, png_of, svg_of


@dataclass(frozen=True)
class Page:
    """`html` is the whole page, `figures` its pictures by name."""

    name: str
    html: str
    figures: Mapping[str, Svg]

    def save(self, write: Callable[[str, bytes], None]) -> None:
        """Hand every file (NAME.html, figures/NAME.svg, figures/NAME.png) to `write`."""
        write(f"{self.name}.html", self.html.encode())
        for name, svg in self.figures.items():
            write(f"figures/{name}.svg", svg.text.encode())
            write(f"figures/{name}.png", png_of(svg))


@dataclass(frozen=True)
class Cell:
    """One panel of a still figure."""

    svg: str
    alt_text: str


@dataclass(frozen=True)
class Still:
    """A figure on the page."""

    figure: Figure
    cells: list[list[Cell]]
    columns: int


def build(name: str, template: str, figures: Sequence[Figure], **context: Any) -> Page:
    """Draw the figures and fill the template; raises ReportError rather than print a hole."""
    shown: dict[str, Still] = {}
    pictures: dict[str, Svg] = {}
    for figure in figures:
        rows = [
            [(cell, svg_of(cell.spec, f"{figure.name}-{i}-{j}")) for j, cell in enumerate(row)
             if isinstance(cell, Drawn)]
            for i, row in enumerate(figure.rows)
        ]  # fmt: skip
        cells = [[Cell(svg.text, cell.alt_text) for cell, svg in row] for row in rows]
        shown[figure.name] = Still(figure, cells, max(map(len, cells)))
        svgs: list[list[Svg | str]] = [[svg for _, svg in row] for row in rows]
        pictures[figure.name] = combine(svgs, figure.title, figure.keys, figure.foot)
    html = _environment().get_template(template).render(figures=shown, **context)
    refuse_holes(html)
    return Page(name, html, pictures)
