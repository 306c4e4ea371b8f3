"""Where labels at the line ends stand, so that none covers another."""

from __future__ import annotations

import textwrap
from typing import Any

WRAP, LINE = 17, 13.0  # letters a line, pixels a line


def end_labels(
    ends: dict[str, float], domain: tuple[float, float], height: float
) -> list[dict[str, Any]]:
    """Labels (arm, text, y of the first line in data) near the line ends; [] if they do not fit."""
    low, high = domain
    lines = {arm: textwrap.wrap(arm, WRAP) for arm in ends}
    if any(len(x) > 3 or max(map(len, x)) > WRAP for x in lines.values()):
        return []
    if sum(LINE * len(x) + 3 for x in lines.values()) > height:
        return []
    wanted = {arm: height * (high - v) / (high - low) for arm, v in ends.items()}
    order = sorted(ends, key=lambda arm: wanted[arm])
    sizes = [LINE * len(lines[arm]) + 3 for arm in order]
    centres = spread([wanted[arm] for arm in order], sizes, height)
    labels = []
    for arm, centre in zip(order, centres, strict=True):
        # Text of several lines hangs from its first line: half a line up for each further one.
        first = centre - LINE * (len(lines[arm]) - 1) / 2
        y = high - first / height * (high - low)
        labels.append({"arm": arm, "text": "\n".join(lines[arm]), "y": round(y, 5)})
    return labels


def label_room(labels: list[dict[str, Any]]) -> int:
    """Pixels to leave right of the lines."""
    longest = max((len(x) for label in labels for x in label["text"].split("\n")), default=0)
    return 14 + round(6.3 * longest)


def spread(wanted: list[float], sizes: list[float], height: float) -> list[float]:
    """Centres of boxes of `sizes`, in order, near `wanted`, not overlapping, within 0..height."""
    centres: list[float] = []
    top = 0.0
    for w, size in zip(wanted, sizes, strict=True):
        centres.append(max(w, top + size / 2))
        top = centres[-1] + size / 2
    bottom = height
    for i in reversed(range(len(centres))):
        centres[i] = min(centres[i], bottom - sizes[i] / 2)
        bottom = centres[i] - sizes[i] / 2
    return centres
