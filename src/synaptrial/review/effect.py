"""One effect of one study, and what a study lacks to give one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effect:
    """Drug against control, positive in favour of the drug.

    measure: SMD (standard deviations), MD (points of the scale), RR (log risk ratio, drug over
    control). rows: the rows of the base that it comes from; trace: how, step by step. mark: the
    least certain of its rows. n: patients of the drug and of the control arm, 0 where not read.
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


@dataclass(frozen=True)
class Missing:
    """A study whose result could not be read: what lacks, and where it would be found."""

    study: str
    what: str
    where: str
