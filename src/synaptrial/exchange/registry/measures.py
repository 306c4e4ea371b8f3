"""Outcome measures and baseline measures of a ClinicalTrials.gov record."""

from __future__ import annotations

from collections.abc import Iterator

from synaptrial.evidence.tables import Row
from synaptrial.exchange.evidence.awaiting import Number
from synaptrial.exchange.json_node import Node
from synaptrial.exchange.registry.arms import RESULTS, Arms
from synaptrial.exchange.registry.cells import (
    Flags,
    common,
    counted,
    if_complete,
    spread,
    unread_label,
)
from synaptrial.exchange.registry.contrasts import contrast
from synaptrial.exchange.registry.statistics import average_of, counted_of
from synaptrial.exchange.registry.told import About, about, measurements, people_of, titles_of
from synaptrial.exchange.words.change import change_in
from synaptrial.exchange.words.scales import part_of, scale_of
from synaptrial.exchange.words.times import parse_times


def outcome_numbers(record: Node, arms: Arms) -> Iterator[Number]:
    """Every measurement and every analysis of every outcome measure."""
    module = record / RESULTS / "outcomeMeasuresModule"
    for i, measure in enumerate(module.each("outcomeMeasures")):
        baseline = any(parse_times(c.text("title")).days == (0.0,) for c in measure.each("classes"))
        for number, told in measurements(measure, f"{arms.study}:om{i}", "outcomes"):
            yield _placed(number, told | {"study": arms.study}, arms, about(measure), baseline)
        for j, analysis in enumerate(measure.each("analyses")):
            yield contrast(f"{arms.study}:om{i}.a{j}", measure, analysis, arms)


def baseline_numbers(record: Node, arms: Arms) -> Iterator[Number]:
    """Every baseline measurement; scores on scales that we know become outcomes of day 0."""
    module = record / RESULTS / "baselineCharacteristicsModule"
    overall, groups = people_of(module), titles_of(module)
    for i, measure in enumerate(module.each("measures")):
        row_id = f"{arms.study}:bc{i}"
        for number, told in measurements(measure, row_id, "baseline", overall, groups):
            told |= {"study": arms.study, "time_frame": "Baseline"}
            if scale_of(told["title"]).value and not change_in(told["title"]).kind:
                yield _placed(number, told, arms, about(measure), True)
            else:
                yield Number(number, told, flags=("baseline characteristic: no table of ours",))


def _placed(row_id: str, told: Row, arms: Arms, of: About, has_baseline: bool) -> Number:
    """The measurement as a row of the outcomes, where nothing that such a row needs is unknown."""
    flags: Flags = []
    row = common(told, arms, of, flags)
    count = counted_of(told["param_type"], told["unit"])
    if count is None:
        row |= _score(told, of, has_baseline, flags)
    else:
        flags += count.flags
        row |= {**counted(told, flags), "statistic": count.value}
    row |= spread(told, of, flags)
    if of.unit:
        flags.append(f"unit of analysis: {of.unit}, not people")
        row["statistic"] = ""
    return if_complete(row_id, told, row, flags, ("arm", "scale", "part", "statistic"))


def _score(told: Row, of: About, has_baseline: bool, flags: Flags) -> Row:
    labels = f"{told['class']} {told['category']}"
    found = average_of(told["param_type"], told["title"], labels, told["unit"])
    statistic = found.statistic
    flags += found.flags
    if statistic == "change" and has_baseline and not change_in(labels).kind:
        statistic = ""
        flags.append("the title says change, a class is titled baseline: scores or changes?")
    if statistic == "mean" and change_in(of.description).kind in ("change", "fall"):
        flags.append(f"the description speaks of {change_in(of.description).word}: scores?")
    if unread := unread_label(told):
        statistic = ""
        flags.append(unread)
    scale, part = scale_of(f"{told['title']} {labels}"), part_of(f"{told['title']} {labels}")
    flags += [*scale.flags, *part.flags]
    return {
        "statistic": statistic, "scale": scale.value, "part": part.value, "value": told["value"],
    }  # fmt: skip
