"""The flow of records as PRISMA 2020 draws it, from the rows of a screening log's counts.

Source: Page MJ et al. The PRISMA 2020 statement, BMJ 2021;372:n71, Figure 1.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

from synaptrial.reporting.kit.pictures import NOTICE, Svg, picture, text_at
from synaptrial.reporting.kit.theme import INK, MUTED

BOX, GAP, LINE, LETTERS = 250.0, 26.0, 15.0, 38
# Each step down a stream, and what leaves the stream beside it.
STEPS = (
    ("records identified", "removed before screening"),
    ("records screened", "records excluded"),
    ("reports sought for retrieval", "reports not retrieved"),
    ("reports assessed for eligibility", "reports excluded"),
    ("reports included", ""),
)
LAST = ("studies included", "reports of included studies")
DETAILS = {
    "duplicates": "duplicate records",
    "automation": "marked by automation tools",
    "removed": "for other reasons",
}
Row = Mapping[str, Any]


def flow_picture(rows: Iterable[Row]) -> Svg:
    """Boxes of one or two streams, what left each step beside it, and the included studies below.

    rows: stream, box, detail, n, as `evidence.screening.PrismaFlow.flow_rows` gives them.
    """
    found = list(rows)
    streams = list(dict.fromkeys(r["stream"] for r in found if r["stream"]))
    width = len(streams) * 2 * (BOX + GAP) + GAP
    parts = [text_at(GAP, 22, "Flow of records (PRISMA 2020)", 15, INK, "bold")]
    y = 44.0
    for i, stream in enumerate(streams):
        x = GAP + i * 2 * (BOX + GAP)
        parts.append(text_at(x, y, f"From {stream}", 12, MUTED))
    y += 12
    for main, side in STEPS:
        boxes = [(_lines(found, s, main), _lines(found, s, side) if side else []) for s in streams]
        height = max(_height(lines) for pair in boxes for lines in pair)
        for i, (inner, beside) in enumerate(boxes):
            x = GAP + i * 2 * (BOX + GAP)
            parts.append(_box(x, y, height, inner))
            parts.append(_arrow(x + BOX / 2, y + height, x + BOX / 2, y + height + GAP))
            if beside:
                parts.append(_box(x + BOX + GAP, y, height, beside))
                parts.append(_arrow(x + BOX, y + height / 2, x + BOX + GAP, y + height / 2))
        y += height + GAP
    end = [line for box in LAST for line in _lines(found, "", box)]
    parts.append(_box(GAP, y, _height(end), end, width - 2 * GAP if len(streams) > 1 else BOX))
    y += _height(end) + 22
    parts.append(text_at(GAP, y, NOTICE, 10, MUTED))
    return Svg(picture("".join(parts), width, y + 12), width, y + 12)


def _lines(rows: list[Row], stream: str, box: str) -> list[str]:
    """The text of a box: its name and count, or its name and one count for each detail."""
    own = [r for r in rows if (r["stream"], r["box"]) == (stream, box)]
    plain = next((r for r in own if not r["detail"]), None)
    if plain:
        return textwrap.wrap(f"{_capital(box)} {_count(plain)}", LETTERS)
    counts = [f"\u2003{DETAILS.get(r['detail'], r['detail'])} {_count(r)}" for r in own]
    counts = counts or [f"\u2003none {_count({'n': 0})}"]
    return [f"{_capital(box)}:", *(part for c in counts for part in textwrap.wrap(c, LETTERS))]


def _count(row: Row) -> str:
    """The count of a row; its spaces do not break."""
    return f"(n\u00a0=\u00a0{row['n']})"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _height(lines: list[str]) -> float:
    return 14 + LINE * len(lines)


def _box(x: float, y: float, height: float, lines: list[str], width: float = BOX) -> str:
    frame = (
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{height:.0f}" rx="3"'
        f' fill="white" stroke="{INK}"/>'
    )
    return frame + "".join(
        text_at(x + 9, y + 19 + LINE * i, line, 12, INK) for i, line in enumerate(lines)
    )


def _arrow(x1: float, y1: float, x2: float, y2: float) -> str:
    down = y2 > y1
    tip = (
        f"{x2 - 4:.0f},{y2 - 7:.0f} {x2:.0f},{y2:.0f} {x2 + 4:.0f},{y2 - 7:.0f}"
        if down
        else f"{x2 - 7:.0f},{y2 - 4:.0f} {x2:.0f},{y2:.0f} {x2 - 7:.0f},{y2 + 4:.0f}"
    )
    return (
        f'<line x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}" stroke="{INK}"/>'
        f'<polygon points="{tip}" fill="{INK}"/>'
    )
