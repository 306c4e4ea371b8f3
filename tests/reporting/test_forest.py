"""Forest plots: what is drawn where, on an axis of differences or of ratios."""

from __future__ import annotations

import json

import pytest

from synaptrial.reporting.kit.forest import Axis, Line, forest
from synaptrial.reporting.kit.pictures import svg_of

STUDIES = [Line("A", 0.2, 1.4, 0.6, 60.0, risk=("low", "high")), Line("B", 0.5, 2.0, 1.0, 40.0)]
POOLED = Line("Pooled", 0.01, 90.0, 0.9, kind="pooled", divider=True)


@pytest.mark.parametrize("log", [False, True])
def test_what_leaves_the_axis_ends_in_an_arrow(log: bool) -> None:
    axis = Axis("Effect", "less", "more", 1.0 if log else 0.0, log=log)
    drawn = forest([*STUDIES, POOLED], axis, "Made")
    text = json.dumps(drawn.spec)
    assert "triangle-right" in text and ("triangle-left" in text) == log
    assert ('"type": "log"' in text) == log
    assert "Pooled: 0.90 (0.01 to 90.00)." in drawn.alt_text
    assert "Pooled" in svg_of(drawn.spec, "made").text


def test_a_mark_is_a_line_across_with_its_label_and_no_interval() -> None:
    drawn = forest([STUDIES[0], Line("Year 2019", kind="mark"), STUDIES[1]],
                   Axis("Effect", "less", "more"), "Made")  # fmt: skip
    text = json.dumps(drawn.spec)
    assert "Year 2019" in text and "Year 2019" not in drawn.alt_text
    assert "0.00 (" not in text and "0.00 to 0.00" not in text


def test_risk_of_bias_stands_beside_the_interval_only_where_it_was_judged() -> None:
    axis = Axis("Effect", "less", "more")
    with_risk = json.dumps(forest(STUDIES, axis, "Made", domains=("R", "D")).spec)
    without = json.dumps(forest([STUDIES[1]], axis, "Made", domains=("R", "D")).spec)
    assert "#009E73" in with_risk and "#D55E00" in with_risk
    assert '"t": "R"' in with_risk and '"t": "R"' not in without
