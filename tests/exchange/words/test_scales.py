"""Names of rating scales: an edition that is not named stays unknown."""

from __future__ import annotations

import pytest

from synaptrial.evidence import vocabulary
from synaptrial.exchange.words.scales import SCALE_NAMES, part_of, scale_of


@pytest.mark.parametrize(
    ("title", "scale"),
    [
        ("Change in CAPS-5 Total Score", "CAPS5"),
        ("Clinician-Administered PTSD Scale for DSM-5", "CAPS5"),
        ("Clinician Administered Posttraumatic Stress Disorder Scale for DSM-IV", "CAPS4"),
        ("PTSD Checklist for DSM-5 (PCL-5)", "PCL5"),
        ("PCL-C", "PCL4"),
        ("Impact of Event Scale - Revised", "IESR"),
        ("Impact of Events Scale-Revised (IES-R)", "IESR"),
        ("IES", "IES"),
        ("Montgomery-Åsberg Depression Rating Scale", "MADRS"),
        ("HAM-D", "HAMD"),
        ("HDRS-6", "HAMD6"),
        ("PHQ-9", "PHQ9"),
        ("CADSS at 40 minutes", "CADSS"),
    ],
)
def test_scales(title: str, scale: str) -> None:
    assert scale_of(title) == (scale, ())


@pytest.mark.parametrize(
    ("title", "why"),
    [
        ("CAPS total", "its edition is not named"),
        ("PTSD Checklist", "its edition is not named"),
        ("CAPS-5 and MADRS", "several scales named: CAPS5, MADRS"),
        ("Quality of life", "scale not recognised"),
        ("CAPSULE count", "scale not recognised"),
        ("HAMD-24", "scale not recognised"),
    ],
)
def test_scales_that_are_not_sure(title: str, why: str) -> None:
    scale, flags = scale_of(title)
    assert scale == ""
    assert why in flags[0]


def test_parts() -> None:
    assert part_of("CAPS-5 Criterion B").value == "b"
    assert part_of("CAPS-5 total score").value == "total"
    assert part_of("CAPS-5 avoidance subscale").value == ""


def test_every_scale_is_in_the_vocabulary_of_the_base() -> None:
    assert {key for _, key in SCALE_NAMES} <= set(vocabulary.SCALE_KEYS)
