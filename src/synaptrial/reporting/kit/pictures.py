"""Vega-Lite to SVG and PNG, with no browser and no network."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Any

import vl_convert

from synaptrial.reporting.kit.theme import CONFIG, FONT, INK, MUTED, Arm

VEGA_LITE = "6.4"
GAP, LETTER = 14, 5.0  # pixels: between panels, a letter of the foot
NOTICE = "Synaptrial, research tool: not for treating patients."
# Attributes that place things: their numbers need one decimal; those in texts stay as they are.
PLACES = re.compile(r' (?:d|transform|x|y|x1|x2|y1|y2)="[^"]*"')
BUNDLE = f"""import sys, vl_convert
sys.stdout.buffer.write(vl_convert.javascript_bundle(vl_version="{VEGA_LITE}").encode())"""


@dataclass(frozen=True)
class Svg:
    """A picture: its mark-up, width and height in pixels."""

    text: str
    width: float
    height: float


def svg_of(spec: dict[str, Any], prefix: str) -> Svg:
    """Draw a specification. `prefix` keeps its clip paths apart from those of other pictures."""
    text = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, config=CONFIG)
    text = re.sub(r'(id="|url\(#)([^")]+)', rf"\g<1>{prefix}-\g<2>", text)
    text = PLACES.sub(lambda m: re.sub(r"(\.\d)\d+", r"\1", m[0]), text)
    size = re.search(r'width="([\d.]+)" height="([\d.]+)"', text)
    assert size is not None
    return Svg(text, float(size[1]), float(size[2]))


def combine(rows: list[list[Svg | str]], title: str, keys: tuple[Arm, ...], foot: str) -> Svg:
    """Rows of panels (or a sentence in place of one) under a title and a key of the arms, over
    what must be known wherever the picture goes."""
    panels = [cell for row in rows for cell in row if isinstance(cell, Svg)]
    column = max(p.width for p in panels) + GAP
    width = max(column * max(map(len, rows)), 420.0)
    parts = [text_at(6, 20, title, 15, INK, "bold")]
    y = 34.0
    for together in _key_rows(keys, width):
        parts.append(_key(together, y))
        y += 24
    for row in rows:
        for i, cell in enumerate(row):
            if isinstance(cell, str):
                parts.append(text_at(i * column + 30, y + 40, cell, 12, MUTED))
            else:
                placed = f'<svg x="{i * column:.0f}" y="{y:.0f}"'
                parts.append(cell.text.replace("<svg", placed, 1))
        y += max((cell.height for cell in row if isinstance(cell, Svg)), default=56.0) + GAP
    for line in textwrap.wrap(f"{NOTICE} {foot}", round(width / LETTER)):
        parts.append(text_at(6, y + 4, line, 10, MUTED))
        y += 14
    y -= 14
    return Svg(picture("".join(parts), width, y + 14), width, y + 14)


def png_of(svg: Svg) -> bytes:
    """The same picture as PNG, at twice the size."""
    return bytes(vl_convert.svg_to_png(svg.text, scale=2))


@contextmanager
def vega_bundle() -> Iterator[Callable[[], str]]:
    """Vega, Vega-Lite and Vega-Embed as one script, made aside: it takes more than a second.

    In a process of its own, because vl-convert holds the interpreter's lock. Yields a function
    that waits for the script.
    """
    with subprocess.Popen([sys.executable, "-P", "-c", BUNDLE], stdout=subprocess.PIPE) as child:
        try:
            yield lambda: _script(child)
        finally:
            child.kill()


def _script(child: subprocess.Popen[bytes]) -> str:
    script = child.communicate()[0].decode()
    if child.returncode or "vegaEmbed" not in script:
        raise RuntimeError("vl-convert did not make its script")
    return script


def picture(inner: str, width: float, height: float) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}">'
        f'<rect width="100%" height="100%" fill="white"/>{inner}</svg>'
    )


def text_at(x: float, y: float, text: str, size: int, colour: str, weight: str = "normal") -> str:
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" font-family="{FONT}" font-size="{size}" '
        f'font-weight="{weight}" fill="{colour}">{escape(text)}</text>'
    )


def _key_rows(arms: tuple[Arm, ...], width: float) -> list[list[Arm]]:
    """The arms of a key in rows that fit the width."""
    rows: list[list[Arm]] = []
    x = width
    for arm in arms:
        if x + _key_width(arm) > width:
            rows.append([])
            x = 6.0
        rows[-1].append(arm)
        x += _key_width(arm)
    return rows


def _key_width(arm: Arm) -> float:
    return 32 + 6.6 * len(arm.name) + 22


def _key(arms: list[Arm], y: float) -> str:
    """A sample of its line or point and a name for each arm, in one row."""
    parts, x = [], 6.0
    for arm in arms:
        dash = ",".join(map(str, arm.dash))
        if arm.dot:
            parts.append(f'<circle cx="{x + 20:.0f}" cy="{y + 6:.0f}" r="4" fill="{arm.colour}"/>')
        else:
            parts.append(
                f'<line x1="{x:.0f}" x2="{x + 26:.0f}" y1="{y + 6:.0f}" y2="{y + 6:.0f}" '
                f'stroke="{arm.colour}" stroke-width="2.5" stroke-dasharray="{dash}"/>'
            )
        parts.append(text_at(x + 32, y + 10, arm.name, 12, INK))
        x += _key_width(arm)
    return "".join(parts)
