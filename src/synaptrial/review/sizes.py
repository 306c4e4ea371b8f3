"""The two arms of each randomised trial that its main comparison sets against each other."""

from __future__ import annotations

from dataclasses import dataclass

from synaptrial.evidence.tables import Row, number
from synaptrial.review.effects_of import from_usual
from synaptrial.review.tables import Tables, is_drug


@dataclass(frozen=True)
class TrialPair:
    """Drug and control arm of one trial with their patients; of a crossover in its first period."""

    study: str
    year: int | None
    arm: str
    versus: str
    n_drug: int
    n_control: int
    crossover: bool


def trial_pairs(tables: Tables) -> tuple[tuple[TrialPair, ...], tuple[str, ...]]:
    """Pairs of the trials whose arms' sizes were read, and the names of the others. One trial per
    group that shares patients, the largest."""
    pairs: dict[str, TrialPair] = {}
    unread: dict[str, str] = {}
    for study in tables.trials():
        family, pair = tables.family(study["study"]), _pair(tables, study)
        if pair is None:
            unread.setdefault(family, study["study"])
        elif family not in pairs or _total(pair) > _total(pairs[family]):
            pairs[family] = pair
    others = tuple(name for family, name in unread.items() if family not in pairs)
    return tuple(sorted(pairs.values(), key=lambda p: (p.year or 0, p.study))), others


def _total(pair: TrialPair) -> int:
    return pair.n_drug + pair.n_control


def _pair(tables: Tables, study: Row) -> TrialPair | None:
    """The drug arm nearest the usual dose and the first control, both with people with PTSD."""
    arms = [a for a in tables.arms_of(study["study"]) if a["ptsd"] == "yes" and a["n"]]
    drug = sorted((a for a in arms if is_drug(a)), key=from_usual)
    control = [a for a in arms if not is_drug(a)]
    crossover = study["design"] == "crossover"
    if not drug or not control or (crossover and not _first_period(study, arms)):
        return None
    name, versus = drug[0]["arm"], control[0]["arm"]
    n1, n2 = int(float(drug[0]["n"])), int(float(control[0]["n"]))
    return TrialPair(study["study"], tables.year(study["study"]), name, versus, n1, n2, crossover)


def _first_period(study: Row, arms: list[Row]) -> bool:
    """Whether the arms' sizes are of one period: then they add up to no more than all patients."""
    total = number(study, "n_randomised") or number(study, "n_analysed") or 0.0
    return sum(float(a["n"]) for a in arms) <= total
