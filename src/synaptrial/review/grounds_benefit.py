"""Claims of a benefit: own pool, published pools and words, as grounds of one rule."""

from __future__ import annotations

from collections.abc import Sequence

from synaptrial.review import rules
from synaptrial.review.case import Case, Judged, shown, unique
from synaptrial.review.claims import Claim, ClaimBook
from synaptrial.review.effects_of import asked, effects_of
from synaptrial.review.pooling import Pool, bayes_beside, pool
from synaptrial.review.published import PASSIVE, PublishedPool, published_pools
from synaptrial.review.rules import Interval
from synaptrial.review.verdicts import Ground
from synaptrial.review.words_of import Words, words_of


def benefit(claim: Claim, case: Case) -> Judged:
    """Randomised contrasts, by number where there is one, else in words."""
    effects = effects_of(case.tables, case.book, claim.query, recalled=case.recalled)
    own = pool(effects)
    published = published_pools(case.tables, claim.query.published)
    stated = words_of(case.tables, case.book, case.readings, claim.query)
    words = uncovered(own, published, stated)
    grounds = benefit_grounds(own, published, words, case.book)
    ruling = rules.benefit(grounds, known=known_trials(claim, case), needed=case.needed)
    rows = (*(r for e in effects for r in e.rows), *(p.row for p in published))
    return Judged(
        ruling,
        unique(rows, [w.row for w in words]),
        unique([e.study for e in effects], [p.source for p in published], [w.study for w in words]),
        effects,
    )


def uncovered(
    own: Pool | None, published: Sequence[PublishedPool], words: Sequence[Words]
) -> list[Words]:
    """Words of studies that no pool contains, neither ours nor a published one."""
    inside = {e.family for e in own.effects} if own else set()
    outside = [w for w in words if w.family not in inside]
    return [w for w in outside if not any(p.covers(w.study, w.year) for p in published)]


def benefit_grounds(
    own: Pool | None, published: Sequence[PublishedPool], words: Sequence[Words], book: ClaimBook
) -> list[Ground]:
    """Pools and words as grounds."""
    worthwhile, negligible = book.limit("worthwhile"), book.limit("negligible")
    grounds = [_own_ground(own, worthwhile, negligible)] if own else []
    for p in published:
        signal = rules.signal_of(
            p.interval, worthwhile=worthwhile, negligible=negligible,
            all_inert=p.control == PASSIVE,
        )  # fmt: skip
        text = f"{p.source}, {p.outcome}, {p.control} control: {shown(p.interval)}"
        grounds.append(Ground(signal, p.studies, text))
    for w in words:
        signal = rules.signal_of_words(w.direction)
        grounds.append(Ground(signal, 1, f"{w.study} in words: {w.words}", sized=False))
    return grounds


def _own_ground(own: Pool, worthwhile: float, negligible: float) -> Ground:
    signal = rules.signal_of(
        own.safe,
        worthwhile=worthwhile,
        negligible=negligible,
        next_trial_low=own.next_low,
        all_high_bias=all(e.high_bias for e in own.effects),
        all_inert=all(e.control == "inert" for e in own.effects),
    )
    names = ", ".join(e.study for e in own.effects)
    what = "pooled here" if own.k > 1 else "one trial"
    return Ground(signal, own.k, f"{what} ({names}): {shown(own.safe)}{_beside(own)}")


def _beside(own: Pool) -> str:
    """What has to stand beside a Hartung-Knapp interval of few trials."""
    found = bayes_beside(own)
    if found is None:
        return ""
    low, high = map(float, found.mu.central())
    other = shown(Interval(float(found.mu.median), low, high))
    degrees = "one degree" if own.k == 2 else f"{own.k - 1} degrees"
    return (
        f" by Hartung-Knapp with {degrees} of freedom, by which it is judged; Bayesian, with a"
        f" sourced prior of how trials differ: {other}"
    )


def known_trials(claim: Claim, case: Case) -> int:
    """Groups of randomised studies that ask the claim's question, read or not. Every trial of
    PTSD measures its severity; of another outcome a row of the base must speak."""
    studies = {r["study"] for r in asked(case.tables, claim.query)}
    if claim.query.outcome != "ptsd":
        scales = case.book.scales[claim.query.outcome]
        studies &= {r["study"] for r in case.tables.outcomes if r["scale"] in scales}
    return len({case.tables.family(s) for s in studies})
