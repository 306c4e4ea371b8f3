"""The PRISMA flow as a picture: every count of the log stands in it, each box once."""

from __future__ import annotations

import re
from html import unescape

from tests.evidence.test_screening import rows

from synaptrial.evidence.screening import prisma_flow
from synaptrial.reporting.kit.pictures import png_of
from synaptrial.reporting.review.flow import STEPS, flow_picture

FLOW = prisma_flow(rows()).flow_rows()


def test_every_count_stands_in_the_picture() -> None:
    text = unescape(flow_picture(FLOW).text)
    printed = sorted(int(n) for n in re.findall(r"n\u00a0=\u00a0(\d+)", text))
    no_reason = [0]  # other sources had no report excluded: that is said too
    assert printed == sorted([*(int(r["n"]) for r in FLOW), *no_reason])
    for main, side in STEPS:
        assert text.lower().count(main) >= 2 and side in text.lower()


def test_one_stream_is_half_as_wide_and_png_can_be_made() -> None:
    one = flow_picture([r for r in FLOW if r["stream"] != "other sources"])
    assert one.width < flow_picture(FLOW).width / 1.8
    assert png_of(one).startswith(b"\x89PNG")


def test_names_of_sources_are_escaped() -> None:
    found = [{"stream": "other sources", "box": "records identified", "detail": "<A&B>", "n": 1}]
    assert "&lt;A&amp;B&gt;" in flow_picture(found).text
