"""The answer in words: what the arms differ by, how sure that is, and when nothing can be said."""

from __future__ import annotations

from typing import Any

from synaptrial.reporting.kit.numbers import MINUS, chance, number, percent, say
from synaptrial.reporting.kit.theme import scale_name, short

DIGITS = 1  # as in the table of published results
Row = dict[str, Any]


def answers(summary: Row) -> list[str]:
    """One sentence for each pair of arms, or each arm's end where no pair was simulated."""
    chosen = headline(summary)
    chances = prior_or_not(summary["status"])
    return [
        f"{contrast(c, summary['run']['draws'], chances)}{published(c, summary['observed'])}"
        for c in chosen
    ] or [alone(a) for a in summary["arms"]]


def headline(summary: Row) -> list[Row]:
    """Per pair of arms one CAPS-5 contrast: the first visit after the first arm's last dose or
    session, or the last visit."""
    events = {a["label"]: a["events"] for a in summary["arms"]}
    ends = {k: max([0.0, *e["doses_h"], *e["sessions_h"]]) for k, e in events.items()}
    pairs: dict[tuple[str, str], list[Row]] = {}
    for c in summary["contrasts"]:
        if c["scale"] == "CAPS5":
            pairs.setdefault((c["arm"], c["comparator"]), []).append(c)
    chosen = []
    for (arm, _), rows in pairs.items():
        rows = sorted(rows, key=lambda c: float(c["day"]))
        after = [c for c in rows if 24 * c["day"] >= ends[arm]]
        chosen.append(after[0] if after else rows[-1])
    return chosen


def prior_or_not(status: str) -> str:
    """What a share of draws is: no posterior stands behind it before the model is calibrated."""
    return "Prior chance" if say(status).startswith("prior") else "Chance"


def contrast(c: Row, draws: int, chances: str) -> str:
    low, high = c["new_trial"]["q025"], c["new_trial"]["q975"]
    own = round(c["mean"] - c["of_which_belief"], DIGITS)
    belief = round(c["mean"], DIGITS) - own  # as printed, so that the parts add up
    edges = (_side(c["of_which_belief_interval"][q], DIGITS) for q in ("q025", "q975"))
    unfitted = ", before any fit to trials" if chances.startswith("Prior") else ""
    return (
        f"{c['arm']} against {short(c['comparator'], c['study'])}, day {say(float(c['day']))}: the"
        f" {scale_name(c['scale'])} ends {_side(c['mean'], DIGITS)} on average:"
        f" {_side(own, DIGITS)} by the treatment itself and"
        f" {_side(belief, DIGITS)} by belief (95% interval {' to '.join(edges)}), since patients"
        " sense what they got: that part is gone where all share a belief of"
        f" {percent(c['equal_belief'])} to be on the active treatment. In a new trial"
        f" of this kind the difference would lie between {_side(low, DIGITS)} and"
        f" {_side(high, DIGITS)} (95% interval). {chances} of no benefit of the treatment"
        f" itself{unfitted}: {chance(c['p_no_benefit'], draws)}; of no difference with belief at"
        f" work: {chance(c['p_no_difference'], draws)}."
    )


def published(c: Row, observed: list[Row]) -> str:
    """What the study itself reported of this contrast, if it did."""
    for o in observed:
        same = all(o[k] == c[k] for k in ("arm", "comparator", "scale", "day"))
        if same and o["statistic"] == "difference":
            interval = (
                f" ({number(o['low'], DIGITS)} to {number(o['high'], DIGITS)})"
                if o["low"] is not None
                else ""
            )
            return f" Published: {number(o['value'], DIGITS)}{interval}."
    return ""


def alone(arm: Row) -> str:
    if not arm["visits"]:
        return f"{arm['label']}: no visit was simulated."
    visit = arm["visits"][-1]
    if "CAPS5" not in visit["scale"]:
        return f"{arm['label']}: no CAPS-5 score was simulated."
    score = visit["scale"]["CAPS5"]
    low, high = number(score["new_trial"]["q025"]), number(score["new_trial"]["q975"])
    day = say(float(visit["day"]))
    return (
        f"{arm['label']}: mean CAPS-5 total {number(score['mean'])} on day {day} (95%"
        f" interval of a new trial {low} to {high}). No comparison was simulated, so none of the"
        " change is credited to the treatment."
    )


def _side(difference: float, digits: int) -> str:
    size = number(abs(difference), digits).removeprefix(MINUS)
    if float(size) == 0.0:
        return "0 points lower"
    return f"{size} points {'lower' if difference < 0 else 'higher'}"
