"""The model as a diagram, drawn from its stages: boxes in rows, arrows from outputs to inputs.

A layered drawing after Sugiyama, Tagawa and Toda (1981): a stage stands one row below the last
stage that feeds it, long arrows pass rows in lanes of their own, and the order within a row
follows the mean place of what feeds it, so that few arrows cross. The flow runs down, not across:
the cascade is longer than a page is wide.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Protocol

from synaptrial.reporting.kit.errors import ReportError
from synaptrial.reporting.kit.labels import spread
from synaptrial.reporting.kit.pictures import Svg
from synaptrial.reporting.kit.theme import FONT, INK, MUTED, PALETTE

WIDTH, GAP_X, GAP_Y, LANE, LINE = 900.0, 14.0, 34.0, 12.0, 13.5
LETTER, BOLD = 6.2, 7.0  # pixels a letter at 11.5 px
WRAPS = (24, 20, 16, 13)  # letters a line, tried until the widest row fits


class StageLike(Protocol):
    """What the diagram needs of a stage."""

    @property
    def name(self) -> str: ...
    @property
    def inputs(self) -> Sequence[str]: ...
    @property
    def outputs(self) -> Sequence[str]: ...


@dataclass(eq=False)
class Node:
    """A stage, an outside input, or (without a name) the lane of a passing arrow."""

    row: int
    name: str = ""
    outputs: tuple[str, ...] = ()
    outside: bool = False
    before: list[Node] = field(default_factory=list)
    after: list[Node] = field(default_factory=list)
    title: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    x: float = 0.0  # centre
    y: float = 0.0  # top
    height: float = 0.0

    @property
    def width(self) -> float:
        bold = BOLD * max(map(len, self.title), default=0)
        plain = LETTER * max(map(len, self.lines), default=0)
        return 12 + max(bold, plain) if self.name else LANE

    @property
    def text_height(self) -> float:
        return 10 + LINE * (len(self.title) + len(self.lines)) if self.name else 0.0

    def wrap(self, letters: int) -> None:
        name = self.name.replace("_", " ")
        outputs = ", ".join(o.replace("_", " ") for o in self.outputs)
        self.title = textwrap.wrap(name, letters)
        self.lines = [] if outputs.lower() == name.lower() else textwrap.wrap(outputs, letters)


def schematic(stages: Iterable[StageLike]) -> Svg:
    """The stages as SVG, 900 pixels wide; raises ReportError if they do not form a cascade."""
    rows = _rows(list(stages))
    for letters in WRAPS:
        for node in (n for row in rows for n in row):
            node.wrap(letters)
        if max(map(_row_width, rows)) <= WIDTH:
            break
    width = max(WIDTH, *map(_row_width, rows))
    _order(rows)
    return _svg(rows, width, _place(rows, width))


def _row_width(row: list[Node]) -> float:
    return sum(n.width + GAP_X for n in row)


def _makers(stages: Sequence[StageLike]) -> dict[str, list[StageLike]]:
    """Which stages give a signal; several may."""
    makers: dict[str, list[StageLike]] = {}
    for stage in stages:
        for output in stage.outputs:
            makers.setdefault(output, []).append(stage)
    return makers


def _depths(stages: Sequence[StageLike], makers: dict[str, list[StageLike]]) -> dict[str, int]:
    """Row of each stage: one below the lowest stage that feeds it; row 0 is for outside inputs."""
    depths: dict[str, int] = {}

    def depth(stage: StageLike, trail: tuple[str, ...]) -> int:
        if stage.name in trail:
            raise ReportError(f"not a cascade: {' -> '.join((*trail, stage.name))}")
        if stage.name not in depths:
            feeds = [maker for i in stage.inputs for maker in makers.get(i, ())]
            above = [depth(f, (*trail, stage.name)) for f in feeds if f is not stage]
            depths[stage.name] = 1 + max(above, default=0)
        return depths[stage.name]

    for stage in stages:
        depth(stage, ())
    return depths


def _rows(stages: Sequence[StageLike]) -> list[list[Node]]:
    """Nodes by row, joined by arrows, with lanes where an arrow passes a row."""
    if not stages:
        raise ReportError("no stages to draw")
    makers = _makers(stages)
    depths = _depths(stages, makers)
    nodes = {s.name: Node(depths[s.name], s.name, tuple(s.outputs)) for s in stages}
    outside: dict[str, Node] = {}
    for stage in stages:
        for name in stage.inputs:
            if name not in makers:  # one row above the first stage that reads it
                row = depths[stage.name] - 1
                node = outside.setdefault(name, Node(row, name, outside=True))
                node.row = min(node.row, row)
    rows: list[list[Node]] = [[] for _ in range(max(depths.values()) + 1)]
    for node in (*outside.values(), *nodes.values()):
        rows[node.row].append(node)
    lanes: dict[tuple[int, int], Node] = {}
    for stage in stages:
        feeds = [outside[i] for i in stage.inputs if i in outside]
        feeds += [nodes[maker.name] for i in stage.inputs for maker in makers.get(i, ())]
        for source in dict.fromkeys(feeds):
            if source is not nodes[stage.name]:
                _connect(source, nodes[stage.name], rows, lanes)
    return [row for row in rows if row]


def _connect(
    source: Node, target: Node, rows: list[list[Node]], lanes: dict[tuple[int, int], Node]
) -> None:
    """An arrow; where it passes a row it takes a lane, shared by arrows of the same source."""
    at = source
    for row in range(source.row + 1, target.row):
        lane = lanes.get((id(source), row))
        if lane is None:
            lane = lanes[(id(source), row)] = Node(row)
            rows[row].append(lane)
            at.after.append(lane)
            lane.before.append(at)
        at = lane
    at.after.append(target)
    target.before.append(at)


def _order(rows: list[list[Node]]) -> None:
    """Sort each row by the mean rank of its neighbours, down and up, a few times."""
    for sweep in range(8):
        down = sweep % 2 == 0
        for row in rows[1:] if down else rows[-2::-1]:
            ranks = {id(n): i / len(other) for other in rows for i, n in enumerate(other)}
            means = {
                id(n): _mean([ranks[id(m)] for m in (n.before if down else n.after)], ranks[id(n)])
                for n in row
            }
            row.sort(key=lambda n: means[id(n)])


def _mean(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _place(rows: list[list[Node]], width: float) -> float:
    """Set each node's x, near the mean of its neighbours, and y. Returns the height."""
    for row in rows:
        _shift(row, [width * (i + 0.5) / len(row) for i in range(len(row))], width)
    for sweep in range(6):
        down = sweep % 2 == 0
        for row in rows[1:] if down else rows[-2::-1]:
            wanted = [_mean([m.x for m in (n.before if down else n.after)], n.x) for n in row]
            _shift(row, wanted, width)
    nodes = [n for row in rows for n in row]
    left, right = min(n.x - n.width / 2 for n in nodes), max(n.x + n.width / 2 for n in nodes)
    for node in nodes:
        node.x += (width - left - right) / 2
    y = 0.0
    for row in rows:
        tallest = max(n.text_height for n in row)
        for node in row:
            node.height = node.text_height if node.name else tallest
            node.y = y + (tallest - node.height) / 2
        y += tallest + GAP_Y
    return y - GAP_Y


def _shift(row: list[Node], wanted: list[float], width: float) -> None:
    for node, x in zip(row, spread(wanted, [n.width + GAP_X for n in row], width), strict=True):
        node.x = x


def _svg(rows: list[list[Node]], width: float, height: float) -> Svg:
    nodes = [n for row in rows for n in row]
    text = "".join(
        [
            '<svg xmlns="http://www.w3.org/2000/svg"'
            f' width="{width:.0f}" height="{height + 8:.0f}"'
            f' viewBox="0 -4 {width:.0f} {height + 8:.0f}" font-family="{FONT}" font-size="11.5">'
            '<defs><marker id="schematic-tip" viewBox="0 0 8 8" refX="7" refY="4"'
            ' markerWidth="7" markerHeight="7" orient="auto">'
            f'<path d="M0,0L8,4L0,8Z" fill="{MUTED}"/></marker></defs>',
            # a ground of its own: legible on a dark page too
            f'<polygon points="0,-4 {width:.0f},-4 {width:.0f},{height + 4:.0f} 0,{height + 4:.0f}"'
            ' fill="white"/>',
            *(_arrow(a, b) for a in nodes for b in a.after),
            *(_box(n) if n.name else _lane(n) for n in nodes),
            "</svg>",
        ]
    )
    return Svg(text, width, height + 8)


def _arrow(a: Node, b: Node) -> str:
    y0, y1 = a.y + a.height, b.y
    middle = (y0 + y1) / 2
    path = f"M{a.x:.1f},{y0:.1f}C{a.x:.1f},{middle:.1f} {b.x:.1f},{middle:.1f} {b.x:.1f},{y1:.1f}"
    tip = ' marker-end="url(#schematic-tip)"' if b.name else ""
    return f'<path d="{path}" fill="none" stroke="{MUTED}"{tip}/>'


def _lane(n: Node) -> str:
    return f'<path d="M{n.x:.1f},{n.y:.1f}V{n.y + n.height:.1f}" stroke="{MUTED}"/>'


def _box(n: Node) -> str:
    left = n.x - n.width / 2
    style = (
        f'fill="white" stroke="{MUTED}" stroke-dasharray="3 2"'
        if n.outside
        else f'fill="#eef5fa" stroke="{PALETTE[0]}"'
    )
    parts = [
        f'<rect x="{left:.1f}" y="{n.y:.1f}" width="{n.width:.1f}" height="{n.height:.1f}"'
        f' rx="4" {style}/>'
    ]
    for i, text in enumerate([*n.title, *n.lines]):
        look = f'font-weight="bold" fill="{INK}"' if i < len(n.title) else f'fill="{MUTED}"'
        y = n.y + 5 + LINE * (i + 0.8)
        parts.append(
            f'<text x="{n.x:.1f}" y="{y:.1f}" text-anchor="middle" {look}>{escape(text)}</text>'
        )
    return "".join(parts)
