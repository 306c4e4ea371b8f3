"""Verdict rules: what was published, and on which side of which threshold, never by whom.

Each rule is a pure function of counts, intervals and statements. The thresholds are arguments;
their values stand in claims.toml with their sources. All of it was committed before any of it was
computed. Effects are in standard deviations, positive in favour of the claim.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synaptrial.evidence.exact import exact_interval
from synaptrial.review.verdicts import Ground, Ruling, Signal, Verdict

Z95 = 1.959963984540054


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95% interval."""

    estimate: float
    low: float
    high: float

    @classmethod
    def normal(cls, estimate: float, se: float) -> Interval:
        """The normal interval of an estimate with its standard error."""
        return cls(estimate, estimate - Z95 * se, estimate + Z95 * se)

    def turned(self) -> Interval:
        """The same with the other sign."""
        return Interval(-self.estimate, -self.high, -self.low)


@dataclass(frozen=True)
class Count:
    """Patients with an event among n of one arm; whether the arm was randomised."""

    events: int
    n: int
    randomised: bool = True


def signal_of(
    found: Interval,
    *,
    worthwhile: float,
    negligible: float,
    next_trial_low: float | None = None,
    all_high_bias: bool = False,
    all_inert: bool = False,
) -> Signal:
    """What an interval says of a benefit of at least `worthwhile`.

    FOR needs an estimate of that size, an interval above `negligible`, a prediction interval above
    zero where there is one, some weight outside high risk of bias, and a control that patients
    could take for the drug: with inert controls alone, unblinding could have made the benefit.
    """
    if found.high < 0:
        return Signal.AGAINST
    doubts = all_high_bias or all_inert or (next_trial_low is not None and next_trial_low <= 0)
    if found.estimate >= worthwhile and found.low > negligible and not doubts:
        return Signal.FOR
    if found.low > 0:
        return Signal.LEANS
    return Signal.NONE if found.high < worthwhile else Signal.UNCLEAR


def signal_of_words(direction: str) -> Signal:
    """What a statement without a number says. It may show a direction, never a size."""
    return {
        "favours_drug": Signal.LEANS,
        "no_difference": Signal.NONE,
        "favours_control": Signal.AGAINST,
    }[direction]


def benefit(grounds: Sequence[Ground], *, known: int, needed: int) -> Ruling:
    """A claimed benefit. `known`: controlled trials of the question, read or not; `needed`:
    independent trials that a supported claim takes."""
    if not grounds:
        return _nothing(known, "contrast", "controlled trial")
    has = {g.signal for g in grounds}
    shown = [g for g in grounds if g.signal is Signal.FOR]
    text = "; ".join(g.text for g in grounds)
    if Signal.FOR in has and has & {Signal.NONE, Signal.AGAINST}:
        return Ruling(Verdict.CONTESTED, f"some show it, others do not: {text}")
    if Signal.AGAINST in has:
        mixed = has & {Signal.LEANS}
        verdict = Verdict.CONTESTED if mixed else Verdict.CONTRADICTED
        return Ruling(verdict, f"the opposite is shown: {text}")
    if has == {Signal.NONE}:
        firm = any(g.sized for g in grounds) or sum(g.trials for g in grounds) >= needed
        if firm:
            return Ruling(Verdict.CONTRADICTED, f"the claimed size is excluded: {text}")
        return Ruling(Verdict.WEAKENED, f"no difference, in one trial and in words only: {text}")
    if has == {Signal.FOR} and sum(g.trials for g in shown) >= needed:
        return Ruling(Verdict.SUPPORTED, f"shown at the claimed size: {text}")
    return Ruling(Verdict.WEAKENED, f"{_why_weakened(has)}: {text}")


def _why_weakened(has: set[Signal]) -> str:
    if has == {Signal.FOR}:
        return "shown in one trial alone"
    if has & {Signal.FOR, Signal.LEANS} and Signal.NONE in has:
        return "some of it points the claimed way, some misses the claimed size"
    if has & {Signal.FOR, Signal.LEANS}:
        return "it points the claimed way, short of the claimed size or certainty"
    return "not shown, though not excluded either"


def share(counts: Sequence[Count], *, at_least: float, known: int) -> Ruling:
    """That at least a share of patients reach a state. Randomised arms decide; where there are
    none, uncontrolled arms can weaken or contradict, but never support: what they show is not the
    drug alone."""
    used = [c for c in counts if c.randomised] or list(counts)
    if not used:
        return _nothing(known, "count")
    low, high = exact_interval(sum(c.events for c in used), sum(c.n for c in used))
    text = f"reached by {_pooled(used)}, against a claimed {at_least:.0%} or more"
    if high < at_least:
        return Ruling(Verdict.CONTRADICTED, text)
    if low >= at_least and used[0].randomised:
        return Ruling(Verdict.SUPPORTED, text)
    what = "undecided" if used[0].randomised else "in uncontrolled arms only"
    return Ruling(Verdict.WEAKENED, f"{what}: {text}")


def none_seen(counts: Sequence[Count], *, upper: float, known: int) -> Ruling:
    """That an event does not occur: no event, and an upper bound that is low enough to say so."""
    if not counts:
        return _nothing(known, "count")
    high = exact_interval(sum(c.events for c in counts), sum(c.n for c in counts))[1]
    if sum(c.events for c in counts):
        return Ruling(Verdict.CONTRADICTED, f"it occurred: {_pooled(counts)}")
    if high <= upper:
        return Ruling(Verdict.SUPPORTED, f"none seen, and {upper:.0%} excluded: {_pooled(counts)}")
    return Ruling(
        Verdict.WEAKENED, f"none seen, but too few to exclude {upper:.0%}: {_pooled(counts)}"
    )


def ends_within(days: Sequence[float], *, limit: float, known: int, needed: int) -> Ruling:
    """That a benefit ends: typical times to its loss, one per study, against a limit in days."""
    if not days:
        return _nothing(known, "time")
    times = ", ".join(f"{d:.3g}" for d in sorted(days))
    text = f"typical times until it was lost: {times} d, against a limit of {limit:g} d"
    within = sum(d <= limit for d in days)
    if within == 0:
        return Ruling(Verdict.CONTRADICTED, text)
    if within < len(days):
        return Ruling(Verdict.CONTESTED, text)
    if len(days) < needed:
        return Ruling(Verdict.WEAKENED, f"one study alone: {text}")
    return Ruling(Verdict.SUPPORTED, text)


def brief(
    direct: Sequence[bool], borrowed: Sequence[float], *, limit: float, known: int, needed: int
) -> Ruling:
    """That an acute effect is brief. `direct`: statements of studies in PTSD, true for brief;
    `borrowed`: hours until it was gone in other patients, against a limit in hours."""
    if not direct and not borrowed:
        return _nothing(known, "statement")
    longer = sum(h > limit for h in borrowed)
    text = (
        f"studies in PTSD that call it brief: {sum(direct)} of {len(direct)}; sources on other"
        f" patients in which it was gone within {limit:g} h: {len(borrowed) - longer} of"
        f" {len(borrowed)}; judged by its duration alone, not by how strong it is"
    )
    if direct and not any(direct):
        return Ruling(Verdict.CONTRADICTED, text)
    if (direct and not all(direct)) or (borrowed and longer == len(borrowed)):
        return Ruling(Verdict.CONTESTED, text)
    if direct and len(direct) + len(borrowed) - longer >= needed and not longer:
        return Ruling(Verdict.SUPPORTED, text)
    return Ruling(Verdict.WEAKENED, f"not enough, or not in PTSD: {text}")


def gap(filling: int, *, looked_at: int, needed: int, what: str) -> Ruling:
    """That something is missing: how many trials fill the gap, of those looked at."""
    text = f"{filling} of {looked_at} {what}"
    if filling == 0:
        return Ruling(Verdict.SUPPORTED, text)
    if filling < needed:
        return Ruling(Verdict.WEAKENED, text)
    return Ruling(Verdict.CONTRADICTED, text)


def same_as(differences: Sequence[Interval], *, margin: float, known: int) -> Ruling:
    """That two effects are alike: differences, positive where the claimed one is larger, against
    a margin on both sides."""
    if not differences:
        return _nothing(known, "comparison")
    text = "difference in SD, above 0 where the claimed one is larger: " + _listed(differences)
    if any(d.high < 0 and d.estimate <= -margin for d in differences):
        return Ruling(Verdict.CONTRADICTED, f"smaller: {text}")
    if all(-margin < d.low and d.high < margin for d in differences):
        return Ruling(Verdict.SUPPORTED, f"alike within {margin:g}: {text}")
    return Ruling(Verdict.WEAKENED, f"neither alike within {margin:g} nor shown to differ: {text}")


def limited(effects: Sequence[Interval], *, worthwhile: float, known: int) -> Ruling:
    """That a treatment helps only in part: its effect against one worth caring about."""
    if not effects:
        return _nothing(known, "comparison")
    text = _listed(effects)
    if all(e.high < worthwhile for e in effects):
        return Ruling(Verdict.SUPPORTED, f"every interval ends below {worthwhile:g} SD: {text}")
    if all(e.low >= worthwhile for e in effects):
        return Ruling(
            Verdict.CONTRADICTED, f"every interval starts at {worthwhile:g} SD or above: {text}"
        )
    if any(e.low >= worthwhile for e in effects):
        return Ruling(Verdict.CONTESTED, f"some at {worthwhile:g} SD or above, some not: {text}")
    return Ruling(Verdict.WEAKENED, f"undecided about {worthwhile:g} SD: {text}")


def harm(ratio: Interval | None, difference: float | None, *, margin: float, known: int) -> Ruling:
    """That a treatment is stopped for its side effects: ratio of risks, and how many more stop."""
    if ratio is None or difference is None:
        return _nothing(known, "comparison")
    text = (
        f"of 100 patients, {100 * difference:.1f} more stop for side effects with the drug than"
        " with the comparator; risk ratio of not stopping, comparator over drug:"
        f" {ratio.estimate:.2f} ({ratio.low:.2f} to {ratio.high:.2f})"
    )
    if ratio.high < 1:
        return Ruling(Verdict.CONTRADICTED, text)
    if ratio.low > 1 and difference >= margin:
        return Ruling(Verdict.SUPPORTED, text)
    return Ruling(
        Verdict.WEAKENED, f"fewer than {100 * margin:g} more of 100 stop, or not certainly: {text}"
    )


def delayed(early: Sequence[Interval], late: Sequence[Interval], *, known: int) -> Ruling:
    """That an effect takes weeks: absent early, present late, in the same patients or others."""
    if not early or not late:
        return _nothing(known, "comparison both early and late")
    text = "early, in SD: " + _listed(early)
    if all(e.low > 0 for e in early):
        return Ruling(Verdict.CONTRADICTED, f"already there: {text}")
    if any(e.low > 0 for e in early):
        return Ruling(Verdict.CONTESTED, text)
    if any(e.low > 0 for e in late):
        return Ruling(Verdict.SUPPORTED, f"{text}; there later")
    return Ruling(Verdict.WEAKENED, f"not shown late either: {text}")


def described(signals: Sequence[Signal], *, direct: bool, known: int, needed: int) -> Ruling:
    """What studies state in words, each once. `direct`: some of them in people with PTSD."""
    if not signals:
        return _nothing(known, "statement")
    said = sum(s in (Signal.FOR, Signal.LEANS) for s in signals)
    denied = sum(s in (Signal.NONE, Signal.AGAINST) for s in signals)
    text = f"studies that speak for it: {said}; that saw no change, or the opposite: {denied}"
    text += "" if direct else "; none of them in people with PTSD"
    if said and denied:
        return Ruling(Verdict.CONTESTED, text)
    if denied >= needed:
        return Ruling(Verdict.CONTRADICTED, text)
    if said >= needed and direct:
        return Ruling(Verdict.SUPPORTED, text)
    return Ruling(Verdict.WEAKENED, text)


def reference(*, found: bool, as_printed: bool, obtained: bool, direct: bool) -> Ruling:
    """A cited work: whether it was found, as printed; whether what it is cited for was read; and
    whether it is about ketamine in people with PTSD. A work that was not found is not shown to be
    missing."""
    if not found:
        said = "no work was found under the printed title and DOI; that does not prove its absence"
        return Ruling(Verdict.NOT_OBTAINED, said)
    if not obtained:
        return Ruling(Verdict.NOT_OBTAINED, "it exists; what it is cited for was not read")
    if not as_printed:
        return Ruling(Verdict.WEAKENED, "it exists, under another DOI than printed")
    if not direct:
        return Ruling(Verdict.WEAKENED, "it exists, and is not about ketamine in people with PTSD")
    return Ruling(Verdict.SUPPORTED, "it exists, was read and is about the claim")


def _listed(found: Sequence[Interval]) -> str:
    return ", ".join(f"{x.estimate:.2f} ({x.low:.2f} to {x.high:.2f})" for x in found)


def _pooled(counts: Sequence[Count]) -> str:
    events, n = sum(c.events for c in counts), sum(c.n for c in counts)
    low, high = exact_interval(events, n)
    return f"{events} of {n} patients (95% interval {low:.0%} to {high:.0%})"


def _nothing(known: int, what: str, study: str = "study") -> Ruling:
    """No evidence, where so many are known that asked. what: that which none of them gave."""
    if known:
        who = "one study is" if known == 1 else f"{known} studies are"
        return Ruling(Verdict.NOT_OBTAINED, f"{who} known to ask it; no {what} could be read")
    return Ruling(Verdict.UNTESTED, f"no {study} in the base asks this")
