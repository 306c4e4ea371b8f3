"""What the documentation says of the tables is what they hold."""

from __future__ import annotations

from pathlib import Path

from synaptrial.simulation.run.recording import CONCENTRATIONS, COURSE_TOPS, EFFECTS
from synaptrial.simulation.summary.courses import UNITS

TEXT = (Path(__file__).parents[2] / "docs" / "summary.md").read_text(encoding="utf-8")
CLUSTERS = ("caps5_c", "caps5_d")  # the page says: `caps5_b` to `caps5_e`


def test_every_variable_of_the_courses_is_documented() -> None:
    rows = [line for line in TEXT.splitlines() if line.startswith("| `")]
    for variable in (*COURSE_TOPS, *CONCENTRATIONS, *EFFECTS, "retained", "caps5_difference"):
        if variable in CLUSTERS:
            continue
        (row,) = [r for r in rows if f"`{variable}`" in r.split("|")[1]]
        assert UNITS[variable] in row.split("|")[2]
