"""The report: one self-contained page, and its figures as SVG and PNG."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from . import tables
from .answer import answers
from .curves import Curves
from .errors import ReportError
from .figures import Figure, Figures
from .numbers import label, number, say
from .panels import Drawn, live
from .pictures import Svg, combine, png_of, svg_of, vega_bundle
from .schematic import StageLike, schematic
from .theme import CONFIG, arms_of

SECTIONS = {
    "weeks": ("difference", "course_total", "course_patients", "course_clusters", "course_mood"),
    "day": ("first_day",),
    "plasma": ("plasma", "occupancy"),
    "brain": ("plasticity_circuits", "learning_belief"),
    "acute": ("acute",),
}


class ResultLike(Protocol):
    """What the report needs of a result; see `simulation.result.Result`."""

    @property
    def summary(self) -> dict[str, Any]: ...
    @property
    def courses(self) -> pd.DataFrame: ...


@dataclass(frozen=True)
class Report:
    """`html` is the whole page; `figures` maps a name to an SVG picture."""

    html: str
    figures: Mapping[str, Svg]

    def save(self, write: Callable[[str, bytes], None]) -> None:
        """Hand every file (report.html, figures/NAME.svg, figures/NAME.png) to `write`."""
        write("report.html", self.html.encode())
        for name, svg in self.figures.items():
            write(f"figures/{name}.svg", svg.text.encode())
            write(f"figures/{name}.png", png_of(svg))


@dataclass(frozen=True)
class Cell:
    """A panel on the page: the picture for print and no script, the specification for screens."""

    svg: str
    spec: str
    alt_text: str
    text: str


@dataclass(frozen=True)
class Shown:
    """A figure on the page."""

    figure: Figure
    cells: list[list[Cell]]
    columns: int


def build_report(result: ResultLike, stages: Iterable[StageLike]) -> Report:
    """Draw the figures and write the page of one run.

    `stages` are the model's stages, for its diagram. Raises ReportError where a field of the
    result is missing or empty, rather than print a hole.
    """
    summary = result.summary
    arms = arms_of(summary)
    shown: dict[str, Shown] = {}
    pictures: dict[str, Svg] = {}
    with vega_bundle() as bundle:
        for figure in Figures(summary, arms, Curves(result.courses)).all():
            drawn = _svgs(figure)
            shown[figure.name] = _shown(figure, drawn)
            pictures[figure.name] = combine(drawn, figure.title, figure.keys, figure.foot)
        script = bundle()
    pictures["model"] = schematic(stages)
    html = (
        _environment()
        .get_template("report.html.j2")
        .render(
            s=summary,
            arms=arms,
            answers=answers(summary),
            figures=shown,
            sections=SECTIONS,
            diagram=pictures["model"].text,
            contrasts=tables.contrast_tables(summary),
            visits=tables.visit_tables(summary),
            acute=tables.acute_table(summary),
            nearest=tables.nearest_table(summary),
            observed=tables.observed_table(summary),
            assumptions=tables.assumption_tables(summary),
            config=_json(CONFIG),
            bundle=script,
        )
    )
    refuse_holes(html)
    return Report(html, pictures)


def _svgs(figure: Figure) -> list[list[Svg | str]]:
    return [
        [
            svg_of(cell.spec, f"{figure.name}-{i}-{j}") if isinstance(cell, Drawn) else cell
            for j, cell in enumerate(row)
        ]
        for i, row in enumerate(figure.rows)
    ]


def _shown(figure: Figure, drawn: list[list[Svg | str]]) -> Shown:
    cells = [
        [_cell(c, svg) for c, svg in zip(row, svgs, strict=True)]
        for row, svgs in zip(figure.rows, drawn, strict=True)
    ]
    return Shown(figure, cells, max(map(len, cells)))


def _cell(cell: Drawn | str, svg: Svg | str) -> Cell:
    if isinstance(cell, str) or isinstance(svg, str):
        return Cell("", "", "", str(cell))
    return Cell(svg.text, _json(live(cell.spec)), cell.alt_text, "")


def _json(value: Any) -> str:
    """JSON that may stand inside a script element; NaN is refused."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"), ensure_ascii=False)
    return text.replace("</", "<\\/")


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("synaptrial.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_whole,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"label": label, "say": say, "number": number}
    environment.tests["link"] = lambda cell: isinstance(cell, tables.Link)
    return environment


def _whole(value: Any) -> Any:
    """Refuse to print nothing."""
    if value is None or (isinstance(value, float) and value != value):
        raise ReportError("the page would print an empty field")
    return value


def refuse_holes(html: str) -> None:
    """Raise if a reader would see NaN, None or undefined."""
    seen = re.sub(r"<(script|style)\b.*?</\1>", " ", html, flags=re.S)
    hole = re.search(r"\b(NaN|nan|None|undefined)\b", re.sub(r"<[^>]*>", " ", seen))
    if hole:
        around = seen[max(0, hole.start() - 40) : hole.end() + 40]
        raise ReportError(f"the page would show {hole[0]!r}: ...{around!r}...")
