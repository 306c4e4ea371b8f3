"""One effect of one study."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effect:
    """Drug against control.

    measure: SMD (standard deviations), MD (points of the scale), both positive in favour of the
    drug; RR (log risk ratio of an event, drug over control; `scale` then names the event).
    rows: the rows of the base that it comes from; trace: how, step by step. mark: the least
    certain of its rows. n: patients of the drug and of the control arm, 0 where not read.
    """

    study: str
    family: str
    year: int | None
    measure: str
    scale: str
    part: str
    window: str
    day: float
    yi: float
    vi: float
    arm: str
    versus: str
    n: tuple[int, int]
    control: str
    doses: int
    route: str
    psychotherapy: bool
    high_bias: bool
    mark: str
    rows: tuple[str, ...]
    trace: tuple[str, ...]
