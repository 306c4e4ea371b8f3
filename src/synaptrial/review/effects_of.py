"""From the rows of the evidence base to one effect per study.

The priority, committed before anything was computed: the first window of the question in which
the study has a contrast; in it the first scale of the family; of several drug arms that nearest
0.5 mg/kg, the dose that the review of 2019 speaks of; the earliest day; results by arm before a
printed standardised difference before a printed difference. Overlapping samples give one effect,
that of more patients.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from synaptrial.domain.sources import LEAST_CERTAIN_FIRST
from synaptrial.evidence.tables import Row, number
from synaptrial.review.claims import ClaimBook, Query
from synaptrial.review.contrasts import Contrast, contrasts, in_points, standardised
from synaptrial.review.effect import Effect
from synaptrial.review.tables import Tables, is_drug
from synaptrial.synthesis.effects import EffectSize

USUAL_MG_PER_KG = 0.5
STATISTICS = ("change", "mean", "smd", "difference")
MARKS = [m.value for m in LEAST_CERTAIN_FIRST]


def effects_of(
    tables: Tables, book: ClaimBook, query: Query, *, recalled: bool, points: bool = False
) -> tuple[Effect, ...]:
    """One effect per study that answers the query, sorted by year and study.

    Standardised differences; in points of the scale with `points`.
    """
    convert = in_points if points else standardised
    found = []
    for study in asked(tables, query):
        usable = [
            c
            for c in contrasts(tables, study["study"], query.part, recalled=recalled)
            if c.scale in book.scales[query.outcome] and arm_fits(c.arm, query)
        ]
        effect = _first(tables, book, query, study, usable, convert)
        if effect:
            found.append(effect)
    return tuple(sorted(without_shared(tables, found), key=lambda e: (e.year or 9999, e.study)))


def asked(tables: Tables, query: Query) -> Sequence[Row]:
    """Randomised studies that the query is about, by their patients and arms."""
    return [
        r
        for r in tables.trials()
        if any(is_drug(a) and arm_fits(a, query) for a in tables.arms_of(r["study"]))
        and _of_population(r, query)
    ]


def arm_fits(arm: Row, query: Query) -> bool:
    """Whether an arm has the doses, the route and the psychotherapy that are asked for."""
    doses = dose_count(arm)
    if query.doses != "any" and (doses == 0 or (doses == 1) != (query.doses == "one")):
        return False
    if query.routes and not set(query.routes) & set(arm["route"].split(";")):
        return False
    return query.psychotherapy == "any" or with_psychotherapy(arm) == (
        query.psychotherapy == "with"
    )


def dose_count(arm: Row) -> int:
    """Number of doses; 0 where it was not read."""
    return int(float(arm["n_doses"])) if arm["n_doses"] else 0


def from_usual(arm: Row) -> float:
    """How far a dose is from the usual one, mg/kg; a dose that was not read counts as none."""
    return abs((number(arm, "dose") or 0.0) - USUAL_MG_PER_KG)


def with_psychotherapy(arm: Row) -> bool:
    return arm["psychotherapy"] not in ("", "none")


def window_of(book: ClaimBook, day: float, windows: Sequence[str]) -> str:
    """The window that a day lies in, of those asked for; empty if none."""
    inside = (w for w in windows if book.windows_days[w][0] < day <= book.windows_days[w][1])
    return next(inside, "")


def without_shared(tables: Tables, effects: Iterable[Effect]) -> list[Effect]:
    """Of effects that share patients the one that rests on more of them."""
    kept: list[Effect] = []
    for e in sorted(effects, key=lambda e: -sum(e.n)):
        if not any(tables.share(e.study, other.study) for other in kept):
            kept.append(e)
    return kept


def _of_population(study: Row, query: Query) -> bool:
    words = " ".join(study.get(k, "") for k in ("population", "comorbidity")).lower()
    return not query.population or any(w in words for w in query.population)


def _first(
    tables: Tables,
    book: ClaimBook,
    query: Query,
    study: Row,
    usable: Sequence[Contrast],
    convert: Callable[[Contrast], EffectSize | str],
) -> Effect | None:
    scales = book.scales[query.outcome]

    def order(c: Contrast) -> tuple[float, ...]:
        window = query.windows.index(window_of(book, c.day, query.windows))
        usual = from_usual(c.arm)
        return window, scales.index(c.scale), usual, c.day, STATISTICS.index(c.statistic)

    inside = [c for c in usable if window_of(book, c.day, query.windows)]
    for contrast in sorted(inside, key=order):
        converted = convert(contrast)
        if not isinstance(converted, str):
            window = window_of(book, contrast.day, query.windows)
            return _effect(tables, study, contrast, query.part, window, converted)
    return None


def _effect(
    tables: Tables, study: Row, contrast: Contrast, part: str, window: str, found: EffectSize
) -> Effect:
    mark = min((r["mark"] for r in contrast.rows), key=MARKS.index)
    trace = (*found.trace, "sign turned: positive favours the drug")
    if mark == "RECALLED":
        trace = (*trace, "RECALLED: from memory, and of a period that is not known")
    key = study["study"]
    return Effect(
        study=key, family=tables.family(key), year=tables.year(key), measure=found.measure,
        scale=contrast.scale, part=part, window=window, day=contrast.day, yi=-float(found.yi),
        vi=float(found.vi), arm=contrast.arm["arm"], versus=contrast.versus["arm"], n=contrast.n,
        control=study.get("control", ""), doses=dose_count(contrast.arm),
        route=contrast.arm["route"], psychotherapy=with_psychotherapy(contrast.arm),
        high_bias=tables.high_bias(key), mark=mark,
        rows=tuple(r["row_id"] for r in contrast.rows), trace=trace,
    )  # fmt: skip
